"""documents, verdicts, findings, duplicates, edits, repeats -> outcomes (one row for every record ever read) and curated; of
own_findings the edits that the recipe has them make.

The earliest stage that says no decides; what says nothing is kept, with its edits made, if the lot falls so that its score weighs
(`select.sample`), and as far as its host may give so much.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from jobs.corpus.recipe import Recipe
from jobs.spark.components import materialised
from jobs.spark.pages import Pages
from jobs.stages.looks import Look, looked
from jobs.stages.places import PLACE
from jobs.stages.plugins.consequences import edits as edits_of_own
from jobs.stages.removed import removed
from jobs.stages.scan.dropped import dropped
from jobs.stages.select.sample_hosts import beyond_cap
from jobs.stages.select.sample_scores import losing
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.lineage import NOTHING_LEFT, REMOVED, apply_edits
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_urls
from pipeline.quality.rules import resolve
from pipeline.select import LONGEST, MAX_PER_HOST, OFF, SAMPLE

LENGTHS = pa.schema([("doc_id", pa.string()), ("value", pa.float64())])  # code points


def run(work: Work) -> dict[str, int]:
    documents = work.pages("documents", "doc_id", "url", "host", "fetched_at", "record_id", *PLACE)
    judged = _judged(work, documents.rows).persist(StorageLevel.DISK_ONLY)
    kept = judged.where("outcome = 'kept'").select(*PLACE, "language")
    standing = documents.of(documents.rows.join(kept, list(PLACE)))
    repeated = work.read("repeats").where("not kept").select("doc_id", "start", "end", f.lit("").alias("replacement"))
    edits = work.read("edits").select("doc_id", "start", "end", "replacement").unionByName(repeated)
    if (own := _own_edits(work)) is not None:
        edits = edits.unionByName(own.select("doc_id", "start", "end", "replacement"))
    try:
        look = edit_look(work.recipe.personal)
        edited, _ = looked(_with_edits(standing, edits), ("text",), [look], work.journal())
        lengths = edited["lengths"]
        beyond = _sampled(work, lengths, standing.rows)
        work.write("curated", edited["edited"].join(beyond, "doc_id", "left_anti"))
        late = lengths.where("value = 0").select("doc_id", f.lit("filtered").alias("late"), f.lit(NOTHING_LEFT).alias("why"))
        late = late.unionByName(beyond.select("doc_id", f.lit("sampled").alias("late"), "why"))
        every = _outcomes(judged, late).unionByName(_rejected(work.read("rejects")))
        outcomes = work.write("outcomes", every, counting="outcome")
    finally:
        judged.unpersist()
    return {"records": outcomes.rows, **outcomes.values}


def _own_edits(work: Work) -> DataFrame | None:
    """The table `own_edits`, written: also of pages that go, for a takedown may bring one back. Null: there are none."""
    found = edits_of_own(work.read("own_findings"), work.recipe.detected)
    if found is None:
        work.publish_files("own_edits", [])
        return None
    work.write("own_edits", found)
    return work.read_new("own_edits")


def _sampled(work: Work, lengths: DataFrame, documents: DataFrame) -> DataFrame:
    """(doc_id, why) of documents with text that lose the lot, and of those that are then beyond what their host may give."""
    settings, with_text = work.recipe.select, lengths.where("value > 0")
    none = lengths.select("doc_id", f.lit(SAMPLE).alias("why")).where("false")
    lost = beyond = none
    scores = work.read("measures").groupBy("doc_id").agg(f.first("quality").alias("quality"))
    if settings.sample != OFF:
        lost = materialised(losing(with_text.join(scores, "doc_id", "left"), settings)).withColumn("why", f.lit(SAMPLE))
    if settings.max_per_host is not None:
        some = documents.select("doc_id", "host", "fetched_at").join(with_text, "doc_id").join(lost, "doc_id", "left_anti")
        scored = some.join(scores, "doc_id", "left")
        if settings.host_keeps == LONGEST:
            scored = scored.withColumn("quality", f.lit(None).cast("float"))
        beyond = materialised(beyond_cap(scored, settings.max_per_host)).withColumn("why", f.lit(MAX_PER_HOST))
    return lost.unionByName(beyond)


def _judged(work: Work, documents: DataFrame) -> DataFrame:
    """Every document with its outcome, before edits are made."""
    duplicates = work.read("duplicates")
    copies = duplicates.where("kind <> 'record'").select("doc_id", "keeper_id")
    again = duplicates.where("kind = 'record'").select("warc_file", "warc_offset", f.lit(True).alias("repeated"))
    languages = work.read("measures", "doc_id", "language").groupBy("doc_id").agg(f.first("language").alias("language"))
    return (
        documents.select("warc_file", "warc_offset", "record_id", "doc_id")
        .join(again, ["warc_file", "warc_offset"], "left")
        .join(languages, "doc_id", "left")
        .join(first_verdicts(work.read("verdicts"), rules_in_order(work.recipe)), "doc_id", "left")
        .join(dropped(work), "doc_id", "left")
        .join(copies, "doc_id", "left")
        .join(removed(work), "doc_id", "left")
        .withColumns({"outcome": _first_that_holds("outcome"), "reason": _first_that_holds("reason")})
        .select("warc_file", "warc_offset", "record_id", "doc_id", "language", "outcome", "reason")
    )


def _first_that_holds(column: str) -> Column:
    """What a takedown removed; then the order of the stages: a repeated record, filter, scan, dedup."""
    decisions = [
        (f.col("request").isNotNull(), f.lit("removed"), f.col("request")),
        (f.col("repeated").isNotNull(), f.lit("duplicate"), f.col("doc_id")),
        (f.col("rule").isNotNull(), f.lit("filtered"), f.col("rule")),
        (f.col("finding").isNotNull(), f.col("found"), f.col("finding")),
        (f.col("keeper_id").isNotNull(), f.lit("duplicate"), f.col("keeper_id")),
    ]
    chosen = f.when(f.lit(False), f.lit(None).cast("string"))
    for holds, outcome, reason in decisions:
        chosen = chosen.when(holds, outcome if column == "outcome" else reason)
    return chosen.otherwise(f.lit("kept") if column == "outcome" else f.lit(None).cast("string"))


def rules_in_order(recipe: Recipe) -> tuple[str, ...]:
    """Lists of addresses first, then the table of rules."""
    return (*recipe.blocked.rules, *(rule.name for rule in resolve(recipe.rules)))


def first_verdicts(verdicts: DataFrame, rules: tuple[str, ...]) -> DataFrame:
    """(doc_id, rule): the broken rule that comes first in `rules`."""
    places = verdicts.sparkSession.createDataFrame([(rule, place) for place, rule in enumerate(rules)], "rule string, place int")
    return verdicts.join(f.broadcast(places), "rule").groupBy("doc_id").agg(f.min_by("rule", "place").alias("rule"))


def _with_edits(pages: Pages, edits: DataFrame) -> Pages:
    """+ edits, a list."""
    of_page = edits.groupBy("doc_id").agg(f.collect_list(f.struct("start", "end", "replacement")).alias("edits"))
    return pages.of(pages.select("doc_id", "url", "language").join(of_page, "doc_id", "left"))


def edit_look(personal: PersonalSettings) -> Look:
    """Each page as it is kept, where anything of it is left; and the code points that are left."""

    def take(pages: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        edited = pa.array(map(_edited, pages["text"].to_pylist(), pages["edits"].to_pylist()), pa.string())
        left = pc.utf8_length(edited).cast(pa.float64())
        yield "lengths", pa.RecordBatch.from_arrays([pages["doc_id"], left], schema=LENGTHS)
        counts = pa.nulls(pages.num_rows, pa.int64())
        columns = [pages["doc_id"], masked_urls(pages["url"], personal), pages["language"], edited, counts]
        yield "edited", pa.RecordBatch.from_arrays(columns, schema=tables.CURATED).filter(pc.greater(left, 0))

    return Look({"edited": tables.CURATED, "lengths": LENGTHS}, take)


def _edited(text: str, edits: list[dict[str, Any]] | None) -> str:
    return apply_edits(text, [(one["start"], one["end"], one["replacement"]) for one in edits]) if edits else text


def _outcomes(judged: DataFrame, late: DataFrame) -> DataFrame:
    """`late`: (doc_id, late, why), what is decided over documents that nothing had dropped before their edits were made."""
    changed = f.col("late").isNotNull() & (f.col("outcome") == "kept")
    return (
        judged.join(late, "doc_id", "left")
        .withColumns(
            {
                "outcome": f.when(changed, f.col("late")).otherwise(f.col("outcome")),
                "reason": f.when(changed, f.col("why")).otherwise(f.col("reason")),
            }
        )
        .drop("late", "why", "language")
    )


def _rejected(rejects: DataFrame) -> DataFrame:
    return rejects.select(
        "warc_file",
        "warc_offset",
        "record_id",
        f.lit(None).cast("string").alias("doc_id"),
        f.when(f.col("reason") == REMOVED, REMOVED).otherwise("rejected").alias("outcome"),
        f.when(f.col("reason") == REMOVED, f.col("detail")).otherwise(f.col("reason")).alias("reason"),
    )


STAGE = Stage(
    name="select",
    after=("ingest", "detect", "filter", "scan", "dedup", "repeats"),
    sections=("rules", "blocked", "scan", "detected", "select", "personal"),
    publishes=("curated", "outcomes", "own_edits"),
    run=run,
)
