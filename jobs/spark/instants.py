"""Dates of documents inside Spark: every comparison is between instants, whatever form the dates were found in."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema

from jobs.spark.arrow_map import arrow_map
from pipeline.instants import MICROSECONDS, instant


def seconds_of(written: Sequence[str | None]) -> pa.Array:
    """Seconds since 1970 of dates as found, float64; null where a date is unknown."""
    found = (instant(one) for one in written)
    return pa.array([None if one is None else one / MICROSECONDS for one in found], pa.float64())


def with_seconds(rows: DataFrame) -> DataFrame:
    """+ seconds, of `fetched_at`. All columns go through Python: choose few."""
    schema = to_arrow_schema(rows.schema).append(pa.field("seconds", pa.float64()))

    def dated(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_arrays([*batch.columns, seconds_of(batch["fetched_at"].to_pylist())], schema=schema)

    return arrow_map(dated, rows, schema)
