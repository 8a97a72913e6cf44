"""What a corpus or a run says of itself is another's, old or half there; and two who work at once: F12, F13 of the matrix.

Each fault is one situation. It ends as it would have without the fault, or in an error that names the file or the folder.
"""

import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from jobs.corpus.files import readers
from jobs.corpus.folder import changing, open_corpus
from jobs.corpus.stores.disk import replace_file
from jobs.export.places import place_of
from jobs.export.record import known_exports, write_export
from jobs.runs.record import read_run
from jobs.runs.train.resume import plan_for
from model.training.plan import TrainPlan
from pipeline.errors import WinnowError
from pipeline.hashing import with_checksum
from tests.faults.outcome import Outcome, total
from tests.faults.stops import copy_of, publish_fewer
from tests.faults.subject import Subject
from tests.jobs.export.exports import token_corpus
from tests.jobs.running import winnow
from tests.jobs.stored import table
from tokenizer.shards.files import tokenizer_name
from tokenizer.shards.loader import LoaderSettings, open_loader

NOTICED, HARMLESS, SILENT = Outcome(1, noticed=1), Outcome(1, harmless=1), Outcome(1, silent=1)
LOST = Outcome(1, lost=1)
TABLES = ("curated", "outcomes", "documents", "spans")
Fault = Callable[[Path, random.Random], Outcome]  # in a folder of its own


def small_corpus(folder: Path, rng: random.Random) -> Path:
    documents = [[[rng.randrange(2, 300) for _ in range(rng.randrange(1, 30))] for _ in range(9)] for _ in range(2)]
    return Path(token_corpus(folder, [("train", documents[0]), ("validation", documents[1])]).root)


def rows_of(corpus: Path) -> list[list[dict[str, Any]]]:
    opened = open_corpus(str(corpus))
    return [table(opened, name) for name in TABLES]


def judged(ask: Callable[[], object], right: list[object], named: Path) -> Outcome:
    """One of the right answers, or an error that names the file or folder."""
    try:
        return HARMLESS if ask() in right else SILENT
    except WinnowError as error:
        return NOTICED if named.name in str(error) or str(named.parent) in str(error) else SILENT


# What corpus.json says


def half_a_manifest(folder: Path, rng: random.Random) -> Outcome:
    """It ends early: a copy that was broken off."""
    corpus = small_corpus(folder / "C", rng)
    path, right = corpus / "corpus.json", rows_of(corpus)
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])
    return judged(lambda: rows_of(corpus), [right], path)


def manifest_of_another(folder: Path, rng: random.Random) -> Outcome:
    """That of another corpus, whole."""
    corpus, other = small_corpus(folder / "C", rng), small_corpus(folder / "other", rng)
    shutil.copy(other / "corpus.json", corpus / "corpus.json")
    return judged(lambda: rows_of(corpus), [rows_of(other)], corpus / "corpus.json")


def manifest_of_yesterday(folder: Path, rng: random.Random) -> Outcome:
    """That of before a publication, put back by a restored backup, in the middle of what that left."""
    corpus = small_corpus(folder / "before", rng)
    right = rows_of(corpus)
    changed = copy_of(corpus, folder / "C")
    publish_fewer(changed)
    shutil.copy(corpus / "corpus.json", changed / "corpus.json")
    return judged(lambda: rows_of(changed), [right], changed / "corpus.json")


def manifest_made_by_hand(folder: Path, rng: random.Random) -> Outcome:
    """A number or a name of it changed with an editor."""
    corpus = small_corpus(folder / "C", rng)
    path = corpus / "corpus.json"
    values = json.loads(path.read_text())
    place = values["tables"][rng.choice(TABLES)][0]
    name = rng.choice(sorted(place))
    place[name] = f"{place[name]}0" if isinstance(place[name], str) else 7
    path.write_text(json.dumps(values))
    return judged(lambda: rows_of(corpus), [], path)


# Two at once


def two_writers(folder: Path, rng: random.Random) -> Outcome:
    """Three processes change one corpus at one moment: those that come second are refused, or come after."""
    corpus = small_corpus(folder / "before", rng)
    at_work = copy_of(corpus, folder / "C")
    children = [os.fork() or _publishing(at_work) for _ in range(3)]
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    rows = rows_of(at_work)
    if set(ended) - {0, 2} or 0 not in ended:
        return LOST
    return HARMLESS if len(rows[0]) == 4 and rows[2] == rows_of(corpus)[2] else SILENT


def _publishing(corpus: Path) -> int:
    status = 3
    try:
        publish_fewer(corpus)
        status = 0
    except WinnowError as error:
        status = error.exit_status
    finally:
        os._exit(status)


def export_during_a_takedown(folder: Path, rng: random.Random) -> Outcome:
    """Rows go while an export reads: no export is left that holds them, or it is on record for the takedown to find."""
    corpus, out = copy_of(small_corpus(folder / "before", rng), folder / "C"), folder / "out"
    place = rng.choice(["first", "meanwhile", "last"])
    opened = open_corpus(str(corpus))

    def write(aside: Path) -> int:
        if place == "first":
            publish_fewer(corpus)
        rows = table(opened, "documents")
        (aside / "documents.json").write_text(json.dumps(rows))
        if place == "meanwhile":
            publish_fewer(corpus)
        return len(rows)

    try:
        write_export(opened, "jsonl", "select", place_of(out), write)
    except WinnowError as error:
        return NOTICED if not out.exists() and str(corpus) in str(error) else SILENT
    publish_fewer(corpus)
    return HARMLESS if place == "last" and str(out) in [one.name for one in known_exports(open_corpus(str(corpus)))] else SILENT


