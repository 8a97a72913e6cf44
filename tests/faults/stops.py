"""Writers that are stopped at every point: F2 (killed), F6 (no room, a broken disk) and half of F13 of the matrix of faults.

A point is anything that a writer does to the disk: a file opened for writing, a write, an fsync, a rename, a removal, a folder
made. They are counted, not listed: at point k of a process of its own the work ends, and k goes from the first to the last.
Readers then see what was before or what was to be, and the same work, begun again, leaves the files of an undisturbed one; also
where it had been done already and only the word of it was lost.
"""

import errno
import io
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from jobs.commands.shown.failures import as_winnow_error
from jobs.corpus.files import readers
from jobs.corpus.files.journal import Done, Journal
from jobs.corpus.files.parquet import part, read_groups, store_table
from jobs.corpus.files.stored import NewFile
from jobs.corpus.files.sweep import listed
from jobs.corpus.folder import changing, open_corpus
from jobs.export.documents import export
from jobs.export.record import known_exports
from pipeline.blocks import StoredFile
from pipeline.errors import WinnowError
from pipeline.hashing import file_sha256
from tests.faults.outcome import Outcome, total
from tests.jobs.export.exports import token_corpus
from tests.jobs.stored import table

KILLED, SAID, UNFORESEEN = 9, 2, 3  # exit statuses of the process that is stopped
EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}
KINDS = {"killed": 0, "no room": errno.ENOSPC, "broken": errno.EIO, "no room from there on": errno.ENOSPC}


class Work(NamedTuple):
    name: str
    do: Callable[[Path], object]


def publish_fewer(folder: Path) -> None:
    """`curated` and `outcomes` keep their first four rows."""
    with changing(str(folder)) as corpus:
        stored, original = dict[str, list[StoredFile]](), open_corpus(before(folder))
        for name in ("curated", "outcomes"):
            (file,) = original.files(name)
            (rows,) = read_groups(before(folder), file)
            fewer = rows.slice(0, 4).to_batches()
            stored[name] = [store_table(str(folder), part(name, 0), fewer, rows.schema)]
        corpus.publish(stored, corpus.manifest | {"recipe": {"changed": True}})


def before(folder: Path) -> str:
    """Where the corpus lies as it was: work that is begun again must not go on from what it has done."""
    return str(folder.with_name("before"))


def _exported(folder: Path) -> None:
    export(open_corpus(str(folder)), "nanogpt", folder / "export/nanogpt")


def _registered(folder: Path) -> None:
    readers.register(str(folder), readers.Reader(readers.RUN, "/somewhere/else", shards="ab" * 32))


def _noted(folder: Path) -> None:
    with changing(str(folder)) as corpus:
        (stored,) = corpus.files("documents")
        Journal(str(folder), "ingest", "cd" * 32).note(Done("a file of the crawl", {"documents": [stored]}, {"records": 3}))


WORKS = (Work("publish", publish_fewer), Work("export", _exported), Work("register", _registered), Work("journal", _noted))


class Points:
    """Counts what this process does to the disk below a folder, and ends or breaks it at one point."""

    def __init__(self, folder: Path, at: int, kind: str) -> None:
        self._root, self._at, self._kind, self.count = str(folder), at, kind, 0

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook."""
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if (writes or event in EVENTS) and str(arguments[0]).startswith(self._root):
            self.reached()

    def reached(self) -> None:
        self.count += 1
        late = self.count > self._at and self._kind.endswith("from there on")
        if self.count == self._at or late:
            if self._kind == "killed":
                os._exit(KILLED)
            raise OSError(KINDS[self._kind], os.strerror(KINDS[self._kind]), self._root)


def stopped(work: Work, folder: Path, at: int, kind: str) -> int:
    """Does the work in a process of its own, which is stopped at a point; its exit status, or minus the points it had."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        _in_child(work, folder, Points(folder, at, kind), tell)
    os.close(tell)
    with io.FileIO(told) as pipe:
        points = pipe.read().decode()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return -int(points) if status == 0 else status


