"""Seconds per stage, by the wall and by the processor. Imports nothing but the standard library: the peer's side uses it too."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Adds up seconds under a name. On a busy machine read `cpu_seconds`: the wall also counts what others do."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        wall, processor = time.perf_counter(), cpu_seconds()
        yield
        row = self.stages.setdefault(name, {"seconds": 0.0, "cpu_seconds": 0.0})
        row["seconds"] += time.perf_counter() - wall
        row["cpu_seconds"] += cpu_seconds() - processor

    def keep_best(self, other: "Clock") -> None:
        """Takes over the stages that were faster in `other`, a repetition of the same work."""
        for name, row in other.stages.items():
            if name not in self.stages or row["cpu_seconds"] < self.stages[name]["cpu_seconds"]:
                self.stages[name] = row


def cpu_seconds() -> float:
    """User and system time of this process and of its ended children."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts kilobytes
