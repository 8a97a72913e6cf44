"""Parquet files of a corpus: zstd, page checksums, groups of rows that are cut by value, so that equal rows give equal bytes."""

from collections.abc import Iterable, Iterator
from contextlib import closing

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.corpus.files.stored import NewFile, open_stored
from pipeline.blocks import StoredFile

ROWS_PER_GROUP = 1 << 17  # what one lookup has to read; duckdb's own are as large
BYTES_PER_GROUP = 64 << 20  # of strings, before compression: a group of pages stays far below a worker's memory

# Columns that `winnow trace` and `winnow explain` look a single value up by. Their bloom filters let a reader pass over every
# group of rows that lacks it; in 131,072 rows a filter is 256 KiB at most, and less where there are fewer values.
LOOKED_UP = ("doc_id", "url", "keeper_id", "warc_offset")
FALSE_POSITIVES = 0.01  # of a bloom filter, as parquet-mr's default


class Groups:
    """Cuts rows into groups that depend on the rows alone, and not on the batches in which they came."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema, self._waiting = schema, list[pa.RecordBatch]()
        self._rows = self._bytes = 0

    @property
    def waiting(self) -> int:
        """Rows that belong to no complete group yet."""
        return self._rows

    def add(self, batch: pa.RecordBatch) -> Iterator[pa.Table]:
        """The groups that these rows complete."""
        batch = batch.select(self._schema.names).cast(self._schema)
        while batch.num_rows:
            ends = self._bytes + np.cumsum(row_bytes(batch))
            room = min(ROWS_PER_GROUP - self._rows, int(np.searchsorted(ends, BYTES_PER_GROUP)) + 1)
            part = batch.slice(0, room)
            self._waiting.append(part)
            self._rows, self._bytes = self._rows + part.num_rows, int(ends[part.num_rows - 1])
            if room <= batch.num_rows:
                yield from self.rest()
            batch = batch.slice(part.num_rows)

    def rest(self) -> Iterator[pa.Table]:
        """The last group; none is empty."""
        if self._rows:
            group = pa.Table.from_batches(self._waiting, self._schema).combine_chunks()
            self._waiting, self._rows, self._bytes = [], 0, 0
            yield group


def row_bytes(batch: pa.RecordBatch) -> np.ndarray:
    """int64 [rows]: bytes of the strings of each row, and eight for every other value."""
    total = np.full(batch.num_rows, 8 * batch.num_columns, np.int64)
    for column in batch.columns:
        if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            total += pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    return total


class TableFile:
    """One Parquet file of a table that is being written; nothing but the current group of rows is held in memory."""

    def __init__(self, root: str, name: str, schema: pa.Schema) -> None:
        """`name` has HASH where its hash goes (jobs/corpus/files/stored.py)."""
        self.rows = 0
        self._schema = schema.remove_metadata()
        self._file, self._groups = NewFile(root, name), Groups(self._schema)
        self._writer: pq.ParquetWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        for group in self._groups.add(batch):
            self._write(group)

    @property
    def has_rows(self) -> bool:
        return self.rows > 0 or self._groups.waiting > 0

    def finish(self, inputs: Iterable[str] = ()) -> StoredFile:
        for group in self._groups.rest():
            self._write(group)
        if self._writer is None:
            self._write(self._schema.empty_table())
        self._writer.close()  # type: ignore[union-attr]
        return self._file.finish(self.rows, inputs)

    def close(self) -> None:
        """Leaves nothing behind unless the file was finished."""
        self._file.close()

    def _write(self, group: pa.Table) -> None:
        if self._writer is None:  # the first group is as large as any
            bloom = {"ndv": max(1, group.num_rows), "fpp": FALSE_POSITIVES}
            looked_up = {name: bloom for name in LOOKED_UP if name in self._schema.names}
            self._writer = pq.ParquetWriter(
                self._file, self._schema, compression="zstd", write_page_checksum=True, store_schema=False,
                bloom_filter_options=looked_up or None,
            )  # fmt: skip
        self._writer.write_table(group, row_group_size=ROWS_PER_GROUP)
        self.rows += group.num_rows


def store_table(
    root: str, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema, inputs: Iterable[str] = ()
) -> StoredFile:
    """One file of a table, whole; see TableFile."""
    with closing(TableFile(root, name, schema)) as file:
        for batch in batches:
            file.add(batch)
        return file.finish(inputs)


def part(folder: str, number: int) -> str:
    """The name of file `number` of a table, as `store_table` takes it."""
    return f"{folder}/part-{number:05d}-HASH.parquet"


def read_groups(root: str, stored: StoredFile, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """A file's rows group by group; raises CorpusError where it is missing or not as it was written."""
    with open_stored(root, stored) as raw, pq.ParquetFile(raw, page_checksum_verification=True) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, columns=columns)
