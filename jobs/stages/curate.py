"""Every stage in order, from crawl to report. What stands already is not made again."""

from collections.abc import Callable

from jobs.stages import filter_documents, ingest_records, make_report, select_documents
from jobs.stages.duplicates import find_duplicates
from jobs.stages.scan import scan_text
from jobs.stages.stage import Stage, Work, run_stage
from jobs.stages.tokens import train_tokenizer, write_shards

STAGES: tuple[Stage, ...] = (
    ingest_records.STAGE,
    filter_documents.STAGE,
    scan_text.STAGE,
    find_duplicates.STAGE,
    select_documents.STAGE,
    train_tokenizer.STAGE,
    write_shards.STAGE,
    make_report.STAGE,
)
BY_NAME = {stage.name: stage for stage in STAGES}


def run_stages(work: Work, stages: tuple[Stage, ...], started: Callable[[str], None], ended: Callable[[str, bool], None]) -> None:
    """`started` hears of each stage that begins its work; `ended` of each that is done, and whether it was made now."""
    for stage in stages:
        ended(stage.name, run_stage(stage, work, started))
