"""What a stage took of machines, as Spark and this process tell it: `winnow plan --crawl` makes a crawl's cost of it."""

import time
from typing import Any, NamedTuple

from pyspark.sql import SparkSession


class Spent(NamedTuple):
    """So far. A core counts for as long as a task holds it, whatever it waits for."""

    task_seconds: float = 0.0  # of all executors
    driver_seconds: float = 0.0  # CPU of this process
    shuffled_bytes: int = 0  # written for other tasks to read, compressed

    def as_json_since(self, before: "Spent") -> dict[str, Any]:
        tasks, driver = self.task_seconds - before.task_seconds, self.driver_seconds - before.driver_seconds
        return {"core_seconds": round(tasks + driver, 3), "shuffled_bytes": self.shuffled_bytes - before.shuffled_bytes}


def spent(spark: SparkSession | None) -> Spent:
    """By a session, those of its executors that are gone included; null: none has been started."""
    if spark is None:
        return Spent(driver_seconds=time.process_time())
    executors = spark.sparkContext._jsc.sc().statusStore().executorList(False)
    each = [executors.apply(number) for number in range(executors.size())]
    tasks, shuffled = sum(one.totalDuration() for one in each), sum(one.totalShuffleWrite() for one in each)
    return Spent(tasks / 1000, time.process_time(), int(shuffled))


def cores_of(spark: SparkSession | None) -> int:
    """That tasks may hold at once."""
    return 1 if spark is None else int(spark.sparkContext.defaultParallelism)
