"""Tables of a corpus in Spark: one function each way.

Reading: the files that the manifest names, each compared with its hash once a process, then by Spark's own reader; from a store
of objects by the tasks, through the files' checksums (jobs/spark/fetched.py). Writing: the tasks write the files themselves, each
a stretch of the rows cut and sorted by value, and hand back what they wrote; that is all that reaches the driver. So equal rows
give equal files, and a task that is tried again leaves nothing that counts twice.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from jobs.corpus.files.journal import Journal
from jobs.corpus.files.parquet import TableFile, part
from jobs.corpus.files.tables import folder_of
from jobs.corpus.folder import Corpus
from jobs.corpus.stores.store import is_local
from jobs.spark.arrow_map import spark_schema
from jobs.spark.fetched import fetched
from jobs.spark.pages import StoredPages, placed
from jobs.spark.pieces import Made, Pieces, in_pieces
from jobs.spark.units import FILE, ROW
from pipeline.blocks import BLOCK_BYTES, StoredFile
from pipeline.errors import CorpusError

_AS_THEY_ARE = {"__globPaths__": "false"}  # Spark takes every path for a pattern unless told otherwise

_checked: set[tuple[str, str]] = set()  # (root, file) that this process has compared with its hash


@dataclass
class Written:
    """A table that is written and not yet published."""

    files: list[StoredFile]
    documents: int  # different doc_ids, where the rows are sorted by it
    values: Counter[str] = field(default_factory=Counter)  # how often each value of the column asked for occurs

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.files)

    @property
    def told(self) -> dict[str, Any]:
        """All but the files, as JSON values."""
        return {"documents": self.documents, "values": dict(self.values)}


def sum_of(parts: Iterable[Written]) -> Written:
    """A table that is written file by file, in their order."""
    whole = Written([], 0)
    for one in parts:
        whole.files += one.files
        whole.documents += one.documents
        whole.values.update(one.values)
    return whole


def read_files(spark: SparkSession, corpus: Corpus, files: tuple[StoredFile, ...], schema: pa.Schema) -> DataFrame:
    """Raises CorpusError where one of the files is not the one that was written."""
    if corpus.is_local:
        check_files(corpus, files)
    return parquet_files(spark, corpus.root, files, schema)


def parquet_files(spark: SparkSession, root: str, files: tuple[StoredFile, ...], schema: pa.Schema) -> DataFrame:
    """Files as they are: of a folder of this machine only their page checksums are looked at."""
    if not files:
        return spark.createDataFrame([], spark_schema(schema))
    if not is_local(root):
        return fetched(spark, root, files, schema)
    return spark.read.options(**_AS_THEY_ARE).schema(spark_schema(schema)).parquet(*(f"{root}/{one.file}" for one in files))


def read_pages(spark: SparkSession, corpus: Corpus, table: str, schema: pa.Schema, columns: tuple[str, ...]) -> StoredPages:
    """Narrow rows of a table with the given columns, and the way to its texts. Raises CorpusError as `read_files` does."""
    files = corpus.files(table)
    if corpus.is_local or not files:
        frame = read_files(spark, corpus, files, schema)
        rows = placed(frame) if files else frame.withColumns({FILE: f.lit(""), ROW: f.lit(0).cast("long")})
    else:
        narrow = pa.schema([*(schema.field(name) for name in columns), (FILE, pa.string()), (ROW, pa.int64())])
        rows = fetched(spark, corpus.root, files, narrow)
    return StoredPages(rows.select(*columns, FILE, ROW), corpus.root, files)


def check_files(corpus: Corpus, files: tuple[StoredFile, ...]) -> None:
    """Compares files with their hashes, unless this process has done so before."""
    new = [one for one in files if (corpus.root, one.file) not in _checked]
    with ThreadPoolExecutor() as pool:  # hashing lets other threads run
        for stored, sha256 in zip(new, pool.map(lambda one: _sha256(corpus, one), new), strict=True):
            if sha256 != stored.sha256:
                raise CorpusError(f"{corpus.path(stored.file)} is not as it was written{corpus.advice(stored.file)}")
            _checked.add((corpus.root, stored.file))


def _sha256(corpus: Corpus, stored: StoredFile) -> str:
    digest = hashlib.sha256()
    with corpus.open(stored) as file:
        while data := file.read(BLOCK_BYTES):
            digest.update(data)
    return digest.hexdigest()


def by_doc_id(files: int) -> Column:
    """The number of a row's file where its doc_id decides: as many of the same size, in the order of doc_ids."""
    return (f.conv(f.substring("doc_id", 1, 8), 16, 10).cast("long") * files / (1 << 32)).cast("int")


