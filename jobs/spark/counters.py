"""Sums that tasks add to and the driver looks at while they run; a task counts when it has ended."""

from pyspark import SparkContext

NAMES = ("inputs", "bytes", "records", "retries")


class Counters:
    """Progress, nothing more: a task that is run twice may count twice."""

    def __init__(self, context: SparkContext) -> None:
        self._sums = {name: context.accumulator(0) for name in NAMES}

    def add(self, **counts: int) -> None:
        for name, count in counts.items():
            self._sums[name].add(count)

    def values(self) -> dict[str, int]:
        return {name: int(one.value) for name, one in self._sums.items()}
