"""A run on disk: `run.json` says what is trained on what by what; checkpoints, metrics and the report lie beside it."""

import importlib.metadata
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout

from jobs.corpus import sources_sha256
from model import checkpoint
from model.parallel import Team
from model.plan import TrainPlan, plan_from_json
from model.train import TrainState, fresh_state
from model.transformer import Transformer
from pipeline.errors import CorpusError, EnvironmentProblem, UsageError
from tokenizer.loader import Loader, open_loader
from tokenizer.splits import TRAIN

FORMAT = 1
RUN = "run.json"


@dataclass(frozen=True)
class RunRecord:
    """run.json: all that decides the weights. A run is resumed only where none of it has changed."""

    format: int
    corpus: str               # folder
    corpus_fingerprint: str   # of shards.json, and so of every shard
    shards: dict[str, str]    # file -> sha256
    shard_rows: list[int]     # of each shard that it reads: to find a page, only its own shard has to be laid out
    vocabulary: int           # tokens of the tokenizer
    end_of_text: int
    plan: dict[str, Any]
    versions: dict[str, str]
    device: str
    processes: int            # gradients are added up in another order by another number of them
    takedowns: list[dict[str, Any]] = field(default_factory=list)  # {request, method}: pages taken out of the weights

    @property
    def train_plan(self) -> TrainPlan:
        return plan_from_json(self.plan)


def record_of(corpus: Path, loader: Loader, plan: TrainPlan, team: Team) -> RunRecord:
    manifest = loader.manifest
    return RunRecord(
        format=FORMAT,
        corpus=str(corpus.resolve()),
        corpus_fingerprint=manifest.fingerprint,
        shards={shard.file: shard.sha256 for shard in manifest.shards},
        shard_rows=loader.shard_rows,
        vocabulary=manifest.vocabulary_size,
        end_of_text=manifest.end_of_text,
        plan=plan.to_json(),
        versions=versions(),
        device=device_name(team.device),
        processes=team.world,
    )


def device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def read_run(run: Path) -> RunRecord:
    """Raises UsageError where the folder is no run, or one of a newer version."""
    try:
        values = json.loads((run / RUN).read_text())
        if values["format"] > FORMAT:
            raise UsageError(f"{run} has format {values['format']}, this version reads up to {FORMAT}: upgrade winnow")
        return RunRecord(**values)
    except FileNotFoundError:
        raise UsageError(f"{run} is not a run: it has no {RUN}. `winnow train CORPUS --output {run}` makes one") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{run / RUN} cannot be read ({error}): train into a new folder") from error


def write_run(run: Path, record: RunRecord) -> None:
    try:
        run.mkdir(parents=True, exist_ok=True)
        aside = run / f".{RUN}.tmp"
        aside.write_text(json.dumps(asdict(record), indent=1) + "\n")
        aside.replace(run / RUN)
    except OSError as error:
        raise _unwritable(run, error) from error


def _unwritable(run: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(f"{run} cannot be written: {error.strerror or error}; name another --output")


@contextmanager
def holding(run: Path) -> Iterator[None]:
    """Keeps other winnows from changing a run for the length of the block."""
    lock = FileLock(run / ".lock")
    try:
        run.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        raise UsageError(f"another winnow is working on {run}; wait for it, or name another folder") from None
    except OSError as error:
        raise _unwritable(run, error) from error
    try:
        yield
    finally:
        lock.release()


def refuse_other(run: Path, found: RunRecord, wanted: RunRecord) -> None:
    """One line about the first thing in which a run differs from what it is to be continued with."""
    advices = {
        "plan": "give the same options",
        "corpus_fingerprint": "the corpus has changed",
        "versions": "go back to that version",
        "device": "go back to that device",
        "processes": "start as many",
    }
    for what, advice in advices.items():
        before, after = getattr(found, what), getattr(wanted, what)
        if before == after:
            continue
        if isinstance(before, dict):
            changed = next(key for key in sorted({*before, *after}) if before.get(key) != after.get(key))
            what, before, after = f"{what}.{changed}", before.get(changed), after.get(changed)
        told = f"{run} was begun with {what} = {before}, not {after}: resuming would give weights that no run gives"
        raise UsageError(f"{told}; {advice}, or train into a new folder")


def open_run_loader(run: Path, record: RunRecord, split: str = TRAIN) -> Loader:
    """The loader of `record.corpus`; raises CorpusError where it is not, or no longer, what the run was trained on."""
    known = record.shard_rows if split == TRAIN else ()
    loader = open_loader(record.corpus, record.train_plan.loader, split, known)
    if loader.manifest.fingerprint != record.corpus_fingerprint:
        raise CorpusError(
            f"{record.corpus} is not what {run} was trained on, or has changed since; name that corpus, restore it, or train anew"
        )
    return loader


def read_tokenizer_json(corpus: str) -> str:
    """The tokenizer of the corpus that a run was trained on."""
    path = Path(corpus, "tokenizer", "tokenizer.json")
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}): a run needs the corpus it is trained on") from error


def load_model(run: Path, step: int | None = None, device: torch.device | None = None) -> tuple[Transformer, RunRecord, int]:
    """(model, run.json, step) of a checkpoint, the newest if none is named."""
    record = read_run(run)
    chosen = chosen_step(run, step)
    state: TrainState = fresh_state(record.train_plan, record.vocabulary, device or torch.device("cpu"))
    checkpoint.load_weights(run, checkpoint.read_state(run, chosen), state.model)
    return state.model, record, chosen


def chosen_step(run: Path, step: int | None) -> int:
    saved = checkpoint.saved_steps(run)
    if not saved:
        raise UsageError(f"{run} has no checkpoint yet; let `winnow train` reach its first")
    if step is not None and step not in saved:
        raise UsageError(f"{run} has no checkpoint of step {step}; it has {', '.join(map(str, saved))}")
    return saved[-1] if step is None else step


@cache
def code_version() -> str:
    """Hash of the source that decides a run's weights."""
    here = Path(__file__).resolve().parent.parent.parent
    read = [here / "tokenizer" / f"{name}.py" for name in ("loader", "packing", "permutation", "shards")]
    decide = "attention batches experts loss objectives optimizer parallel plan shape train transformer".split()
    return sources_sha256(here, [*read, *(here / "model" / f"{name}.py" for name in decide)])[:16]


def versions() -> dict[str, str]:
    return {
        "winnow": importlib.metadata.version("winnow"),
        "code": code_version(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("torch", "numpy", "safetensors")},
    }
