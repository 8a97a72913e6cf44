"""Seconds per stage, by the wall and by the processor. Imports nothing but the standard library: the peer's side uses it too."""

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def cpu_seconds() -> float:
    """User and system time of this process and of its ended children."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def tree_cpu_seconds() -> float:
    """User and system time of this process and of all below it, running or ended: Java and its workers too. Linux only."""
    fields = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields[int(stat.parent.name)] = stat.read_text().rpartition(")")[2].split()  # from the third field on
        except (FileNotFoundError, ProcessLookupError):  # ended meanwhile: its parent has its time
            continue
    below, left = 0, [os.getpid()]
    while left:
        one = left.pop()
        below += sum(map(int, fields[one][11:15]))  # utime, stime, and those of children that were waited for
        left += [child for child, values in fields.items() if int(values[1]) == one]
    return below / os.sysconf("SC_CLK_TCK")


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
