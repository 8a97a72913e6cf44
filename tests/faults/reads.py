"""Reads that fail on the way, come in small parts or late, though the file is sound: F7 of the matrix of faults.

A disk that breaks says EIO from some read on, without the name of a file; a file on a network gives what it has. Both are put
between whoever reads and one file that it opens. Either the answer is that of before, or an error that names the file.
"""

import builtins
import errno
import io
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.faults.damage import Bench, judged
from tests.faults.outcome import Outcome, total
from tests.faults.readers import drawn

BROKEN, SHORT, SLOW = "EIO", "short reads", "slow reads"
PAUSE_SECONDS = 0.001


class Disturbed(io.FileIO):
    """A file whose reads are disturbed from the `at`th on."""

    def __init__(self, path: Any, kind: str, at: int) -> None:
        super().__init__(path)
        self._kind, self._at, self.disturbed = kind, at, 0

    def readinto(self, buffer: Any) -> int | None:  # type: ignore[override]
        self._at -= 1
        if self._at > 0:
            return super().readinto(buffer)
        self.disturbed += 1
        if self._kind == BROKEN:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if self._kind == SLOW:
            time.sleep(PAUSE_SECONDS)
            return super().readinto(buffer)
        return super().readinto(memoryview(buffer)[: max(1, len(buffer) // 3)])

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.read(1 << 16), b""))

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            return self.readall()
        buffer = bytearray(size)
        return bytes(buffer[: self.readinto(buffer) or 0])


@contextmanager
def disturbed(path: Path, kind: str, at: int) -> Iterator[list[Disturbed]]:
    """Whoever opens `path` for reading meanwhile gets it disturbed; the files that were opened so."""
    opened, before = list[Disturbed](), io.open

    def opening(name: Any, mode: str = "r", buffering: int = -1, *others: Any, **named: Any) -> Any:
        reads = isinstance(name, str | Path) and os.path.abspath(name) == str(path) and not set(mode) & set("wax+")
        if not reads:
            return before(name, mode, buffering, *others, **named)
        opened.append(Disturbed(name, kind, at))
        whole = opened[-1] if buffering == 0 else io.BufferedReader(opened[-1])
        return whole if "b" in mode else io.TextIOWrapper(whole, *others, **named)

    with patch.object(io, "open", opening), patch.object(builtins, "open", opening):
        yield opened


def run(bench: Bench, seed: int, count: int) -> Outcome:
    """What became of at most `count` disturbances: what a reader opens in another way than Python's is passed over."""
    rng = random.Random(seed)
    return total(_one(bench, rng) for _ in range(count))


def _one(bench: Bench, rng: random.Random) -> Outcome:
    reader = drawn(rng, bench.seconds)
    read = [name for name in bench.opened[reader.name] if not name.startswith("corpus/export/")]  # those it writes, and compares
    path = bench.subject.folder / rng.choice(read)
    kind, at = rng.choice([BROKEN, BROKEN, SHORT, SLOW]), rng.choice([1, 1, 2, 3])
    try:
        with disturbed(path, kind, at) as opened:
            answer = reader.ask(bench.subject.folder)
    finally:
        bench.subject.restore()
    if not sum(one.disturbed for one in opened):
        return Outcome()
    return judged(bench, reader, answer, kind, [path])
