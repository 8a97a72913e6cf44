"""A corpus of millions of generated documents, for bench_trace: tables in the layout that the stages give them.

Documents lie in the order of their WARC files, outcomes in that of a join, curated by doc_id; the shard stage itself writes
shards and spans. A hundred pages among them stand in a real WARC, so that tracing can end at real bytes.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from jobs.corpus.files.stored import store
from jobs.corpus.folder import FORMAT, Corpus
from jobs.corpus.recipe import Recipe, ingest_settings, recipe_values
from jobs.corpus.shards import store_shards
from jobs.spark.arrow_map import spark_schema
from jobs.spark.tables import by_hash, write_rows
from jobs.stages.stage import Work
from jobs.stages.tokens.write_shards import write_shards
from pipeline import tables
from pipeline.blocks import StoredFile
from pipeline.read import ingest
from pipeline.tables import TABLES
from tests.crawls import Crawl, page, prose
from tests.pages import FramePages
from tokenizer.bpe.count import count_words
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.vocabulary import tokenizer_json
from tokenizer.shards.files import ShardSettings

PER_FILE = 40_000  # documents in a WARC file of Common Crawl
PARTS = 8  # of a shuffled table
PROBES = 100
STAGES = ("ingest", "filter", "scan", "dedup", "select", "tokenizer", "shard")
WORDS = sorted({word for seed in range(40) for word in prose(seed).split()})
FOUND: dict[str, dict[str, Any]] = {
    "verdicts": {"stage": "gopher", "rule": "short", "value": 1.0, "bound": 2.0},
    "findings": {
        "rule": "tag",
        "attack": "unicode",
        "severity": "note",
        "field": "text",
        "start": 0,
        "end": 2,
        "excerpt": "x",
        "decoded": "",
        "reason": "tags",
    },
    "edits": {"start": 0, "end": 0, "replacement": "", "reason": "line"},
}


def make_corpus(spark: SparkSession, documents: int, folder: Path) -> Corpus:
    """All that the questions look at, each table in files and in an order such as its stage writes."""
    corpus, pages, lost = Corpus(str(folder)), generated(spark, documents), rejects(spark, documents // 10)
    real = real_pages(spark, folder)
    pages = pages.unionByName(real, allowMissingColumns=True)
    read = {name: by_input(corpus, name, rows) for name, rows in (("documents", pages), ("measures", pages), ("rejects", lost))}
    stages = {name: {"counts": {}, "publishes": []} for name in STAGES}
    corpus.publish(read, {"format": FORMAT, "recipe": recipe_values(Recipe()), "versions": {}, "stages": stages, "tables": {}})
    work = Work(corpus, Recipe())
    work.use(spark)
    made = work.read("documents").join(work.read("measures").select("doc_id", "language"), "doc_id")
    number = f.regexp_extract("record_id", "^urn:uuid:([0-9]+)$", 1).try_cast("long")  # null for the real pages
    numbered = made.withColumns({"number": number, "is_copy": f.coalesce(number % 10 == 9, f.lit(False))})
    kept = numbered.where("not is_copy")

    work.write("duplicates", copies(numbered.where("is_copy")))
    work.write("outcomes", outcomes(numbered, lost))
    for name, columns in FOUND.items():
        values = {column: f.lit(value) for column, value in columns.items()}
        work.write(name, kept.where("number % 5 = 1").select("doc_id").withColumns(values))
    shard(work, kept)
    corpus.publish({**work.made, "files": []}, corpus.manifest)
    return corpus


def by_input(corpus: Corpus, table: str, rows: DataFrame) -> list[StoredFile]:
    """The table as ingest leaves it: a file for each input, in the order of its records."""
    inputs = rows.select("warc_file").distinct().count()
    names = [name for name in ("warc_file", "warc_offset") if name in TABLES[table].names] or ["doc_id"]
    place = by_hash(inputs, "warc_file") if "warc_file" in TABLES[table].names else by_hash(inputs, "doc_id")
    return write_rows(corpus, table, rows, TABLES[table], files=inputs, place=place, sorted_by=tuple(names)).files


def copies(documents: DataFrame) -> DataFrame:
    """Each a near copy of the page nine numbers before it."""
    keeper = f.md5((f.col("number") - 9).cast("string"))
    same = {"keeper_id": keeper, "cluster_id": keeper, "kind": f.lit("near"), "similarity": f.lit(0.9).cast("float")}
    return documents.withColumns(same).repartition(PARTS, "keeper_id")


def outcomes(documents: DataFrame, lost: DataFrame) -> DataFrame:
    outcome = {"outcome": f.when(f.col("is_copy"), "duplicate").otherwise("kept"), "reason": f.lit(None).cast("string")}
    rejected = {"doc_id": f.lit(None).cast("string"), "outcome": f.lit("rejected")}
    names = tables.OUTCOMES.names
    judged = documents.withColumns(outcome).select(*names).repartition(PARTS, "doc_id")
    return judged.unionByName(lost.withColumns(rejected).select(*names))


def generated(spark: SparkSession, documents: int) -> DataFrame:
    """DOCUMENTS in the order of their files; the text is thirty words of its own and the same ten for each."""
    number = f.col("id")
    word = f.array(*map(f.lit, WORDS))
    own = [f.element_at(word, (f.abs(f.xxhash64(number, f.lit(place))) % len(WORDS) + 1).cast("int")) for place in range(30)]
    numbers = spark.range(0, documents, numPartitions=max(1, documents // PER_FILE))
    columns = {
        "doc_id": f.md5(number.cast("string")),
        "url": f.concat(f.lit("https://host"), number % 50_000, f.lit(".example/page/"), number),
        "host": f.concat(f.lit("host"), number % 50_000, f.lit(".example")),
        "fetched_at": f.lit("2026-01-02T03:04:05Z"),
        "warc_file": f.concat(f.lit("crawl/"), (number / PER_FILE).cast("int"), f.lit(".warc.gz")),
        "warc_offset": (number % PER_FILE) * 25_000 + f.pmod(f.xxhash64(number), f.lit(20_000)),
        "warc_length": f.lit(20_000).cast("long"),
        "record_id": f.concat(f.lit("urn:uuid:"), number),
        "language": f.element_at(f.array(*map(f.lit, ("en", "de", "fr", "ja"))), (number % 4 + 1).cast("int")),
        "text": f.concat_ws(" ", *own, f.lit("and that is all that this page has to say")),
    }
    schema = spark_schema(pa.unify_schemas([TABLES["documents"], TABLES["measures"]]))
    made = {field.name: columns.get(field.name, measure(field)).cast(field.dataType) for field in schema}
    return numbers.select(*[made[name].alias(name) for name in schema.names])


def measure(field: Any) -> Any:
    """A column that the questions do not look at: cheap to make, and not all the same."""
    return f.lit(None) if field.dataType.typeName() in ("string", "boolean") else f.col("id") % (7 + len(field.name))


def rejects(spark: SparkSession, number: int) -> DataFrame:
    numbers = spark.range(0, number, numPartitions=max(1, number // PER_FILE))
    return numbers.select(
        f.concat(f.lit("crawl/"), (f.col("id") * 10 / PER_FILE).cast("int"), f.lit(".warc.gz")).alias("warc_file"),
        ((f.col("id") % PER_FILE) * 25_000 + 24_000).alias("warc_offset"), f.lit(500).cast("long").alias("warc_length"),
        f.concat(f.lit("urn:uuid:r"), f.col("id")).alias("record_id"), f.lit("response").alias("record_type"),
        f.concat(f.lit("https://gone.example/"), f.col("id")).alias("url"), f.lit("http_status").alias("reason"),
        f.lit("404").alias("detail"),
    )  # fmt: skip


def real_pages(spark: SparkSession, folder: Path) -> DataFrame:
    """Documents of a WARC that exists, made by ingest's own reader."""
    crawl = Crawl()
    for number in range(PROBES):
        crawl.response(f"https://real.example/{number}", page(("probe", number), paragraphs=1))
    warc = folder / "real.warc.gz"
    warc.write_bytes(crawl.raw.getvalue())
    with warc.open("rb") as stream:
        read = list(ingest.ingest_file(stream, str(warc), ingest_settings(Recipe())))
    pages = pa.Table.from_batches([one.documents for one in read])
    measured = pa.Table.from_batches([one.measures for one in read]).drop(["doc_id"])
    for name in measured.column_names:
        pages = pages.append_column(measured.schema.field(name), measured[name])
    return spark.createDataFrame(pages.to_pylist(), spark_schema(pages.schema)).coalesce(1)


def shard(work: Work, kept: DataFrame) -> None:
    counts = count_words(pa.array([*WORDS, *(prose(("probe", number)) for number in range(PROBES))]), 1024)
    learned = tokenizer_json(learn(counts["word"], counts["count"], TokenizerSettings(vocabulary_size=2048)))
    work.publish_files("tokenizer", [store(work.corpus.root, "tokenizer/tokenizer-HASH.json", learned.encode())])
    curated = kept.select("doc_id", "url", "language", "text")
    manifest, _ = write_shards(FramePages(curated), learned, ShardSettings(), work.journal())
    shards, spans = store_shards(work.corpus.root, manifest)
    work.publish_files("shards", shards)
    work.publish_files("spans", spans)
    work.write("curated", curated.withColumn("n_tokens", f.lit(40).cast("long")))
