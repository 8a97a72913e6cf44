"""Every stage in order, from crawl to report. What stands already is not made again."""

from collections.abc import Callable

from jobs import (
    filter_documents,
    find_duplicates,
    ingest_records,
    make_report,
    scan_text,
    select_documents,
    train_tokenizer,
    write_shards,
)
from jobs.stage import Stage, Work, run_stage

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
