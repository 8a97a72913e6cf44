"""A tuning begun: its run.json, the weights and the examples that it keeps; or what an earlier process began, gone on with."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jobs.runs.folder import device_name, refuse_other, training_code, versions
from jobs.runs.loaded import load_model
from jobs.runs.record import RUN, RunRecord, as_parent, chosen_step, read_run, tokenizer_of, write_run
from jobs.runs.train.initial import write_base
from jobs.runs.train.steps import Say
from jobs.runs.train.train_model import settled
from jobs.runs.tune.examples import encode_rows, write_examples
from jobs.runs.tune.rewards import named
from jobs.runs.tune.rows import read_rows
from jobs.runs.tune.tuned_model import plain_model, settings_of
from model.post.classify import MOST_LABELS
from model.post.examples import Example
from model.post.feed import held_out, step_constant
from model.post.settings import TuneSettings
from model.training.parallel import Team
from model.training.plan import TrainPlan
from pipeline.errors import UsageError
from pipeline.hashing import file_sha256
from tokenizer.bpe.encode import Encoder


@dataclass(frozen=True)
class Wanted:
    """What a tuning is begun with. `plan` are settings of the plan by name, `reward` is what --reward names."""

    parent: Path
    step: int | None
    data: Path
    settings: TuneSettings
    plan: dict[str, Any]
    reward: str | None = None
    teacher: Path | None = None


def begun(run: Path, wanted: Wanted | None, team: Team, say: Say) -> RunRecord:
    """run.json of a tuning, written last where it is a new one. Raises UsageError where it cannot be gone on with."""
    if (run / RUN).exists():
        found = read_run(run)
        settings_of(found)
        refuse_other(run, found, _as_now(found, team))
        if wanted is not None:
            _refuse_others_options(run, found, wanted)
        return found
    if wanted is None:
        raise UsageError(f"{run} is not a run yet: `winnow finetune RUN --method … --data FILE --output {run}` begins one")
    if team.world > 1:
        raise UsageError("a tuning is made by one process: start it without torchrun")
    return _new(run, wanted, team, say)


def _as_now(found: RunRecord, team: Team) -> RunRecord:
    """What run.json would say of this machine and this code."""
    return replace(
        found, code=training_code(found), versions=versions(found), device=device_name(team.device), processes=team.world,
        machines=team.machines,
    )  # fmt: skip


def _refuse_others_options(run: Path, found: RunRecord, wanted: Wanted) -> None:
    """Options of the command line that are not those that the tuning was begun with."""
    assert found.tuning is not None and found.parent is not None
    plan = found.train_plan
    given: list[tuple[str, Any, Any]] = [
        ("RUN", found.parent["run"], str(wanted.parent.resolve())),
        ("--teacher", found.teacher and found.teacher["run"], wanted.teacher and str(wanted.teacher.resolve())),
        ("--data", found.tuning["data"]["sha256"], file_sha256(wanted.data) if wanted.data.is_file() else str(wanted.data)),
        *((name, getattr(settings_of(found), name), value) for name, value in vars(wanted.settings).items()),
        *((name, getattr(plan, name), value) for name, value in wanted.plan.items()),
    ]
    for name, before, now in given:
        if before != now:
            raise UsageError(f"{run} was begun with {name} = {before}, not {now}: leave it out to go on, or name a new folder")


def _new(run: Path, wanted: Wanted, team: Team, say: Say) -> RunRecord:
    settings = wanted.settings
    reward = None
    if settings.method == "grpo":
        if wanted.reward is None:
            raise UsageError("--method grpo needs --reward: arithmetic, a run of --method reward, or MODULE:FUNCTION")
        reward = named(wanted.reward)._asdict()
    model, record, step = load_model(wanted.parent, wanted.step, team.device)
    parent = as_parent(wanted.parent, record, step)
    teacher = teacher_of(wanted.teacher, record, settings)
    rows = read_rows(wanted.data, "grpo" if settings.writes else settings.method, settings.preference)
    encoder = Encoder(tokenizer_of(record))
    found = encode_rows(rows, encoder, settings, record.train_plan.row_tokens)
    if found.too_long:
        say(f"{found.too_long} examples are left out, {len(found.examples)} are not: a row has no room for their answers")
    learned, measured = held_out(found.examples, settings.held_out)
    if not learned:
        raise UsageError(f"held_out is {settings.held_out} and there are {len(measured)} examples: leave some to learn")
    plan = tune_plan(record.train_plan, settings, len(learned), wanted.plan)
    tuning = {
        "settings": settings.to_json(),
        "data": {"file": str(wanted.data.resolve()), "sha256": file_sha256(wanted.data), "too_long": found.too_long},
        "examples": write_examples(run, learned),
        "held_out": write_examples(run, measured) if measured else None,
        "constant": step_constant(learned, settings),
        "base_sha256": write_base(run, plain_model(model, record)),
        "reward": reward,
        "teacher": teacher,
    } | ({"labels": _labels(found.examples)} if settings.method == "classify" else {})
    settled_plan = settled(plan, None, team.device).to_json()
    wanted_record = replace(record, plan=settled_plan, takedowns=[], parent=parent, tuning=tuning, quantised=None, initial=None)
    wanted_record = _as_now(wanted_record, team)
    write_run(run, wanted_record)
    return wanted_record


def _labels(examples: Sequence[Example]) -> list[str]:
    """All there are, sorted. Raises UsageError where there is nothing to tell apart."""
    found = sorted({example.answer or "" for example in examples})
    if not 2 <= len(found) <= MOST_LABELS:
        raise UsageError(f"the examples have {len(found):,} labels: give 2 to {MOST_LABELS:,}")
    return found


def teacher_of(run: Path | None, student: RunRecord, settings: TuneSettings) -> dict[str, Any] | None:
    """What a distilled run says of the larger one. Raises UsageError where it cannot teach this student."""
    if settings.method != "distil" or run is None:
        if (settings.method == "distil") != (run is not None):
            raise UsageError("--method distil needs --teacher, a larger run on the same corpus; no other method has one")
        return None
    record, step = read_run(run), chosen_step(run, None)
    if _read(record) != _read(student):
        raise UsageError(f"--teacher {run}: it was trained on other shards than the student, which takedowns would not reach")
    if record.train_plan.objective != "next" or record.judges:
        raise UsageError(f"--teacher {run}: it does not say what comes next")
    if record.train_plan.row_tokens < student.train_plan.row_tokens:
        raise UsageError(f"--teacher {run}: its rows have {record.train_plan.row_tokens} tokens, fewer than the student's")
    return as_parent(run, record, step)


def _read(record: RunRecord) -> list[tuple[str, str]]:
    """The shards that a run has read; rows of another length, as a larger one may have, are cut out of the same."""
    return [(one.corpus, one.corpus_fingerprint) for one in record.sources]


def tune_plan(plan: TrainPlan, settings: TuneSettings, examples: int, changes: dict[str, Any]) -> TrainPlan:
    """The run's plan with another optimizer: AdamW at one rate, no decay of weights, as many steps as the epochs take."""
    rate = changes.get("learning_rate", plan.learning_rate * settings.rate_share)
    steps = math.ceil(settings.epochs * examples / min(settings.examples, examples))
    chosen = {
        "optimizer": "adamw", "learning_rate": rate, "embedding_rate": rate, "weight_decay": 0.0, "betas": (0.9, 0.99),
        "steps": max(1, steps), "schedule": "wsd", "warmup_share": 0.1, "warmup_steps": 0, "decay_share": 0.3, "threads": 0,
        "muon_bits": 0, "keep_every": 0, "evaluate_every": 0, "compile": False,
    }  # fmt: skip
    return replace(plan, **{**chosen, **changes})
