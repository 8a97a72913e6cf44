"""Documents from JSON lines and Parquet: good rows come through, each bad one is one damage."""

import bz2
import datetime
import gzip
import io
import json
import lzma
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.read.rows.columns import Row, RowLimits
from pipeline.read.rows.json_lines import check_jsonl, read_jsonl
from pipeline.read.rows.parquet import check_parquet, read_parquet
from pipeline.read.warc.records import Damage
from tests.examples import one_in

LIMITS = RowLimits()
SMALL = RowLimits(max_row_bytes=1000)
FORMS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "members": lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
    "zstd": zstandard.ZstdCompressor().compress,
    "frames": lambda data: zstandard.ZstdCompressor().compress(data[:50]) + zstandard.ZstdCompressor().compress(data[50:]),
    "bzip2": bz2.compress,
    "bzip2 streams": lambda data: bz2.compress(data[:50]) + bz2.compress(data[50:]),
    "xz": lzma.compress,
    "xz streams": lambda data: lzma.compress(data[:50]) + bytes(8) + lzma.compress(data[50:]),
}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def read(data: bytes, limits: RowLimits = LIMITS) -> list[Row | Damage]:
    return list(read_jsonl(io.BytesIO(data), limits))


def texts(items: list[Row | Damage]) -> list[str | None]:
    return [item.text for item in items if isinstance(item, Row)]


def parquet(table: pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, write_page_checksum=True, **options)
    return sink.getvalue()


# JSON lines


@pytest.mark.parametrize("form", FORMS)
@one_in(2)
@given(rows=st.lists(st.tuples(TEXT, TEXT.filter(bool)), max_size=6), ascii_only=st.booleans())
def test_rows_come_through_in_every_form_and_say_where_they_stood(form, rows, ascii_only):
    written = [json.dumps({"text": text, "url": url}, ensure_ascii=ascii_only).encode() for text, url in rows]
    data = b"\r\n\n".join(written)
    items = read(FORMS[form](data))
    assert [(item.text, item.url) for item in items] == rows
    assert [data[item.position : item.position + item.length].rstrip(b"\r") for item in items] == written


def metadata_of(value: dict[str, Any]) -> str:
    return json.dumps({"metadata": value["metadata"]})


def test_all_fields_are_read_also_from_metadata():
    first = {"id": 7, "text": "a", "html": "<p>a", "url": "http://a.test/", "date": "2026-01-01", "extra": [1]}
    second = {"text": "b", "metadata": {"url": "http://b.test/", "timestamp": "2025"}, "id": None, "url": "http://c.test/"}
    assert read(lines(first, second)) == [
        Row(0, len(lines(first)) - 1, "7", "http://a.test/", "a", "<p>a", "2026-01-01", '{"extra": [1]}'),
        Row(len(lines(first)), len(lines(second)) - 1, None, "http://c.test/", "b", None, "2025", metadata_of(second)),
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"text": "cut', "damaged"),
        (b'["text"]', "damaged"),
        (b"null", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b'{"text": 1' + b"0" * 5000 + b"}", "no_text"),
        (b'{"url": "http://a.test/"}', "no_text"),
        (b'{"text": ["a"]}', "no_text"),
        (b"\0" * 40, "damaged"),
    ],
)
def test_a_bad_line_is_one_damage_and_the_rest_goes_on(bad, reason):
    items = read(lines({"text": "a"}) + bad + b"\n" + lines({"text": "b"}))
    assert texts(items) == ["a", "b"]
    assert [(item.offset, item.length, item.reason) for item in items if isinstance(item, Damage)] == [(14, len(bad), reason)]


def test_a_line_beyond_the_limit_is_stepped_over():
    long = lines({"text": "x" * 5_000_000})
    items = read(lines({"text": "a"}) + long + lines({"text": "b"}) + long.rstrip(), SMALL)
    assert texts(items) == ["a", "b"]
    assert [(item.reason, item.length) for item in items if isinstance(item, Damage)] == [("too_large", len(long) - 1)] * 2


def test_nul_and_lone_surrogates_do_not_come_through():
    (row,) = read(b'{"text": "a\\u0000b\\ud800c\\ud83d\\ude00", "url": "\\udc00"}')
    assert (row.text, row.url) == ("ab\ufffdc😀", "\ufffd")


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    assert texts(read(b"\xef\xbb\xbf" + lines({"text": "a"}))) == ["a"]


