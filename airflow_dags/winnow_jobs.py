"""A command that runs apart from the task that began it, and what waits for it in Airflow's triggerer. Imports nothing of winnow.

    JOB/process   machine, number and start of the process, which leads a group of its own
    JOB/log       what it says
    JOB/exit      its exit status, once it has ended

Nothing else is known of a job, so a worker or a triggerer that was restarted goes on waiting. The triggerer imports this file by
its name: it wants a copy in the folder of plugins, or the folder of DAGs on its PYTHONPATH.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

GONE = -1  # in place of an exit status: the process is no more, and has told none
POLL_SECONDS = 5.0
STOPPING_SECONDS = 30.0  # between the request to end and the end
KILLING_SECONDS = 5.0  # that the end is waited for
# Files appear whole. A shell that is told to end waits for the command, which is told too, and leaves its status; or begins none.
SCRIPT = """
job=$1; shift; told=
trap 'told=143' TERM
start=$(cat /proc/sys/kernel/random/boot_id)-$(cut -d ' ' -f 22 /proc/$$/stat)
printf '%s %s %s' "$(uname -n)" $$ "$start" > "$job/process.part" && mv "$job/process.part" "$job/process"
: > "$job/log"
if [ "$told" ]; then status=$told; else "$@" > "$job/log" 2>&1 < /dev/null; status=$?; fi
printf %s $status > "$job/exit.part" && mv "$job/exit.part" "$job/exit"
"""


def begin(job: Path, words: Sequence[str], environment: Mapping[str, str]) -> None:
    """Starts a command, words as they are, in a session of its own: it outlives the task that began it."""
    shutil.rmtree(job, ignore_errors=True)
    job.mkdir(parents=True)
    command = ["/bin/sh", "-c", SCRIPT, "winnow-job", str(job), *words]
    shell = subprocess.Popen(command, env=os.environ | dict(environment), start_new_session=True)  # noqa: S603 - words
    while not (job / "process").exists() and shell.poll() is None:
        time.sleep(0.01)


def ended(job: Path) -> int | None:
    """The exit status; GONE where a process of this machine has left none; null while it runs, or where nobody here can see."""
    with suppress(FileNotFoundError):
        return int((job / "exit").read_text())
    try:
        machine, process, start = (job / "process").read_text().split()
    except FileNotFoundError:
        return GONE
    if machine != socket.gethostname() or _runs(process, start):
        return None
    with suppress(FileNotFoundError):  # it ended between the two looks
        return int((job / "exit").read_text())
    return GONE


def stop(job: Path) -> None:
    """Ends the command and all that it has started, where that is on this machine."""
    with suppress(FileNotFoundError, ProcessLookupError):
        machine, process, start = (job / "process").read_text().split()
        if machine != socket.gethostname() or not _runs(process, start):
            return
        for how, seconds in ((signal.SIGTERM, STOPPING_SECONDS), (signal.SIGKILL, KILLING_SECONDS)):
            os.killpg(int(process), how)
            deadline = time.monotonic() + seconds
            while _runs(process, start) and time.monotonic() < deadline:
                time.sleep(0.05)


def _runs(process: str, start: str) -> bool:
    """Whether it is still there: a later process that was given its number has another start."""
    try:
        state, *since = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" and start == f"{boot}-{since[18]}"  # proc(5): the state is field 3, the start field 22


class JobTrigger(BaseTrigger):  # type: ignore[misc]  # Airflow is in another environment than mypy
    """Fires with what `ended` says. It holds nothing but where the job lies, so one that was restarted goes on with it."""

    def __init__(self, job: str, poll_seconds: float = POLL_SECONDS) -> None:
        super().__init__()
        self.job, self.poll_seconds = job, poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "winnow_jobs.JobTrigger", {"job": self.job, "poll_seconds": self.poll_seconds}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while (status := await asyncio.to_thread(ended, Path(self.job))) is None:
            await asyncio.sleep(self.poll_seconds)
        yield TriggerEvent(status)

    async def on_kill(self) -> None:
        """Somebody has cleared the task, or marked it: its command ends too."""
        await asyncio.to_thread(stop, Path(self.job))
