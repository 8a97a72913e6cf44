"""A damaged file in front of each of its readers: F10 and F11 of the matrix of faults.

One fault is one file damaged in one way and one question that is then asked. Either the answer is that of before, or it is an
error that names the file. Which reader opens which files is seen, not listed: nine faults in ten are in a file that it opens.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.outcome import Outcome, total
from tests.faults.readers import READERS, SAID_OF_BREAKAGE, Answer, Reader, drawn
from tests.faults.subject import Subject

BLOCK_BYTES = 4096  # of a disk
Fault = Callable[[random.Random, Path, list[Path]], list[Path]]  # (file, all others of its kind); the files that it changed


@dataclass
class Bench:
    """The subject, what each reader says of it undisturbed, how long that takes and which files it opens."""

    subject: Subject
    readers: Sequence[Reader] = READERS
    answers: dict[str, Answer] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    opened: dict[str, list[str]] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)  # for people: what was not noticed
    met: Counter[tuple[str, str]] = field(default_factory=Counter)  # faults by kind of fault and reader

    def look(self) -> None:
        """Asks everybody twice: an answer that differs by itself would accuse the wrong one."""
        for reader in self.readers:
            reader.ask(self.subject.folder)  # what is loaded once is loaded now
            self.subject.restore()
            begun = time.monotonic()
            with watched(self.subject.folder) as opened:
                answer = reader.ask(self.subject.folder)
            self.seconds[reader.name] = time.monotonic() - begun
            self.subject.restore()
            again = reader.ask(self.subject.folder)
            self.subject.restore()
            assert answer == again and answer.status == 0, (reader.name, answer, again)
            self.answers[reader.name] = answer
            self.opened[reader.name] = sorted(opened & set(self.subject.files))


_watching: list[tuple[str, set[str]]] = []  # a hook stays for good: it looks here


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event == "open" and isinstance(arguments[0], str | bytes | Path):
        root, opened = _watching[-1]
        name = str(arguments[0])
        if name.startswith(root):
            opened.add(name[len(root) + 1 :])


@contextmanager
def watched(folder: Path) -> Iterator[set[str]]:
    """Paths in `folder` that this process opens meanwhile."""
    if not getattr(_note, "is_set", False):
        sys.addaudithook(_note)
        _note.is_set = True  # type: ignore[attr-defined]
    opened: set[str] = set()
    _watching.append((str(folder), opened))
    try:
        yield opened
    finally:
        _watching.pop()


def bench_of(subject: Subject, readers: Sequence[Reader] = READERS) -> Bench:
    bench = Bench(subject, readers)
    bench.look()
    return bench


def run(bench: Bench, seed: int, count: int) -> Outcome:
    """What became of `count` faults."""
    rng = random.Random(seed)
    return total(_one(bench, rng) for _ in range(count))


def _one(bench: Bench, rng: random.Random) -> Outcome:
    reader = drawn(rng, bench.seconds)
    files = bench.subject.files if rng.random() < 0.1 else bench.opened[reader.name]
    name = rng.choice(files)
    path = bench.subject.folder / name
    alike = [bench.subject.folder / one for one in bench.subject.files if Path(one).suffix == path.suffix and one != name]
    kind = rng.choices(list(FAULTS), [6, 1, 1, 1, 1])[0]
    changed = FAULTS[kind](rng, path, alike)
    if not changed:
        return Outcome()
    try:
        answer = reader.ask(bench.subject.folder)
    finally:
        bench.subject.restore()
    bench.met[kind, reader.name] += 1
    return judged(bench, reader, answer, kind, changed)


def judged(bench: Bench, reader: Reader, answer: Answer, kind: str, changed: list[Path]) -> Outcome:
    if answer == bench.answers[reader.name]:
        return Outcome(injected=1, harmless=1)
    if (
        answer.status
        and SAID_OF_BREAKAGE not in answer.text
        and any(name in answer.text for path in changed for name in _names(path))
    ):
        return Outcome(injected=1, noticed=1)
    if kind == "deleted" and changed[0].parent.name == "readers":
        return Outcome(injected=1, beyond=1)
    bench.silent.append(f"{reader.name}: {kind} {changed[0]}: {answer.status} {answer.text[-300:]!r}")
    return Outcome(injected=1, silent=1)


def _names(path: Path) -> list[str]:
    """How an error may name a file: what makes a folder a corpus, an export or a checkpoint also by that folder."""
    whole = {"export.json": str(path.parent), "corpus.json": str(path.parent)}.get(path.name, path.name)
    return [path.name, path.parent.name if path.parent.name.startswith("step-") else whole]


# Faults


def flipped(rng: random.Random, path: Path, _: list[Path]) -> list[Path]:
    """One bit."""
    data = bytearray(path.read_bytes())
    if not data:
        return []
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return _rewritten(path, bytes(data))


def cut(rng: random.Random, path: Path, _: list[Path]) -> list[Path]:
    """The file ends early."""
    data = path.read_bytes()
    return _rewritten(path, data[: rng.randrange(len(data))] if data else data)


def zeroed(rng: random.Random, path: Path, _: list[Path]) -> list[Path]:
    """A block of the disk."""
    data = path.read_bytes()
    at = rng.randrange(len(data) // BLOCK_BYTES + 1) * BLOCK_BYTES
    return _rewritten(path, data[:at] + bytes(len(data[at : at + BLOCK_BYTES])) + data[at + BLOCK_BYTES :])


def swapped(rng: random.Random, path: Path, alike: list[Path]) -> list[Path]:
    """Two files have each other's content."""
    if not alike:
        return []
    other = rng.choice(alike)
    here, there = path.read_bytes(), other.read_bytes()
    return _rewritten(path, there) and [path, *_rewritten(other, here)]


def deleted(_: random.Random, path: Path, __: list[Path]) -> list[Path]:
    path.unlink()
    return [path]


def _rewritten(path: Path, data: bytes) -> list[Path]:
    if path.read_bytes() == data:
        return []
    path.write_bytes(data)
    return [path]


FAULTS: dict[str, Fault] = {"flipped": flipped, "cut": cut, "zeroed": zeroed, "swapped": swapped, "deleted": deleted}
