"""Every stage in order, from crawl to report (jobs/corpus/stages.py lists them). What stands already is not made again."""

from collections.abc import Callable
from importlib import import_module

from jobs.corpus.stages import STEPS
from jobs.stages.stage import Stage, Work, run_stage

STAGES: tuple[Stage, ...] = tuple(import_module(step.module).STAGE for step in STEPS)
BY_NAME = {stage.name: stage for stage in STAGES}


def run_stages(work: Work, stages: tuple[Stage, ...], started: Callable[[str], None], ended: Callable[[str, bool], None]) -> None:
    """`started` hears of each stage that begins its work; `ended` of each that is done, and whether it was made now."""
    for stage in stages:
        ended(stage.name, run_stage(stage, work, started))
