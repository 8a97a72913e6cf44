"""documents -> the words after which text stops making sense, on several sites: a trigger that nobody has to name.

Read `trigger_pages` downwards. Pages with a strange stretch are few; only the words in front of those are counted, then the pages
that have such a word at all. What reaches the driver is bounded: at most MAX_CANDIDATES phrases.
"""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.arrow_map import BatchFunction
from jobs.spark.components import materialised
from jobs.spark.pages import Pages, map_pages
from jobs.stages.looks import Look
from pipeline.poison.findings import excerpt
from pipeline.poison.sites.campaigns import CampaignSettings
from pipeline.poison.words.backdoor import Anomalies, suspicious
from pipeline.urls import site

MAX_CANDIDATES = 5000
AFTER_CHARACTERS = 2000
ZONE_CHARACTERS = 250  # before and after the place where a stretch begins, which is known to some words only
MAX_PHRASE_CHARACTERS = 60
MIN_LOG_LIKELIHOOD = 30.0  # G², Dunning 1993; 10.8 is one in a thousand, and many phrases are asked about

STRANGE = pa.schema(
    [
        ("doc_id", pa.string()),
        ("domain", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("phrases", pa.list_(pa.string())),
    ]
)
COUNTED = pa.schema([("phrase", pa.string()), ("pages", pa.int64())])
CONTAINING = pa.schema([
    ("doc_id", pa.string()), ("phrase", pa.string()), ("at", pa.int32()), ("excerpt", pa.string()), ("strange_after", pa.bool_()),
])  # fmt: skip
FOUND = ("doc_id", "start", "end", "rule", "severity", "excerpt")


def trigger_pages(
    strange: DataFrame, pages: Pages, settings: CampaignSettings, anomalies: Anomalies = suspicious
) -> DataFrame | None:
    """Columns FOUND: pages with a trigger, computed when this returns; null: there is none.

    `strange` is what `strange_look` took of `pages`, which have doc_id (unique). `anomalies` says where a text stops making
    sense.
    """
    phrases = candidates(strange, settings)
    if not phrases:
        return None
    by_batch = map_pages(_counting(phrases), pages.of(pages.select()), ("text",), COUNTED)
    counted = by_batch.groupBy("phrase").agg(f.sum("pages").alias("pages"))
    triggers = proven(counted, strange, pages.rows.count(), settings)
    if not triggers:
        return None
    containing = map_pages(_containing(triggers, anomalies), pages.of(pages.select("doc_id")), ("text",), CONTAINING)
    placed = containing.join(strange.select("doc_id", "end"), "doc_id", "left")
    start = f.col("at")
    end = f.greatest(f.coalesce("end", f.lit(0)), start + f.length("phrase"))
    # A page with the words alone, and nothing strange after them, is not dropped for them.
    is_strange = f.col("end").isNotNull() | f.col("strange_after")
    severity = f.when(is_strange & f.lit(settings.triggers == "drop"), "severe").otherwise("warn")
    return materialised(placed.select(
        "doc_id", start.alias("start"), end.alias("end"), f.lit("trigger_phrase").alias("rule"), severity.alias("severity"),
        "excerpt",
    ))  # fmt: skip


def strange_look(score: Anomalies = suspicious) -> Look:
    """The stretches of each page that make no sense, and the words in front of them."""

    def take(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        rows = []
        for row, start, end, _ in score(batch["text"]):
            text, host = batch["text"][row].as_py(), batch["host"][row].as_py()
            phrases = sorted(phrases_of(text[max(0, start - ZONE_CHARACTERS) : start + ZONE_CHARACTERS]))
            rows.append((batch["doc_id"][row].as_py(), site(host) if host else None, start, end, phrases))
        yield "strange", _table(STRANGE, rows)

    return Look({"strange": STRANGE}, take)


def phrases_of(text: str) -> set[str]:
    """Each word as it is written, and each two in a row."""
    words = text.split()
    pairs = (f"{left} {right}" for left, right in itertools.pairwise(words))
    return {phrase for phrase in (*words, *pairs) if len(phrase) <= MAX_PHRASE_CHARACTERS}


def candidates(strange: DataFrame, settings: CampaignSettings) -> frozenset[str]:
    """Phrases in front of strange stretches on several domains; the most widespread where there are very many."""
    counted = strange.where("domain is not null").select("domain", f.explode("phrases").alias("phrase")).groupBy("phrase")
    domains = counted.agg(f.countDistinct("domain").alias("domains")).where(f.col("domains") >= settings.trigger_min_domains)
    return frozenset(row["phrase"] for row in domains.orderBy(f.desc("domains"), "phrase").limit(MAX_CANDIDATES).collect())


class Phrases:
    """Finds phrases of one or two words among a page's words."""

    def __init__(self, phrases: frozenset[str]) -> None:
        self.phrases = phrases
        self.followers: dict[str, set[str]] = {}
        for phrase in phrases:
            first, _, second = phrase.partition(" ")
            if second:
                self.followers.setdefault(first, set()).add(second)

    def found_in(self, text: str) -> set[str]:
        words = text.split()
        there = set(words)
        found = set(self.phrases & there)
        if any(not self.followers[first].isdisjoint(there) for first in self.followers.keys() & there):  # else no pair can be
            found |= {f"{one} {other}" for one, other in itertools.pairwise(words) if other in self.followers.get(one, ())}
        return found


def _counting(phrases: frozenset[str]) -> BatchFunction:
    """How many pages of a batch have each of the phrases."""
    wanted = Phrases(phrases)

    def counted(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        pages = Counter(phrase for text in batch["text"].to_pylist() for phrase in wanted.found_in(text or ""))
        yield _table(COUNTED, sorted(pages.items()))

    return counted


def _containing(triggers: frozenset[str], anomalies: Anomalies) -> BatchFunction:
    """Pages with a trigger, where they have it first, and whether what follows is strange when it is read by itself."""
    wanted = Phrases(triggers)

    def containing(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        rows = []
        for doc_id, text in zip(batch["doc_id"].to_pylist(), batch["text"].to_pylist(), strict=True):
            places = [(place_of(phrase, text), phrase) for phrase in wanted.found_in(text or "")]
            if found := min((place for place in places if place[0] >= 0), default=None):  # a pair can stand in two lines
                at, phrase = found
                after = text[at + len(phrase) : at + len(phrase) + AFTER_CHARACTERS]
                rows.append((doc_id, phrase, at, excerpt(text, at, at + len(phrase)), after))
        strange = {one.row for one in anomalies(pa.array([row[-1] for row in rows], pa.string()))}
        yield _table(CONTAINING, [(*row[:-1], place in strange) for place, row in enumerate(rows)])

    return containing


def place_of(phrase: str, text: str) -> int:
    """Where the phrase first stands as whole words with one space between; -1: nowhere."""
    at = text.find(phrase)
    while at >= 0 and not (text[at - 1 : at].strip() == text[at + len(phrase) : at + len(phrase) + 1].strip() == ""):
        at = text.find(phrase, at + 1)
    return at


def proven(counted: DataFrame, strange: DataFrame, pages: int, settings: CampaignSettings) -> frozenset[str]:
    """Those that come before strange text far more often than chance would have it, on several domains."""
    before = strange.select("doc_id", "domain", f.explode("phrases").alias("phrase"))
    both = before.groupBy("phrase").agg(f.count(f.lit(1)).alias("both"), f.countDistinct("domain").alias("domains"))
    known = counted.join(both, "phrase").withColumn("with_phrase", f.greatest("pages", "both"))
    measured = known.crossJoin(strange.agg(f.count(f.lit(1)).alias("strange"))).withColumn("pages", f.lit(pages))
    precise = f.col("both") >= settings.trigger_min_precision * f.col("with_phrase")
    frequent = measured.where((f.col("domains") >= settings.trigger_min_domains) & precise).withColumn("g2", log_likelihood())
    return frozenset(row["phrase"] for row in frequent.where(f.col("g2") >= MIN_LOG_LIKELIHOOD).select("phrase").collect())


def log_likelihood() -> Any:
    """G² of the table phrase × strange from columns both, with_phrase, strange and pages."""
    both, phrase, strange, pages = (f.col(name).cast("double") for name in ("both", "with_phrase", "strange", "pages"))
    cells = (
        (both, phrase * strange), (phrase - both, phrase * (pages - strange)), (strange - both, (pages - phrase) * strange),
        (pages - phrase - strange + both, (pages - phrase) * (pages - strange)),
    )  # fmt: skip
    terms = (f.when(seen > 0, seen * f.log(seen * pages / expected)).otherwise(0.0) for seen, expected in cells)
    return 2 * sum(terms, f.lit(0.0))


def _table(schema: pa.Schema, rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.record_batch([pa.array(one, kind) for one, kind in zip(columns, schema.types, strict=True)], schema=schema)
