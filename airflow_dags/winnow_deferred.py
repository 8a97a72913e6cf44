"""Tasks that hold no worker while their command runs: it goes on by itself, and Airflow's triggerer waits (winnow_jobs.py).

Where no triggerer runs, or it cannot import winnow_jobs, the worker waits as it would have without.
"""

import json
import os
import re
import time
import urllib.request
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator
from winnow_jobs import JobTrigger, begin, ended, stop

JOBS = Path(os.environ.get("WINNOW_JOBS") or Path(os.environ.get("AIRFLOW_HOME") or Path.home() / "airflow") / "winnow-jobs")
FAILED = "__fail__"  # the method that Airflow names when a trigger has failed or was too late
LOOK_SECONDS = 1.0  # between two looks of a worker that waits
MOST_LOG_BYTES = 1 << 20  # of the log that a task shows at its end

Command = tuple[list[str], dict[str, str]]  # words, and what is changed in the environment
Commands = Callable[[Mapping[str, Any]], Command | None]  # of a task's context; null where it has been carried out already


class DeferredOperator(BaseOperator):  # type: ignore[misc]  # Airflow is in another environment than mypy
    """Begins a command, or finds the one that an earlier try has begun and that still runs, and waits for its end."""

    def __init__(self, *, command: Commands, **options: Any) -> None:
        super().__init__(**options)
        self.command = command
        self._job: Path | None = None  # that this worker has begun, or waits for

    def execute(self, context: Any) -> None:
        self._job = job = job_of(context)
        if not (job / "process").exists() or ended(job) is not None:
            command = self.command(context)
            if command is None:
                return
            begin(job, *command)
        if not triggerer_runs():
            self.log.info("no triggerer runs, as far as this worker can see: it waits itself; the command logs to %s/log", job)
            self.finish(context, _waited_for(job))
            return
        self.log.info("the triggerer waits; the command logs to %s/log", job)
        timeout = self.execution_timeout and max(timedelta(seconds=1), self.execution_timeout - _age(job))
        self.defer(trigger=JobTrigger(str(job)), method_name="finish", timeout=timeout)

    def finish(self, context: Any, event: int) -> None:
        """Shows what the command has said. Raises RuntimeError where it has failed: tried again, it goes on where it stands."""
        job = job_of(context)
        with (job / "log").open("rb") as file:
            file.seek(max(0, (job / "log").stat().st_size - MOST_LOG_BYTES))
            print(file.read().decode("utf-8", "replace"))
        if event:
            how = f"ended with status {event}" if event > 0 else "was killed, or its machine was"
            raise RuntimeError(f"the command {how}: {job}/log has what it said; the task tried again goes on where it stands")

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        if next_method != FAILED:
            return super().resume_execution(next_method, next_kwargs, context)
        self._job = job = job_of(context)
        if "timeout" in str((next_kwargs or {}).get("error")).lower():
            stop(job)
            return super().resume_execution(next_method, next_kwargs, context)
        self.log.warning("the triggerer could not wait (has it winnow_jobs.py among its plugins?): this worker does")
        return self.finish(context, _waited_for(job))

    def on_kill(self) -> None:
        """The worker waits, and somebody ends the task, or its hours are over."""
        if self._job is not None:
            stop(self._job)


def job_of(context: Mapping[str, Any]) -> Path:
    """The folder of a task's command, the same for each of its tries."""
    instance = context["ti"]
    named = f"{instance.dag_id}.{instance.run_id}.{instance.task_id}.{getattr(instance, 'map_index', -1)}"
    return JOBS / re.sub(r"[^A-Za-z0-9._+-]", "_", named)


def triggerer_runs() -> bool:
    """Whether the API server, asked for its health, has heard of one lately; no where it does not answer."""
    from airflow.sdk.configuration import conf

    base = conf.get("core", "execution_api_server_url", fallback="") or conf.get("api", "base_url", fallback="")
    server = base.rstrip("/").removesuffix("/execution") or "http://localhost:8080"
    try:
        with urllib.request.urlopen(f"{server}/api/v2/monitor/health", timeout=10) as answer:  # noqa: S310 - Airflow's own address
            return bool(json.load(answer)["triggerer"]["status"] == "healthy")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _waited_for(job: Path) -> int:
    while (status := ended(job)) is None:
        time.sleep(LOOK_SECONDS)
    return status


def _age(job: Path) -> timedelta:
    return timedelta(seconds=max(0, time.time() - (job / "process").stat().st_mtime))
