"""Parquet row by row. Positions are row numbers. A column that cannot be read is missing; only the text's costs its row group."""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import InputError
from pipeline.read.rows.columns import Row, RowLimits, row_of, text_columns
from pipeline.read.rows.plain_values import is_text, plain_values, texts
from pipeline.read.warc.records import Damage
from pipeline.read.warc.splits import Reach, SplitRead

PARQUET_MAGIC = b"PAR1"
READ_BYTES = 1 << 20


def check_parquet(stream: BinaryIO, name: str, limits: RowLimits) -> None:
    """InputError unless `stream` is Parquet with a column of texts."""
    try:
        schema = pq.ParquetFile(stream).schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name} is no readable Parquet file: {str(error)[:200]}") from error
    found = text_columns(schema.names, limits)
    if not found:
        wanted = f'"{limits.text_column}"' if limits.text_column else '"text", "content", "raw_content" or "html"'
        columns = ", ".join(schema.names)[:200]
        raise InputError(f"{name} has no column {wanted}, only: {columns}; name one by --set rows.text_column=NAME")
    kinds = {column: schema.types[schema.names.index(column)] for column in found}
    if not any(is_text(kind) or pa.types.is_null(kind) for kind in kinds.values()):
        column, kind = next(iter(kinds.items()))
        raise InputError(f'{name}: column "{column}" is {kind}, strings are needed; name another by --set rows.text_column=NAME')
    stream.seek(0)


def read_parquet(stream: BinaryIO, limits: RowLimits) -> Iterator[Row | Damage]:
    """Rows in file order; pages are checked against their checksums where the writer left any."""
    file = _opened(stream)
    yield from _rows_of_groups(file, range(file.num_row_groups), limits)


def read_parquet_split(stream: BinaryIO, limits: RowLimits, split: SplitRead) -> Iterator[Row | Damage]:
    """Rows of some groups. They are dealt out by number: where a file says that they lie need not be so."""
    file, size = _opened(stream), stream.seek(0, 2)
    begins = [size * group // file.num_row_groups for group in range(file.num_row_groups)]
    owned = [group for group, begin in enumerate(begins) if split.split.begin <= begin < split.split.end]
    yield from _rows_of_groups(file, owned, limits)
    after = next((begin for begin in begins if begin >= split.split.end), size)
    split.reach = Reach(begins[owned[0]] if owned else None, after, 0)


def _opened(stream: BinaryIO) -> Any:
    return pq.ParquetFile(stream, page_checksum_verification=True, buffer_size=READ_BYTES)


def _rows_of_groups(file: Any, groups: Iterable[int], limits: RowLimits) -> Iterator[Row | Damage]:
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    begins = [0, *accumulate(sizes)]
    for group in groups:
        position = begins[group]
        for number, row in _rows_of_group(file, group, limits):
            yield (
                row_of(position + number, 1, row, limits)
                if isinstance(row, dict)
                else row._replace(offset=position + number, length=sizes[group] - number)
            )


def _rows_of_group(file: Any, group: int, limits: RowLimits) -> Iterator[tuple[int, dict[str, Any] | Damage]]:
    """(number in the group, columns of the row), or the Damage that the rest of the group is."""
    names = list(dict.fromkeys(file.schema_arrow.names))
    wanted = [
        name for name in text_columns(names, limits) if is_text(file.schema_arrow.types[file.schema_arrow.names.index(name)])
    ]
    sizes = _column_bytes(file.metadata.row_group(group))
    for name in wanted:
        if sizes[name] > limits.max_column_bytes:
            detail = f'column "{name}" has {sizes[name]} bytes in a row group; max_column_bytes is {limits.max_column_bytes}'
            yield 0, Damage(0, 0, detail, "too_large")
            return
    others = {
        name: _OtherColumn(file, group, name, limits)
        for name in names
        if name not in wanted and sizes.get(name, 0) <= limits.max_column_bytes
    }
    number = 0
    try:
        for columns in _text_batches(file, group, wanted, limits):
            count = len(next(iter(columns.values()))) if columns else 0
            columns |= {name: other.take(count) for name, other in others.items()}
            for values in zip(*(columns[name] for name in names if name in columns), strict=True):
                yield number, dict(zip((name for name in names if name in columns), values, strict=True))
                number += 1
    except (pa.ArrowException, OSError) as error:
        yield number, Damage(0, 0, f"row group {group}: {str(error)[:200]}")


def _text_batches(file: Any, group: int, names: list[str], limits: RowLimits) -> Iterator[dict[str, list[Any]]]:
    if not names:  # a column of nulls alone: rows without text
        rows = file.metadata.row_group(group).num_rows
        yield from ({"text": [None] * min(limits.rows_per_read, rows - at)} for at in range(0, rows, limits.rows_per_read))
        return
    for batch in file.iter_batches(limits.rows_per_read, row_groups=[group], columns=names):
        yield {name: _values_of(batch, name, texts) for name in names}


def _values_of(batch: Any, name: str, read: Callable[[Any], list[Any]] = plain_values) -> list[Any]:
    """Of a name that several columns have the first value that is there."""
    same = [read(column) for column, other in zip(batch.columns, batch.schema.names, strict=True) if other == name]
    return [next((value for value in values if value is not None), None) for values in zip(*same, strict=True)]


class _OtherColumn:
    """A column beside the text, read along with it; nothing but nulls from where it cannot be read."""

    def __init__(self, file: Any, group: int, name: str, limits: RowLimits) -> None:
        self._batches = file.iter_batches(limits.rows_per_read, row_groups=[group], columns=[name])
        self._name = name
        self._values: list[Any] = []

    def take(self, count: int) -> list[Any]:
        while len(self._values) < count and (more := self._next()):
            self._values += more
        taken, self._values = self._values[:count], self._values[count:]
        return taken + [None] * (count - len(taken))

    def _next(self) -> list[Any]:
        try:
            batch = next(self._batches, None)
            return _values_of(batch, self._name) if batch is not None else []
        except (pa.ArrowException, OSError, ValueError, OverflowError):
            self._batches = iter(())
            return []


def _column_bytes(metadata: Any) -> dict[str, int]:
    """Inflated bytes of each top-level column of a row group."""
    sizes: dict[str, int] = {}
    for number in range(metadata.num_columns):
        column = metadata.column(number)
        name = column.path_in_schema.partition(".")[0]
        sizes[name] = sizes.get(name, 0) + column.total_uncompressed_size
    return sizes
