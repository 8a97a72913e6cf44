"""The files of checkpoints: where they lie, what they say of themselves, whether they are what they say. No torch.

step-0000500/
    model.safetensors  optimizer.safetensors
    state.json         step, where in the data, sha256 of both, and what they were trained on
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import CorpusError
from pipeline.hashing import file_sha256, without_checksum

MODEL, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"
MOST_STEPS = 10**7 - 1  # seven digits in a folder's name


@dataclass(frozen=True)
class CheckpointState:
    """state.json."""

    step: int
    position: int  # rows read, over all epochs
    model_sha256: str  # of the files
    optimizer_sha256: str
    corpus: str  # fingerprint: all that decides what a step reads
    shards: dict[str, str]  # file -> sha256
    plan: dict[str, Any]


def folder_of(run: Path, step: int) -> Path:
    return run / folder_name(step)


def folder_name(step: int) -> str:
    return f"step-{step:07d}"


def saved_steps(run: Path) -> list[int]:
    """Steps that have a complete checkpoint, ascending."""
    return [int(folder.name[5:]) for folder in checkpoint_folders(run) if (folder / STATE).exists()]


def checkpoint_folders(run: Path) -> list[Path]:
    """By step; one that is being removed may have lost some of its files, the last of all has not."""
    return sorted(run.glob("step-" + "[0-9]" * 7))


def read_state(run: Path, step: int) -> CheckpointState:
    path = folder_of(run, step) / STATE
    try:
        state = CheckpointState(**without_checksum(json.loads(path.read_text("utf-8"))))
        if state.step != step:
            raise ValueError(f"it is that of step {state.step}")
        return state
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise CorpusError(f"{path} cannot be read ({error}): remove that checkpoint and resume from the one before") from error


def check(run: Path, step: int) -> CheckpointState:
    """Raises CorpusError when a byte of a checkpoint has changed."""
    recorded = read_state(run, step)
    for name, sha256 in ((MODEL, recorded.model_sha256), (OPTIMIZER, recorded.optimizer_sha256)):
        check_file(folder_of(run, step) / name, sha256)
    return recorded


def check_file(path: Path, sha256: str) -> None:
    """The same for one of its files."""
    if not path.exists() or file_sha256(path) != sha256:
        raise CorpusError(f"{path} is not what its {STATE} says: remove that checkpoint and resume from the one before")


def prune(run: Path, keep_last: int, keep_every: int) -> None:
    """Removes checkpoints but the last few and the multiples of `keep_every`; the last always stays."""
    steps = saved_steps(run)
    for step in steps[: -max(1, keep_last)]:
        if not keep_every or step % keep_every:
            shutil.rmtree(folder_of(run, step))
