"""Looks at Spark's tasks while a stage runs and moves the progress line along."""

import threading
from typing import TYPE_CHECKING

from rich.progress import Progress, TaskID

if TYPE_CHECKING:
    from jobs.stages.stage import Work


class TaskWatcher:
    """A thread that asks Spark twice a second how many tasks of its running jobs are done."""

    def __init__(self, work: "Work", progress: Progress, line: TaskID) -> None:
        self._work, self._progress, self._line = work, progress, line
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            spark = self._work.started_spark
            if spark is None:
                continue
            tracker = spark.sparkContext.statusTracker()
            known = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            running = [one for one in known if one is not None]
            if running:
                done = sum(one.numCompletedTasks for one in running)
                self._progress.update(self._line, completed=done, total=sum(one.numTasks for one in running))
