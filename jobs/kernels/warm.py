"""Compiling groups of kernels on all cores, once on a machine."""

import logging
import os
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from multiprocessing import active_children, get_context
from pathlib import Path

from jobs.kernels.uses import GROUPS
from pipeline.errors import EnvironmentProblem
from pipeline.kernels.cache import cache_folder, machine_key, sources_key

LOG = logging.getLogger(__name__)
UNUSED_DAYS = 30  # after which the kernels of a former source or version go


def compile_kernels(groups: Sequence[str] = tuple(GROUPS)) -> list[str]:
    """Compiles what is not compiled yet of these groups, in as many processes as there are cores; names of those."""
    missing = [name for name in groups if not _mark(name).exists()]
    if missing:
        LOG.debug("kernels to compile: %s", ", ".join(missing))
        processes = min(len(missing), len(os.sched_getaffinity(0)))
        with _compilers(processes) as pool:
            with _deaf():
                begun = [(name, pool.submit(_compile, name)) for name in missing]
            for name, done in begun:
                _wait(name, done)
    return missing


@contextmanager
def _compilers(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end when this one is stopped. Each compiles several groups: imports take seconds."""
    pool = ProcessPoolExecutor(processes, get_context("spawn"))
    try:
        yield pool
    except BaseException:
        for child in active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started within the block hear no Ctrl-C, which a terminal sends to all: it is this one's to answer."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _compile(name: str) -> None:
    GROUPS[name]()
    _mark(name).parent.mkdir(parents=True, exist_ok=True)
    _mark(name).touch()


def _wait(name: str, done: Future[None]) -> None:
    try:
        done.result()
    except Exception as error:
        raise EnvironmentProblem(f"compiling the kernels of `{name}` failed: {error!r}; `winnow warm` tries again") from error


@cache
def _key() -> str:
    return sources_key("jobs.kernels.uses")


def _mark(name: str) -> Path:
    """A file that says a group was compiled from the sources there are."""
    return cache_folder() / machine_key() / f"compiled-{_key()}" / name


def sweep(days: float = UNUSED_DAYS) -> int:
    """Removes what no process has used for so long; the number of folders. Loading a module's kernels counts as using them."""
    before = time.time() - days * 86400
    unused = [folder for folder in _folders() if folder.stat().st_mtime < before]
    for folder in unused:
        shutil.rmtree(folder, ignore_errors=True)
    return len(unused)


def _folders() -> Iterator[Path]:
    """What pipeline/kernels/cache.py and `_mark` made, and nothing else that may lie there."""
    return (folder for folder in cache_folder().glob("[0-9a-f]*/*-[0-9a-f]*") if len(folder.name.rpartition("-")[2]) == 16)
