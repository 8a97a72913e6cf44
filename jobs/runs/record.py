"""run.json and the lock of a run's folder: what was begun, on what, by what. Without torch, so that questions cost no wait."""

import dataclasses
import importlib.util
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from jobs.corpus.mixed import Rows, mixed
from jobs.corpus.shards import read_tokenizer_json
from jobs.runs.sources import Reading, Source, open_sources, reading_of, require_shards
from model.checkpoint_files import STATE, checkpoint_folders, folder_of, read_state, saved_steps
from model.training.plan import TrainPlan, plan_from_json
from pipeline.errors import CorpusError, EnvironmentProblem, UsageError
from pipeline.hashing import with_checksum, without_checksum
from tokenizer.shards.loader import Loader, LoaderSettings
from tokenizer.shards.splits import TRAIN, VALIDATION

FORMAT = 4  # of run.json and what lies beside it; another number is refused, in both directions
RUN = "run.json"


@dataclass(frozen=True)
class RunRecord:
    """run.json: all that decides the weights. A run is resumed only where none of it has changed."""

    format: int
    corpus: str  # this and the three after it: the first of its sources (jobs/runs/sources.py)
    corpus_fingerprint: str
    shards: dict[str, str]
    shard_rows: list[int]
    vocabulary: int  # tokens of the tokenizer
    end_of_text: int
    tokenizer_sha256: str  # of tokenizer.json
    plan: dict[str, Any]
    code: dict[str, str]  # file -> hash, of the code that decides the weights
    versions: dict[str, str]
    device: str
    processes: int  # gradients are added up in another order by another number of them
    takedowns: list[dict[str, Any]] = field(default_factory=list)  # {request, method}: pages taken out of the weights
    parent: dict[str, Any] | None = None  # {run, step, model_sha256, reads}: the run whose weights it began with, if any
    tuning: dict[str, Any] | None = None  # how it was tuned, and by what (jobs/runs/tune); null for a training on shards
    quantised: dict[str, Any] | None = None  # to how many bits its parent's weights were rounded; null where they were not
    more_corpora: list[dict[str, Any]] = field(default_factory=list)  # its other sources, those of runs before it last
    initial: dict[str, Any] | None = None  # {base_sha256, folder}: weights that a training began with; null for fresh ones
    machines: int = 1  # that the processes ran on

    @property
    def sources(self) -> list[Source]:
        """Every corpus that it, or a run that it goes back to, has read."""
        first = Source(self.corpus, self.corpus_fingerprint, self.shards, self.shard_rows)
        return [first, *(Source(**one) for one in self.more_corpora)]

    def on(self, sources: Sequence[Source]) -> "RunRecord":
        """The same of these sources."""
        first, *more = map(asdict, sources)
        return dataclasses.replace(self, **first, more_corpora=more)

    @property
    def corpora(self) -> list[str]:
        """Folders of the sources, each once."""
        return list(dict.fromkeys(one.corpus for one in self.sources))

    @property
    def all_shards(self) -> dict[str, str]:
        """Of all sources, file -> sha256; a file's name has its hash in it."""
        return {file: sha256 for one in self.sources for file, sha256 in one.shards.items()}

    @property
    def fingerprint(self) -> str:
        """Of all that decides what a step reads: that of its corpus, or of several, a plus between."""
        return "+".join(one.corpus_fingerprint for one in self.sources)

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
    def judges(self) -> bool:
        """Whether a head of its own judges texts, and none is written: a model of rewards, a classifier."""
        return (self.tuning or {}).get("settings", {}).get("method") in ("reward", "classify")

    @property
    def train_plan(self) -> TrainPlan:
        return plan_from_json(self.plan)

    @property
    def is_training(self) -> bool:
        """Whether its own steps read shards; else those of the run did whose weights it goes back to."""
        return self.tuning is None and self.quantised is None

    @property
    def loader(self) -> LoaderSettings:
        """How the shards were read: by the run itself, or by that whose weights a tuning goes back to."""
        return self.reading(0).settings

    def reading(self, final: int) -> Reading:
        """The steps that read shards, of a run that has reached step `final`."""
        return reading_of(self._reads(final), before=not self.is_training)

    def readings(self, final: int) -> list[Reading]:
        """The same, and what the runs have read whose weights or answers it has learned from."""
        earlier = [reading_of(reads) for reads in self._earlier]
        return [self.reading(final), *earlier, *(reading_of(reads) for reads in self.taught)]

    def _reads(self, final: int) -> dict[str, Any]:
        if not self.is_training:
            assert self.parent is not None
            return dict(self.parent["reads"])
        plan = self.train_plan
        reads = dataclasses.asdict(plan.loader) | {"steps": final}
        return reads | ({"weights": list(plan.weights)} if plan.weights else {})

    @property
    def _earlier(self) -> list[dict[str, Any]]:
        """How shards were read before those that `_reads` is of, for weights that were trained on."""
        if self.parent is None:
            return []
        before = list(self.parent.get("earlier", []))
        return [self.parent["reads"], *before] if self.is_training else before


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


def open_run_loaders(run: Path, record: RunRecord, split: str = TRAIN) -> list[Loader]:
    """The loader of each corpus that the run was trained on, of the shards as they were, though it may have others by now.

    Raises CorpusError where they are gone: pages were removed since, or the folder is another corpus.
    """
    reading, sources = record.reading(0), record.sources
    read = [sources[number] for number in reading.corpora]
    for one in read:
        require_shards(run, one)
    return open_sources(read, reading.settings, split)


def open_run_loader(run: Path, record: RunRecord, split: str = TRAIN) -> Loader:
    """The same of a run on one corpus; of one on several the first of them."""
    return open_run_loaders(run, record, split)[0]


def held_out_loaders(run: Path, record: RunRecord) -> list[Loader]:
    """The same of what is held out, by those of its corpora that hold something out; none where none does."""
    sources = [record.sources[number] for number in record.reading(0).corpora]
    trained = zip(sources, open_run_loaders(run, record), strict=True)
    some = [one for one, loader in trained if any(shard.split == VALIDATION for shard in loader.manifest.shards)]
    return open_sources(some, record.loader, VALIDATION)


def open_run_rows(run: Path, record: RunRecord) -> Rows:
    """What its steps read."""
    return mixed(open_run_loaders(run, record), record.train_plan.weights)


def device_begun(run: Path) -> str | None:
    """cpu where a run was begun on one, as it has to go on; null where the machine may choose."""
    return "cpu" if (run / RUN).exists() and read_run(run).device == "cpu" else None


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
    reads, earlier = record._reads(step), record._earlier
    told = {"run": str(run.resolve()), "step": step, "model_sha256": read_state(run, step).model_sha256, "reads": reads}
    return told | ({"earlier": earlier} if earlier else {}) | ({"taught": record.taught} if record.taught else {})


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