def curated_anew_while_a_run_trains(folder: Path, rng: random.Random) -> Outcome:
    """Other shards take the place of those that somebody trains on; later they go, but not while the run stands."""
    corpus, run = small_corpus(folder / "C", rng), folder / "run"
    fingerprint = open_corpus(str(corpus)).files("shards")[0].sha256
    run.mkdir()
    (run / "run.json").write_text("{}")
    readers.register(str(corpus), readers.Reader(readers.RUN, str(run), shards=fingerprint))
    right = _batches(corpus, fingerprint)
    with readers.reading(str(corpus), readers.RUN, str(run)):
        small_corpus(corpus, rng)
        if _batches(corpus, fingerprint) != right:
            return SILENT
    with changing(str(corpus)):
        pass
    if judged(lambda: _batches(corpus, fingerprint), [right], corpus) != HARMLESS:
        return LOST
    shutil.rmtree(run)
    with changing(str(corpus)):
        gone = not list((corpus / "shards").glob(f"*{fingerprint[:16]}*"))
    return HARMLESS if gone else Outcome(1, duplicated=1)


def _batches(corpus: Path, fingerprint: str) -> list[bytes]:
    loader = open_loader(str(corpus), LoaderSettings(row_tokens=16, batch_rows=2), fingerprint=fingerprint)
    return [loader.batch(step).tokens.tobytes() for step in range(6)]


def acknowledgement_lost(folder: Path, rng: random.Random) -> Outcome:
    """The writer ends as soon as corpus.json is replaced: copies are of before, files of before lie there, nobody was told."""
    corpus = copy_of(small_corpus(folder / "before", rng), folder / "C")
    done = copy_of(corpus, folder / "done")
    publish_fewer(done)
    for path in done.rglob("*"):
        if path.is_file() and not (corpus / path.relative_to(done)).exists():
            (corpus / path.relative_to(done)).parent.mkdir(exist_ok=True)
            shutil.copy(path, corpus / path.relative_to(done))
    replace_file(corpus / "corpus.json", (done / "corpus.json").read_bytes())
    first = rows_of(corpus)
    publish_fewer(corpus)
    if first != rows_of(done) or rows_of(corpus) != first:
        return LOST
    left = {path.relative_to(corpus) for path in corpus.rglob("*") if path.is_file()}
    return (
        HARMLESS if left == {path.relative_to(done) for path in done.rglob("*") if path.is_file()} else Outcome(1, duplicated=1)
    )


OF_CORPORA: tuple[Fault, ...] = (
    half_a_manifest, manifest_of_another, manifest_of_yesterday, manifest_made_by_hand, two_writers, export_during_a_takedown,
    curated_anew_while_a_run_trains, acknowledgement_lost,
)  # fmt: skip


# What run.json says


def half_a_record(subject: Subject, rng: random.Random) -> Outcome:
    path = subject.folder / "run/run.json"
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])
    return judged(lambda: winnow_says("generate", subject.folder / "run"), [], path)


def record_of_another(subject: Subject, rng: random.Random) -> Outcome:
    """That of a run on other shards, with another tokenizer."""
    path = subject.folder / "run/run.json"
    values, right = json.loads(path.read_text()), winnow_says("generate", path.parent)
    name = rng.choice(["corpus_fingerprint", "tokenizer_sha256", "vocabulary"])
    other = values[name] + 1 if name == "vocabulary" else f"{rng.getrandbits(256):064x}"
    path.write_text(json.dumps(with_checksum(values | {name: other, "takedowns": []})))
    named = Path(values["corpus"], "tokenizer", tokenizer_name(other)) if name == "tokenizer_sha256" else path
    return judged(lambda: winnow_says("generate", path.parent), [right], named)


def other_settings_on_resume(subject: Subject, rng: random.Random) -> Outcome:
    """One setting of the plan is given as another than the run was begun with."""
    run = subject.folder / "run"
    plan = read_run(run).train_plan
    numbers = [one.name for one in fields(TrainPlan) if type(getattr(plan, one.name)) in (int, float) and one.name != "steps"]
    name = rng.choice(numbers)
    return judged(lambda: plan_for(run, {name: getattr(plan, name) * 2 + 1}), [], run / "run.json")


def winnow_says(*words: object) -> str:
    done = winnow(*words)
    if done.returncode:
        raise WinnowError(done.stderr)
    return done.stdout


OF_RUNS: tuple[Callable[[Subject, random.Random], Outcome], ...] = (half_a_record, record_of_another, other_settings_on_resume)


def run(subject: Subject, folder: Path, seed: int, count: int) -> tuple[Outcome, list[str]]:
    """What became of `count` situations, and what those were that did not end well."""
    rng, found, wrong = random.Random(seed), list[Outcome](), list[str]()
    for number in range(count):
        fault = rng.choice((*OF_CORPORA, *OF_RUNS))
        if fault in OF_RUNS:
            found.append(fault(subject, rng))  # type: ignore[arg-type]
            subject.restore()
        else:
            own = folder / f"{seed}-{number}"
            own.mkdir(parents=True)
            found.append(fault(own, rng))  # type: ignore[arg-type]
            shutil.rmtree(own)
        if not found[-1].is_clean:
            wrong.append(f"{fault.__name__}: {found[-1]}")
    return total(found), wrong
