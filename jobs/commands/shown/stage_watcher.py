"""Looks at the stages while they run: for the line on the terminal, for `winnow status`, the log and Prometheus."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.corpus import progress
from jobs.corpus.progress import FAILED, FINISHED, STOPPED, Status
from jobs.corpus.stores.store import is_local
from jobs.stopping import Stopped
from pipeline.errors import WinnowError

if TYPE_CHECKING:
    from jobs.stages.stage import Work

LOOK_SECONDS, WRITE_SECONDS, LOG_SECONDS = 0.5, 1.0, 30.0
WRITE_REMOTE_SECONDS = 15.0  # each time is a request


class StageWatcher:
    """A thread that looks twice a second. What it cannot write or ask costs the work nothing."""

    def __init__(self, work: "Work", stages: tuple[str, ...], see: Callable[[Status], None], prometheus: Path | None) -> None:
        self._work, self._see, self._prometheus = work, see, prometheus
        self._root = work.corpus.root
        self.status = progress.now(stages=stages)
        self._written_at = self._logged_at = 0.0
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        progress.begin(self._root)
        self._tell("begun")
        self._thread.start()

    def stop(self, state: str, error: str | None = None) -> None:
        self._ended.set()
        self._thread.join()
        with suppress(Exception):  # Spark may be gone
            self.status = self._looked()
        self.status = replace(self.status, updated_at=time.time(), state=state, last_error=error or self.status.last_error)
        self._tell(state)

    def begins(self, stage: str) -> None:
        with self._lock:
            self.status = replace(
                progress.now(stages=self.status.stages, stages_done=self.status.stages_done, stage=stage),
                started_at=self.status.started_at, stage_started_at=time.time(), memory_bytes=self.status.memory_bytes,
                retries=self.status.retries, last_error=self.status.last_error,
            )  # fmt: skip
        self._tell("stage begun")

    def ends(self, stage: str, records: int | None) -> None:
        with self._lock:
            done = (*self.status.stages_done, stage)
            self.status = replace(self.status, stages_done=done, stage=stage, records_done=records, updated_at=time.time())
        self._tell("stage ended")

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            with suppress(Exception), self._lock:  # Spark may be starting or ending
                self.status = self._looked()
            self._see(self.status)
            every = WRITE_SECONDS if is_local(self._root) else WRITE_REMOTE_SECONDS
            if time.monotonic() - self._written_at >= every:
                self._tell("working" if time.monotonic() - self._logged_at >= LOG_SECONDS else None)

    def _tell(self, event: str | None) -> None:
        self._written_at = time.monotonic()
        try:
            progress.write_status(self._root, self.status)
            if event is not None:
                self._logged_at = time.monotonic()
                progress.log(self._root, event, self.status)
            if self._prometheus is not None:
                progress.write_prometheus(self._prometheus, self._root, self.status)
        except (OSError, WinnowError) as error:
            logging.getLogger(__name__).debug("status: %s", error)

    def _looked(self) -> Status:
        """What is known now."""
        status = replace(self.status, updated_at=time.time())
        work = self._work
        if work.started_spark is None or status.stage != work.stage:
            return status
        status = replace(status, memory_bytes=max(work.peak_bytes or 0, status.memory_bytes or 0) or None, **_tasks(work))
        if work.counters is None:
            return status
        ended, under_way = work.counters.values(), list(progress.tasks_under_way(self._root))
        before = work.done_before
        bytes_done = before.bytes + ended["bytes"] + sum(one.bytes for one in under_way)
        errors = [one.error for one in under_way if one.error]
        return replace(
            status,
            inputs_done=min(before.inputs + ended["inputs"], work.to_do.inputs), inputs=work.to_do.inputs,
            bytes_done=min(bytes_done, work.to_do.bytes), bytes=work.to_do.bytes, bytes_before=before.bytes,
            records_done=ended["records"] + sum(one.records for one in under_way),
            memory_bytes=max(status.memory_bytes or 0, *(one.memory_bytes for one in under_way), 0) or None,
            retries=ended["retries"] + sum(one.retries for one in under_way),
            last_error=errors[-1] if errors else status.last_error,
        )  # fmt: skip


def _tasks(work: "Work") -> dict[str, Any]:
    """Of Spark's running jobs; unknown while none runs."""
    spark = work.started_spark
    if spark is None:
        return {}
    tracker = spark.sparkContext.statusTracker()
    known = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    running = [one for one in known if one is not None]
    if not running:
        return {"tasks_done": None, "tasks": None}
    return {"tasks_done": sum(one.numCompletedTasks for one in running), "tasks": sum(one.numTasks for one in running)}


@contextmanager
def watching(
    work: "Work", stages: tuple[str, ...], see: Callable[[Status], None], prometheus: Path | None
) -> Iterator[StageWatcher]:
    """Within the block the work is watched; what it ends with is told."""
    watcher = StageWatcher(work, stages, see, prometheus)
    watcher.start()
    try:
        yield watcher
    except (Stopped, KeyboardInterrupt):
        watcher.stop(STOPPED)
        raise
    except BaseException as error:
        from jobs.commands.shown.failures import as_winnow_error

        known = error if isinstance(error, WinnowError) else as_winnow_error(error)
        watcher.stop(FAILED, str(known) if known is not None else type(error).__name__)
        raise
    watcher.stop(FINISHED)
