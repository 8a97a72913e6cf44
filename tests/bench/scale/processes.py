"""CPU seconds and memory of everything that this process has started, by kind. Linux only."""

import os
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")


class Seconds(NamedTuple):
    """CPU, user and system."""

    java: float
    workers: float  # Python below Java
    driver: float

    def __sub__(self, other: "Seconds") -> "Seconds":  # type: ignore[override]
        return Seconds(*(here - there for here, there in zip(self, other, strict=True)))


class Process(NamedTuple):
    """As /proc has it."""

    parent: int
    name: str
    seconds: float  # its own
    of_children: float  # those that have ended

    @property
    def is_java(self) -> bool:
        return self.name == "java"


def seconds_so_far() -> Seconds:
    """Of this process and all below it, those that have ended included."""
    found, here = _processes(), os.getpid()
    java = workers = 0.0
    for number in _below(here, found):
        one = found[number]
        java += one.seconds if one.is_java else 0
        workers += one.of_children if one.is_java else one.seconds + one.of_children
    return Seconds(java, workers, found[here].seconds + found[here].of_children)


def java_peak_bytes() -> int:
    """The largest resident size that Java has reached, as far as it still runs."""
    found = _processes()
    peaks = [_peak(number) for number in _below(os.getpid(), found) if found[number].is_java]
    return max(peaks, default=0)


def _peak(number: int) -> int:
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _processes() -> dict[int, Process]:
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # ended meanwhile
            continue
        name, fields = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :].split()
        user, system, ended_user, ended_system = (int(one) / TICKS for one in fields[11:15])
        found[int(stat.parent.name)] = Process(int(fields[1]), name, user + system, ended_user + ended_system)
    return found


def _below(top: int, found: dict[int, Process]) -> list[int]:
    left, below = [top], []
    while left:
        one = left.pop()
        children = [number for number, process in found.items() if process.parent == one]
        below += children
        left += children
    return below
