"""The kinds of faults that fit into one process, by their numbers in the matrix of faults."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.faults import claims, damage, hostile, memory, reads, repeated, stops, warc_faults
from tests.faults.outcome import Outcome
from tests.faults.readers import READERS, Reader
from tests.faults.subject import Subject, make_subject


class Place:
    """Where faults happen; what several kinds of them need is made when the first one does."""

    def __init__(self, folder: Path, readers: Sequence[Reader] = READERS) -> None:
        self.folder, self._readers = folder, readers

    def _subject(self) -> Path:
        made = self.folder / "subject"
        return made if made.exists() else make_subject(made)

    @cached_property
    def bench(self) -> damage.Bench:
        return damage.bench_of(Subject(self._subject(), self.folder / "pristine"), self._readers)


Found = tuple[Outcome, list[str]]  # what became of the faults, a line on each that was not clean


class Part(NamedTuple):
    """One kind of fault. `run` gets a place, a seed and how many; equal ones give equal faults."""

    number: str  # in the matrix
    what: str
    share: float  # of the time
    slice: int  # faults of one seed
    run: Callable[[Place, int, int], Found]


def _in_warc(_: Place, seed: int, count: int) -> Found:
    return warc_faults.run(seed, count), []


def _damaged(place: Place, seed: int, count: int) -> Found:
    place.bench.silent.clear()
    return damage.run(place.bench, seed, count), list(place.bench.silent)


def _disturbed(place: Place, seed: int, count: int) -> Found:
    place.bench.silent.clear()
    return reads.run(place.bench, seed, count), list(place.bench.silent)


def _starved(place: Place, seed: int, count: int) -> Found:
    return memory.run(place.bench, seed, count)


def _stopped(place: Place, seed: int, count: int) -> Found:
    return stops.run(place.folder / "stops", seed, count)


def _repeated(place: Place, seed: int, count: int) -> Found:
    return repeated.run(place.folder / "repeated", seed, count), []


def _claimed(place: Place, seed: int, count: int) -> Found:
    return claims.run(place.bench.subject, place.folder / "claims", seed, count)


def _shown(place: Place, seed: int, count: int) -> Found:
    return hostile.run(place.bench.subject, place.folder / "hostile", seed, count)


PARTS = {
    part.number: part
    for part in (
        Part("F2, F6", "a writer killed, without room or on a broken disk, at each point where it writes", 0.15, 200, _stopped),
        Part("F4, F5", "a task that fails half-way, is tried again, runs twice or twice at one time", 0.1, 60, _repeated),
        Part("F7", "a disk that breaks while it is read, and reads that come in small parts or late, before any reader", 0.05, 60,
             _disturbed),
        Part("F8", "too little memory for commands that read, search and export", 0.05, 12, _starved),
        Part("F9", "a WARC with a flipped bit, a lost end, a zeroed or swapped block, a header that lies", 0.05, 400, _in_warc),
        Part("F10, F11", "any file of a corpus or a run flipped, cut, zeroed, swapped or deleted, before any reader", 0.4, 100,
             _damaged),
        Part("F12, F13", "corpus.json or run.json of another, old or half; other settings on resume; two writers; an export "
             "during a takedown; curated anew under a run; a lost acknowledgement", 0.1, 60, _claimed),
        Part("F15", "a hostile string in any column, in report, certificate, run page and terminal", 0.05, 60, _shown),
    )
}  # fmt: skip
