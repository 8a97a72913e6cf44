"""A run's plan trained from scratch on the corpus as it is now, in a process of its own: what replayed weights are held against.

It shares nothing with the replay but the plan, the shards and the code: no checkpoint, no state, no process.
"""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from jobs.runs.record import RUN, read_run, write_run
from jobs.runs.train_model import train_run
from model.training.parallel import team
from pipeline.errors import BrokenPromise


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
    record = replace(read_run(Path(run)), takedowns=[])
    if not (Path(oracle) / RUN).exists() or read_run(Path(oracle)) != record:  # of the corpus as it was before another takedown
        shutil.rmtree(oracle, ignore_errors=True)
        write_run(Path(oracle), record)
    with team() as members:
        for _ in train_run(Path(record.corpus), Path(oracle), record.train_plan, members, until=int(until)):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
