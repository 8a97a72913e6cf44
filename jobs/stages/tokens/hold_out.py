"""What a corpus holds out for validation, as far as a document alone does not decide it (tokenizer/shards/splits.py says the
rest).

Two questions need more than one document: whether there are hosts enough to hold out whole ones, and which documents are
copies of one another. Deduplication keeps one document of a cluster, so the second question is rarely asked of more than none.
"""

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from jobs.spark.arrow_map import arrow_map
from jobs.spark.components import components, materialised
from jobs.stages.tokens.shard_tasks import SPLIT_HASHES, hash_documents
from pipeline.urls import host
from tokenizer.shards.files import ShardSettings
from tokenizer.shards.splits import chosen_unit

HOSTS = pa.schema([("host", pa.string())])


def with_unit(settings: ShardSettings, curated: DataFrame) -> ShardSettings:
    """The settings with `auto` decided by the number of hosts that `curated` (doc_id, url) has."""
    hosts = 0
    if settings.validation_unit == "auto":
        hosts = arrow_map(_hosts, curated.select("url").where("url is not null"), HOSTS).distinct().count()
    return replace(settings, validation_unit=chosen_unit(settings.validation_unit, hosts))


def _hosts(pages: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    found = {host(url) for url in pages.column("url").to_pylist()}
    yield pa.record_batch([pa.array(sorted(found - {""}), pa.string())], schema=HOSTS)


def hashes_of_clusters(curated: DataFrame, duplicates: DataFrame, settings: ShardSettings) -> DataFrame | None:
    """(doc_id, split_hash) of documents that share a cluster with another one of `curated`: the largest of its hashes.

    Where that is held out, every one of them is by itself; so a cluster over several hosts is held out only with all of them.
    None where no two documents share one.
    """
    own = arrow_map(lambda pages: iter([hash_documents(pages, settings)]), curated.select("doc_id", "url"), SPLIT_HASHES)
    listed = duplicates.where("kind <> 'record'")  # those are clusters of one document
    members = listed.select("doc_id", "cluster_id").union(listed.select("keeper_id", "cluster_id")).distinct()
    first = f.min("doc_id").over(Window.partitionBy("cluster_id"))
    of_curated = members.join(curated.select("doc_id"), "doc_id", "left_semi")
    pairs = materialised(of_curated.select(first.alias("left"), f.col("doc_id").alias("right")).where("left <> right"))
    if pairs.isEmpty():
        return None
    connected = components(pairs).withColumnRenamed("node", "doc_id").join(own, "doc_id")
    largest = f.max("split_hash").over(Window.partitionBy("component"))
    return materialised(connected.select("doc_id", largest.alias("split_hash")))
