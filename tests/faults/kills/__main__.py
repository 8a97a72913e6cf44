"""`python -m tests.faults.kills`: kill -9 of curate, takedown and export, and full disks; `make test-kills`.

Each command runs as people run it, in a process group of its own, on a copy. All of the group is killed; then the same command is
given again, and the files that are promised are compared with those of an undisturbed one. Where a small tmpfs may be mounted the
disk is really full, else the size of files is limited (RLIMIT_FSIZE).
"""

import argparse
import contextlib
import itertools
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.faults.kills.commands import Case, cases, ended, fresh, kill, on
from tests.faults.kills.disks import full
from tests.faults.kills.points import AFTER, BEFORE
from tests.faults.outcome import Outcome, total
from tests.faults.table import record
from tests.jobs.running import WINNOW

KILLED = "kill -9 of curate, takedown and export at random moments, then again"
AT_POINTS = "kill -9 of curate, takedown and export wherever one of them makes something visible"
DISKS = "a full disk, or a limit on files, under curate, takedown and export"


def killed(case: Case, folder: Path, seconds: float, expected: dict[str, str], rng: random.Random) -> Outcome:
    """One command that is killed at a random moment, mostly again while it goes on, and then left to end."""
    corpus, kills = fresh(case, folder), 0
    for _ in range(rng.randrange(2, 6) if case.begins_with is None else rng.choice([1, 1, 2])):
        process = _started(on(case.command, corpus))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0, seconds))
        kills += process.poll() is None
        kill(process)
    return ended(case, corpus, expected, kills)


def killed_at_points(case: Case, folder: Path, expected: dict[str, str]) -> Iterator[Outcome]:
    """The command killed wherever it makes something visible, at every one of these points."""
    if case.begins_with is None:
        yield _walked(case, folder, expected)
        return
    corpus = fresh(case, folder)
    points = int(subprocess.run(_at_point(case, corpus, "0"), capture_output=True, text=True, check=True).stdout.split()[-1])
    for point in range(1, points + 1):
        corpus = fresh(case, folder)
        process = _started(_at_point(case, corpus, str(point)))
        process.wait()
        kill(process)
        yield ended(case, corpus, expected, process.returncode == -signal.SIGKILL)


def _walked(case: Case, folder: Path, expected: dict[str, str]) -> Outcome:
    """Many stages: each start goes on to the next publication, and is killed before it, the one after that behind it."""
    corpus, kills, last = fresh(case, folder), 0, -signal.SIGKILL
    for point in itertools.cycle([BEFORE, AFTER]):
        if last != -signal.SIGKILL:
            return ended(case, corpus, expected, kills)
        process = _started(_at_point(case, corpus, point))
        process.wait()
        kill(process)
        last = process.returncode
        kills += last == -signal.SIGKILL
    raise AssertionError("there is no end to it")


def _at_point(case: Case, corpus: Path, point: str) -> list[str]:
    own = [sys.executable, "-c", "from tests.faults.kills.points import main; main()", str(corpus), point]
    return [*own, *on(case.command, corpus)[len(WINNOW) :]]


def _started(command: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def main() -> None:
    asked = arguments()
    rng, wrong = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory(prefix="winnow-kills-") as name:
        for case in (one for one in cases(Path(name)) if one.name in asked.commands.split(",")):
            corpus, began = fresh(case, Path(name)), time.monotonic()
            subprocess.run(on(case.command, corpus), check=True, capture_output=True)
            wrong += _all_kinds(case, Path(name), asked, time.monotonic() - began, case.promised(corpus), rng)
    sys.exit(wrong > 0)


def _all_kinds(
    case: Case, folder: Path, asked: argparse.Namespace, seconds: float, expected: dict[str, str], rng: random.Random
) -> int:
    """How many kinds of stops were not clean. What has become of each is on record at once, whatever ends the rest."""
    times = _times(asked, case)
    kinds: dict[str, tuple[str, Iterable[Outcome]]] = {
        "F1": (KILLED, (killed(case, folder, seconds, expected, rng) for _ in range(times))),
        "F2 (kills)": (AT_POINTS, killed_at_points(case, folder, expected) if asked.points else ()),
        "F6 (disks)": (DISKS, (full(case, folder, expected, rng) for _ in range(times // 2))),
    }
    unclean = 0
    for kind, (what, outcomes) in kinds.items():
        so_far = Outcome()
        for one in outcomes:
            so_far = total([so_far, one])
            record(kind, what, case.name if kind == "F2 (kills)" else f"{case.name} {asked.seed}", so_far)
        print(f"{case.name}, {seconds:.0f} s: {kind} {so_far}", flush=True)
        unclean += not so_far.is_clean
    return unclean


def _times(asked: argparse.Namespace, case: Case) -> int:
    """A curation takes as long as ten of the others."""
    return max(2, asked.times // (10 if case.name == "curate" else 1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the moments; default the time of day")
    parser.add_argument("--commands", default="export,takedown,curate", help="which of these")
    parser.add_argument("--points", action="store_true", help="also at every point where one makes something visible")
    parser.add_argument("--times", type=int, default=40, help="kills of each command; a tenth of curate")
    return parser.parse_args()


if __name__ == "__main__":
    main()
