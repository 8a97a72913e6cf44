"""JSON lines and Parquet read in parts give the rows of reading them whole, wherever they are cut."""

import gzip
import io
import json
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read.rows.columns import Row, RowLimits
from pipeline.read.rows.inflate import PACKED
from pipeline.read.rows.json_lines import is_plain, read_jsonl, read_jsonl_at, read_jsonl_split
from pipeline.read.rows.parquet import read_parquet, read_parquet_split
from pipeline.read.warc.records import Damage
from pipeline.read.warc.splits import Reach, Split, SplitRead, joined, splits_of

LIMITS = RowLimits(max_row_bytes=200)
Rows = list[Row | Damage]


def in_splits(data: bytes, size: int, read: Callable[..., Iterator[Row | Damage]]) -> Rows:
    planned, rows, known = splits_of(len(data), size), dict[Split, Rows](), dict[Split, Reach]()
    for split in planned:
        reading = SplitRead(split)
        rows[split] = list(read(io.BytesIO(data), LIMITS, reading))
        assert reading.reach is not None
        known[split] = reading.reach
    found = joined(planned, known)
    assert isinstance(found, list), "their ends are known from the file itself: none is read again"
    return [row for split in found for row in rows[split]]


def lines(count: int) -> bytes:
    return b"".join(
        json.dumps({"text": f"line {number} " * (number % 5), "id": number}).encode() + b"\n" for number in range(count)
    )


@pytest.mark.parametrize(
    "data",
    [lines(12), lines(9)[:-1], b"\n\n" + lines(3) + b"\n  \n" + lines(2), b"\xef\xbb\xbf" + lines(4),
     lines(2) + b"no json\n" + b"{" + b"x" * 300 + b"\n" + lines(2), b'{"text": "one"}'],
)  # fmt: skip
def test_lines_in_splits_of_every_size(data: bytes) -> None:
    expected = list(read_jsonl(io.BytesIO(data), LIMITS))
    assert expected
    for size in range(1, len(data) + 2):
        assert in_splits(data, size, read_jsonl_split) == expected


@given(
    st.lists(st.sampled_from([*lines(3).splitlines(), b"", b" ", b"no json", b"\xef\xbb\xbf{}", b"{" + b"x" * 300]), max_size=8)
)
def test_a_line_by_its_place_is_the_row_that_reading_all_finds_there(made: list[bytes]) -> None:
    for data in (b"\n".join(made), gzip.compress(b"\n".join(made))):
        expected = {_place(row): row for row in read_jsonl(io.BytesIO(data), LIMITS)}
        places = range(len(b"\n".join(made)) + 3)
        found = {place: read_jsonl_at(io.BytesIO(data), place, LIMITS) for place in places}
        assert {place: row for place, row in found.items() if row is not None} == expected


def _place(row: Row | Damage) -> int:
    return row.offset if isinstance(row, Damage) else row.position


def test_a_line_far_behind_costs_what_one_at_the_beginning_does() -> None:
    """Until 2026-11 `verify` read a file of lines from its start for each token."""
    data = lines(5_000)
    read = list[int]()

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(size)
            read.append(len(found))
            return found

    row = read_jsonl_at(Counted(data), data.rindex(b'{"text"'), LIMITS)
    assert isinstance(row, Row) and row.text == "line 4999 " * 4
    assert sum(read) < 500 < len(data) // 100


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=12), st.integers(1, 200))
def test_lines_of_any_bytes(made: list[bytes], size: int) -> None:
    data = b"\n".join(made) or b"x"
    assert in_splits(data, size, read_jsonl_split) == list(read_jsonl(io.BytesIO(data), LIMITS)) or data.startswith(PACKED)


@pytest.mark.parametrize("rows_a_group", [1, 3, 50])
def test_groups_of_rows_in_splits(rows_a_group: int) -> None:
    file = io.BytesIO()
    table = pa.table({"text": [f"text {number} " * 3 for number in range(20)], "n": list(range(20))})
    pq.write_table(table, file, row_group_size=rows_a_group)
    data = file.getvalue()
    expected = list(read_parquet(io.BytesIO(data), LIMITS))
    assert len(expected) == 20
    for size in (1, 7, 100, 333, len(data) // 2, len(data)):
        assert in_splits(data, size, read_parquet_split) == expected


def test_packed_lines_are_not_split() -> None:
    assert is_plain(io.BytesIO(lines(2)))
    assert not any(is_plain(io.BytesIO(magic + b"rest")) for magic in PACKED)
