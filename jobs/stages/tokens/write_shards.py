"""curated -> shards/ and spans: every document's tokens in one order, which a seed decides and nothing else.

The order is that of a hash (tokenizer/shards/files.py), so its first 16 bits cut each split into 65,536 buckets of about equal
size. Tokens per bucket, summed, say where each bucket begins in its split, and so which shards it reaches into; each shard then
counts on from there by itself. No document needs to know all those before it, and tokens cross the network once.

A task writes its shard and the shard's spans into the corpus under names that their content decides, and tells of them
(jobs/corpus/files/stored.py). A task that is tried again or runs twice writes the same files.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, replace

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.corpus.files.journal import Journal
from jobs.corpus.files.parquet import part, read_groups, store_table
from jobs.corpus.files.stored import open_stored
from jobs.corpus.shards import as_stored, store_shard, store_shards
from jobs.spark.components import materialised
from jobs.spark.pages import Pages
from jobs.spark.pieces import Made, Pieces, in_pieces
from jobs.spark.tables import write_again
from jobs.stages.looks import Look, looked
from jobs.stages.stage import Stage, Work
from jobs.stages.tokens.count_tokens import origins, token_counts
from jobs.stages.tokens.hold_out import hashes_of_clusters, with_unit
from jobs.stages.tokens.place_documents import BUCKET_BITS, in_splits, placed, routed, tokens_by_split
from jobs.stages.tokens.shard_tasks import ENCODED, ShardPlan, encode_documents, write_partition
from pipeline.tables import CURATED, SPANS
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.files import (
    FORMAT,
    ShardFile,
    ShardManifest,
    ShardSettings,
    plan_splits,
    shard_file,
    shard_name,
)
from tokenizer.shards.splits import LATE, VALIDATION


def encoded(curated: Pages, tokenizer_json: str, settings: ShardSettings, journal: Journal) -> DataFrame:
    """(doc_id, order, split_hash, late, n_tokens, tokens, bucket) of every document of `curated` (doc_id, url)."""

    def encode(documents: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        yield "encoded", encode_documents(documents, tokenizer_json, settings)

    first_bits = f.shiftright("order", 64 - BUCKET_BITS) + (1 << (BUCKET_BITS - 1))
    documents = looked(curated, ("text",), [Look({"encoded": ENCODED}, encode)], journal).tables["encoded"]
    return documents.withColumn("bucket", first_bits.cast("int"))


def written(documents: DataFrame, plan: ShardPlan, journal: Journal | None = None) -> list[ShardFile]:
    """Writes the shards of `routed` and their spans, in order; shards in which no document begins are left out."""
    pieces = Pieces("shards", plan.shards, f.col("shard"), ("order", "doc_id"))

    def write(batches: Iterator[pa.RecordBatch], _: int) -> Made | None:
        for shard in write_partition(batches, plan):  # one: a piece is a shard
            tables = {"shards": [as_stored(shard)], "spans": [] if shard.spans is None else [shard.spans]}
            return Made(tables, {"shard": asdict(shard)})
        return None

    found = [shard_file(one.told["shard"]) for one in in_pieces(documents, pieces, journal, write)]
    return [_numbered(plan.root, number, shard) for number, shard in enumerate(found)]


def _numbered(root: str, number: int, shard: ShardFile) -> ShardFile:
    """The shard by its number: another than planned where one before it is left out, for a document is longer.

    Copies, and so may leave files that nobody names: a corpus that is being made anew may have this very shard under either name.
    """
    spans = shard.spans
    if spans is None or f"part-{number:05d}-" in spans.file:
        return shard
    groups = (with_number(group, number) for group in read_groups(root, spans))
    batches = (batch for group in groups for batch in group.to_batches())
    numbered = replace(shard, file=shard_name(number), spans=store_table(root, part("spans", number), batches, SPANS))
    with open_stored(root, as_stored(shard)) as file:
        return store_shard(root, file, numbered)  # type: ignore[arg-type]


def with_number(spans: pa.Table, number: int) -> pa.Table:
    """Rows of `spans` as those of another shard."""
    return spans.set_column(1, SPANS.field("shard"), pa.array([number] * spans.num_rows, pa.int32()))


def write_shards(
    curated: Pages,
    tokenizer_json: str,
    settings: ShardSettings,
    journal: Journal,
    duplicates: DataFrame | None = None,
    from_where: DataFrame | None = None,
) -> tuple[ShardManifest, DataFrame | None]:
    """Writes the shards and their spans into the journal's corpus; (what shards.json shall say, token counts).

    `duplicates` is the table of that name: what it calls copies of one another is held out together or not at all.
    `from_where` (jobs/stages/tokens/count_tokens.py: origins) says where documents are from; without it no tokens are counted.
    The work goes on with what the journal has of it.
    """
    encoder = Encoder(tokenizer_json)
    settings = with_unit(settings, curated.rows)
    together = None if duplicates is None else hashes_of_clusters(curated.rows, duplicates, settings)
    documents = encoded(curated, tokenizer_json, settings, journal)
    split, found = in_splits(with_cluster_hashes(documents, together), settings.validation_share)
    splits = plan_splits(tokens_by_split(found), settings.shard_tokens)
    plan = ShardPlan(journal.root, encoder.id_type.name, encoder.vocabulary.end_of_text, splits)
    shards = written(routed(split, placed(found, splits)), plan, journal)
    counts = None if from_where is None else materialised(token_counts(documents, from_where, plan.dtype))
    manifest = ShardManifest(
        format=FORMAT,
        dtype=plan.dtype,
        vocabulary_size=len(encoder.vocabulary),
        end_of_text=plan.end_of_text,
        removed=encoder.vocabulary.removed,
        tokenizer_sha256=hashlib.sha256(tokenizer_json.encode()).hexdigest(),
        seed=settings.seed,
        shard_tokens=settings.shard_tokens,
        tokens=sum(shard.tokens for shard in shards),
        documents=sum(shard.documents for shard in shards),
        shards=tuple(shards),
        validation_share=settings.validation_share,
        validation_unit=settings.validation_unit,
    )
    return manifest, counts


def with_cluster_hashes(documents: DataFrame, together: DataFrame | None) -> DataFrame:
    """Documents with the hash of their cluster where they are part of one."""
    if together is None:
        return documents
    shared = together.withColumnRenamed("split_hash", "shared")
    return documents.join(shared, "doc_id", "left").withColumn("split_hash", f.coalesce("shared", "split_hash")).drop("shared")


def run(work: Work) -> dict[str, int]:
    curated, duplicates = work.pages("curated", "doc_id", "url"), work.read("duplicates")
    places = work.pages("documents", "doc_id", "host", "warc_file", "warc_offset").rows
    from_where = origins(places, duplicates)
    tokenizer_json = work.corpus.text("tokenizer")
    manifest, counts = write_shards(curated, tokenizer_json, work.recipe.shards, work.journal(), duplicates, from_where)
    shards, spans = store_shards(work.corpus.root, manifest)
    work.publish_files("shards", shards)
    work.publish_files("spans", spans)
    work.write("token_counts", counts)
    lengths = work.read_new("spans").select("doc_id", f.col("length").alias("n_tokens"))
    counted = curated.of(curated.select("doc_id").join(lengths, "doc_id").drop("doc_id"))
    work.publish_files("curated", write_again(work.corpus, "curated", counted, CURATED, work.journal()))
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
    publishes=("shards", "spans", "token_counts", "curated"),
    run=run,
    kernels=("tokens",),
)
