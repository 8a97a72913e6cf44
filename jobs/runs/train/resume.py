"""Going on with a run: its folder says how, and more steps can be asked for, as if the run had been begun with them."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.runs.record import RUN, RunRecord, read_run
from model.checkpoint_files import folder_of, read_state, saved_steps
from model.training.plan import TrainPlan, plan_from_json, plan_of
from pipeline.errors import UsageError


def corpora_of(run: Path, corpora: Sequence[str]) -> list[str]:
    """The corpora to train on: those that are named, or those that the run was begun with."""
    if corpora:
        return list(corpora)
    if not (run / RUN).exists():
        raise UsageError(f"{run} is not a run yet: `winnow train CORPUS --output {run}` begins one")
    record = read_run(run)
    return [record.sources[number].corpus for number in record.reading(0).corpora]


def plan_for(run: Path, given: dict[str, Any]) -> TrainPlan:
    """The plan of a run that exists, else a new one, with the settings of the command line; null ones were not given.

    Raises UsageError where a setting that is given is not the one that the run was begun with; `steps` may be more.
    """
    said = {name: value for name, value in given.items() if value is not None}
    if not (run / RUN).exists():
        return plan_of(said.pop("model", "tiny"), **said)
    plan = read_run(run).train_plan
    for name, value in said.items():
        before = getattr(plan, name)
        if value != before and not (name == "steps" and value > before):
            raise UsageError(
                f"{run} was begun with {name} = {before}, not {value}: leave it out to go on, or train into a new folder"
            )
    return grown(plan, said.get("steps", plan.steps))


def grown(plan: TrainPlan, steps: int) -> TrainPlan:
    """The same plan over more steps. The warm-up stays as long as it was, which a share of the steps would not."""
    if steps == plan.steps:
        return plan
    if plan.schedule != "wsd":
        raise UsageError(
            f"--steps {steps}: a run with schedule = {plan.schedule} cannot grow, its rates fall from first to last; "
            "train into a new folder, with schedule=wsd if it is to grow later"
        )
    return replace(plan, steps=steps, warmup_steps=plan.rising)


def has_grown(found: RunRecord, wanted: RunRecord) -> bool:
    """Whether the plan is that of the run over more steps, and nothing else."""
    before, after = found.train_plan, wanted.train_plan
    return before.schedule == "wsd" and after.steps > before.steps and grown(before, after.steps) == after


def decayed(run: Path, plan: TrainPlan) -> list[int]:
    """Checkpoints that a run of this plan would not have made: their rates had begun to fall, for fewer steps.

    Raises UsageError where no other is left.
    """
    saved = saved_steps(run)
    gone = [step for step in saved if not _same_rates(plan_from_json(read_state(run, step).plan), plan, step)]
    if gone and gone == saved:
        raise UsageError(
            f"{run} cannot grow to {plan.steps} steps: its rates had begun to fall and no checkpoint from before is kept; train "
            "into a new folder (--set keep_every=N keeps some)"
        )
    return gone


def drop(run: Path, steps: list[int], say: Callable[[str], None]) -> None:
    """Removes these checkpoints, the latest first, so that what is left can always be gone on from."""
    if not steps:
        return
    for step in reversed(steps):
        shutil.rmtree(folder_of(run, step))
    say(
        f"rates had begun to fall for fewer steps: going on from step {saved_steps(run)[-1]}, without the checkpoints after it "
        f"({', '.join(map(str, steps))}), which a longer run does not make"
    )


def _same_rates(one: TrainPlan, other: TrainPlan, updates: int) -> bool:
    return one == other or all(one.rate_share(step) == other.rate_share(step) for step in range(updates))
