"""curated -> shards/ and spans: every document's tokens in one order, which a seed decides and nothing else.

The order is that of a hash (tokenizer/shards/files.py), so its first 16 bits cut each split into 65,536 buckets of about equal
size. Tokens per bucket, summed, say where each bucket begins in its split, and so which shards it reaches into; each shard then
counts on from there by itself. No document needs to know all those before it, and tokens cross the network once.

A task writes its shard under a name of its own. Only the rows of tasks that succeeded say which files count, so a task that
is tried again or runs twice leaves a file that nobody names, and the folder it lies in is removed at the end.
"""

import hashlib
import posixpath
import resource
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.corpus.opening import file_system_of
from jobs.spark.arrow_map import arrow_map, peak_worker_bytes, spark_schema
from jobs.stages.files import in_files
from jobs.stages.stage import Stage, Work
from jobs.stages.tokens.count_tokens import places, token_counts, write_token_counts
from jobs.stages.tokens.hold_out import hashes_of_clusters, with_unit
from jobs.stages.tokens.shard_tasks import ENCODED, WRITTEN, ShardPlan, encode_documents, write_partition
from pipeline.tables import SPANS
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.files import (
    FORMAT,
    MANIFEST,
    PLANNED,
    ShardFile,
    ShardManifest,
    ShardSettings,
    SplitPlan,
    plan_splits,
    shard_name,
)
from tokenizer.shards.splits import LATE, TRAIN, VALIDATION, bound_that_splits, hash_bound
from tokenizer.shards.token_counts import COUNTS_FOLDER

ATTEMPTS = "_attempts"  # folder of what is being written
BUCKET_BITS = 16
SPANS_PER_FILE = 5_000_000


class Bucket(NamedTuple):
    """Documents of one split whose order begins with the same bits."""

    split: int  # its place in PLANNED
    bucket: int
    tokens: int  # <|endoftext|> included
    lowest: int  # of their split hashes
    highest: int


@dataclass(frozen=True)
class ShardsWritten:
    """What lies in the two folders now."""

    manifest: ShardManifest
    spans_folder: str


