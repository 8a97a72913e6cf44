"""documents that no rule dropped -> findings (what looks planted, is private, or is a benchmark's) and edits of the kept text."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark import StorageLevel

from jobs.spark.arrow_map import BatchFunction, arrow_map
from jobs.stages.lists.read_benchmarks import read_benchmarks
from jobs.stages.looks import Look, looked, looked_once
from jobs.stages.places import places
from jobs.stages.scan.scan_across import NARROW, found_across, looks_across
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

TEXTS = ("text", "hidden_text", "markup_text")


def run(work: Work) -> dict[str, int]:
    languages = work.read("measures", "doc_id", "language").dropDuplicates(["doc_id"])
    standing = languages.join(work.read("verdicts", "doc_id"), "doc_id", "left_anti")
    documents = work.pages("documents", *NARROW, "warc_offset")
    rows = places(documents.rows).first.join(standing, "doc_id").persist(StorageLevel.DISK_ONLY)
    pages, recipe = documents.of(rows), work.recipe
    try:
        alone, count = looked_once(pages, TEXTS, [page_look(work)], work.kept())
        taken = looked(pages, ("text",), looks, work.journal()).tables if (looks := looks_across(recipe.campaigns, pages)) else {}
        found, edits = found_across(taken, pages, recipe.campaigns, recipe.provenance)
        found = arrow_map(_masking(recipe.personal), found, tables.FINDINGS)
        every = {"findings": alone["findings"].unionByName(found), "edits": alone["edits"].unionByName(edits)}
        return {"records": count, **{name: work.write(name, rows).rows for name, rows in every.items()}}
    finally:
        rows.unpersist()


def page_look(work: Work) -> Look:
    """What each page shows by itself, personal data masked in what is shown. The index of benchmarks is sent once a worker."""
    recipe, index = work.recipe, read_benchmarks(work.recipe.contamination)
    masking = _masking(recipe.personal)
    sent = work.spark.sparkContext.broadcast(index) if index is not None else None

    def take(pages: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        ids, text = pages["doc_id"], pages["text"]
        planted = scan(text, pages["hidden_text"], recipe.scan, pages["markup_text"])
        parts = [planted[:2], personal(text, pages["language"], recipe.personal)]
        if sent is not None:
            parts.append(contaminated(text, sent.value, recipe.contamination))
        for findings, _ in parts:
            for shown in masking(_of_pages(findings, ids, tables.FINDINGS)):
                yield "findings", shown
        own = (line_edits(text, recipe.lines), mojibake_edits(text, recipe.mojibake), edits_of_filler(text))
        for edits in (*own, *(edits for _, edits in parts)):
            yield "edits", _of_pages(edits, ids, tables.EDITS)

    return Look({"findings": tables.FINDINGS, "edits": tables.EDITS}, take)


def _masking(settings: PersonalSettings) -> BatchFunction:
    """What excerpts of all detectors show of personal data around what they found."""

    def masked(findings: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        shown = {name: masked_excerpts(findings.column(name), settings) for name in ("excerpt", "decoded")}
        columns = [shown.get(name, findings.column(name)) for name in tables.FINDINGS.names]
        yield pa.RecordBatch.from_arrays(columns, schema=tables.FINDINGS)

    return masked


def _of_pages(spans: pa.RecordBatch, ids: pa.Array, schema: pa.Schema) -> pa.RecordBatch:
    """Spans that name their page by row in the batch, with its doc_id."""
    arrays = [ids.take(spans["row"]) if one.name == "doc_id" else spans[one.name] for one in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


STAGE = Stage(
    name="scan",
    after=("ingest", "filter"),
    sections=("scan", "campaigns", "provenance", "lines", "mojibake", "personal", "contamination"),
    publishes=("findings", "edits"),
    run=run,
    kernels=("findings", "measures", "campaigns", "content"),
)
