"""documents that no rule dropped -> findings (what looks planted) and edits (spans to change in the kept text)."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import functions as f

from jobs.spark.arrow_map import arrow_map
from jobs.stages.places import places
from jobs.stages.scan.scan_across import found_across
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.poison.findings import ScanSettings
from pipeline.poison.scan import scan
from pipeline.quality.measures import LineRules, line_edits

ROW = pa.schema([("finding", pa.struct(tables.FINDINGS)), ("edit", pa.struct(tables.EDITS))])


def run(work: Work) -> dict[str, int]:
    settings, lines = work.recipe.scan, work.recipe.lines
    unfiltered = places(work.read("documents")).first.join(work.read("verdicts").select("doc_id"), "doc_id", "left_anti")
    texts = unfiltered.select("doc_id", "text", "hidden_text", "markup_text")
    rows = arrow_map(lambda batch: _scanned(batch, settings, lines), texts, ROW).persist(StorageLevel.DISK_ONLY)
    across = found_across(unfiltered, work.recipe.campaigns, work.recipe.provenance)
    try:
        on_pages = [rows.where(f.col(one).isNotNull()).select(f"{one}.*") for one in ("finding", "edit")]
        found, edits = (one.unionByName(other) for one, other in zip(on_pages, across, strict=True))
        counts = {"findings": work.write("findings", found).rows, "edits": work.write("edits", edits).rows}
    finally:
        rows.unpersist()
    return {"records": unfiltered.count(), **counts}


def _scanned(documents: pa.RecordBatch, settings: ScanSettings, lines: LineRules) -> Iterator[pa.RecordBatch]:
    ids, text = documents.column("doc_id"), documents.column("text")
    found = scan(text, documents.column("hidden_text"), settings, documents.column("markup_text"))
    yield _rows("finding", found.findings, ids, tables.FINDINGS)
    for edits in (line_edits(text, lines), found.edits):
        yield _rows("edit", edits, ids, tables.EDITS)


def _rows(column: str, spans: pa.RecordBatch, ids: pa.Array, schema: pa.Schema) -> pa.RecordBatch:
    """Spans that name their document by row in the batch, as one struct column of ROW with its doc_id."""
    arrays = [ids.take(spans.column("row")) if one.name == "doc_id" else spans.column(one.name) for one in schema]
    filled = pa.StructArray.from_arrays(arrays, fields=list(schema))
    columns = [filled if one.name == column else pa.nulls(spans.num_rows, one.type) for one in ROW]
    return pa.RecordBatch.from_arrays(columns, schema=ROW)


STAGE = Stage(
    name="scan",
    after=("ingest", "filter"),
    sections=("scan", "campaigns", "provenance", "lines"),
    publishes=("findings", "edits"),
    run=run,
    kernels=("findings", "measures", "campaigns"),
)
