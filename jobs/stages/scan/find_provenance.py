"""documents (and earlier corpora) -> what does not fit their papers: wrong digests, dates outside the crawl, changed pages."""

from collections.abc import Iterator, Sequence
from functools import reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as f

from jobs.corpus.folder import open_corpus
from jobs.spark.arrow_map import BatchFunction, arrow_map, spark_schema
from jobs.spark.components import materialised
from jobs.spark.instants import seconds_of, with_seconds
from jobs.spark.pages import Pages, map_pages
from jobs.spark.tables import read_pages
from jobs.stages.places import PLACE, places
from jobs.stages.scan.find_first_seen import first_seen_bursts
from pipeline import tables
from pipeline.poison.findings import excerpt
from pipeline.poison.sites.provenance import ProvenanceSettings, changes, verdict
from pipeline.urls import url_key

FOUND = ("doc_id", "start", "end", "rule", "severity", "excerpt")
KEYED = pa.schema(
    [
        ("doc_id", pa.string()),
        ("url_key", pa.string()),
        ("seconds", pa.float64()),  # when it was fetched, since 1970
        ("corpus", pa.int32()),  # 0: this one
    ]
)
PAIR = ("doc_id", "corpus", "before", "days")  # a capture, and the one before it: its corpus and doc_id
TEXT = pa.schema([("doc_id", pa.string()), ("text", pa.string())])
DATED = ("doc_id", "url", "host", "fetched_at")
CHANGED = pa.schema([
    ("doc_id", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("rule", pa.string()), ("severity", pa.string()),
    ("excerpt", pa.string()),
])  # fmt: skip
SECONDS_A_DAY = 86400


def doubtful_pages(pages: Pages, settings: ProvenanceSettings) -> DataFrame:
    """Columns FOUND. `pages` have doc_id (unique), url, host, fetched_at, warc_file, digest_ok and payload_digest."""
    earlier = earlier_pages(pages, settings)
    found = [wrong_digests(pages.rows, settings), wrong_dates(pages.rows, settings), changed_pages(pages, earlier, settings)]
    if earlier and settings.burst_min_pages is not None:
        known = reduce(DataFrame.unionByName, (one.rows.select(*DATED) for one in earlier))
        found.append(first_seen_bursts(pages, known, settings))
    return reduce(DataFrame.unionByName, found)


def wrong_digests(documents: DataFrame, settings: ProvenanceSettings) -> DataFrame:
    """Pages whose payload is not what their digest names. Where that is so all over a file, its writer is to blame."""
    of_file = documents.where("digest_ok is not null").groupBy("warc_file")
    wrong = f.count_if(~f.col("digest_ok"))
    files = of_file.agg((wrong > f.greatest(f.lit(1), settings.max_wrong_share * f.count(f.lit(1)))).alias("everywhere"))
    severity = f.when(f.col("everywhere"), "note").otherwise("severe" if settings.wrong_digest == "drop" else "warn")
    excerpts = f.concat(f.lit("the payload is not the one of "), "payload_digest")
    return _whole_page(documents.where("not digest_ok").join(files, "warc_file"), "wrong_digest", severity, excerpts)


def wrong_dates(documents: DataFrame, settings: ProvenanceSettings) -> DataFrame:
    """Pages fetched before or after the crawl: by the recipe's dates, and far from the middle of their file."""
    dated = with_seconds(documents.select("doc_id", "warc_file", "fetched_at"))
    middles = dated.groupBy("warc_file").agg(f.median("seconds").alias("middle"))
    outside = f.lit(False)
    if settings.crawl_first is not None:
        outside = outside | (f.col("seconds") < seconds_of([settings.crawl_first])[0].as_py())
    if settings.crawl_last is not None:
        outside = outside | (f.col("seconds") > seconds_of([settings.crawl_last])[0].as_py())
    if settings.max_days_from_median is not None:
        outside = outside | (f.abs(f.col("seconds") - f.col("middle")) > settings.max_days_from_median * SECONDS_A_DAY)
    excerpts = f.concat(f.lit("fetched "), "fetched_at", f.lit(", outside the crawl"))
    return _whole_page(dated.join(middles, "warc_file").where(outside), "wrong_date", f.lit("warn"), excerpts)


def _whole_page(pages: DataFrame, rule: str, severity: Column, excerpts: Column) -> DataFrame:
    nowhere = [f.lit(0).alias(name) for name in ("start", "end")]
    return pages.select("doc_id", *nowhere, f.lit(rule).alias("rule"), severity.alias("severity"), excerpts.alias("excerpt"))


def changed_pages(pages: Pages, earlier: Sequence[Pages], settings: ProvenanceSettings) -> DataFrame:
    """Pages that show something else than the newest earlier capture of their URL, here or in an earlier corpus."""
    corpora = [pages, *earlier]
    captures = (one.rows.select("doc_id", "url", "fetched_at", f.lit(at).alias("corpus")) for at, one in enumerate(corpora))
    named = reduce(DataFrame.unionByName, captures).where("url is not null")
    keyed = arrow_map(_keyed, named, KEYED).where("url_key is not null and seconds is not null")
    in_time = Window.partitionBy("url_key").orderBy("seconds", f.col("corpus") == 0, "doc_id")
    before = keyed.withColumns({
        "before": f.lag(f.struct("corpus", "doc_id")).over(in_time),
        "days": (f.col("seconds") - f.lag("seconds").over(in_time)) / SECONDS_A_DAY,
    })  # fmt: skip
    pairs = materialised(before.where("corpus = 0 and before is not null").select("doc_id", "before.*", "days").toDF(*PAIR))
    if pairs.isEmpty():
        return pairs.sparkSession.createDataFrame([], spark_schema(CHANGED))
    texts, texts_before = _texts(pages, pairs), _texts_before(corpora, pairs)
    return arrow_map(_changed(settings), pairs.join(texts, "doc_id").join(texts_before, ["corpus", "before"]), CHANGED)


def _texts(pages: Pages, wanted: DataFrame) -> DataFrame:
    """(doc_id, text) of the pages in `wanted` (doc_id)."""
    rows = pages.select("doc_id").join(wanted.select("doc_id"), "doc_id", "left_semi")
    return map_pages(lambda batch: iter([batch.select(TEXT.names)]), pages.of(rows), ("text",), TEXT)


def _texts_before(corpora: Sequence[Pages], pairs: DataFrame) -> DataFrame:
    """(corpus, before, text_before) of the earlier captures."""
    of_each = []
    for at, pages in enumerate(corpora):
        wanted = pairs.where(f.col("corpus") == at).select(f.col("before").alias("doc_id"))
        of_each.append(_texts(pages, wanted).select(f.lit(at).alias("corpus"), f.col("doc_id").alias("before"), "text"))
    return reduce(DataFrame.unionByName, of_each).withColumnRenamed("text", "text_before")


def earlier_pages(pages: Pages, settings: ProvenanceSettings) -> list[Pages]:
    """The documents of earlier corpora; raises CorpusError where one is none."""
    return [_earlier(pages, path) for path in settings.earlier]


def _earlier(pages: Pages, path: str) -> Pages:
    read = read_pages(pages.rows.sparkSession, open_corpus(path), "documents", tables.DOCUMENTS, (*DATED, *PLACE))
    return read.of(places(read.rows).first)


def _keyed(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    keys = pa.array([url_key(url) for url in batch["url"].to_pylist()], pa.string())
    seconds = seconds_of(batch["fetched_at"].to_pylist())
    yield pa.RecordBatch.from_arrays([batch["doc_id"], keys, seconds, batch["corpus"]], schema=KEYED)


def _changed(settings: ProvenanceSettings) -> BatchFunction:
    def changed(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        rows = []
        texts, names, days = (batch[name].to_pylist() for name in ("text", "doc_id", "days"))
        for row, change in enumerate(changes(batch["text_before"], batch["text"])):
            rule = verdict(change, days[row], settings)
            if rule == "split_view":
                description = f"{change.kept_share:.0%} of the earlier capture's text is left: {excerpt(texts[row], 0, 60)}"
                rows.append((names[row], 0, 0, rule, "warn", description))
            elif rule == "edited_text":
                description = f"not there {days[row]:.1f} days before: {excerpt(texts[row], change.start, change.end)}"
                rows.append((names[row], change.start, change.end, rule, "warn", description))
        columns = list(zip(*rows, strict=True)) or [()] * len(CHANGED)
        yield pa.record_batch([pa.array(one, kind) for one, kind in zip(columns, CHANGED.types, strict=True)], schema=CHANGED)

    return changed
