"""A run on disk: `run.json` says what is trained on what by what; checkpoints, metrics and the report lie beside it."""

import importlib.metadata
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from jobs.corpus.code import decides
from jobs.runs.record import FORMAT, RunRecord
from jobs.runs.sources import Source
from model.training.parallel import Team
from model.training.plan import TrainPlan
from pipeline.errors import UsageError
from tokenizer.shards.loader import Loader

# The modules that do the work.
TRAINING, TUNING, QUANTISING = "jobs.runs.train.train_model", "jobs.runs.tune.finetune", "jobs.runs.quantise.quantise_run"


def record_of(corpora: Sequence[str], loaders: Sequence[Loader], plan: TrainPlan, team: Team) -> RunRecord:
    first, *more = (asdict(Source.of(corpus, loader)) for corpus, loader in zip(corpora, loaders, strict=True))
    manifest = loaders[0].manifest
    return RunRecord(
        format=FORMAT,
        **first,
        more_corpora=more,
        vocabulary=manifest.vocabulary_size,
        end_of_text=manifest.end_of_text,
        tokenizer_sha256=manifest.tokenizer_sha256,
        plan=plan.to_json(),
        code=training_code(),
        versions=versions(),
        device=device_name(team.device),
        processes=team.world,
        machines=team.machines,
    )


def device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def refuse_other(run: Path, found: RunRecord, wanted: RunRecord) -> None:
    """One line about the first thing in which a run differs from what it is to be continued with."""
    advices = {
        "plan": "give the same options",
        "tuning": "give the same options",
        "fingerprint": "a corpus has changed, or is another",
        "code": "go back to that version",
        "versions": "go back to that version",
        "device": "go back to that device",
        "processes": "start as many",
        "machines": "start on as many",
    }
    for what, advice in advices.items():
        before, after = getattr(found, what), getattr(wanted, what)
        if before == after:
            continue
        if isinstance(before, dict):
            changed = next(key for key in sorted({*before, *after}) if before.get(key) != after.get(key))
            what, before, after = f"{what}.{changed}", before.get(changed), after.get(changed)
        difference = f"{run} was begun with {what} = {before}, not {after}: resuming would give weights that no run gives"
        raise UsageError(f"{difference}; {advice}, or train into a new folder")


def training_code(record: RunRecord | None = None) -> dict[str, str]:
    """Hashes of the files that decide a run's weights: what the training, or the tuning, reaches by imports."""
    return decides(_module(record)).files


def versions(record: RunRecord | None = None) -> dict[str, str]:
    """Of winnow, Python and every library that the code of training imports."""
    own = {"winnow": importlib.metadata.version("winnow"), "python": platform.python_version()}
    return own | decides(_module(record)).libraries


def _module(record: RunRecord | None) -> str:
    if record is None:
        return TRAINING
    return TUNING if record.tuning is not None else QUANTISING if record.quantised is not None else TRAINING