def by_hash(files: int, *columns: str) -> Column:
    """The number of a row's file where the hash of some columns decides."""
    return f.pmod(f.xxhash64(*columns), f.lit(files)).cast("int")


def write_rows(
    corpus: Corpus, table: str, rows: DataFrame, schema: pa.Schema, *,
    files: int, place: Column, sorted_by: tuple[str, ...], counting: str | None = None, journal: Journal | None = None,
) -> Written:  # fmt: skip
    """Writes `files` files, or fewer where some have no rows; rows that are equal are written once.

    `place` says which file a row is in, from 0. `counting` names a column whose values are counted: it must have few. What
    `journal` has of an earlier attempt is not written again.
    """
    others = tuple(name for name in schema.names if name not in sorted_by)
    pieces = Pieces(table, files, place, (*sorted_by, *others))
    root, folder = corpus.root, folder_of(table)

    def write(batches: Iterator[pa.RecordBatch], number: int) -> Made | None:
        found = write_file(batches, root, part(folder, number), schema, counting)
        return None if found is None else Made({table: found.files}, found.told)

    made = in_pieces(rows.select(*schema.names), pieces, journal, write)
    return sum_of(Written(one.tables[table], **one.told) for one in made)


def write_again(corpus: Corpus, table: str, pages: StoredPages, schema: pa.Schema, journal: Journal) -> list[StoredFile]:
    """A table of texts, file by file as it stands, but for the columns that `pages.rows` have; no text leaves its task."""
    root, folder = corpus.root, folder_of(table)
    others = tuple(name for name in schema.names if name not in pages.rows.columns)

    def write(batches: Iterator[pa.RecordBatch], number: int) -> Made | None:
        found = write_file(batches, root, part(folder, number), schema, None)
        return None if found is None else Made({table: found.files}, {})

    made = pages.by_file(f"{table} again", others, journal, write)
    return [file for one in made for file in one.tables[table]]


def write_file(
    batches: Iterator[pa.RecordBatch], root: str, name: str, schema: pa.Schema, counting: str | None
) -> Written | None:
    """Writes sorted rows as one file, those that are equal once; null where there are no rows."""
    values: Counter[str] = Counter()
    documents, last = 0, pa.RecordBatch.from_pylist([], schema)
    with closing(TableFile(root, name, schema)) as file:
        for batch in batches:
            new = without_repeats(batch.select(schema.names).cast(schema), last)
            if not new.num_rows:
                continue
            documents += _changes(new, last, "doc_id") if "doc_id" in schema.names else 0
            values.update(new[counting].to_pylist() if counting else ())
            file.add(new)
            last = new.slice(new.num_rows - 1)
        return Written([file.finish()], documents, values) if last.num_rows else None


def without_repeats(rows: pa.RecordBatch, last: pa.RecordBatch) -> pa.RecordBatch:
    """Rows that differ from the one before; before the first stood `last` (one row or none)."""
    differs = None
    for name in rows.schema.names:
        here = _differs(rows, last, name)
        differs = here if differs is None else pc.or_(differs, here)
    return rows.filter(differs)


def _differs(rows: pa.RecordBatch, last: pa.RecordBatch, name: str) -> pa.Array:
    column = _comparable(pa.concat_arrays([last[name], rows[name]]))
    before, here = column.slice(0, len(column) - 1), column.slice(1)
    same = pc.fill_null(pc.equal(before, here), False)
    both_null = pc.and_(pc.is_null(before), pc.is_null(here))
    differs = pc.invert(pc.or_(same, both_null))
    return differs if last.num_rows else pa.concat_arrays([pa.array([True] if rows.num_rows else [], pa.bool_()), differs])


def _comparable(column: pa.Array) -> pa.Array:
    """Lists of numbers as their bytes: Arrow compares no lists."""
    if not pa.types.is_list(column.type):
        return column
    lists = column.take(pa.array(range(len(column)), pa.int64()))  # from its first byte on
    ends = pa.py_buffer(lists.offsets.to_numpy().astype("int64") * (lists.type.value_type.bit_width // 8))
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(lists), [lists.buffers()[0], ends, lists.values.buffers()[1]])


def _changes(rows: pa.RecordBatch, last: pa.RecordBatch, name: str) -> int:
    return int(pc.sum(_differs(rows, last, name)).as_py() or 0)
