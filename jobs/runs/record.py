"""run.json and the lock of a run's folder: what was begun, on what, by what. Without torch, so that questions cost no wait."""

import dataclasses
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from jobs.corpus.shards import has_shards, open_loader, read_tokenizer_json
from model.checkpoint_files import STATE, checkpoint_folders, folder_of, read_state, saved_steps
from model.training.plan import TrainPlan, plan_from_json
from pipeline.errors import CorpusError, EnvironmentProblem, UsageError
from pipeline.hashing import with_checksum, without_checksum
from tokenizer.shards.files import manifest_name
from tokenizer.shards.loader import Loader, LoaderSettings
from tokenizer.shards.splits import TRAIN

FORMAT = 4  # of run.json and what lies beside it; another number is refused, in both directions
RUN = "run.json"


@dataclass(frozen=True)
class RunRecord:
    """run.json: all that decides the weights. A run is resumed only where none of it has changed."""

    format: int
    corpus: str  # folder
    corpus_fingerprint: str  # of shards.json, and so of every shard
    shards: dict[str, str]  # file -> sha256
    shard_rows: list[int]  # of each shard that it reads: to find a page, only its own shard has to be laid out
    vocabulary: int  # tokens of the tokenizer
    end_of_text: int
    tokenizer_sha256: str  # of tokenizer.json
    plan: dict[str, Any]
    code: dict[str, str]  # file -> hash, of the code that decides the weights
    versions: dict[str, str]
    device: str
    processes: int  # gradients are added up in another order by another number of them
    takedowns: list[dict[str, Any]] = field(default_factory=list)  # {request, method}: pages taken out of the weights
    parent: dict[str, Any] | None = None  # {run, step, model_sha256, reads}: whose weights it began with; null for fresh ones
    tuning: dict[str, Any] | None = None  # how it was tuned, and by what (jobs/runs/tune); null for a training on shards
    quantised: dict[str, Any] | None = None  # to how many bits its parent's weights were rounded; null where they were not

    @property
    def teacher(self) -> dict[str, Any] | None:
        """{run, step, model_sha256, reads} of the run that it was distilled from; null for one that was not."""
        found: dict[str, Any] | None = (self.tuning or {}).get("teacher")
        return found

    @property
    def taught(self) -> list[dict[str, Any]]:
        """How the shards were read for weights that it, or a run that it began with, has learned from without having them."""
        own = [] if self.teacher is None else [self.teacher["reads"], *self.teacher.get("taught", [])]
        return [*(self.parent or {}).get("taught", []), *own]

    @property
    def train_plan(self) -> TrainPlan:
        return plan_from_json(self.plan)

    @property
    def loader(self) -> LoaderSettings:
        """How the shards were read: by the run itself, or by that whose weights a tuning goes back to."""
        return self.train_plan.loader if self.parent is None else loader_of(self.parent["reads"])

    def steps_on_shards(self, final: int) -> int:
        """Steps that read them, of a run that has reached step `final`."""
        return final if self.parent is None else int(self.parent["reads"]["steps"])


def loader_of(reads: dict[str, Any]) -> LoaderSettings:
    """How the shards were read, without the steps."""
    return LoaderSettings(**{name: reads[name] for name in ("row_tokens", "batch_rows", "seed")})


def read_run(run: Path) -> RunRecord:
    """Raises UsageError where the folder is no run, or one of another format."""
    try:
        values = json.loads((run / RUN).read_text("utf-8"))
        if values["format"] != FORMAT:
            raise UsageError(
                f"{run / RUN} has format {values['format']} and this winnow reads format {FORMAT} alone: "
                "`winnow train CORPUS --output NEW` trains it anew, or use the winnow that made it"
            )
        return RunRecord(**without_checksum(values))
    except FileNotFoundError:
        raise UsageError(f"{run} is not a run: it has no {RUN}. `winnow train CORPUS --output {run}` makes one") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{run / RUN} cannot be read ({error}): train into a new folder") from error


