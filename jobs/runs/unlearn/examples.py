"""Examples out of a tuning, by their ids: exactly, by replay of the tuning that learned them and of those that came after it."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobs.runs.record import RunRecord, device_begun, lineage, locking, read_run, tokenizer_of
from jobs.runs.train.metrics import Measured
from jobs.runs.tune.examples import read_examples, without, write_examples
from jobs.runs.tune.tuned_model import settings_of
from jobs.runs.unlearn.affected import RemovedReads
from jobs.runs.unlearn.oracle import train_oracle
from jobs.runs.unlearn.replay import NEXT, finish_interrupted, hashes, replay
from model.checkpoint_files import read_state, saved_steps
from model.post.examples import Example
from model.post.feed import numbers_read
from model.training.parallel import team
from pipeline.errors import UsageError
from pipeline.hashing import with_checksum
from tokenizer.bpe.vocabulary import read_tokenizer

FOLDER, ORACLE = "takedowns", ".oracle"  # in RUN
FORMAT = 1
_TABLES = ("examples", "held_out")


def take_examples_out(
    run: Path, ids: frozenset[str], *, oracle: bool, say: Callable[[str], None], show: Callable[[Measured], None]
) -> dict[str, Any]:
    """What RUN/takedowns/NAME.json says afterwards. Killed, it goes on. Raises UsageError where no run has such an id."""
    folders = [folder for folder in reversed(lineage(run)) if read_run(folder).parent is not None]
    if all(read_run(folder).tuning is None for folder in folders):
        raise UsageError(f"{run} is no tuning: pages are taken out by `winnow takedown CORPUS --url … --run {run}`")
    if missing := ids - {example.id for folder in folders for example in _examples(folder, read_run(folder))}:
        raise UsageError(f"{run} was tuned by no example {min(missing)}, nor was a run that it goes back to")
    name = "examples-" + hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:12]
    before, final = _hashes(run)
    with team(device_begun(run)) as members:
        for folder in folders:
            with locking(folder):
                finish_interrupted(folder)
                wanted, found = _without(folder, ids, name)
                if wanted != read_run(folder) or found.reads:
                    replay(folder, wanted, found, members, show, say)
                shutil.rmtree(folder / NEXT, ignore_errors=True)
    of_oracle = None
    if oracle and final:
        say(f"training the oracle: every run from scratch, {final:,} steps of this one, in a process of its own")
        train_oracle(run, run / ORACLE, final)
        of_oracle = hashes(run / ORACLE, final)
        shutil.rmtree(run / ORACLE)
    return _written(run, name, ids, folders, before, of_oracle)


def _hashes(run: Path) -> tuple[dict[str, str], int]:
    """(of the newest checkpoint, its step)."""
    saved = saved_steps(run)
    return (hashes(run, saved[-1]), saved[-1]) if saved else ({}, 0)


def _examples(folder: Path, record: RunRecord) -> list[Example]:
    if record.tuning is None:
        return []
    return [one for name in _TABLES if record.tuning[name] for one in read_examples(folder, record.tuning[name])]


def _without(folder: Path, ids: frozenset[str], name: str) -> tuple[RunRecord, RemovedReads]:
    """(run.json without the examples, what the tuning has read of them): all of it where its parent has been replayed."""
    record, saved = read_run(folder), saved_steps(folder)
    assert record.parent is not None
    stale = any(_has_changed(source) for source in (record.parent, record.teacher) if source is not None)
    final = saved[-1] if saved else 0
    before = [{"epoch": 0, "step": 0, "place": 0, "row": 0}] if stale else []
    if record.tuning is None:
        return record, RemovedReads([name], before, {}, saved, final, before=stale)
    learned = read_examples(folder, record.tuning["examples"])
    there = {number for number, one in enumerate(learned) if one.id in ids and not one.removed}
    reads = list(numbers_read(settings_of(record), len(learned), record.train_plan.seed, there, final))
    filler = read_tokenizer(tokenizer_of(record)).removed
    left = {one: without(read_examples(folder, record.tuning[one]), ids, filler) for one in _TABLES if record.tuning[one]}
    changed: dict[str, Any] = {table: write_examples(folder / NEXT, examples) for table, examples in left.items()}
    if labels := record.tuning.get("labels"):  # one that nobody has any more keeps its place, and not its name
        there_still = {one.answer for examples in left.values() for one in examples if not one.removed}
        changed["labels"] = [label if label in there_still else "" for label in labels]
    wanted = replace(record, tuning=record.tuning | changed)
    return wanted, RemovedReads([name], [*before, *reads], {}, saved, final, before=stale)


def _has_changed(source: dict[str, Any]) -> bool:
    """Whether a run that this one was made of has other weights by now."""
    folder, step = Path(source["run"]), source["step"]
    return step in saved_steps(folder) and read_state(folder, step).model_sha256 != source["model_sha256"]


def _written(
    run: Path, name: str, ids: frozenset[str], folders: list[Path], before: dict[str, str], oracle: dict[str, str] | None
) -> dict[str, Any]:
    after, _ = _hashes(run)
    chain = [
        {"run": str(folder.resolve())} | next((one for one in reversed(read_run(folder).takedowns) if one["request"] == name), {})
        for folder in folders
    ]
    path = run / FOLDER / f"{name}.json"
    earlier = json.loads(path.read_text("utf-8")) if path.exists() else {}
    said = {
        "format": FORMAT, "request": name, "run": str(run.resolve()), "examples": sorted(ids), "chain": chain,
        "before": earlier.get("before", before), "after": after, "oracle": oracle or earlier.get("oracle"),
        "exact": (oracle or earlier.get("oracle")) == after,
    }  # fmt: skip
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(with_checksum(said), indent=1) + "\n")
    return said
