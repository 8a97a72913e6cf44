"""documents that would be kept -> those that are beyond what one host may give."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from jobs.spark.arrow_map import arrow_map
from jobs.stages.select.best import BEST, in_order
from pipeline.instants import instant

RANKED = pa.schema([("doc_id", pa.string()), ("host", pa.string()), ("value", pa.float64()), ("fetched", pa.int64())])


def beyond_cap(documents: DataFrame, max_per_host: int) -> DataFrame:
    """(doc_id) of all but the best of each host; the order is that of copies, so nothing depends on arrival or partitions.

    `documents` has doc_id (unique), host, fetched_at and value, the higher the better. Pages without a host have no bound.
    """
    ranked = arrow_map(_dated, documents.where("host is not null").select("doc_id", "host", "value", "fetched_at"), RANKED)
    place = f.row_number().over(in_order(Window.partitionBy("host"), BEST))
    return ranked.withColumn("place", place).where(f.col("place") > max_per_host).select("doc_id")


def _dated(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    fetched = pa.array([instant(date) for date in batch["fetched_at"].to_pylist()], pa.int64())
    yield pa.RecordBatch.from_arrays([batch["doc_id"], batch["host"], batch["value"], fetched], schema=RANKED)
