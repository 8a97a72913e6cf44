"""curated -> shards/ and spans: every document's tokens in one order, which a seed decides and nothing else.

The order is that of a hash (tokenizer/shards.py), so its first 16 bits cut the corpus into 65,536 buckets of about equal size.
Tokens per bucket, summed, say where each bucket begins in the whole, and so which shards it reaches into; each shard then
counts on from there by itself. No document needs to know all those before it, and tokens cross the network once.

A task writes its shard under a name of its own. Only the rows of tasks that succeeded say which files count, so a task that
is tried again or runs twice leaves a file that nobody names, and the folder it lies in is removed at the end.
"""

import hashlib
import posixpath
import resource
from collections.abc import Iterator
from dataclasses import dataclass

import fsspec
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.arrow_map import arrow_map, peak_worker_bytes, spark_schema
from jobs.select_documents import in_files
from jobs.shard_tasks import ENCODED, WRITTEN, ShardPlan, encode_documents, write_partition
from jobs.stage import Stage, Work
from pipeline.tables import SPANS
from tokenizer.encode import Encoder
from tokenizer.shards import MANIFEST, ShardFile, ShardManifest, ShardSettings, shard_name

ATTEMPTS = "_attempts"        # folder of what is being written
BUCKET_BITS = 16
SPANS_PER_FILE = 5_000_000


@dataclass(frozen=True)
class ShardsWritten:
    """What lies in the two folders now."""

    manifest: ShardManifest
    spans_folder: str


