"""documents -> verdicts: one row per broken rule. Reads measures, never text, so a changed bound is cheap."""

from collections.abc import Iterator

import pyarrow as pa

from jobs.spark.arrow_map import arrow_map
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.quality.rules import Rule, judge, resolve

READS = ("doc_id", "url", "host", "language", "language_confidence", *tables.MEASURES)


def run(work: Work) -> dict[str, int]:
    rules = resolve(work.recipe.rules)
    documents = work.read("documents").where("not repeated").select(*READS)
    verdicts = arrow_map(lambda batch: _verdicts(batch, rules), documents, tables.VERDICTS)
    broken = work.write("verdicts", verdicts)
    filtered = work.read_staged("verdicts").select("doc_id").distinct().count()
    return {"records": documents.count(), "verdicts": broken, "filtered": filtered}


def _verdicts(documents: pa.RecordBatch, rules: tuple[Rule, ...]) -> Iterator[pa.RecordBatch]:
    broken = judge(documents, rules)
    columns = [
        documents.column("doc_id").take(broken.column("row")),
        *(broken.column(name) for name in ("stage", "rule", "value", "bound")),
    ]
    yield pa.RecordBatch.from_arrays(columns, schema=tables.VERDICTS)


STAGE = Stage(name="filter", after=("ingest",), sections=("rules",), publishes=("verdicts",), run=run)
