"""A run's plan trained from scratch on the corpus as it is now, in a process of its own: what replayed weights are held against.

It shares nothing with the replay but the plan, the shards and the code: no checkpoint, no state, no process.
"""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from jobs.runs.record import RUN, device_begun, read_run, write_run
from jobs.runs.tune.again import copy_kept, same_from_scratch, trained_again
from model.training.parallel import Team, team
from pipeline.errors import BrokenPromise

NOTHING_NEW = ".new"
PARENT, TEACHER = ".parent", ".teacher"  # in the oracle of a tuning: those of the runs that it was made of


def train_oracle(run: Path, oracle: Path, until: int) -> None:
    """Trains `oracle` to step `until` in another process; goes on where an earlier one was killed.

    Raises BrokenPromise with its last words where it fails.
    """
    command = [sys.executable, "-m", "jobs.runs.unlearn.oracle", str(run.resolve()), str(oracle.resolve()), str(until)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise BrokenPromise(f"the oracle of {run} failed: {last[0]}; the run itself is done, `--oracle` can be asked for again")


def main(run: str, oracle: str, until: str) -> None:
    with team(device_begun(Path(run))) as members:
        _train(Path(run), Path(oracle), int(until), members)


def _train(run: Path, oracle: Path, until: int, members: Team) -> None:
    """Of a tuning, first an oracle of the run whose weights it began with."""
    record = replace(read_run(run), takedowns=[])
    if record.parent is not None:
        _train(Path(record.parent["run"]), oracle / PARENT, record.parent["step"], members)
        if record.teacher is not None:
            _train(Path(record.teacher["run"]), oracle / TEACHER, record.teacher["step"], members)
        record = same_from_scratch(run, oracle, oracle / PARENT, oracle / TEACHER)
    else:
        copy_kept(run, oracle / NOTHING_NEW, oracle, record)  # weights from elsewhere, which no page can be taken out of
    if not (oracle / RUN).exists() or read_run(oracle) != record:  # of the corpus as it was before another takedown
        for path in oracle.glob("step-*"):
            shutil.rmtree(path)
        write_run(oracle, record)
    for _ in trained_again(oracle, record, members, until):
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
