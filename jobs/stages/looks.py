"""One pass over the texts of many pages, for everything that a stage takes of each page by itself.

A look is a function of a batch; several share one reading. What they give is written by the tasks, a file for each table, and
Spark goes on from those files: so neither the texts nor what was made of them pass from Python to Java.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import NamedTuple

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame

from jobs.corpus.files.parquet import TableFile, part
from jobs.spark.pages import Pages
from jobs.spark.tables import parquet_files
from pipeline.blocks import StoredFile, stored_file

WRITTEN = pa.schema([("table", pa.string()), ("stored", pa.string())])  # JSON of a StoredFile


class Look(NamedTuple):
    """What is taken of each page. `take` yields batches by the names of `schemas`."""

    schemas: dict[str, pa.Schema]
    take: Callable[[pa.RecordBatch], Iterator[tuple[str, pa.RecordBatch]]]


def looked(pages: Pages, columns: tuple[str, ...], looks: list[Look], root: str, folder: str) -> dict[str, DataFrame]:
    """What the looks took, by table; computed when this returns. Files lie in `folder` of `root`, for the caller to remove."""
    schemas = {name: schema for look in looks for name, schema in look.schemas.items()}

    def write_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        number = TaskContext.get().partitionId()
        with ExitStack() as stack:
            files = {
                name: stack.enter_context(closing(TableFile(root, part(f"{folder}/{name}", number), schema)))
                for name, schema in schemas.items()
            }
            for batch in batches:
                for look in looks:
                    for name, rows in look.take(batch):
                        files[name].add(rows)
            for name, file in files.items():
                if file.has_rows:
                    yield pa.record_batch([[name], [json.dumps(file.finish().as_json())]], schema=WRITTEN)

    written: dict[str, list[StoredFile]] = {name: [] for name in schemas}
    for row in pages.map_partitions(write_partition, columns, WRITTEN).collect():
        written[row["table"]].append(stored_file(json.loads(row["stored"])))
    spark = pages.rows.sparkSession
    return {name: parquet_files(spark, root, tuple(files), schemas[name]) for name, files in written.items()}