def _in_child(work: Work, folder: Path, points: Points, tell: int) -> None:
    status = UNFORESEEN
    try:
        sync, write = os.fsync, NewFile.write
        sys.addaudithook(points.hear)

        def synced(descriptor: int) -> None:
            points.reached()
            sync(descriptor)

        def written(file: NewFile, data: Any) -> int:
            points.reached()
            return write(file, data)

        with patch.object(os, "fsync", synced), patch.object(NewFile, "write", written):
            work.do(folder)
        os.write(tell, str(points.count).encode())
        status = 0
    except BaseException as error:
        status = SAID if isinstance(error, WinnowError) or as_winnow_error(error) else UNFORESEEN
    finally:
        os._exit(status)


def seen(folder: Path) -> dict[str, Any]:
    """All that readers see: rows of every table, what an export is of, who is on record."""
    corpus = open_corpus(str(folder))
    rows = {name: table(corpus, name) for name in ("curated", "outcomes", "documents", "spans")}
    exported = folder / "export/nanogpt"
    files = {path.name: file_sha256(path) for path in sorted(exported.glob("*"))}
    known = {"runs": readers.registered(str(folder), readers.RUN), "exports": [one.name for one in known_exports(corpus)]}
    return rows | known | {"export": files}


def lying(folder: Path) -> Counter[str]:
    """Every file that lies there, by name and content; locks apart, and what copies say of when they were written."""
    paths = (path for path in listed(str(folder)) if not path.endswith("lock"))
    return Counter(f"{path} {file_sha256(folder / path)}" for path in paths)


def copy_of(corpus: Path, target: Path) -> Path:
    """Another corpus with the same content; what lay at `target` goes."""
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(corpus, target))


def _swept(folder: Path) -> None:
    with changing(str(folder)):
        pass


def _a_day_later(folder: Path) -> None:
    """Whoever has not been heard of for so long is gone."""
    for path in (folder / "readers").glob("*"):
        os.utime(path, (path.stat().st_mtime - readers.STALE_SECONDS - 1,) * 2)


class Stage:
    """A corpus as it was, and as one piece of work leaves it."""

    def __init__(self, folder: Path, work: Work, rng: random.Random) -> None:
        self.work, self.before, self.at_work = work, folder / "before", folder / "C"
        documents = [[[rng.randrange(2, 300) for _ in range(rng.randrange(1, 30))] for _ in range(9)] for _ in range(3)]
        token_corpus(self.before, [("train", documents[0]), ("train", documents[1]), ("validation", documents[2])])
        self.views = [seen(copy_of(self.before, self.at_work))]
        self.points = -stopped(work, self.at_work, 0, "")
        self.views.append(seen(self.at_work))
        _swept(self.at_work)
        self.left = lying(self.at_work)

    def outcome(self, at: int, kind: str) -> Outcome:
        copy_of(self.before, self.at_work)
        status = stopped(self.work, self.at_work, at, kind)
        try:
            whole = seen(self.at_work) in self.views
            _a_day_later(self.at_work)
            again = stopped(self.work, self.at_work, 0, "")
            _swept(self.at_work)
            left = lying(self.at_work)
        except (WinnowError, OSError):
            return Outcome(injected=1, lost=1)
        said = status in (SAID, KILLED)
        return Outcome(
            injected=1,
            noticed=said,
            harmless=not said and whole,
            lost=(self.left - left).total(),
            duplicated=(left - self.left).total(),
            silent=not whole or again > 0 or status == UNFORESEEN,
        )


def run(folder: Path, seed: int, count: int) -> tuple[Outcome, list[str]]:
    """What became of at most `count` stops, and what was wrong with those that were not clean."""
    rng, found, wrong = random.Random(seed), [], []
    for number, work in enumerate(WORKS):
        stage = Stage(folder / f"{seed}-{number}", work, rng)
        faults = [(at, kind) for at in range(1, stage.points + 1) for kind in KINDS]
        for at, kind in rng.sample(faults, min(len(faults), count // len(WORKS))):
            found.append(stage.outcome(at, kind))
            if not found[-1].is_clean:
                wrong.append(f"{work.name}: {kind} at point {at} of {stage.points}: {found[-1]}")
    return total(found), wrong
