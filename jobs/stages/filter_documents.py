"""measures -> verdicts: one row per broken rule. No text is read, so a changed bound is cheap."""

from collections.abc import Iterator

import pyarrow as pa

from jobs.spark.arrow_map import arrow_map
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.quality.rules import Rule, judge, resolve


def run(work: Work) -> dict[str, int]:
    rules = resolve(work.recipe.rules)
    verdicts = arrow_map(lambda batch: _verdicts(batch, rules), work.read("measures"), tables.VERDICTS)
    broken = work.write("verdicts", verdicts)  # of a record that was met twice all rows are equal, and written once
    return {"records": work.corpus.rows("measures"), "verdicts": broken.rows, "filtered": broken.documents}


def _verdicts(measures: pa.RecordBatch, rules: tuple[Rule, ...]) -> Iterator[pa.RecordBatch]:
    broken = judge(measures, rules)
    columns = [
        measures.column("doc_id").take(broken.column("row")),
        *(broken.column(name) for name in ("stage", "rule", "value", "bound")),
    ]
    yield pa.RecordBatch.from_arrays(columns, schema=tables.VERDICTS)


STAGE = Stage(name="filter", after=("ingest",), sections=("rules",), publishes=("verdicts",), run=run)
