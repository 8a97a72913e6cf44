"""tables -> report.html. Reads with duckdb; needs no Spark."""

from pathlib import Path

from jobs.report import write_report
from jobs.stages.stage import Stage, Work


def run(work: Work) -> dict[str, int]:
    manifest = work.corpus.read_manifest()
    write_report(Path(work.corpus.root), Path(work.corpus.staging("report", "report.html")))
    return {"records": manifest["stages"]["select"]["counts"]["records"]}


STAGE = Stage(
    name="report",
    after=("ingest", "filter", "scan", "dedup", "select", "tokenizer", "shard"),
    sections=(),
    publishes=("report.html",),
    run=run,
)
