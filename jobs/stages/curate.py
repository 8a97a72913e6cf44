"""Every stage in order, from crawl to report (jobs/corpus/stages.py lists them). What stands already is not made again."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from jobs.corpus.stages import NAMES, STEPS
from jobs.report.nothing_left import why_nothing_is_left
from jobs.stages.stage import Stage, Work, current_manifest, run_stage
from pipeline.errors import InputError

STAGES: tuple[Stage, ...] = tuple(import_module(step.module).STAGE for step in STEPS)
BY_NAME = {stage.name: stage for stage in STAGES}
MADE = NAMES[: NAMES.index("tokenizer")]  # where no page is left to learn from


def run_stages(work: Work, stages: tuple[Stage, ...], started: Callable[[str], None], ended: Callable[[str, bool], None]) -> None:
    """`started` hears of each stage that begins its work; `ended` of each that is done, and whether it was made now.

    Raises InputError where no page is left to learn from: then the report is made of what there is, and says why.
    """
    for stage in stages:
        if stage.name == "tokenizer" and nothing_is_left(work):
            ended("report", run_stage(replace(BY_NAME["report"], after=MADE), work, started))
            raise InputError(why_nothing_is_left(work.corpus))
        ended(stage.name, run_stage(stage, work, started))


def nothing_is_left(work: Work) -> bool:
    return "select" in current_manifest(work)["stages"] and not work.corpus.rows("curated")
