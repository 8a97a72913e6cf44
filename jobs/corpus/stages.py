"""The stages that a corpus is made by, in their order. Commands, verify, the report and the DAG follow this list."""

from typing import NamedTuple


class Step(NamedTuple):
    """A stage by its names. `module` has it as STAGE; it is named and not imported, for it loads Spark."""

    name: str
    module: str
    summary: str  # what `winnow --help` says


STEPS = (
    Step("ingest", "jobs.stages.ingest.ingest_records", "Records to documents with every measure, and rejects."),
    Step("measure", "jobs.stages.plugins.measure_pages", "What plug-ins of the recipe measure of each page."),
    Step("detect", "jobs.stages.plugins.detect_spans", "What detectors of the recipe's own find on each page."),
    Step("filter", "jobs.stages.filter_documents", "Measures to verdicts: which rules each document breaks."),
    Step("scan", "jobs.stages.scan.scan_text", "Text to findings (planted, private, of benchmarks) and edits."),
    Step("dedup", "jobs.stages.duplicates.find_duplicates", "Exact and near copies, by value of the survivor."),
    Step(
        "repeats", "jobs.stages.duplicates.find_repeats", "Lines, passages and sentences that stand again and again: kept once."
    ),
    Step("select", "jobs.stages.select.select_documents", "One outcome for every record; the curated documents."),
    Step("tokenizer", "jobs.stages.tokens.train_tokenizer", "Curated text to word counts and a byte-level BPE tokenizer."),
    Step("shard", "jobs.stages.tokens.write_shards", "Curated text to token shards and spans."),
    Step("report", "jobs.stages.make_report", "All of the above as one HTML file."),
)
NAMES = tuple(step.name for step in STEPS)
