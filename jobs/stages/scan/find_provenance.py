"""documents (and earlier corpora) -> what does not fit their papers: wrong digests, dates outside the crawl, changed pages."""

from collections.abc import Iterator
from functools import reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as f

from jobs.corpus.folder import open_corpus
from jobs.spark.arrow_map import BatchFunction, arrow_map
from jobs.spark.instants import seconds_of, with_seconds
from jobs.spark.tables import read_files
from jobs.stages.places import places
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
        ("text", pa.string()),
        ("earlier", pa.bool_()),
    ]
)
CHANGED = pa.schema([
    ("doc_id", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("rule", pa.string()), ("severity", pa.string()),
    ("excerpt", pa.string()),
])  # fmt: skip
SECONDS_A_DAY = 86400


def doubtful_pages(documents: DataFrame, settings: ProvenanceSettings) -> DataFrame:
    """Columns FOUND. `documents` has doc_id (unique), url, fetched_at, warc_file, digest_ok, payload_digest and text."""
    found = [wrong_digests(documents, settings), wrong_dates(documents, settings), changed_pages(documents, settings)]
    if settings.earlier and settings.burst_min_pages is not None:
        earlier = reduce(DataFrame.unionByName, (_earlier(documents, path) for path in settings.earlier))
        found.append(first_seen_bursts(documents, earlier, settings))
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


def changed_pages(documents: DataFrame, settings: ProvenanceSettings) -> DataFrame:
    """Pages that show something else than the newest earlier capture of their URL, here or in an earlier corpus."""
    columns = ("doc_id", "url", "fetched_at", "text")
    captures = documents.select(*columns, f.lit(False).alias("earlier"))
    for path in settings.earlier:
        captures = captures.unionByName(_earlier(documents, path).select(*columns, f.lit(True).alias("earlier")))
    keyed = arrow_map(_keyed, captures.where("url is not null"), KEYED).where("url_key is not null and seconds is not null")
    in_time = Window.partitionBy("url_key").orderBy("seconds", f.desc("earlier"), "doc_id")
    before = keyed.withColumns({
        "text_before": f.lag("text").over(in_time), "days": (f.col("seconds") - f.lag("seconds").over(in_time)) / SECONDS_A_DAY,
    })  # fmt: skip
    compared = before.where("not earlier and text_before is not null").select("doc_id", "text_before", "text", "days")
    return arrow_map(_changed(settings), compared, CHANGED)


def _earlier(documents: DataFrame, path: str) -> DataFrame:
    """The documents of another corpus; raises CorpusError where there is none."""
    corpus = open_corpus(path)
    return places(read_files(documents.sparkSession, corpus, corpus.files("documents"), tables.DOCUMENTS)).first


def _keyed(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    keys = pa.array([url_key(url) for url in batch["url"].to_pylist()], pa.string())
    seconds = seconds_of(batch["fetched_at"].to_pylist())
    yield pa.RecordBatch.from_arrays([batch["doc_id"], keys, seconds, batch["text"], batch["earlier"]], schema=KEYED)


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
