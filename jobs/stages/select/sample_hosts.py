"""documents that would be kept -> those that are beyond what one host may give."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from jobs.spark.arrow_map import arrow_map
from jobs.stages.select.best import BEST, Order, in_order
from pipeline.instants import instant

RANKED = pa.schema([
    ("doc_id", pa.string()), ("host", pa.string()), ("quality", pa.float32()), ("value", pa.float64()), ("fetched", pa.int64())
])  # fmt: skip
OF_HOST: Order = (("quality", "desc"), *BEST)


def beyond_cap(documents: DataFrame, max_per_host: int) -> DataFrame:
    """(doc_id) of all but the best of each host: by score, then in the order of copies, never by arrival or partitions.

    `documents` has doc_id (unique), host, fetched_at, quality and value, of both the higher the better; what has no score comes
    after all that have one. Pages without a host have no bound.
    """
    columns = ("doc_id", "host", "quality", "value", "fetched_at")
    ranked = arrow_map(_dated, documents.where("host is not null").select(*columns), RANKED)
    place = f.row_number().over(in_order(Window.partitionBy("host"), OF_HOST))
    return ranked.withColumn("place", place).where(f.col("place") > max_per_host).select("doc_id")


def _dated(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    fetched = pa.array([instant(date) for date in batch["fetched_at"].to_pylist()], pa.int64())
    columns = [batch[name] for name in ("doc_id", "host", "quality", "value")]
    yield pa.RecordBatch.from_arrays([*columns, fetched], schema=RANKED)
