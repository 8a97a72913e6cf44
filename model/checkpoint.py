"""Checkpoints: weights and optimizer as safetensors (model/checkpoint_files.py). Written aside, synced, renamed; no pickle."""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from model.checkpoint_files import MODEL, OPTIMIZER, STATE, CheckpointState, check_file, folder_of, read_state
from model.training.optimizer import trainable
from model.training.sharded import whole
from model.training.stage import M
from model.training.train import TrainState
from pipeline.errors import CorpusError, EnvironmentProblem
from pipeline.hashing import file_sha256, with_checksum


def save(
    run: Path, state: TrainState[M], *, position: int, corpus: str, shards: dict[str, str], plan: dict[str, Any]
) -> CheckpointState:
    """Writes the checkpoint of this step; one that is there already is replaced by an equal one."""
    target = folder_of(run, state.step)
    aside = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        save_file(_on_cpu(kept(state.model)), aside / MODEL)
        save_file(_on_cpu(state.optimizers.tensors()), aside / OPTIMIZER)
        recorded = CheckpointState(
            state.step, position, file_sha256(aside / MODEL), file_sha256(aside / OPTIMIZER), corpus, shards, plan
        )
        (aside / STATE).write_text(json.dumps(with_checksum(asdict(recorded)), indent=1) + "\n")
        for path in (*aside.iterdir(), aside):
            _sync(path)
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)
        _sync(run)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(aside, ignore_errors=True)
        reason = getattr(error, "strerror", None) or error
        raise EnvironmentProblem(f"{target} cannot be written: {reason}; {_room(state, run)}") from error
    return recorded


def _room(state: TrainState[M], run: Path) -> str:
    """What a checkpoint needs and what is free where the run lies."""
    tensors = [*kept(state.model).values(), *state.optimizers.tensors().values()]
    needed = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    place = next(one for one in (run.absolute(), *run.absolute().parents) if one.is_dir())
    return f"it needs {needed:,} bytes and {shutil.disk_usage(place).free:,} are free: make room and resume"


def _on_cpu(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: whole(tensor.detach()).cpu().contiguous() for name, tensor in tensors.items()}


def take_part(state: TrainState[M]) -> None:
    """What a process does that saves nothing, while another saves: it gives its part of weights that are split."""
    for tensors in (kept(state.model), state.optimizers.tensors()):
        for tensor in tensors.values():
            whole(tensor.detach())


def load(run: Path, step: int, state: TrainState[M]) -> CheckpointState:
    """Puts a checkpoint's weights and optimizer into `state`. Raises CorpusError when a byte of it has changed."""
    recorded = read_state(run, step)
    load_weights(run, recorded, state.model)
    state.optimizers.load(_checked(folder_of(run, step) / OPTIMIZER, recorded.optimizer_sha256))
    state.step = step
    return recorded


def kept(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """What a checkpoint has of a model: the weights that are trained, and what is in place of weights (model/quantise)."""
    return trainable(model) | dict(sorted(model.named_buffers()))


def load_weights(run: Path, recorded: CheckpointState, model: torch.nn.Module) -> None:
    """The weights that are trained; frozen ones are no part of a checkpoint and stay as they are."""
    path = folder_of(run, recorded.step) / MODEL
    weights = _checked(path, recorded.model_sha256)
    if different := weights.keys() ^ kept(model).keys():
        raise CorpusError(f"{path} and the model differ in {min(different)}: load it into the model that the run trains")
    model.load_state_dict(weights, strict=False)


def save_weights(path: Path, model: torch.nn.Module) -> str:
    """All weights of a model in a file of their own, trained or not; its sha256."""
    aside = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(_on_cpu(dict(sorted(model.named_parameters()))), aside)
        aside.replace(path)
    except (OSError, SafetensorError) as error:
        raise EnvironmentProblem(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}; make room") from error
    return file_sha256(path)


def load_saved(path: Path, sha256: str, model: torch.nn.Module) -> None:
    """The same back into a model. Raises CorpusError where a byte of the file has changed."""
    if not path.exists() or file_sha256(path) != sha256:
        raise CorpusError(f"{path} is not the weights that the tuning began with: restore it, or tune anew")
    model.load_state_dict(load_file(path))


def _checked(path: Path, sha256: str) -> dict[str, torch.Tensor]:
    check_file(path, sha256)
    return dict(load_file(path))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
