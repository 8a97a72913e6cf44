"""encoded documents -> token_counts: where each token of the vocabulary is used, and by how few.

Documents go to one partition by host, and a worker reads its partition host after host. So a token's hosts are counted as they
pass (tokenizer/shards/token_counts.py), and what leaves a worker is one row per token however many documents it read: nothing is
ever a row per occurrence.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.arrow_map import map_partitions
from pipeline.tables import TOKEN_COUNTS
from tokenizer.shards.token_counts import PARTIAL, count_partition


def origins(documents: DataFrame, duplicates: DataFrame) -> DataFrame:
    """(doc_id, host, cluster_id) of every document, members and keepers of a cluster with the cluster's id."""
    of_pages = duplicates.where("kind <> 'record'")
    again = duplicates.where("kind = 'record'").select("warc_file", "warc_offset")
    members = of_pages.select("doc_id", "cluster_id").union(of_pages.select("keeper_id", "cluster_id"))
    clusters = members.groupBy("doc_id").agg(f.min("cluster_id").alias("cluster_id"))
    return (
        documents.select("doc_id", "host", "warc_file", "warc_offset")
        .join(again, ["warc_file", "warc_offset"], "left_anti")
        .select("doc_id", "host")
        .join(clusters, "doc_id", "left")
        .withColumn("cluster_id", f.coalesce("cluster_id", "doc_id"))
    )


def token_counts(encoded: DataFrame, origins: DataFrame, dtype: str) -> DataFrame:
    """TOKEN_COUNTS of `encoded` (doc_id, tokens: little-endian ids of type `dtype`); `origins` is (doc_id, host, cluster_id)."""
    at_places = origins.join(encoded.select("doc_id"), "doc_id", "left_semi")
    several = at_places.groupBy("cluster_id").count().where("count > 1").select("cluster_id", f.lit(True).alias("several"))
    marked = at_places.join(several, "cluster_id", "left")
    marked = marked.select("doc_id", "host", f.when(f.col("several"), f.col("cluster_id")).alias("cluster"))
    documents = encoded.select("doc_id", "tokens").join(marked, "doc_id", "left")
    # A page without a host goes by its own id, so that such pages do not all meet in one partition.
    by_host = documents.repartition(f.coalesce("host", "doc_id")).sortWithinPartitions("host")
    return _summed(_partial_counts(by_host, dtype))


def _partial_counts(by_host: DataFrame, dtype: str) -> DataFrame:
    wanted = by_host.select("tokens", "host", "cluster")
    return map_partitions(lambda batches: count_partition(batches, dtype), wanted, PARTIAL)


def _summed(partial: DataFrame) -> DataFrame:
    """Every host is in one partition, so hosts add up; a cluster may be in many."""
    top = f.min(f.when(f.col("top_host").isNotNull(), f.struct((-f.col("top_host_occurrences")).alias("less"), "top_host")))
    sums = [f.sum(name).alias(name) for name in ("occurrences", "documents", "hosts")]
    clusters = f.sum("clusters") + f.count_distinct("cluster")
    summed = partial.groupBy("token").agg(*sums, clusters.alias("clusters"), top.alias("top"))
    found = {"top_host": f.col("top.top_host"), "top_host_occurrences": f.coalesce(-f.col("top.less"), f.lit(0))}
    return summed.withColumns(found).select(*TOKEN_COUNTS.names)