@pytest.mark.parametrize("form", ["gzip", "zstd", "xz"])
def test_a_cut_file_is_read_to_the_cut_and_the_cut_is_reported(form):
    data = FORMS[form](lines(*({"text": f"{number} {number * number % 7919}"} for number in range(20_000))))
    items = read(data[: len(data) // 2])
    assert len(texts(items)) > 1000
    assert [item.detail for item in items if isinstance(item, Damage) and "does not inflate" in item.detail] == [items[-1].detail]


def test_a_zstd_bomb_of_one_line_is_stepped_over():
    items = read(FORMS["zstd"](bytes(200 << 20)) + FORMS["zstd"](b"\n" + lines({"text": "a"})))
    assert texts(items) == ["a"]
    assert [item.reason for item in items if isinstance(item, Damage)] == ["too_large"]


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "empty"), (gzip.compress(b"", mtime=0), "empty"), (b"<html>", "not JSON lines"),
     (b'[{"text": "a"}]\n', "not JSON lines"), (b'{\n "text": "a"\n}\n', "not JSON lines"),
     (b"\x1f\x8b\x08broken", "does not inflate")],
)  # fmt: skip
def test_what_is_no_json_lines_is_refused(data, said):
    with pytest.raises(InputError, match=rf"a\.jsonl .*{said}"):
        check_jsonl(io.BytesIO(data), "a.jsonl")


def test_json_lines_with_a_bad_beginning_are_not_refused():
    stream = io.BytesIO(gzip.compress(b"garbage\n" + lines({"text": "a"})))
    check_jsonl(stream, "a.jsonl.gz")
    assert texts(list(read_jsonl(stream, LIMITS))) == ["a"]


# Parquet


@one_in(2)
@given(
    st.lists(st.tuples(TEXT, st.none() | TEXT.filter(bool)), min_size=1, max_size=9),
    st.integers(1, 4),
    st.sampled_from(["string", "large", "dict"]),
)
def test_parquet_rows_come_through_in_order(rows, group, kind):
    column = pa.array([text for text, _ in rows])
    text = {"string": column, "large": column.cast(pa.large_string()), "dict": column.dictionary_encode()}[kind]
    table = pa.table({"score": list(range(len(rows))), "text": text, "url": pa.array([url for _, url in rows], pa.string())})
    items = list(read_parquet(io.BytesIO(parquet(table, row_group_size=group)), LIMITS))
    assert items == [
        Row(number, 1, None, url, text, None, None, f'{{"score": {number}}}') for number, (text, url) in enumerate(rows)
    ]


def test_parquet_dates_numbers_and_nulls_are_read():
    when = datetime.datetime(2026, 1, 2, 3, 4, 5)
    table = pa.table({"text": ["a", None], "id": [1, 2], "date": [when, when], "html": pa.array([None, None], pa.string())})
    items = list(read_parquet(io.BytesIO(parquet(table)), LIMITS))
    assert items[0] == Row(0, 1, "1", None, "a", None, "2026-01-02T03:04:05")
    assert (items[1].offset, items[1].reason) == (1, "no_text")


def test_a_damaged_page_costs_its_row_group():
    table = pa.table({"text": [f"row {number} " * 50 for number in range(300)]})
    data = bytearray(parquet(table, row_group_size=100, compression="none", use_dictionary=False))
    at = data.find(b"row 150 ")
    data[at] ^= 1
    items = list(read_parquet(io.BytesIO(bytes(data)), LIMITS))
    assert [(item.offset, item.length) for item in items if isinstance(item, Damage)] == [(100, 100)]
    assert texts(items) == [text for number, text in enumerate(table["text"].to_pylist()) if not 100 <= number < 200]


def test_parquet_strings_that_are_no_utf8_are_read_and_too_large_ones_cost_their_row():
    raw = pa.array([b"good", b"un caf\xe9 noir", b"x" * 2000, b"more"], pa.binary())
    table = pa.table({"text": pa.StringArray.from_buffers(4, *raw.buffers()[1:])})
    items = list(read_parquet(io.BytesIO(parquet(table)), SMALL))
    assert texts(items) == ["good", "un café noir", "more"]
    assert [(item.offset, item.reason) for item in items if isinstance(item, Damage)] == [(2, "too_large")]


def test_a_row_group_beyond_the_limit_is_not_read():
    data = parquet(pa.table({"text": ["x" * 500] * 40 + ["a"]}), row_group_size=40, use_dictionary=False)
    items = list(read_parquet(io.BytesIO(data), RowLimits(max_column_bytes=10_000)))
    assert [(item.offset, item.length, item.reason) for item in items if isinstance(item, Damage)] == [(0, 40, "too_large")]
    assert texts(items) == ["a"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PAR1 but no more", "no readable Parquet"),
        (b"", "no readable Parquet"),
        (parquet(pa.table({"body": ["a"]})), "no column"),
        (parquet(pa.table({"text": [1]})), "int64"),
    ],
)
def test_what_is_no_parquet_with_text_is_refused(data, said):
    with pytest.raises(InputError, match=rf"a\.parquet.*{said}"):
        check_parquet(io.BytesIO(data), "a.parquet", LIMITS)
