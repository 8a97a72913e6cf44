"""Checkpoints: weights and optimizer as safetensors, what they are as JSON. Written aside, synced, renamed; nothing is pickled.

    step-0000500/
        model.safetensors  optimizer.safetensors
        state.json         step, where in the data, sha256 of both, and what they were trained on
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from model.train import TrainState
from pipeline.errors import CorpusError, EnvironmentProblem

MODEL, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"


@dataclass(frozen=True)
class CheckpointState:
    """state.json."""

    step: int
    position: int                # rows read, over all epochs
    model_sha256: str            # of the files
    optimizer_sha256: str
    corpus: str                  # fingerprint: all that decides what a step reads
    shards: dict[str, str]       # file -> sha256
    plan: dict[str, Any]


def folder_of(run: Path, step: int) -> Path:
    return run / f"step-{step:07d}"


def saved_steps(run: Path) -> list[int]:
    """Steps that have a complete checkpoint, ascending."""
    return sorted(int(folder.name[5:]) for folder in run.glob("step-" + "[0-9]" * 7) if (folder / STATE).exists())


def save(
    run: Path, state: TrainState, *, position: int, corpus: str, shards: dict[str, str], plan: dict[str, Any]
) -> CheckpointState:
    """Writes the checkpoint of this step; one that is there already is replaced by an equal one."""
    target = folder_of(run, state.step)
    aside = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        save_file(_on_cpu(dict(state.model.named_parameters())), aside / MODEL)
        save_file(_on_cpu(state.optimizers.tensors()), aside / OPTIMIZER)
        told = CheckpointState(
            state.step, position, file_sha256(aside / MODEL), file_sha256(aside / OPTIMIZER), corpus, shards, plan
        )
        (aside / STATE).write_text(json.dumps(asdict(told), indent=1) + "\n")
        for path in (*aside.iterdir(), aside):
            _sync(path)
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)
        _sync(run)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise EnvironmentProblem(f"{target} cannot be written: {error.strerror or error}; make room and resume") from error
    return told


def _on_cpu(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}


def read_state(run: Path, step: int) -> CheckpointState:
    path = folder_of(run, step) / STATE
    try:
        return CheckpointState(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise CorpusError(f"{path} cannot be read ({error}): remove that checkpoint and resume from the one before") from error


def load(run: Path, step: int, state: TrainState) -> CheckpointState:
    """Puts a checkpoint's weights and optimizer into `state`. Raises CorpusError when a byte of it has changed."""
    told = read_state(run, step)
    load_weights(run, told, state.model)
    state.optimizers.load(_checked(folder_of(run, step) / OPTIMIZER, told.optimizer_sha256))
    state.step = step
    return told


def check(run: Path, step: int) -> CheckpointState:
    """Raises CorpusError when a byte of a checkpoint has changed."""
    told = read_state(run, step)
    for name, sha256 in ((MODEL, told.model_sha256), (OPTIMIZER, told.optimizer_sha256)):
        _check(folder_of(run, step) / name, sha256)
    return told


def load_weights(run: Path, told: CheckpointState, model: torch.nn.Module) -> None:
    weights = _checked(folder_of(run, told.step) / MODEL, told.model_sha256)
    model.load_state_dict(weights, strict=True)


def _checked(path: Path, sha256: str) -> dict[str, torch.Tensor]:
    _check(path, sha256)
    return dict(load_file(path))


def _check(path: Path, sha256: str) -> None:
    if not path.exists() or file_sha256(path) != sha256:
        raise CorpusError(f"{path} is not what its {STATE} says: remove that checkpoint and resume from the one before")


def prune(run: Path, keep_last: int, keep_every: int) -> None:
    """Removes checkpoints but the last few and the multiples of `keep_every`; the last always stays."""
    steps = saved_steps(run)
    for step in steps[: -max(1, keep_last)]:
        if not keep_every or step % keep_every:
            shutil.rmtree(folder_of(run, step))


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
