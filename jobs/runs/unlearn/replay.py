"""Pages out of a run's weights, exactly: back to the newest checkpoint that never saw them, and forward again without them.

A takedown leaves a removed page's place in the shards filled with `<|removed|>`: its row keeps its shape, no other token of
any row moves, and the place gives no loss and meets no other piece. So every step before the first that read the page is what
it was, and every step after it is what it would have been. The replay is a run of its own in RUN/.replay, begun with the clean
checkpoint; killed, it goes on like any run. When it is done its checkpoints take the place of those that saw the page:

    RUN/.replay/step-…/, run.json    the run that is being made; without run.json it is not even begun
    RUN/.replay/done.json            it is complete, and this is its run.json: from now on it takes the old one's place

A tuning also has other weights to begin with then, made of its parent's replayed ones; or other examples, of which one is empty.
"""

import json
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import read_shards
from jobs.runs.checkpoints import checkpoint_of
from jobs.runs.reads import has_read
from jobs.runs.record import RUN, RunRecord, lineage, locking, read_run, write_run
from jobs.runs.train.metrics import EVENTS, METRICS, Measured, read_metrics
from jobs.runs.tune.again import adopt, born_again, copy_kept, trained_again
from jobs.runs.unlearn.affected import RemovedReads, removed_reads
from model.checkpoint_files import STATE, check, folder_of, read_state, saved_steps
from model.training.parallel import Team
from pipeline.errors import CorpusError

REPLAY, DONE, NEXT = ".replay", "done.json", ".next"


@dataclass(frozen=True)
class Replayed:
    """An entry of run.json's `takedowns`, beside the request's name."""

    method: str
    final: int  # step that the run had reached
    rollback: int  # step of the checkpoint it went back to; 0 is fresh weights
    steps: int  # trained again, by the last process where one was killed
    seconds: float  # of that
    tokens_per_second: float | None  # of its median step
    before: dict[str, str]  # model_sha256, optimizer_sha256 of the last checkpoint
    after: dict[str, str]
    first_read: int | None  # the first step that read a removed page
    reads: int  # of its pieces, by all steps
    epochs: list[int]  # in which it was read
    purged: list[int]  # checkpoints that had seen it


def bring_up_to_date(corpus: Corpus, run: Path, team: Team, show: Callable[[Measured], None], say: Callable[[str], None]) -> None:
    """Replays a run without all that was removed from its corpus, and adds to run.json's `takedowns`.

    Of a tuning the run whose weights it began with is replayed first, then the tuning. Does nothing where the run is up to date,
    and nothing to the weights where it has read none of what was removed.
    """
    for folder in reversed(lineage(run)):
        if folder != run and not has_read(corpus.root, read_run(folder)):
            continue
        with locking(folder):
            finish_interrupted(folder)
            found, record = removed_reads(corpus, folder), read_run(folder)
            if found.requests:
                replay(folder, updated(corpus, record, found.fingerprints), found, team, show, say)


def replay(
    run: Path,
    wanted: RunRecord,
    found: RemovedReads,
    team: Team,
    show: Callable[[Measured], None],
    say: Callable[[str], None],
) -> None:
    """The run as `wanted` says, without what was found to be read; `found.requests` are noted in its run.json."""
    before = hashes(run, found.final) if found.final else {}
    if found.first is None:
        done = Replayed("exact", found.final, found.final, 0, 0.0, None, before, before, **reads_summary(found))
        copy_kept(run, run / NEXT, run, wanted)
        write_run(run, _with_entries(wanted, found, done))
        adopt(run, run / NEXT, wanted)
        return
    if wanted.parent is not None:
        wanted = born_again(run / NEXT, wanted)
    rollback = _begin(run, wanted, found, say)
    shutil.rmtree(run / NEXT, ignore_errors=True)
    seconds, speeds = _train_again(run / REPLAY, wanted, found.final, team, show)
    after, speed = hashes(run / REPLAY, found.final), statistics.median(speeds) if speeds else None
    done = Replayed("exact", found.final, rollback, len(speeds), seconds, speed, before, after, **reads_summary(found))
    take_place(run, wanted, found, done, keep_to=rollback)


def take_place(run: Path, wanted: RunRecord, found: RemovedReads, done: Replayed, *, keep_to: int) -> None:
    """Lets the checkpoints in RUN/.replay take the place of those that saw the pages; metrics up to step `keep_to` stay."""
    decided = {
        "affected_checkpoints": found.affected_checkpoints,
        "keep_to": keep_to,
        "record": asdict(_with_entries(wanted, found, done)),
    }
    _write_aside(run / REPLAY / DONE, json.dumps(decided))
    finish_interrupted(run)


