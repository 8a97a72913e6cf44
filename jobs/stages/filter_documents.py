"""measures -> verdicts: a row per broken rule, and per list that blocks the URL. No text is read, so a changed bound is cheap."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.arrow_map import arrow_map
from jobs.stages.lists.read_block_lists import read_block_lists
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.blocked.match import blocked
from pipeline.quality.rules import judge, resolve
from pipeline.quality.verdicts import OWN, Rule


def run(work: Work) -> dict[str, int]:
    rules, names = resolve(work.recipe.rules), work.recipe.blocked.rules
    lists = read_block_lists(work.recipe.blocked)
    sent = work.spark.sparkContext.broadcast(lists.listed) if lists is not None else None

    def judged(measures: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield _verdicts(measures, judge(measures, rules))
        if sent is not None:
            yield _blocked(measures, blocked(measures.column("url"), sent.value), names)

    verdicts = arrow_map(judged, _measures(work, rules), tables.VERDICTS)
    broken = work.write("verdicts", verdicts)  # of a record that was met twice all rows are equal, and written once
    told = {"list_entries": lists.entries, "list_lines_passed_over": lists.passed_over} if lists is not None else {}
    return {"records": work.corpus.rows("measures"), "verdicts": broken.rows, "filtered": broken.documents, **told}


def _measures(work: Work, rules: tuple[Rule, ...]) -> DataFrame:
    """`measures`, with a column for each of a plug-in that a rule bounds."""
    rows, own = work.read("measures"), work.read("own_measures")
    for name in sorted({rule.measure for rule in rules if rule.stage == OWN} - set(tables.PAGE_MEASURES.names)):
        rows = rows.join(own.where(f.col("measure") == name).select("doc_id", f.col("value").alias(name)), "doc_id", "left")
    return rows


def _verdicts(measures: pa.RecordBatch, broken: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        measures.column("doc_id").take(broken.column("row")),
        *(broken.column(name) for name in ("stage", "rule", "value", "bound")),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=tables.VERDICTS)


def _blocked(measures: pa.RecordBatch, found: list[tuple[int, int]], names: tuple[str, ...]) -> pa.RecordBatch:
    """As of a rule over hosts: value 1, bound 0."""
    doc_ids = measures.column("doc_id").take(pa.array([row for row, _ in found], pa.int64()))
    rules = pa.array([names[number - 1] for _, number in found], pa.string())
    columns = [doc_ids, pa.repeat("url", len(found)), rules, pa.repeat(1.0, len(found)), pa.repeat(0.0, len(found))]
    return pa.RecordBatch.from_arrays(columns, schema=tables.VERDICTS)


STAGE = Stage(name="filter", after=("ingest", "measure"), sections=("rules", "blocked"), publishes=("verdicts",), run=run)
