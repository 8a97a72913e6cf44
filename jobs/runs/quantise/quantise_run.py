"""A run whose weights are its parent's, rounded: one checkpoint, made without data, and made again where the parent is."""

from dataclasses import replace
from pathlib import Path

import torch

from jobs.runs.folder import device_name, training_code, versions
from jobs.runs.loaded import load_model
from jobs.runs.record import RUN, RunRecord, as_parent, locking, read_run, write_run
from jobs.runs.train.steps import put_on_record, reading_corpora
from jobs.runs.tune.tuned_model import plain_model
from model import checkpoint
from model.checkpoint_files import read_state, saved_steps
from model.quantise.network import QuantiseSettings, quantised
from model.training.optimizer import Optimizers
from model.training.train import TrainState, make_deterministic
from pipeline.errors import CorpusError, UsageError


def quantise_run(run: Path, output: Path, settings: QuantiseSettings, step: int | None = None) -> RunRecord:
    """Fills `output`; does nothing where it is done. Raises UsageError where another run, or other settings, are there."""
    with locking(output):
        wanted = _wanted(run, settings, step)
        found = read_run(output) if (output / RUN).exists() else None
        if found is not None and replace(found, takedowns=[]) != wanted:
            raise UsageError(f"{output} is another run, or was made with other settings or code: name a new folder")
        with reading_corpora(wanted.corpora, output):
            if found is None:
                write_run(output, wanted)
            made(output, wanted)
            put_on_record(output, wanted)
        return wanted


def _wanted(run: Path, settings: QuantiseSettings, step: int | None) -> RunRecord:
    model, record, chosen = load_model(run, step)
    if record.quantised is not None:
        raise UsageError(f"{run} is quantised already: name the run that it was made of")
    if record.judges:
        raise UsageError(f"{run} judges texts and writes none: it stays as it is")
    quantised(plain_model(model, record), settings)  # whatever cannot be, before anything is written
    wanted = replace(
        record, takedowns=[], parent=as_parent(run, record, chosen), tuning=None, quantised=settings.to_json(), initial=None,
        device=device_name(torch.device("cpu")), processes=1, machines=1,
    )  # fmt: skip
    return replace(wanted, code=training_code(wanted), versions=versions(wanted))


def made(run: Path, record: RunRecord) -> None:
    """The checkpoint of such a run, from its parent's. Raises CorpusError where that is no longer what run.json says."""
    assert record.parent is not None and record.quantised is not None
    parent, step = Path(record.parent["run"]), record.parent["step"]
    if step in saved_steps(run):
        return
    of_parent = read_state(parent, step)
    if of_parent.model_sha256 != record.parent["model_sha256"]:
        raise CorpusError(f"{parent} has other weights than those that {run} was begun with: quantise it into a new folder")
    make_deterministic(record.train_plan)
    model = quantised(plain_model(*load_model(parent, step)[:2]), QuantiseSettings(**record.quantised))
    state = TrainState(model, Optimizers(model, record.train_plan), step)
    checkpoint.save(
        run, state, position=of_parent.position, corpus=record.fingerprint, shards=record.all_shards, plan=record.plan
    )
