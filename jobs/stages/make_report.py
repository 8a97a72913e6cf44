"""tables -> report.html. Reads with duckdb; needs no Spark."""

from jobs.corpus.files.stored import store
from jobs.report import report_of
from jobs.stages.stage import Stage, Work


def run(work: Work) -> dict[str, int]:
    work.publish_files("report", [store(work.corpus.root, "report/report-HASH.html", report_of(work.corpus).encode())])
    return {"records": work.corpus.stages["select"]["counts"]["records"]}


STAGE = Stage(
    name="report",
    after=("ingest", "filter", "scan", "dedup", "repeats", "select", "tokenizer", "shard"),
    sections=(),
    publishes=("report",),
    run=run,
)
