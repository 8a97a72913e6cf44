"""What an error from below means for the user: one line with a next step, and an exit status."""

import builtins
import errno
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import re2

from jobs.commands.shown.memory import is_memory_short, memory_at_hand
from jobs.corpus.files.stored import damage_in
from jobs.corpus.sources.outside import LIBRARIES, meaning
from jobs.corpus.stores.store import is_local
from pipeline.errors import CorpusError, EnvironmentProblem, Unforeseen, UsageError, WinnowError

MESSAGE_CHARACTERS = 200
WORKER_ERROR = re2.compile(r"^(?:([a-z_0-9]+(?:\.[A-Za-z_0-9]+)*)\.)?([A-Z][A-Za-z]*): (.*)")
OF_THE_MACHINE = {
    errno.EIO,
    errno.EROFS,
    errno.EFBIG,
    errno.EMFILE,
    errno.ENFILE,
    errno.ESTALE,
    errno.ENXIO,
}  # no mistake of ours


def shown(error: BaseException) -> WinnowError:
    """The error to show the user: itself, what we know it to mean, or the name of a file with its details."""
    if isinstance(error, WinnowError):
        return error
    return as_winnow_error(error) or unforeseen(error)


def as_winnow_error(error: BaseException) -> WinnowError | None:
    """The error to show the user, where we know one; else null."""
    text = str(error)
    if is_disk_full(error):
        return disk_full([".", tempfile.gettempdir()])
    if is_memory_short(error):
        return EnvironmentProblem(f"memory does not suffice: {memory_at_hand()}; make room, then run the same command again")
    for kind in WinnowError.__subclasses__() + UsageError.__subclasses__():
        marker = f"pipeline.errors.{kind.__name__}: "
        if marker in text:  # raised in a worker: Spark hands over its traceback as text
            return kind(text.split(marker)[-1].splitlines()[0])
    if (damage := damage_in(error)) is not None:
        return CorpusError(damage)
    duckdb = sys.modules.get("duckdb")  # loaded by whatever command asked it something
    if duckdb is not None and isinstance(error, duckdb.Error):
        return CorpusError(
            f"a table of the corpus is damaged, or of an earlier version ({text.splitlines()[0]}); "
            "`winnow verify CORPUS` says more, `winnow curate` with the same inputs makes it again"
        )
    if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
        place = error.filename or "a file"
        return EnvironmentProblem(f"{place}: {error.strerror}: see to that disk or its limits, then run the same command again")
    if isinstance(error, PermissionError) and error.filename is not None:
        return EnvironmentProblem(
            f"{error.filename} cannot be written: {error.strerror}; choose another folder or change its rights"
        )
    return _from_outside(error)


def _from_outside(error: BaseException) -> WinnowError | None:
    """What a network, a store or a missing package says, here or in a worker, whose traceback Spark hands over as text."""
    if not isinstance(error, ImportError) and (said := meaning(error, getattr(error, "filename", None) or "a store or server")):
        return EnvironmentProblem(said)
    for line in reversed(str(error).splitlines()):
        if (found := WORKER_ERROR.match(line)) and (found[1] is None or found[1].partition(".")[0] in LIBRARIES):
            raised = getattr(builtins, found[2], None)
            if found[1] is not None or (isinstance(raised, type) and issubclass(raised, OSError)):
                return EnvironmentProblem(
                    f"a worker could not reach what it needs ({found[2]}: {found[3][:MESSAGE_CHARACTERS]}); see "
                    "to that, then run the same command again"
                )
    return None


def is_disk_full(error: BaseException) -> bool:
    """Whether that is what it comes down to, here or in a Java process that says it in words."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return full or "No space left on device" in str(error)


@contextmanager
def naming_room(folders: list[str], needed_bytes: Callable[[], int]) -> Iterator[None]:
    """A disk that is full is told with what is free in these folders, and what the work needs in the first of them."""
    try:
        yield
    except Exception as error:
        if not is_disk_full(error):
            raise
        raise disk_full(folders, needed_bytes()) from error


def disk_full(folders: list[str], needed_bytes: int | None = None) -> EnvironmentProblem:
    """Free bytes where these folders lie, and what is needed in the first of them where that can be told."""
    free: dict[int, str] = {}
    for folder in filter(is_local, folders):
        place = next(one for one in (Path(folder).absolute(), *Path(folder).absolute().parents) if one.is_dir())
        free.setdefault(place.stat().st_dev, f"{shutil.disk_usage(place).free:,} bytes are free in {place}")
    needed = f"; about {needed_bytes:,} bytes are needed in all" if needed_bytes else ""
    return EnvironmentProblem(
        f"the disk is full: {' and '.join(free.values())}{needed}. Nothing half-made is visible: make room and run the same "
        "command again"
    )


def unforeseen(error: BaseException) -> Unforeseen:
    """Writes what is needed to find the cause into a file: versions, the command line, the traceback, and nothing of any page."""
    details = "\n".join(
        [
            f"winnow {importlib.metadata.version('winnow')}, Python {platform.python_version()}, {platform.platform()}",
            f"command: {sys.argv!a}",
            *_trace(error),
        ]
    )
    what = type(error).__name__
    try:
        descriptor, path = tempfile.mkstemp(prefix="winnow-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(details + "\n")
    except OSError as problem:
        return Unforeseen(f"stopped by an error that nobody foresaw ({what}), and its details cannot be written: {problem}")
    return Unforeseen(f"stopped by an error that nobody foresaw ({what}); please send in {path}, which holds its details")


def _trace(error: BaseException) -> list[str]:
    """Where it was raised, innermost last: files, lines, functions, kinds of error. Messages may quote a page: little of them."""
    lines, chain = [], [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None and before not in chain:
        chain.append(before)
    for one in reversed(chain):
        frames = traceback.extract_tb(one.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in [*frames[:20], *frames[20:][-40:]]]
        lines.append(f"{type(one).__module__}.{type(one).__qualname__}: {_beginning(one)}")
    return lines


def _beginning(error: BaseException) -> str:
    """The first words of a message; of what Spark says of a worker also the lines that name code."""
    lines = str(error).splitlines() or [""]
    code = [line for line in lines[1:] if line.startswith(("  File ", "\tat "))]
    return "\n".join([lines[0][:MESSAGE_CHARACTERS], *code[:80]])
