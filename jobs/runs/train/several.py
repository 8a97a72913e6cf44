"""A run trained on by as many processes of this machine as it was begun by; torchrun starts them, and the first says how it goes.

Gradients are added up in an order that follows from the number of processes, so as many give the same bits and one does not.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch

from jobs.runs.record import RunRecord
from jobs.runs.train.metrics import Measured
from jobs.stopping import Stopped, held
from pipeline.errors import EnvironmentProblem, UsageError

_ONE = "jobs.runs.train.one_of_several"
_TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone"]


def require_room(run: Path, record: RunRecord) -> None:
    """Raises UsageError where a run had several machines, or each of its processes a GPU of its own and there are fewer here."""
    if record.machines > 1:
        raise UsageError(
            f"{run} was trained on {record.machines} machines, which add up gradients in another order than one does: it cannot "
            f"be replayed to the bit. --out-of-reach {run} in place of --run takes the pages out of the corpus and certifies that"
        )
    there = torch.cuda.device_count()
    if record.device != "cpu" and record.processes > max(1, there):
        raise UsageError(
            f"{run} was trained by {record.processes} processes with a GPU each, and this machine has {there}: "
            "take the pages out where there are as many"
        )


def trained_by_several(run: Path, record: RunRecord, until: int) -> Iterator[Measured]:
    """Steps of a run whose run.json is there, from its newest checkpoint up to `until`.

    Raises Stopped where the user asks, all saved, and EnvironmentProblem where a process fails.
    """
    command = [*_TORCHRUN, "--nproc-per-node", str(record.processes), "--module", _ONE, str(run.resolve()), str(until)]
    with held() as asked, tempfile.TemporaryFile("w+") as errors:
        # In a session of its own: a signal is for this process, which then ends all of them after the same step.
        processes = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True)  # noqa: S603 - our own module
        assert processes.stdout is not None
        try:
            for line in processes.stdout:
                if not line.startswith("{"):
                    continue  # NCCL_DEBUG and others print there too
                told = json.loads(line)
                if "error" in told:
                    raise _failed(run, record, told["error"])
                yield Measured(**told)
                if asked():
                    raise Stopped(f"after step {told['step']} of {until}, which is saved in {run}")
            status = processes.wait()
        finally:
            if processes.poll() is None:
                processes.terminate()  # each saves what it has and ends
                processes.wait()
        if status:
            errors.seek(0)
            said = [line.strip() for line in errors if "Error: " in line]
            raise _failed(run, record, said[0] if said else f"they ended with status {status}")


def _failed(run: Path, record: RunRecord, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"{run} cannot be trained again by {record.processes} processes ({why}): start the same command again"
    )
