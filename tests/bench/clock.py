"""Seconds per stage, by the wall and by the processor. Imports nothing but the standard library: the peer's side uses it too."""

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def cpu_seconds() -> float:
    """User and system time of this process and of its ended children."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class TreeSeconds:
    """User and system time of this process and of all that it started, Java and its workers too, ended ones as well. Linux only.

    A process that ends unwaited for takes its time with it, so all are looked at every second; only what one did in its last
    second may be lost.
    """

    def __init__(self) -> None:
        self.seen: dict[tuple[int, str], int] = {}  # process and when it began -> clock ticks
        self.lock = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def __call__(self) -> float:
        with self.lock:
            self._look()
            return sum(self.seen.values()) / os.sysconf("SC_CLK_TCK")

    def _watch(self) -> None:
        while True:
            self()
            time.sleep(1)

    def _look(self) -> None:
        fields = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields[int(stat.parent.name)] = stat.read_text().rpartition(")")[2].split()  # from the third field on
            except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
                continue
        left = [os.getpid()]
        while left:
            one = left.pop()
            self.seen[one, fields[one][19]] = int(fields[one][11]) + int(fields[one][12])
            left += [child for child, values in fields.items() if int(values[1]) == one]


class Clock:
    """Adds up seconds under a name. On a busy machine read `cpu_seconds`: the wall also counts what others do."""

    def __init__(self, processor: Callable[[], float] = cpu_seconds) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self.processor = processor

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        wall, processor = time.perf_counter(), self.processor()
        yield
        row = self.stages.setdefault(name, {"seconds": 0.0, "cpu_seconds": 0.0})
        row["seconds"] += time.perf_counter() - wall
        row["cpu_seconds"] += self.processor() - processor

    def keep_best(self, other: "Clock") -> None:
        """Takes over the stages that were faster in `other`, a repetition of the same work."""
        for name, row in other.stages.items():
            if name not in self.stages or row["cpu_seconds"] < self.stages[name]["cpu_seconds"]:
                self.stages[name] = row


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts kilobytes
