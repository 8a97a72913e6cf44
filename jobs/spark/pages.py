"""Pages of a corpus whose texts never pass through Java: Spark moves their places, and the tasks read the texts themselves.

A row here is narrow: ids, a host, a date, and where the page lies (`file`, `row`). Joins and filters work on such rows. Whoever
needs the texts of those that are left calls `map_pages` or `in_pieces`: the places go, sorted, to the tasks, which read the
columns they are asked for from the files of the corpus with pyarrow, through the files' checksums.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from jobs.corpus.files.journal import Journal
from jobs.corpus.files.parquet import row_bytes
from jobs.corpus.files.stored import open_stored
from jobs.spark.arrow_map import BatchFunction, PartitionFunction, map_partitions
from jobs.spark.pieces import Made, Make, Pieces, in_pieces, pieces_for
from jobs.spark.units import FILE, PIECE, ROW, grouped, key_of, still_holding, units_of, with_pieces
from pipeline.blocks import StoredFile

ROWS_PER_BATCH, BYTES_PER_BATCH = 512, 16 << 20  # or one larger page: what is made of a batch takes some twenty times as much
MAX_SLICE_ROWS = 8192  # rows of a file that go to one task together


class Pages(Protocol):
    """Narrow rows of pages, and the way to their texts."""

    @property
    def rows(self) -> DataFrame:
        """One a page, without its texts."""

    @property
    def piece_count(self) -> int:
        """Pieces that work on these texts is cut into."""

    def of(self, rows: DataFrame) -> "Pages":
        """Other rows of the same pages: some are left out, columns were added."""

    def select(self, *columns: str) -> DataFrame:
        """Rows with some of their columns, and what `of` needs beside."""

    def map_partitions(self, function: PartitionFunction, columns: tuple[str, ...], schema: pa.Schema) -> DataFrame:
        """`function` over the batches of each task, with the columns of `rows` and `columns` of the table; it yields `schema`."""

    def in_pieces(self, name: str, columns: tuple[str, ...], journal: Journal, make: Make) -> list[Made]:
        """As jobs/spark/pieces.py: what `make` gives of batches with the columns of `rows` and `columns` of the table."""


def map_pages(function: BatchFunction, pages: Pages, columns: tuple[str, ...], schema: pa.Schema) -> DataFrame:
    """`function` applied to every batch of pages, which has their narrow columns and `columns` of the table."""

    def over_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from function(batch)

    return pages.map_partitions(over_partition, columns, schema)


@dataclass(frozen=True)
class StoredPages:
    """Pages of one table of a corpus. `rows` have the columns FILE and ROW."""

    rows: DataFrame
    root: str  # of the corpus
    files: tuple[StoredFile, ...]

    def of(self, rows: DataFrame) -> "StoredPages":
        return replace(self, rows=rows)

    def select(self, *columns: str) -> DataFrame:
        return self.rows.select(*columns, FILE, ROW)

    def map_partitions(self, function: PartitionFunction, columns: tuple[str, ...], schema: pa.Schema) -> DataFrame:
        dealt = self._dealt("", self.piece_count)
        rows = self.rows.repartitionById(dealt.total, dealt.place).sortWithinPartitions(*dealt.sorted_by)
        with_texts = self._reader(columns)
        return map_partitions(lambda places: function(with_texts(places)), rows, schema)

    def in_pieces(self, name: str, columns: tuple[str, ...], journal: Journal, make: Make) -> list[Made]:
        return self._made(self._dealt(name, self.piece_count), columns, journal, make)

    def by_file(self, name: str, columns: tuple[str, ...], journal: Journal, make: Make) -> list[Made]:
        """The same with a piece for each file, which has the file's number."""
        last = max((_number_of(one) for one in self.files), default=0)
        return self._made(Pieces(name, 1 + last, _number().cast("int"), (FILE, ROW)), columns, journal, make)

    def in_units(self, columns: tuple[str, ...], journal: Journal, make: Make) -> list[Made]:
        """As `in_pieces`, and what `journal` has of stretches of files that are as they were is not made again.

        It keeps what was used now and nothing else: it is a journal that outlives the stage.
        """
        units, known = units_of(self.rows), journal.entries().values()
        kept = still_holding(units, known)
        done = {key for entry in kept for key in entry.told["units"]}
        left = [unit for unit in units if unit.key not in done]
        groups = grouped(left, pieces_for(sum(unit.rows for unit in left))) if left else []
        keys = {key_of(group): [unit.key for unit in group] for group in groups}
        made = self.of(with_pieces(self.rows, groups))._made_of_units(keys, columns, journal, make) if groups else []
        journal.keep_only({*keys, *(entry.key for entry in kept)})
        return [*(Made(entry.tables, entry.told) for entry in kept), *made]

    def _made_of_units(self, keys: dict[str, list[str]], columns: tuple[str, ...], journal: Journal, make: Make) -> list[Made]:
        units = list(keys.values())

        def noting(batches: Iterator[pa.RecordBatch], number: int) -> Made | None:
            made = make(batches, number)
            return made and Made(made.tables, made.told | {"units": units[number]})

        pieces = Pieces("", len(keys), f.col(PIECE), (FILE, ROW), tuple(keys))
        return self._made(pieces, columns, journal, noting)

    @property
    def piece_count(self) -> int:
        return pieces_for(self._size)

    @property
    def _size(self) -> int:
        return sum(one.rows for one in self.files)

    def _dealt(self, name: str, total: int) -> Pieces:
        """Slices of files, dealt in turn: files of all sizes, and few of them, keep all cores at work."""
        rows_of_slice = min(MAX_SLICE_ROWS, 1 + self._size // (2 * total))
        place = f.pmod(_number() + f.floor(f.col(ROW) / rows_of_slice), f.lit(total)).cast("int")
        return Pieces(name, total, place, (FILE, ROW))

    def _made(self, pieces: Pieces, columns: tuple[str, ...], journal: Journal, make: Make) -> list[Made]:
        with_texts = self._reader(columns)
        return in_pieces(self.rows, pieces, journal, lambda places, number: make(with_texts(places), number))

    def _reader(self, columns: tuple[str, ...]) -> PartitionFunction:
        """Sorted places -> batches that have texts."""
        root, stored = self.root, {_name_of(one): one for one in self.files}

        def with_texts(places: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for name, some in _by_file(places):
                yield from read_rows(root, stored[name], some, columns)

        return with_texts


def _number() -> Column:
    """Of the file that a row is in; 0 where there is none."""
    return f.coalesce(f.regexp_extract(FILE, r"part-(\d+)-", 1).try_cast("long"), f.lit(0))


def _name_of(stored: StoredFile) -> str:
    return stored.file.rsplit("/", 1)[-1]


def _number_of(stored: StoredFile) -> int:
    return int(_name_of(stored).split("-")[1])


def placed(frame: DataFrame) -> DataFrame:
    """`frame`, just read from files, with FILE and ROW."""
    return frame.withColumns({FILE: f.col("_metadata.file_name"), ROW: f.col("_metadata.row_index")})


def _by_file(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[str, pa.Table]]:
    """(name, rows) of sorted rows, a stretch of a file at a time."""
    stretches = (stretch for batch in batches for stretch in _stretches(batch))
    for (name, _), some in groupby(stretches, key=lambda stretch: stretch[0]):
        yield name, pa.Table.from_batches([part for _, part in some])


def _stretches(batch: pa.RecordBatch) -> Iterator[tuple[tuple[str, int], pa.RecordBatch]]:
    """A batch cut where another stretch of a file begins: ((file, stretch), rows)."""
    names = batch[FILE].to_pylist()
    numbers = (batch[ROW].to_numpy() // MAX_SLICE_ROWS).tolist()
    start = 0
    for key, some in groupby(zip(names, numbers, strict=True)):
        count = sum(1 for _ in some)
        yield key, batch.slice(start, count)
        start += count


def read_rows(root: str, stored: StoredFile, places: pa.Table, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Rows of a file, in batches: columns of `places` (ROW ascending, and whatever else) and `columns` of the file.

    Raises CorpusError where the file is missing or not as it was written.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(open_stored(root, stored))
        file = stack.enter_context(pq.ParquetFile(raw, page_checksum_verification=True))
        wanted, first = places[ROW].to_numpy(), 0
        others = places.drop_columns([FILE, ROW])
        for number in range(file.num_row_groups):
            end = first + file.metadata.row_group(number).num_rows
            low, high = np.searchsorted(wanted, [first, end])
            if low < high:
                read = file.read_row_group(number, columns=list(columns)).take(pa.array(wanted[low:high] - first))
                yield from _cut(_joined(others.slice(low, high - low), read))
            first = end


def _cut(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Stretches of at most ROWS_PER_BATCH rows and BYTES_PER_BATCH, or of one larger row."""
    ends, start = np.cumsum(row_bytes(rows)), 0
    while start < rows.num_rows:
        before = ends[start - 1] if start else 0
        fitting = int(np.searchsorted(ends, before + BYTES_PER_BATCH, "right"))
        stop = min(start + ROWS_PER_BATCH, max(start + 1, fitting))
        yield rows.slice(start, stop - start)
        start = stop


def _joined(left: pa.Table, right: pa.Table) -> pa.RecordBatch:
    named = {table.schema.names[at]: table.column(at) for table in (left, right) for at in range(table.num_columns)}
    arrays = [one.combine_chunks() for one in named.values()]
    whole = [pa.concat_arrays(one.chunks) if isinstance(one, pa.ChunkedArray) else one for one in arrays]
    return pa.RecordBatch.from_arrays(whole, names=list(named))
