"""documents beside earlier corpora -> bursts: domains that nobody knew, with many pages of one mould first seen within days.

Read `first_seen_bursts` downwards, it is the algorithm. Counts and hashes go through shuffles, texts only of the few domains that
are left; nothing is collected, and nothing depends on the order of rows. Domains are what somebody registered
(pipeline/urls.py: site); where a host lets anybody register names below its own, each of them is one.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as f

from jobs.spark.arrow_map import arrow_map
from jobs.spark.instants import seconds_of
from jobs.spark.pages import Pages, map_pages
from pipeline.hashing import text_hash
from pipeline.poison.sites.provenance import ProvenanceSettings, sampled_fingerprints
from pipeline.urls import site, url_key

SAMPLE_EVERY = 8  # one 5-gram in so many is compared
SECONDS_A_DAY = 86400
ADDRESS = pa.schema([("doc_id", pa.string()), ("domain", pa.string()), ("url_hash", pa.int64()), ("seconds", pa.int64())])
NGRAM = pa.schema([("domain", pa.string()), ("fingerprint", pa.int64())])


def first_seen_bursts(pages: Pages, earlier: DataFrame, settings: ProvenanceSettings) -> DataFrame:
    """Columns doc_id, start, end, rule, severity, excerpt: every new page of a burst.

    Both have doc_id (unique in `pages`), url, host and fetched_at.
    """
    here, known = addresses(pages.rows), addresses(earlier)
    new = here.join(known.select("url_hash").distinct(), "url_hash", "left_anti")
    unknown = unknown_domains(here, new, known, settings)
    dense = within_days(new.join(unknown.select("domain"), "domain"), settings)
    alike = alike_shares(new.join(dense.select("domain"), "domain").select("doc_id", "domain"), pages)
    bursts = unknown.join(dense, "domain").join(alike.where(f.col("alike") >= settings.burst_min_alike_share), "domain")
    nowhere = [f.lit(0).alias(name) for name in ("start", "end")]
    rule, severity = f.lit("first_seen_burst").alias("rule"), f.lit("warn").alias("severity")
    described = bursts.select("domain", _description(settings).alias("excerpt"))
    return new.join(described, "domain").select("doc_id", *nowhere, rule, severity, "excerpt")


def addresses(documents: DataFrame) -> DataFrame:
    """Schema ADDRESS, of the pages that have a URL and a host."""
    named = documents.where("url is not null and host is not null").select("doc_id", "url", "host", "fetched_at")
    return arrow_map(_addressed, named, ADDRESS)


def _addressed(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    domains = pa.array([site(host) for host in batch["host"].to_pylist()], pa.string())
    hashes = [text_hash(url_key(url) or url) for url in batch["url"].to_pylist()]
    seconds = pc.floor(seconds_of(batch["fetched_at"].to_pylist())).cast(pa.int64())
    yield pa.RecordBatch.from_arrays([batch["doc_id"], domains, pa.array(hashes, pa.int64()), seconds], schema=ADDRESS)


def unknown_domains(pages: DataFrame, new: DataFrame, known: DataFrame, settings: ProvenanceSettings) -> DataFrame:
    """(domain, new_pages, known_pages): none where most large domains are new, for then the crawls cannot be compared."""
    large = f.col("new_pages") >= settings.burst_min_pages
    sizes = new.groupBy("domain").agg(f.count(f.lit(1)).alias("new_pages")).where(large)
    before = known.groupBy("domain").agg(f.count(f.lit(1)).alias("known_pages"))
    unknown = sizes.join(before, "domain", "left").fillna(0, ["known_pages"])
    unknown = unknown.where(f.col("known_pages") <= settings.burst_max_known_pages)
    domains = pages.groupBy("domain").agg(f.count(f.lit(1)).alias("new_pages")).where(large)
    whole = domains.agg(f.count(f.lit(1)).alias("domains")).crossJoin(unknown.agg(f.count(f.lit(1)).alias("unknown")))
    comparable = whole.where(f.col("unknown") <= settings.burst_max_share * f.col("domains"))
    return unknown.crossJoin(comparable.select(f.lit(True).alias("comparable"))).drop("comparable")


def within_days(new: DataFrame, settings: ProvenanceSettings) -> DataFrame:
    """(domain, pages_within): the most new pages that were first fetched within `burst_days`, where those are enough."""
    first = new.groupBy("domain", "url_hash").agg(f.min("seconds").alias("seconds")).where("seconds is not null")
    back = Window.partitionBy("domain").orderBy("seconds").rangeBetween(-settings.burst_days * SECONDS_A_DAY, 0)
    counted = first.select("domain", f.count(f.lit(1)).over(back).alias("pages_within"))
    most = counted.groupBy("domain").agg(f.max("pages_within").alias("pages_within"))
    return most.where(f.col("pages_within") >= settings.burst_min_pages)


def alike_shares(of_domains: DataFrame, pages: Pages) -> DataFrame:
    """(domain, alike): of the 5-grams of its pages, the share that repeats one of another page. 0: nothing in common."""
    ngrams = map_pages(_ngrams, pages.of(pages.select("doc_id").join(of_domains, "doc_id")), ("text",), NGRAM)
    met = ngrams.groupBy("domain", "fingerprint").agg(f.count(f.lit(1)).alias("times"))
    return met.groupBy("domain").agg((1 - f.count(f.lit(1)) / f.sum("times")).alias("alike"))


def _ngrams(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows, fingerprints = sampled_fingerprints(batch["text"], SAMPLE_EVERY)
    yield pa.RecordBatch.from_arrays([batch["domain"].take(pa.array(rows)), pa.array(fingerprints, pa.int64())], schema=NGRAM)


def _description(settings: ProvenanceSettings) -> Column:
    """What the burst is, in words."""
    return f.format_string(
        f"%d pages of %s were never seen before (%d of it were), %d first fetched within {settings.burst_days} days; "
        "%.0f%% of what they say repeats one another",
        "new_pages",
        "domain",
        "known_pages",
        "pages_within",
        100 * f.col("alike"),
    )
