"""A winnow command that is killed where it makes something visible: `from tests.faults.kills.points import main; main()`.

Such a point is a rename in the folder that it works on: a file that gets its name, corpus.json that is replaced, an export or a
checkpoint that takes its place. They are counted, not listed. What Spark's workers rename in tasks is not seen here:
tests/jobs/stages/test_going_on.py has these.
"""

import os
import signal
import sys
from typing import Any

from jobs.cli import main as winnow

BEFORE, AFTER = "before", "after"  # the next time that corpus.json is replaced; else the number of a rename


class Point:
    """Kills this process at one of its points; `seen` counts them."""

    def __init__(self, root: str, at: str) -> None:
        self._root, self._at, self.seen, self._replaced = root, at, 0, False

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook: of a rename it hears before it is done."""
        if self._replaced and self._at == AFTER:
            self._at = ""  # the kill is an event itself
            os.kill(os.getpid(), signal.SIGKILL)
        if event == "os.rename" and str(arguments[1]).startswith(self._root):
            self.seen += 1
            self._replaced |= str(arguments[1]) == f"{self._root}/corpus.json"
            if self._at == str(self.seen) or (self._replaced and self._at == BEFORE):
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """ROOT POINT COMMAND…; what the command has in points, where it is not killed, is the last line that it prints."""
    root, at, *words = sys.argv[1:]
    point, sys.argv = Point(os.path.realpath(root), at), ["winnow", *words]
    sys.addaudithook(point.hear)
    try:
        winnow()
    finally:
        print(f"\n{point.seen}", flush=True)