def write_run(run: Path, record: RunRecord) -> None:
    try:
        run.mkdir(parents=True, exist_ok=True)
        aside = run / f".{RUN}.tmp"
        aside.write_text(json.dumps(with_checksum(asdict(record)), indent=1) + "\n")
        aside.replace(run / RUN)
    except OSError as error:
        raise _unwritable(run, error) from error


def _unwritable(run: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(f"{run} cannot be written: {error.strerror or error}; name another --output")


def need_torch() -> None:
    """Curation does without torch, so an installation may."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("safetensors") is None:
        raise EnvironmentProblem("training needs torch and safetensors: pip install 'winnow[train]', or in a checkout make train")


@contextmanager
def locking(run: Path) -> Iterator[None]:
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


def open_run_loader(run: Path, record: RunRecord, split: str = TRAIN) -> Loader:
    """The loader of the shards that the run was trained on, though the corpus may have others by now.

    Raises CorpusError where they are gone: pages were removed since, or the folder is another corpus.
    """
    known = record.shard_rows if split == TRAIN else ()
    fingerprint = record.corpus_fingerprint
    if not has_shards(record.corpus, fingerprint):
        listing = f"shards/{manifest_name(fingerprint)}"
        raise CorpusError(
            f"{record.corpus} no longer has the shards that {run} was trained on ({listing} is missing): if pages were removed, "
            f"`winnow takedown {record.corpus} --run {run}` takes them out of the run too; else name its corpus, or train anew"
        )
    return open_loader(record.corpus, record.loader, split, known, fingerprint)


def lineage(run: Path) -> list[Path]:
    """The run, the one whose weights it began with, and so on to the one that began with fresh weights; then what taught it.

    Each stands before all that it was made of. Raises CorpusError where one of them is gone.
    """
    found: list[Path] = []  # what a run was made of before it

    def add(folder: Path, through: tuple[Path, ...]) -> None:
        record = read_run(folder)
        for source in (record.teacher, record.parent):
            before = Path(source["run"]) if source else None
            if before is None or before in found:
                continue
            if not (before / RUN).exists() or before in through:
                raise CorpusError(f"{folder} was made of {before}, which is gone: bring it back, or make another run anew")
            add(before, (*through, folder))
        found.append(folder)

    add(run, ())
    return found[::-1]


def began_with(run: Path) -> list[Path]:
    """The run whose weights it began with, and so on to the one that began with fresh weights."""
    parent = read_run(run).parent
    return [] if parent is None else [Path(parent["run"]), *began_with(Path(parent["run"]))]


def as_parent(run: Path, record: RunRecord, step: int) -> dict[str, Any]:
    """What a run that begins with these weights says of where it comes from, and of how the shards were read for them."""
    reads = dataclasses.asdict(record.loader) | {"steps": record.steps_on_shards(step)}
    told = {"run": str(run.resolve()), "step": step, "model_sha256": read_state(run, step).model_sha256, "reads": reads}
    return told | ({"taught": record.taught} if record.taught else {})


def chosen_step(run: Path, step: int | None) -> int:
    saved = saved_steps(run)
    if not saved:
        raise UsageError(f"{run} has no checkpoint yet; let `winnow train` reach its first")
    if step is not None and step not in saved:
        raise UsageError(f"{run} has no checkpoint of step {step}; it has {', '.join(map(str, saved))}")
    if step is None and (broken := [one for one in checkpoint_folders(run) if one > folder_of(run, saved[-1])]):
        raise CorpusError(f"{broken[-1] / STATE} is missing: remove that folder, or name the step of another checkpoint")
    return saved[-1] if step is None else step


def newest_weights_sha256(run: Path) -> str:
    """By the record of the newest checkpoint."""
    return read_state(run, chosen_step(run, None)).model_sha256


def tokenizer_of(record: RunRecord) -> str:
    """The tokenizer.json that a run was trained with."""
    return read_tokenizer_json(record.corpus, record.tokenizer_sha256)