def encoded(curated: DataFrame, tokenizer_json: str, settings: ShardSettings) -> DataFrame:
    """(doc_id, order, split_hash, late, n_tokens, tokens, bucket) of every document of `curated` (doc_id, url, text)."""

    def encode(documents: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield encode_documents(documents, tokenizer_json, settings)

    first_bits = f.shiftright("order", 64 - BUCKET_BITS) + (1 << (BUCKET_BITS - 1))
    documents = arrow_map(encode, curated.select("doc_id", "url", "text"), ENCODED)
    return documents.withColumn("bucket", first_bits.cast("int"))


def in_splits(documents: DataFrame, share: float) -> tuple[DataFrame, list[Bucket]]:
    """Documents + split, a place in PLANNED, and what lies in the buckets of each split."""
    bound = hash_bound(share)
    documents_split, found = _split_at(documents, bound)
    if found:
        moved = bound_that_splits(share, min(one.lowest for one in found), max(one.highest for one in found))
        if moved != bound:  # few documents: they drew nothing, or everything
            return _split_at(documents, moved)
    return documents_split, found


def _split_at(documents: DataFrame, bound: int) -> tuple[DataFrame, list[Bucket]]:
    held_out, late, others = map(PLANNED.index, (VALIDATION, LATE, TRAIN))
    split = documents.withColumn(
        "split", f.when(f.col("split_hash") < bound, held_out).when(f.col("late"), late).otherwise(others)
    )
    tokens = f.sum(f.col("n_tokens") + 1)
    rows = split.groupBy("split", "bucket").agg(tokens, f.min("split_hash"), f.max("split_hash")).collect()  # 196,608 at most
    return split, sorted(Bucket(*row) for row in rows)


def tokens_by_split(found: list[Bucket]) -> list[int]:
    return [sum(one.tokens for one in found if one.split == split) for split in range(len(PLANNED))]


def placed(found: list[Bucket], splits: Sequence[SplitPlan]) -> list[tuple[int, int, int, int, int]]:
    """(split, bucket, tokens of its split before it, first and last shard it may reach into)."""
    places, before = [], [0] * len(splits)
    for one in found:
        split, start = splits[one.split], before[one.split]
        before[one.split] += one.tokens
        last = split.shard_of(start + one.tokens - 1)
        places.append((one.split, one.bucket, start, split.shard_of(start), last))
    return places


def routed(documents: DataFrame, places: list[tuple[int, int, int, int, int]]) -> DataFrame:
    """Documents in the shards that their bucket reaches into, in order; a bucket on the edge of two goes to both."""
    bounds = documents.sparkSession.createDataFrame(places, "split int, bucket int, before long, first int, last int")
    shards = 1 + max((place[-1] for place in places), default=0)
    return (
        documents.join(f.broadcast(bounds), ["split", "bucket"])
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
    curated: DataFrame,
    tokenizer_json: str,
    settings: ShardSettings,
    folder: str,
    spans_folder: str,
    duplicates: DataFrame | None = None,
    from_where: DataFrame | None = None,
) -> ShardsWritten:
    """Fills `folder` with the shards and shards.json, and `spans_folder` with the table of spans. Both may exist, empty.

    `duplicates` is the table of that name: what it calls copies of one another is held out together or not at all.
    `from_where` (jobs/stages/tokens/count_tokens.py: places) says where documents are from; with it, `folder` gets a table of
    token_counts too.
    """
    filesystem, _ = file_system_of(folder)
    attempts = posixpath.join(folder, ATTEMPTS)
    filesystem.makedirs(attempts, exist_ok=True)
    encoder = Encoder(tokenizer_json)
    settings = with_unit(settings, curated)
    together = None if duplicates is None else hashes_of_clusters(curated, duplicates, settings)
    documents = encoded(curated, tokenizer_json, settings).persist(StorageLevel.DISK_ONLY)
    try:
        split, found = in_splits(with_cluster_hashes(documents, together), settings.validation_share)
        splits = plan_splits(tokens_by_split(found), settings.shard_tokens)
        plan = ShardPlan(attempts, encoder.id_type.name, encoder.vocabulary.end_of_text, splits)
        rows = posixpath.join(attempts, "rows")
        written(routed(split, placed(found, splits)), plan).write.parquet(rows)
        if from_where is not None:
            counts = token_counts(documents, from_where, plan.dtype)
            write_token_counts(counts, posixpath.join(folder, COUNTS_FOLDER))
    finally:
        documents.unpersist()
    records = curated.sparkSession.read.schema(spark_schema(WRITTEN)).parquet(rows)
    files = publish_files(records, folder)
    write_spans(records, files, spans_folder)
    manifest = ShardManifest(
        format=FORMAT,
        dtype=plan.dtype,
        vocabulary_size=len(encoder.vocabulary),
        end_of_text=plan.end_of_text,
        removed=encoder.vocabulary.removed,
        tokenizer_sha256=hashlib.sha256(tokenizer_json.encode()).hexdigest(),
        seed=settings.seed,
        shard_tokens=settings.shard_tokens,
        tokens=sum(file.tokens for file in files.values()),
        documents=sum(file.documents for file in files.values()),
        shards=tuple(files.values()),
        validation_share=settings.validation_share,
        validation_unit=settings.validation_unit,
    )
    with filesystem.open(posixpath.join(folder, MANIFEST), "wb") as file:
        file.write(manifest.to_json().encode())
    filesystem.rm(attempts, recursive=True)
    return ShardsWritten(manifest, spans_folder)


def with_cluster_hashes(documents: DataFrame, together: DataFrame | None) -> DataFrame:
    """Documents with the hash of their cluster where they are part of one."""
    if together is None:
        return documents
    shared = together.withColumnRenamed("split_hash", "shared")
    return documents.join(shared, "doc_id", "left").withColumn("split_hash", f.coalesce("shared", "split_hash")).drop("shared")


def publish_files(records: DataFrame, folder: str) -> dict[int, ShardFile]:
    """Gives the files that count their names, numbered without gaps; from the number that the tasks used to the file."""
    filesystem, _ = file_system_of(folder)
    rows = records.where("file is not null").orderBy("shard").drop("doc_id", "start", "length").collect()  # one per shard
    files = {}
    for number, row in enumerate(rows):
        name = shard_name(number)
        filesystem.mv(posixpath.join(folder, ATTEMPTS, row["file"]), posixpath.join(folder, name))
        files[row["shard"]] = ShardFile(name, row["tokens"], row["documents"], row["bytes"], row["sha256"], row["split"])
    return files


def write_spans(records: DataFrame, files: dict[int, ShardFile], folder: str) -> None:
    """Writes (doc_id, shard, start, length) sorted by shard and start, in files cut by value alone."""
    numbers = records.sparkSession.createDataFrame(list(zip(files, range(len(files)), strict=True)), "shard int, number int")
    spans = records.where("file is null").join(f.broadcast(numbers), "shard").drop("shard").withColumnRenamed("number", "shard")
    parts = max(1, min(len(files), -(-sum(file.documents for file in files.values()) // SPANS_PER_FILE)))
    part = (f.col("shard") * parts / max(1, len(files))).cast("int")
    sorted_spans = spans.select(*SPANS.names).repartitionById(parts, part).sortWithinPartitions("shard", "start")
    sorted_spans.write.mode("overwrite").parquet(folder)


def run(work: Work) -> dict[str, int]:
    curated = work.read("curated")
    with work.corpus.filesystem.open(work.corpus.path("tokenizer", "tokenizer.json"), "rb") as file:
        tokenizer_json = file.read().decode()
    folder, spans_folder = (work.corpus.staging(work.stage, name) for name in ("shards", "spans"))
    duplicates = work.read("duplicates")
    from_where = places(work.read("documents"), duplicates)
    manifest = write_shards(curated, tokenizer_json, work.recipe.shards, folder, spans_folder, duplicates, from_where).manifest
    lengths = work.read_staged("spans").select("doc_id", f.col("length").alias("n_tokens"))
    work.write("curated", in_files(curated.drop("n_tokens").join(lengths, "doc_id"), manifest.documents))
    held_out, late = manifest.of_split(VALIDATION), manifest.of_split(LATE)
    return {
        "records": manifest.documents,
        "tokens": manifest.tokens,
        "shards": len(manifest.shards),
        "late_documents": sum(shard.documents for shard in late),
        "validation_documents": sum(shard.documents for shard in held_out),
        "validation_tokens": sum(shard.tokens for shard in held_out),
    }


# `curated` is written again because only now is n_tokens known.
STAGE = Stage(
    name="shard",
    after=("ingest", "dedup", "select", "tokenizer"),
    sections=("shards",),
    publishes=("shards", "spans", "curated"),
    run=run,
    kernels=("tokens",),
)
