"""input files -> documents, rejects, files. One task reads one file: every record gives one row, damage included."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.corpus.inputs import InputFile
from jobs.corpus.opening import open_input
from jobs.corpus.recipe import ingest_settings
from jobs.corpus.tombstones import read_tombstones
from jobs.spark.arrow_map import arrow_map
from jobs.stages.stage import Stage, Work
from pipeline import tables
from pipeline.duplicates.tombstones import Graveyard
from pipeline.errors import InputError
from pipeline.read import ingest
from pipeline.read.ingest import Ingested, IngestSettings

# A task gives rows of three tables; each row fills one of these columns.
ROW = pa.schema(
    [("document", pa.struct(tables.DOCUMENTS)), ("reject", pa.struct(tables.REJECTS)), ("file", pa.struct(tables.FILES))]
)


def run(work: Work) -> dict[str, int]:
    settings = ingest_settings(work.recipe)
    graveyard = Graveyard(read_tombstones(work.corpus, work.recipe.tombstones.files))
    rows = arrow_map(lambda batch: _ingested(batch, settings, graveyard), _one_file_a_task(work), ROW)
    rows = rows.persist(StorageLevel.DISK_ONLY)
    try:
        documents = _with_repeats(_rows_of(rows, "document"))
        counts = {
            "documents": work.write("documents", documents),
            "rejects": work.write("rejects", _rows_of(rows, "reject")),
            "files": work.write("files", _rows_of(rows, "file")),
        }
    finally:
        rows.unpersist()
    return {"records": counts["documents"] + counts["rejects"], **counts}


def _one_file_a_task(work: Work) -> DataFrame:
    """Largest first, so that the last task to end is a short one."""
    files = sorted(work.inputs, key=lambda one: (-one.size, one.path))
    rows = [(index, one.path, one.size, one.error) for index, one in enumerate(files)]
    listed = work.spark.createDataFrame(rows, "task int, path string, bytes long, error string")
    return listed.repartitionById(len(files), "task")


def _rows_of(rows: DataFrame, column: str) -> DataFrame:
    return rows.where(f.col(column).isNotNull()).select(f"{column}.*")


def _with_repeats(documents: DataFrame) -> DataFrame:
    """Sets `repeated` where the same record stands at a smaller (warc_file, warc_offset) too."""
    place = f.struct("warc_file", "warc_offset")
    first = (
        documents.groupBy("doc_id").agg(f.min(place).alias("first_place"), f.count(f.lit(1)).alias("places")).where("places > 1")
    )
    marked = documents.join(first, "doc_id", "left")
    return marked.withColumn("repeated", f.coalesce(place != f.col("first_place"), f.lit(False))).drop("first_place", "places")


def _ingested(files: pa.RecordBatch, settings: IngestSettings, graveyard: Graveyard) -> Iterator[pa.RecordBatch]:
    for row in files.to_pylist():
        yield from _ingest_one(InputFile(row["path"], row["bytes"], "", row["error"]), settings, graveyard)


def _ingest_one(file: InputFile, settings: IngestSettings, graveyard: Graveyard) -> Iterator[pa.RecordBatch]:
    documents = rejects = damaged_bytes = 0
    if file.error is None:
        with open_input(file.path) as stream:
            for part in _named_errors(ingest.ingest_file(stream, file.path, settings, graveyard), file.path):
                documents += part.documents.num_rows
                rejects += part.rejects.num_rows
                damaged_bytes += part.damaged_bytes
                yield _row("document", part.documents)
                yield _row("reject", part.rejects)
    tally = {
        "path": file.path,
        "bytes": file.size,
        "records": documents + rejects,
        "documents": documents,
        "rejects": rejects,
        "damaged_bytes": damaged_bytes,
        "error": file.error,
    }
    yield _row("file", pa.RecordBatch.from_pylist([tally], schema=tables.FILES))


def _named_errors(parts: Iterator[Ingested], path: str) -> Iterator[Ingested]:
    try:
        yield from parts
    except OSError as error:
        raise InputError(f"input {path} could be opened but not read to its end: {error}; run the same command again") from error


def _row(column: str, rows: pa.RecordBatch) -> pa.RecordBatch:
    """`rows` as one struct column of ROW, the others null."""
    filled = pa.StructArray.from_arrays(rows.columns, fields=list(rows.schema))
    arrays = [filled if one.name == column else pa.nulls(rows.num_rows, one.type) for one in ROW]
    return pa.RecordBatch.from_arrays(arrays, schema=ROW)


STAGE = Stage(
    name="ingest",
    after=(),
    sections=("warc", "rows", "http", "pages", "html", "language", "lines", "tombstones"),
    publishes=("documents", "rejects", "files"),
    run=run,
    kernels=("pages", "measures"),
)
