"""documents that no rule dropped -> findings (what looks planted, is private, or is a benchmark's) and edits of the kept text."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import functions as f

from jobs.spark.arrow_map import BatchFunction, arrow_map
from jobs.stages.places import places
from jobs.stages.scan.read_benchmarks import read_benchmarks
from jobs.stages.scan.scan_across import found_across
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.contamination.overlap import contaminated
from pipeline.duplicates.passages import edits_of_filler
from pipeline.personal.scan import personal
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_excerpts
from pipeline.poison.scan import scan
from pipeline.quality.measures import line_edits
from pipeline.quality.mojibake import mojibake_edits

ROW = pa.schema([("finding", pa.struct(tables.FINDINGS)), ("edit", pa.struct(tables.EDITS))])


def run(work: Work) -> dict[str, int]:
    languages = work.read("measures").select("doc_id", "language").dropDuplicates(["doc_id"])
    standing = languages.join(work.read("verdicts").select("doc_id"), "doc_id", "left_anti")
    unfiltered = places(work.read("documents")).first.join(standing, "doc_id")
    texts = unfiltered.select("doc_id", "text", "hidden_text", "markup_text", "language")
    rows = work.kept.rows("scanned", _scanning(work), texts, ROW)
    across = found_across(unfiltered, work.recipe.campaigns, work.recipe.provenance)
    on_pages = [rows.where(f.col(one).isNotNull()).select(f"{one}.*") for one in ("finding", "edit")]
    found, edits = (one.unionByName(other) for one, other in zip(on_pages, across, strict=True))
    found = arrow_map(_masking(work.recipe.personal), found, tables.FINDINGS)
    counts = {"findings": work.write("findings", found).rows, "edits": work.write("edits", edits).rows}
    return {"records": unfiltered.count(), **counts}


def _scanning(work: Work) -> BatchFunction:
    """What each page shows by itself. The index of benchmarks is sent to each worker once."""
    recipe, index = work.recipe, read_benchmarks(work.recipe.contamination)
    sent = work.spark.sparkContext.broadcast(index) if index is not None else None

    def scanned(documents: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        ids, text = documents.column("doc_id"), documents.column("text")
        planted = scan(text, documents.column("hidden_text"), recipe.scan, documents.column("markup_text"))
        parts = [planted[:2], personal(text, documents.column("language"), recipe.personal)]
        if sent is not None:
            parts.append(contaminated(text, sent.value, recipe.contamination))
        for findings, _ in parts:
            yield _rows("finding", findings, ids, tables.FINDINGS)
        own = (line_edits(text, recipe.lines), mojibake_edits(text, recipe.mojibake), edits_of_filler(text))
        for edits in (*own, *(edits for _, edits in parts)):
            yield _rows("edit", edits, ids, tables.EDITS)

    return scanned


def _masking(settings: PersonalSettings) -> BatchFunction:
    """What excerpts of all detectors show of personal data around what they found."""

    def masked(findings: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        shown = {name: masked_excerpts(findings.column(name), settings) for name in ("excerpt", "decoded")}
        columns = [shown.get(name, findings.column(name)) for name in tables.FINDINGS.names]
        yield pa.RecordBatch.from_arrays(columns, schema=tables.FINDINGS)

    return masked


def _rows(column: str, spans: pa.RecordBatch, ids: pa.Array, schema: pa.Schema) -> pa.RecordBatch:
    """Spans that name their document by row in the batch, as one struct column of ROW with its doc_id."""
    arrays = [ids.take(spans.column("row")) if one.name == "doc_id" else spans.column(one.name) for one in schema]
    filled = pa.StructArray.from_arrays(arrays, fields=list(schema))
    columns = [filled if one.name == column else pa.nulls(spans.num_rows, one.type) for one in ROW]
    return pa.RecordBatch.from_arrays(columns, schema=ROW)


STAGE = Stage(
    name="scan",
    after=("ingest", "filter"),
    sections=("scan", "campaigns", "provenance", "lines", "mojibake", "personal", "contamination"),
    publishes=("findings", "edits"),
    run=run,
    kernels=("findings", "measures", "campaigns", "content"),
)
