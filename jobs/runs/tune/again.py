"""A run trained again: a training on shards from its plan, a tuning from its parent's weights and the examples that it keeps."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.runs.loaded import load_model
from jobs.runs.quantise.quantise_run import made
from jobs.runs.record import RunRecord, read_run
from jobs.runs.train.initial import BASE, write_base
from jobs.runs.train.metrics import Measured
from jobs.runs.train.several import trained_by_several
from jobs.runs.train.train_model import train_run
from jobs.runs.tune.finetune import finetune_run
from jobs.runs.tune.tuned_model import plain_model
from model.checkpoint_files import read_state, saved_steps
from model.training.parallel import Team
from pipeline.errors import CorpusError


def trained_again(run: Path, record: RunRecord, team: Team, until: int) -> Iterator[Measured]:
    """Steps of a run whose run.json is there, from its newest checkpoint on; a quantised one has none, and is made.

    A run of more processes than this team has gets as many of its own.
    """
    if record.quantised is not None:
        made(run, record)
        return iter(())
    if record.tuning is not None:
        return finetune_run(run, None, team, until=until)
    if record.processes > team.world:
        return trained_by_several(run, record, until)
    corpora = [record.sources[number].corpus for number in record.reading(until).corpora]
    return train_run(corpora, run, record.train_plan, team, until=until)


def born_again(folder: Path, record: RunRecord) -> RunRecord:
    """run.json of a run that begins with its parent's weights as they are now, which are put into `folder`.

    Raises CorpusError where the parent has no such checkpoint any more.
    """
    assert record.parent is not None
    parent, step = Path(record.parent["run"]), record.parent["step"]
    if step not in saved_steps(parent):
        raise CorpusError(
            f"{parent} was replayed and has no checkpoint of step {step}, with which the next run began: of a run that another "
            "begins with from its middle, --set keep_every=N has to keep that step"
        )
    born = as_now(record.parent)
    if record.quantised is not None:
        return replace(record, parent=born)
    model, of_parent, _ = load_model(parent, step)
    base_sha256 = write_base(folder, plain_model(model, of_parent))
    if record.tuning is None:
        return replace(record, parent=born, initial={"base_sha256": base_sha256, "folder": None})
    taught = {} if record.teacher is None else {"teacher": as_now(record.teacher)}
    return replace(record, parent=born, tuning=record.tuning | taught | {"base_sha256": base_sha256})


def as_now(source: dict[str, Any]) -> dict[str, Any]:
    """What a run says of one that it was made of, with that one's weights as they are now."""
    return source | {"model_sha256": read_state(Path(source["run"]), source["step"]).model_sha256}


def kept_names(record: RunRecord) -> list[str]:
    """Files beside the checkpoints that a run goes on with: the weights that it began with, and what tunes them."""
    if record.tuning is None:
        return [] if record.initial is None else [BASE]
    stored = [record.tuning[name]["file"] for name in ("examples", "held_out") if record.tuning[name] is not None]
    return [BASE, *stored]


def kept_files(run: Path) -> list[Path]:
    """All of that kind which lie in a folder."""
    return [path for path in (run / BASE, *run.glob("examples-*.parquet")) if path.exists()]


def copy_kept(run: Path, newer: Path, target: Path, record: RunRecord) -> None:
    """Copies what the record names from where it is new, else from the run; removes the folder of what is new."""
    for name in kept_names(record):
        source = newer / name if (newer / name).exists() else run / name
        if source != target / name:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)
    shutil.rmtree(newer, ignore_errors=True)


def adopt(run: Path, newer: Path, record: RunRecord) -> None:
    """Moves what is new into the run, and removes what its record no longer names: examples before one was taken out."""
    for path in kept_files(newer):
        path.replace(run / path.name)
    for name in {path.name for path in kept_files(run)} - set(kept_names(record)):
        (run / name).unlink()


def same_from_scratch(run: Path, folder: Path, parent: Path, teacher: Path) -> RunRecord:
    """run.json of the same tuning from another parent, and by another teacher, with all that it needs in `folder`."""
    record = read_run(run)
    assert record.parent is not None
    tuning = record.tuning
    if tuning is not None and record.teacher is not None:
        tuning = tuning | {"teacher": record.teacher | {"run": str(teacher.resolve())}}
    elsewhere = record.parent | {"run": str(parent.resolve())}
    record = born_again(folder, replace(record, parent=elsewhere, tuning=tuning, takedowns=[]))
    for name in kept_names(record)[1:]:
        shutil.copyfile(run / name, folder / name)
    return record
