"""Tables of a corpus in a store of objects: the tasks read the files, a stretch of them each. No Hadoop jars are asked for."""

import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.files.stored import open_stored
from jobs.spark.arrow_map import map_partitions
from jobs.spark.units import FILE, ROW
from pipeline.blocks import StoredFile, stored_file

BYTES_PER_TASK = 64 << 20  # of files, at least: a small one is not worth a task of its own
ROWS_PER_BATCH = 8192


def fetched(spark: SparkSession, root: str, files: tuple[StoredFile, ...], schema: pa.Schema) -> DataFrame:
    """Rows of these files with the columns of `schema`; FILE and ROW among them say where each lies.

    Tasks raise CorpusError where a file is missing or not as it was written.
    """
    stretches = _stretches(files)
    rows = [(number, json.dumps(one.as_json())) for number, some in enumerate(stretches) for one in some]
    dealt = spark.createDataFrame(rows, "task int, file string").repartitionById(len(stretches), "task")

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for text in batch.column("file").to_pylist():
                yield from rows_of(root, stored_file(json.loads(text)), schema)

    return map_partitions(read, dealt, schema)


def rows_of(root: str, stored: StoredFile, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """All rows of a file in its order."""
    name, first = stored.file.rsplit("/", 1)[-1], 0
    columns = [one for one in schema.names if one not in (FILE, ROW)]
    with open_stored(root, stored) as raw, pq.ParquetFile(raw, page_checksum_verification=True) as file:
        for batch in file.iter_batches(ROWS_PER_BATCH, columns=columns):
            last = first + batch.num_rows
            places = {FILE: pa.array([name] * batch.num_rows, pa.string()), ROW: pa.array(range(first, last), pa.int64())}
            arrays = [places[one] if one in places else batch.column(one) for one in schema.names]
            yield pa.RecordBatch.from_arrays(arrays, schema.names).cast(schema)
            first = last


def _stretches(files: tuple[StoredFile, ...]) -> list[list[StoredFile]]:
    """Files in their order, one after another in a stretch until it is large enough."""
    stretches: list[list[StoredFile]] = [[]]
    size = 0
    for one in files:
        if stretches[-1] and size + one.bytes > BYTES_PER_TASK:
            stretches.append([])
            size = 0
        stretches[-1].append(one)
        size += one.bytes
    return stretches
