"""The one way from Spark into our code: a pure function over Arrow batches, mapped over a table.

No row-wise functions and no RDDs: a batch crosses into Python as Arrow and comes back as Arrow.
"""

import functools
import gc
import resource
from collections.abc import Callable, Iterator
from typing import TypeVar

import pyarrow as pa
from pyspark import Accumulator, AccumulatorParam
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

BatchFunction = Callable[[pa.RecordBatch], Iterator[pa.RecordBatch]]
PartitionFunction = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
Number = TypeVar("Number", int, float)


class Largest(AccumulatorParam[int]):  # type: ignore[misc]  # PySpark is not followed
    """An accumulator that keeps the largest value seen, which a repeated task cannot inflate."""

    def zero(self, value: int) -> int:  # noqa: ARG002 - Spark's signature
        return 0

    def addInPlace(self, value1: int, value2: int) -> int:
        return max(value1, value2)


_peaks: dict[str, Accumulator[int]] = {}


def peak_worker_bytes(spark: SparkSession) -> Accumulator[int]:
    """The largest resident size that any Python worker of this session has reached, in bytes."""
    application = str(spark.sparkContext.applicationId)
    if application not in _peaks:
        _peaks[application] = spark.sparkContext.accumulator(0, Largest())
    return _peaks[application]


def spark_schema(schema: pa.Schema) -> StructType:
    return from_arrow_schema(schema)


def arrow_map(function: BatchFunction, frame: DataFrame, schema: pa.Schema) -> DataFrame:
    """`function` applied to every Arrow batch of `frame`; it yields any number of batches that have `schema`."""

    def over_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                yield from function(batch)

    return map_partitions(over_partition, frame, schema)


def map_partitions(function: PartitionFunction, frame: DataFrame, schema: pa.Schema) -> DataFrame:
    """`function` applied to the Arrow batches of each partition of `frame`, once; it yields batches that have `schema`."""
    peak = peak_worker_bytes(frame.sparkSession)

    def measured(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from function(batches)
        peak.add(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)  # Linux counts kilobytes
        keep_what_is_loaded()

    return frame.mapInArrow(measured, spark_schema(schema))


@functools.cache
def keep_what_is_loaded() -> None:
    """Once a worker: what is loaded stays, so the collection of garbage after each task of Spark need not walk it, in 80 ms."""
    gc.freeze()
