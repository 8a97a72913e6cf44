"""documents -> the passages that only look wrong across sites: the same words on pages of many owners.

Read `campaign_passages` downwards, it is the algorithm. N-grams are counted in one shuffle; what several domains have is
little. Nothing depends on the order of rows or on partitions, and the driver sees numbers only.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from jobs.spark.arrow_map import BatchFunction, arrow_map
from jobs.spark.components import components, materialised
from jobs.spark.instants import seconds_of, with_seconds
from jobs.spark.pages import Pages, map_pages
from jobs.stages.looks import Look
from jobs.stages.scan.shared_ngrams import marked, shared_ngrams
from pipeline.hashing import text_hash
from pipeline.poison.findings import EXCERPT_CHARACTERS, excerpt
from pipeline.poison.sites.advertisements import injected_blocks
from pipeline.poison.sites.campaigns import (  # fmt: skip
    CampaignSettings,
    is_notice,
    is_quoted,
    passages,
    widened,
)
from pipeline.urls import site

PLACE = [("passage", pa.string()), ("doc_id", pa.string()), ("domain", pa.string()), ("start", pa.int32()), ("end", pa.int32())]
PASSAGE = pa.schema([*PLACE, ("fingerprints", pa.list_(pa.int64()))])  # `passage` is its name: doc_id and place
READ = pa.schema(
    [
        *PLACE,
        ("seconds", pa.float64()),  # when its page was fetched, since 1970
        ("wording", pa.int64()),  # equal for equal words
        ("notice", pa.bool_()),
        ("quoted", pa.bool_()),
        ("page_share", pa.float64()),
        ("excerpt", pa.string()),
    ]
)
BLOCK = pa.schema([
    ("doc_id", pa.string()), ("domain", pa.string()), ("start", pa.int32()), ("end", pa.int32()),
    ("trades", pa.list_(pa.string())), ("excerpt", pa.string()),
])  # fmt: skip
CONSEQUENCE = {"drop": "severe", "cut": "warn", "label": "warn"}  # severe is what select drops a page for
FOUND = ("doc_id", "start", "end", "rule", "severity", "excerpt", "group")
MIN_COMPANY = 0.5  # of the pages with an n-gram, those where it stands in a passage: phrases of the language stand alone
MAX_WORDINGS = 0.3  # distinct wordings a page, up to which a group counts as copies of one text
BURST_SHARE = 0.1  # of the crawl's time


def campaign_passages(taken: dict[str, DataFrame], pages: Pages, settings: CampaignSettings) -> DataFrame | None:
    """Columns FOUND: passages of campaigns, computed when this returns; null: none at all.

    `taken` is what `sketch_look` took; `pages` have doc_id (unique), host and fetched_at.
    """
    shared = materialised(shared_ngrams(taken, settings))
    found = materialised(arrow_map(_passages(settings), marked(taken["sketches"], shared), PASSAGE))
    links = linking(found, shared)
    if links.isEmpty():
        return None
    groups = components(links).toDF("passage", "group")
    on_pages = pages.select("doc_id", "fetched_at").join(found.drop("fingerprints"), "doc_id")
    read = map_pages(_read, pages.of(on_pages), ("text",), READ)
    return materialised(judged(materialised(read).join(groups, "passage"), pages.rows, settings))


def _passages(settings: CampaignSettings) -> BatchFunction:
    def found(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield _table(
            PASSAGE,
            [
                (f"{doc_id}.{one.start:08d}", doc_id, domain, *one)
                for doc_id, domain, marks in zip(
                    *(batch[name].to_pylist() for name in ("doc_id", "domain", "marked")), strict=True
                )
                for one in passages(marks, settings)
            ],
        )

    return found


def linking(found: DataFrame, shared: DataFrame) -> DataFrame:
    """(left, right): each passage with the smallest that shares an n-gram, if most pages with that have it in a passage."""
    ngrams = found.select("passage", "doc_id", f.explode("fingerprints").alias("fingerprint"))
    company = ngrams.groupBy("fingerprint").agg(f.countDistinct("doc_id").alias("in_passages"), f.min("passage").alias("right"))
    close = company.join(shared, "fingerprint").where(f.col("in_passages") >= MIN_COMPANY * f.col("pages"))
    return materialised(ngrams.join(close, "fingerprint").select(f.col("passage").alias("left"), "right").distinct())


READS = (*[name for name, _ in PLACE], "fetched_at", "text")


def _read(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """What the text says about each passage."""
    rows = []
    seconds = seconds_of(batch["fetched_at"].to_pylist()).to_pylist()
    *places, _, texts = (batch[name].to_pylist() for name in READS)
    for passage, doc_id, domain, start, end, fetched, text in zip(*places, seconds, texts, strict=True):
        wording = wording_of(text[start:end])
        start, end = widened(text, start, end)
        excuses = is_notice(text[start:end]), is_quoted(text, start, end)
        share, shown = (end - start) / len(text), excerpt(text, start, end)
        rows.append((passage, doc_id, domain, start, end, fetched, wording, *excuses, share, shown))
    yield _table(READ, rows)


def _table(schema: pa.Schema, rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.record_batch([pa.array(one, kind) for one, kind in zip(columns, schema.types, strict=True)], schema=schema)


def wording_of(passage: str) -> int:
    """Equal for passages of the same words, whatever their case and spacing."""
    return text_hash(" ".join(passage.lower().split()))


def judged(read: DataFrame, documents: DataFrame, settings: CampaignSettings) -> DataFrame:
    """Columns FOUND: the passages of groups that are large enough, with what the group is."""
    groups = read.groupBy("group").agg(
        f.countDistinct("doc_id").alias("pages"), f.countDistinct("domain").alias("domains"),
        f.countDistinct("wording").alias("wordings"), f.avg("page_share").alias("page_share"),
        *[f.avg(f.col(name).cast("int")).alias(name) for name in ("notice", "quoted")],
        (f.max("seconds") - f.min("seconds")).alias("seconds"),
    )  # fmt: skip
    crawl = with_seconds(documents.select("fetched_at")).agg((f.max("seconds") - f.min("seconds")).alias("crawl_seconds"))
    large = groups.where((f.col("pages") >= settings.min_pages) & (f.col("domains") >= settings.min_domains))
    rule, severity = verdict(settings)
    size = f.concat(f.col("pages").cast("string"), f.lit(" pages on "), f.col("domains").cast("string"), f.lit(" domains: "))
    judged_groups = large.crossJoin(crawl).select("group", rule.alias("rule"), severity.alias("severity"), size.alias("size"))
    shown = f.substring(f.concat("size", "excerpt"), 1, EXCERPT_CHARACTERS).alias("excerpt")
    return read.join(judged_groups, "group").select("doc_id", "start", "end", "rule", "severity", shown, "group")


def verdict(settings: CampaignSettings) -> tuple[Column, Column]:
    """(rule, severity) of a group. Copies of one text that are most of their page, quoted or a notice are worth a note only."""
    copies = f.col("wordings") <= f.greatest(f.lit(1), MAX_WORDINGS * f.col("pages"))
    excused = (f.col("notice") >= 0.5) | (f.col("quoted") >= 0.5) | (f.col("page_share") > settings.max_copy_share)
    sudden = f.col("seconds") < BURST_SHARE * f.col("crawl_seconds")
    rule = f.when(~copies, "reworded_passage").when(sudden, "sudden_passage").otherwise("copied_passage")
    return rule, f.when(copies & excused, "note").otherwise(CONSEQUENCE[settings.campaigns])


def injected_advertisements(blocks: DataFrame, settings: CampaignSettings) -> DataFrame:
    """Columns FOUND: blocks that sell a trade on pages about something else, where the same trade does so on several domains.

    `blocks` is what `advertisement_look` took.
    """
    trades = blocks.where("domain is not null").withColumn("group", f.explode("trades"))
    sizes = trades.groupBy("group").agg(f.countDistinct("doc_id").alias("pages"), f.countDistinct("domain").alias("domains"))
    wide = sizes.where((f.col("pages") >= settings.min_pages) & (f.col("domains") >= settings.min_domains))
    places = trades.join(wide.select("group"), "group").groupBy("doc_id", "start", "end", "excerpt")
    kept = places.agg(f.min("group").alias("group"))
    rule, severity = f.lit("injected_advertisement").alias("rule"), f.lit(CONSEQUENCE[settings.campaigns]).alias("severity")
    return kept.select("doc_id", "start", "end", rule, severity, "excerpt", "group")


def _advertisements(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    rows = [
        (doc_id, site(host) if host else None, *block, excerpt(text, block.start, block.end))
        for doc_id, host, text in zip(*(batch[name].to_pylist() for name in ("doc_id", "host", "text")), strict=True)
        for block in injected_blocks(text or "")
    ]
    yield "blocks", _table(BLOCK, rows)


def advertisement_look() -> Look:
    """The blocks of each page that sell something."""
    return Look({"blocks": BLOCK}, _advertisements)
