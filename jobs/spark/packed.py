"""Many small rows that have to meet by a key, without a row of Spark for each.

A task cuts its rows into buckets by the hash of their key, and writes each bucket's as one Arrow message: a row of Spark holds
hundreds of them. Buckets are shuffled, and what meets in one is counted by numpy or Arrow. Spark's own way, a row for each word
or n-gram of each page, took most of Java's time.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.arrow_map import map_partitions

PACKED = pa.schema([("bucket", pa.int32()), ("rows", pa.binary())])  # an Arrow message
LEAST_BUCKETS, MOST_BUCKETS = 8, 4096  # a number of one fits into 16 bits: `packed`
MIXED = np.uint64(0x9E3779B97F4A7C15)


def buckets_for(pieces: int) -> int:
    """Buckets for what so many pieces of work give: one fits into a worker's memory with all that is made of it."""
    return min(MOST_BUCKETS, max(LEAST_BUCKETS, 4 * pieces))


def bucket_of(keys: np.ndarray, buckets: int) -> np.ndarray:
    """int64 [rows], from 0, of 64-bit keys of any kind."""
    wide = keys.astype(np.uint64, copy=False)
    mixed = (wide ^ (wide >> np.uint64(32))) * MIXED
    return ((mixed >> np.uint64(32)) % np.uint64(buckets)).astype(np.int64)


def packed(rows: pa.RecordBatch, bucket: np.ndarray) -> pa.RecordBatch:
    """PACKED: `rows` by their bucket, a message each."""
    order = np.argsort(bucket.astype(np.uint16), kind="stable")  # of 16 bits numpy sorts by digits
    sorted_rows, numbers = rows.take(pa.array(order)), bucket[order]
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    ends = np.append(starts, len(numbers))[1:]
    parts = (sorted_rows.slice(start, end - start) for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
    messages = [part.serialize().to_pybytes() for part in parts]
    return pa.record_batch([pa.array(numbers[starts], pa.int32()), pa.array(messages, pa.binary())], schema=PACKED)


def met(frame: DataFrame, schema: pa.Schema, function: Callable[[pa.Table], pa.Table], made: pa.Schema) -> DataFrame:
    """`function` of all rows (`schema`) of each bucket of `frame` (PACKED), which it is given one bucket at a time."""

    def over_buckets(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for rows in _by_bucket(batches, schema):
            yield from function(rows).cast(made).to_batches()

    together = frame.repartition(f.col("bucket")).sortWithinPartitions("bucket")
    return map_partitions(over_buckets, together, made)


def _by_bucket(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    bucket, parts = -1, list[pa.RecordBatch]()
    for batch in batches:
        for number, message in zip(batch["bucket"].to_pylist(), batch["rows"], strict=True):
            if number != bucket and parts:
                yield pa.Table.from_batches(parts, schema)
                parts = []
            bucket = number
            parts.append(pa.ipc.read_record_batch(message.as_buffer(), schema))
    if parts:
        yield pa.Table.from_batches(parts, schema)