def encoded(curated: DataFrame, tokenizer_json: str, seed: int) -> DataFrame:
    """(doc_id, order, n_tokens, tokens) of every document."""

    def encode(documents: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield encode_documents(documents, tokenizer_json, seed)

    return arrow_map(encode, curated.select("doc_id", "text"), ENCODED)


def buckets(documents: DataFrame, shard_tokens: int) -> list[tuple[int, int, int, int]]:
    """(bucket, tokens before it, first and last shard it may reach into), 65,536 rows at most."""
    sums = documents.groupBy("bucket").agg(f.sum(f.col("n_tokens") + 1).alias("tokens")).collect()
    found, before = [], 0
    for bucket, tokens in sorted(sums):
        found.append((bucket, before, before // shard_tokens, (before + tokens - 1) // shard_tokens))
        before += tokens
    return found


def routed(documents: DataFrame, places: list[tuple[int, int, int, int]]) -> DataFrame:
    """Documents in the shards that their bucket reaches into, in order; a bucket on the edge of two goes to both."""
    bounds = documents.sparkSession.createDataFrame(places, "bucket int, before long, first int, last int")
    shards = places[-1][3] + 1 if places else 1
    return (
        documents.join(f.broadcast(bounds), "bucket")
        .withColumn("shard", f.explode(f.sequence("first", "last")))
        .select("shard", "order", "doc_id", "bucket", "before", "n_tokens", "tokens")
        .repartitionById(shards, "shard")
        .sortWithinPartitions("shard", "order", "doc_id")
    )


def written(documents: DataFrame, plan: ShardPlan) -> DataFrame:
    """Writes the files when it is evaluated, and each time anew: store its rows at once, and read those."""
    peak = peak_worker_bytes(documents.sparkSession)

    def over_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from write_partition(batches, plan)
        peak.add(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)  # Linux counts kilobytes

    return documents.mapInArrow(over_partition, spark_schema(WRITTEN))


def write_shards(
    curated: DataFrame, tokenizer_json: str, settings: ShardSettings, folder: str, spans_folder: str
) -> ShardsWritten:
    """Fills `folder` with the shards and shards.json, and `spans_folder` with the table of spans. Both may exist, empty."""
    filesystem, _ = fsspec.core.url_to_fs(folder)
    attempts = posixpath.join(folder, ATTEMPTS)
    filesystem.makedirs(attempts, exist_ok=True)
    encoder = Encoder(tokenizer_json)
    plan = ShardPlan(attempts, settings.shard_tokens, encoder.id_type.name, encoder.vocabulary.end_of_text)
    documents = encoded(curated, tokenizer_json, settings.seed)
    first_bits = f.shiftright("order", 64 - BUCKET_BITS) + (1 << (BUCKET_BITS - 1))
    documents = documents.withColumn("bucket", first_bits.cast("int")).persist(StorageLevel.DISK_ONLY)
    try:
        rows = posixpath.join(attempts, "rows")
        written(routed(documents, buckets(documents, settings.shard_tokens)), plan).write.parquet(rows)
    finally:
        documents.unpersist()
    told = curated.sparkSession.read.schema(spark_schema(WRITTEN)).parquet(rows)
    files = publish_files(told, folder)
    write_spans(told, files, spans_folder)
    manifest = ShardManifest(
        format=1,
        dtype=plan.dtype,
        vocabulary_size=len(encoder.vocabulary),
        end_of_text=plan.end_of_text,
        tokenizer_sha256=hashlib.sha256(tokenizer_json.encode()).hexdigest(),
        seed=settings.seed,
        shard_tokens=settings.shard_tokens,
        tokens=sum(file.tokens for file in files.values()),
        documents=sum(file.documents for file in files.values()),
        shards=tuple(files.values()),
    )
    with filesystem.open(posixpath.join(folder, MANIFEST), "wb") as file:
        file.write(manifest.to_json().encode())
    filesystem.rm(attempts, recursive=True)
    return ShardsWritten(manifest, spans_folder)


def publish_files(told: DataFrame, folder: str) -> dict[int, ShardFile]:
    """Gives the files that count their names, numbered without gaps; from the number that the tasks used to the file."""
    filesystem, _ = fsspec.core.url_to_fs(folder)
    rows = told.where("file is not null").orderBy("shard").drop("doc_id", "start", "length").collect()  # one per shard
    files = {}
    for number, row in enumerate(rows):
        name = shard_name(number)
        filesystem.mv(posixpath.join(folder, ATTEMPTS, row["file"]), posixpath.join(folder, name))
        files[row["shard"]] = ShardFile(name, row["tokens"], row["documents"], row["bytes"], row["sha256"])
    return files


def write_spans(told: DataFrame, files: dict[int, ShardFile], folder: str) -> None:
    """Writes (doc_id, shard, start, length) sorted by shard and start, in files cut by value alone."""
    numbers = told.sparkSession.createDataFrame(list(zip(files, range(len(files)), strict=True)), "shard int, number int")
    spans = told.where("file is null").join(f.broadcast(numbers), "shard").drop("shard").withColumnRenamed("number", "shard")
    parts = max(1, min(len(files), -(-sum(file.documents for file in files.values()) // SPANS_PER_FILE)))
    part = (f.col("shard") * parts / max(1, len(files))).cast("int")
    sorted_spans = spans.select(*SPANS.names).repartitionById(parts, part).sortWithinPartitions("shard", "start")
    sorted_spans.write.mode("overwrite").parquet(folder)


def run(work: Work) -> dict[str, int]:
    curated = work.read("curated")
    with work.corpus.filesystem.open(work.corpus.path("tokenizer", "tokenizer.json"), "rb") as file:
        tokenizer_json = file.read().decode()
    folders = [work.corpus.staging(work.stage, name) for name in ("shards", "spans")]
    manifest = write_shards(curated, tokenizer_json, work.recipe.shards, *folders).manifest
    lengths = work.read_staged("spans").select("doc_id", f.col("length").alias("n_tokens"))
    work.write("curated", in_files(curated.drop("n_tokens").join(lengths, "doc_id"), manifest.documents))
    return {"records": manifest.documents, "tokens": manifest.tokens, "shards": len(manifest.shards)}


# `curated` is written again because only now is n_tokens known.
STAGE = Stage(
    name="shard", after=("select", "tokenizer"), sections=("shards",), publishes=("shards", "spans", "curated"), run=run
)
