"""`winnow train --init-from`: the weights of another run, or of a folder as transformers saves it, to train on with.

A run stays its parent, so that takedowns go through both; so does the run that a folder was exported from, while its weights
are still those. Weights from elsewhere are named and kept, and no page can be taken out of them.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch

from jobs.export.places import RECORD
from jobs.runs.loaded import load_model
from jobs.runs.record import RUN, RunRecord, as_parent, chosen_step, read_run
from jobs.runs.sources import reading_of
from jobs.runs.train.initial import write_base
from jobs.runs.tune.tuned_model import plain_model
from model.checkpoint_files import saved_steps
from model.export_hf import DTYPES, config
from model.import_hf import TOKENIZER, read_shape, read_weights
from model.network.transformer import Transformer
from model.training.settings import ShapeSettings
from pipeline.errors import UsageError

Say = Callable[[str], None]


@dataclass(frozen=True)
class Origin:
    """Weights to begin with, and all that is known of them."""

    named: Path  # as the user said it
    shape: dict[str, Any]  # settings of the plan that they decide
    tokenizer_sha256: str
    model: Transformer
    parent: tuple[Path, RunRecord, int] | None  # run, run.json, step; null for weights from elsewhere

    def __call__(self, run: Path, wanted: RunRecord) -> RunRecord:
        """Puts the weights into a new run's folder. Raises UsageError where the corpus has other tokens."""
        if wanted.tokenizer_sha256 != self.tokenizer_sha256:
            raise UsageError(
                f"{wanted.corpus} has another tokenizer than {self.named}: "
                f"`winnow curate INPUT... --output {wanted.corpus} --set tokenizer.from={self._tokenizer}` gives it the same"
            )
        initial = {"base_sha256": write_base(run, self.model), "folder": None if self.parent else str(self.named)}
        wanted = replace(wanted, initial=initial)
        return wanted if self.parent is None else _inheriting(wanted, self.parent[1], as_parent(*self.parent))

    @property
    def _tokenizer(self) -> str:
        return str(self.named / TOKENIZER) if self.parent is None else self.parent[1].corpus


def origin_of(named: Path, say: Say) -> Origin:
    """Of a run, or of a folder. Raises UsageError for anything else."""
    named = named.resolve()
    return _of_run(named, named, None) if (named / RUN).exists() else _of_folder(named, say)


def _of_run(named: Path, run: Path, step: int | None) -> Origin:
    model, record, step = load_model(run, chosen_step(run, step))
    if record.judges:
        raise UsageError(f"--init-from {named}: it judges texts and writes none; name the run that it was tuned from")
    plan = record.train_plan
    shape = {field.name: getattr(plan, field.name) for field in fields(ShapeSettings)}
    return Origin(named, shape, record.tokenizer_sha256, plain_model(model, record), (run, record, step))


def _of_folder(folder: Path, say: Say) -> Origin:
    shape = read_shape(folder)
    model = read_weights(folder, shape)
    if (run := _exported_from(folder)) is not None:
        origin = _of_run(folder, *run)
        if _equal(origin.model, model, _kind(folder)):
            return origin
        say(f"{folder} was exported from {run[0]} and has changed since: it is begun with as one from elsewhere")
    try:
        tokenizer_sha256 = hashlib.sha256((folder / TOKENIZER).read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{folder / TOKENIZER} cannot be read ({error.strerror}): weights mean nothing without it") from error
    return Origin(folder, _settings(shape), tokenizer_sha256, model, None)


def _settings(shape: Any) -> dict[str, Any]:
    """A shape as settings of a plan: rates and batch those of its depth."""
    same = (
        "layers", "width", "heads", "kv_heads", "head_width", "hidden", "rope_base", "tied", "windows", "window",
        "query_key_norms", "norm_epsilon",
    )  # fmt: skip
    stretched = {f"rope_{name}": value for name, value in asdict(shape.rope_scaling).items()}
    own = {"model": f"d{shape.layers}", "vocabulary_rows": shape.vocabulary}
    return own | {name: getattr(shape, name) for name in same} | stretched


def _exported_from(folder: Path) -> tuple[Path, int] | None:
    """The run and step that a folder says it was exported from, where both are still at hand."""
    try:
        told = json.loads((folder / RECORD).read_text("utf-8"))
        run, step = Path(told["run"]), told["step"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (run, step) if (run / RUN).exists() and step in saved_steps(run) else None


def _kind(folder: Path) -> torch.dtype:
    """Of the weights that a folder was exported in."""
    told = json.loads((folder / RECORD).read_text("utf-8"))
    return DTYPES.get(told.get("dtype"), torch.float32)


def _equal(run: Transformer, exported: Transformer, kind: torch.dtype) -> bool:
    """Whether a folder's shape and weights are a run's, as they were rounded for it."""
    if config(run.shape, context=0, end_of_text=0) != config(exported.shape, context=0, end_of_text=0):
        return False
    ours, theirs = run.state_dict(), exported.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(one.to(kind).float(), theirs[name]) for name, one in ours.items())


def _inheriting(record: RunRecord, source: RunRecord, parent: dict[str, Any]) -> RunRecord:
    """With the parent and the corpora that it has read, which takedowns have to reach."""
    sources, places = record.sources, []
    for one in source.sources:
        known = [(other.corpus, other.corpus_fingerprint) for other in sources]
        if (one.corpus, one.corpus_fingerprint) not in known:
            sources.append(one)
            known.append((one.corpus, one.corpus_fingerprint))
        places.append(known.index((one.corpus, one.corpus_fingerprint)))

    def moved(reads: dict[str, Any]) -> dict[str, Any]:
        return reads | {"corpora": [places[number] for number in reading_of(reads).corpora]}

    lists = {name: [moved(reads) for reads in parent[name]] for name in ("earlier", "taught") if name in parent}
    return replace(record.on(sources), parent=parent | {"reads": moved(parent["reads"])} | lists)


def refuse_another(run: Path, named: Path) -> None:
    """Raises UsageError where a run that exists was begun with other weights than those that are named."""
    found, folder = read_run(run), named.resolve()
    begun = found.parent["run"] if found.parent else (found.initial or {}).get("folder") or "fresh weights"
    exported = found.parent and _exported_from(folder) == (Path(begun), found.parent["step"])
    if str(folder) != begun and not exported:
        raise UsageError(f"{run} was begun with {begun}, not {named}: leave --init-from out to go on, or train into a new folder")


def given_shape(given: dict[str, Any], origin: Origin) -> dict[str, Any]:
    """The settings of the command line with those of the weights. Raises UsageError where they differ.

    Rotary positions may: the weights are the same, and stretched positions are how they learn to read longer texts.
    """
    said = {name: value for name, value in given.items() if value is not None}
    for name, value in said.items():
        if not name.startswith("rope_") and origin.shape.get(name, value) != value:
            raise UsageError(
                f"{name} = {value}: {origin.named} has {origin.shape[name]}, which --init-from brings along; leave it out"
            )
    return given | origin.shape | said