def finish_interrupted(run: Path) -> None:
    """Carries out what RUN/.replay/done.json has decided, if there is one. Every step may be repeated."""
    aside = run / REPLAY
    if not (aside / DONE).exists():
        return
    done: dict[str, Any] = json.loads((aside / DONE).read_text())
    record, keep_to = RunRecord(**done["record"]), done["keep_to"]
    made = [step for step in saved_steps(aside) if step > keep_to]  # those that have not been moved yet
    for step in {*made, *(step for step in done["affected_checkpoints"] if not _is_new(run, step, record))}:
        shutil.rmtree(folder_of(run, step), ignore_errors=True)
    for step in made:
        folder_of(aside, step).rename(folder_of(run, step))
    if (aside / METRICS).exists():
        lines = [line for line in read_metrics(run) if line["step"] <= keep_to]
        lines += [line for line in read_metrics(aside) if line["step"] > keep_to]
        _write_aside(run / METRICS, "".join(json.dumps(line) + "\n" for line in lines))
    if (aside / EVENTS).exists():
        shutil.rmtree(run / EVENTS, ignore_errors=True)
        (aside / EVENTS).rename(run / EVENTS)
    write_run(run, record)
    adopt(run, aside, record)
    shutil.rmtree(aside)


def _is_new(run: Path, step: int, record: RunRecord) -> bool:
    """Whether a checkpoint was moved here by an earlier process: it then names the corpus as it is now."""
    exists = (folder_of(run, step) / STATE).exists()
    return exists and read_state(run, step).corpus == record.fingerprint


def reads_summary(found: RemovedReads) -> dict[str, Any]:
    epochs = sorted({read["epoch"] for read in found.reads})
    return {"first_read": found.first, "reads": len(found.reads), "epochs": epochs, "purged": found.affected_checkpoints}


def _with_entries(wanted: RunRecord, found: RemovedReads, done: Replayed) -> RunRecord:
    return replace(wanted, takedowns=[*wanted.takedowns, *({"request": name, **asdict(done)} for name in found.requests)])


def hashes(run: Path, step: int) -> dict[str, str]:
    state = read_state(run, step)
    return {"model_sha256": state.model_sha256, "optimizer_sha256": state.optimizer_sha256}


def updated(corpus: Corpus, record: RunRecord, fingerprints: dict[int, str]) -> RunRecord:
    """run.json on the shards of this corpus with these fingerprints, by the number of the source."""
    sources = record.sources
    for number, fingerprint in fingerprints.items():
        shards = {shard.file: shard.sha256 for shard in read_shards(corpus.root, fingerprint).shards}
        sources[number] = replace(sources[number], corpus=corpus.root, corpus_fingerprint=fingerprint, shards=shards)
    return record.on(sources)


def _begin(run: Path, wanted: RunRecord, found: RemovedReads, say: Callable[[str], None]) -> int:
    """RUN/.replay with run.json and the newest sound checkpoint that is clean; the step of that one, 0 for none.

    What an earlier process left there is gone on with if it was for the same corpus.
    """
    aside = run / REPLAY
    clean = [step for step in found.saved if found.first is not None and step <= found.first]
    rollback = next((step for step in reversed(clean) if _sound(run, step, say)), 0)
    if (aside / RUN).exists() and read_run(aside) == wanted:
        say(f"going on with the replay that has reached step {max([rollback, *saved_steps(aside)])}")
        return rollback
    shutil.rmtree(aside, ignore_errors=True)
    if rollback:
        shutil.copytree(folder_of(run, rollback), folder_of(aside, rollback))
    copy_kept(run, run / NEXT, aside, wanted)
    write_run(aside, wanted)  # last: half a copy is swept away by whoever comes next
    return rollback


def _sound(run: Path, step: int, say: Callable[[str], None]) -> bool:
    try:
        check(run, step)
        checkpoint_of(run, read_run(run), step)
    except CorpusError as error:
        say(f"{error}; an earlier one is taken")
        return False
    return True


def _train_again(
    aside: Path, wanted: RunRecord, final: int, team: Team, show: Callable[[Measured], None]
) -> tuple[float, list[float]]:
    """(seconds of this process, tokens a second of each of its steps)."""
    started, speeds = time.monotonic(), []
    for measured in trained_again(aside, wanted, team, final):
        show(measured)
        speeds.append(measured.tokens_per_second)
    return time.monotonic() - started, speeds


def _write_aside(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.tmp")
    aside.write_text(text)
    aside.replace(path)
