"""Rows as other tools write them: which column is what, and that no odd column costs a text."""

import datetime
import io
import json
import math
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.corpus.recipe import Recipe, build_recipe, ingest_settings
from pipeline.read import ingest
from pipeline.read.rows.columns import Row, RowLimits, row_of
from pipeline.read.rows.json_lines import read_jsonl
from pipeline.read.rows.parquet import check_parquet, read_parquet
from pipeline.read.rows.plain_values import plain_values
from pipeline.read.warc.records import Damage

LIMITS = RowLimits()


def row(values: dict[str, Any], limits: RowLimits = LIMITS) -> Row:
    found = row_of(0, 1, values, limits)
    assert isinstance(found, Row)
    return found


def line(raw: bytes) -> Row:
    (found,) = read_jsonl(io.BytesIO(raw), LIMITS)
    assert isinstance(found, Row), found
    return found


def parquet(table: pa.Table, limits: RowLimits = LIMITS) -> list[Row | Damage]:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    check_parquet(sink, "a.parquet", limits)
    return list(read_parquet(sink, limits))


# Names


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"content": "a", "warc_headers": {"warc-target-uri": "u", "warc-date": "d"}}, ("a", "u", "d")),  # OSCAR
        ({"raw_content": "a", "url": "u", "date_download": "d"}, ("a", "u", "d")),  # RedPajama, CCNet
        ({"text": "a", "url": "u", "date": "d", "dump": "CC"}, ("a", "u", "d")),  # FineWeb
        ({"text": "a", "metadata": {"url": "u"}, "created": "d", "added": "e"}, ("a", "u", "d")),  # dolma
        ({"text": "a", "meta": '{"URL": "u", "timestamp": 5}'}, ("a", "u", "5")),
        ({"Text": "a", "URL": "u", "Date": "d"}, ("a", "u", "d")),
        ({"Text": "b", "text": "a", "url": None, "uri": "u"}, ("a", "u", None)),
        # until 2026-11 a null hid what the metadata said
        ({"text": "a", "url": None, "metadata": {"url": "u", "date": "d"}}, ("a", "u", "d")),
        ({"text": "a", "url": "u", "metadata": {"url": "v"}}, ("a", "u", None)),
        ({"text": "a", "url": ["u"], "metadata": "{no json"}, ("a", None, None)),
        ({"text": None, "content": 5, "raw_content": "a", "url": True, "date": math.nan}, ("a", None, None)),
    ],
)
def test_columns_are_known_by_the_names_that_tools_give_them(values, expected):
    found = row(values)
    assert (found.text, found.url, found.fetched_at) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, "7"),
        (1.5, "1.5"),
        ("x", "x"),
        ({"$oid": "65a"}, "65a"),
        (True, None),
        (None, None),
        ({"a": 1}, None),
        (math.inf, None),
    ],
)
def test_ids_of_any_type_are_words_or_nothing(value, expected):
    assert row({"text": "a", "id": value}).id == expected


def test_a_recipe_names_the_columns_and_nothing_else_is_taken_then():
    limits = RowLimits(text_column="body", id_column="key", url_column="where", date_column="when")
    values = {"text": "no", "body": "a", "id": "no", "key": 3, "url": "no", "where": "u", "metadata": {"when": "d"}}
    assert row(values, limits)[2:7] == ("3", "u", "a", None, "d")
    assert row_of(0, 1, {"text": "a"}, limits).detail == 'column "body" is no string'  # type: ignore[union-attr]
    assert build_recipe({"rows": {"text_column": "body"}}).rows.text_column == "body"
    assert [one.text for one in parquet(pa.table({"body": ["a"], "text": [1]}), limits)] == ["a"]  # type: ignore[union-attr]


# What is left travels


def test_other_columns_travel_as_json_without_nan_and_within_bounds():
    values = {
        "text": "a",
        "url": "u",
        "n": 10**30,
        "x": math.nan,
        "deep": [{"y": -math.inf}],
        "none": None,
        "long": "z" * 500,
        "last": "ü",
    }
    assert json.loads(row(values).metadata or "") == {
        "n": 10**30, "x": None, "deep": [{"y": None}], "long": "z" * 500, "last": "ü",
    }  # fmt: skip
    assert json.loads(row(values, RowLimits(max_metadata_bytes=100)).metadata or "").keys() == {"n", "x", "deep", "last"}
    assert row({"text": "a", "url": "u"}).metadata is None
    assert row({"text": "a", "odd": "\ud800"}).metadata == '{"odd": "\ufffd"}'


def test_metadata_stands_in_documents():
    data = json.dumps({"text": "Bread and salt.", "license": "CC0", "metadata": {"language": "en"}}).encode()
    (found,) = ingest.ingest_file(io.BytesIO(data), "a.json", ingest_settings(Recipe()))
    assert json.loads(found.documents["metadata"][0].as_py()) == {"license": "CC0", "metadata": {"language": "en"}}


# Odd lines of JSON


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'{"text": "a", "n": 1' + b"0" * 5000 + b"}", "a"),  # until 2026-11 the number cost the row
        (b'{"text": "a", "x": NaN, "y": -Infinity}', "a"),
        (b'{"text": "a\tb\x01c"}', "a\tb\x01c"),
        (b'\x1e{"text": "a"}\r', "a"),
        (b'\xef\xbb\xbf{"text": "a"}', "a"),
        (b'{"text": "caf\xe9 cr\xe8me br\xfbl\xe9e et un tr\xe8s bon go\xfbt"}', "café crème brûlée et un très bon goût"),
        ('{"text": "schöne Grüße", "note": "'.encode() + b'caf\xe9"}', "schöne Grüße"),
        (b'{"text": "first", "text": "second"}', "second"),
    ],
)
def test_an_odd_line_gives_its_text(raw, text):
    assert line(raw).text == text


@pytest.mark.parametrize("html", ["", " \n", None, "<script>x</script>", "<!-- -->"])
def test_a_page_without_text_hides_no_text_beside_it_until_2026_11_it_did(html):
    data = json.dumps({"text": "Bread and salt.", "html": html}).encode()
    (found,) = ingest.ingest_file(io.BytesIO(data), "a.jsonl", ingest_settings(Recipe()))
    assert (found.documents["text"].to_pylist(), found.documents["mime"].to_pylist()) == (["Bread and salt."], ["text/plain"])


# Odd columns of Parquet

WHEN = datetime.datetime(2026, 3, 1, 10, 0, 0, 123456)
ENDS = pa.array([-(2**62), 2**62, None], pa.int64())


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([WHEN] * 3, pa.timestamp("us")), "2026-03-01T10:00:00.123456"),
        (pa.array([WHEN] * 3, pa.timestamp("us", "Europe/Berlin")), "2026-03-01T10:00:00.123456Z"),
        (pa.array([1] * 3, pa.int64()).view(pa.timestamp("s")).cast(pa.timestamp("ms")), "1970-01-01T00:00:01"),
        (pa.array([1] * 3, pa.int64()).view(pa.timestamp("ns")), "1970-01-01T00:00:00.000000001"),
        (pa.array([WHEN.date()] * 3), "2026-03-01"),
        (pa.array([1772359200.0, math.nan, 0.0]), "1772359200.0"),
        (pa.array(["1 March"] * 3), "1 March"),
        (pa.array([7] * 3), "7"),
        # until 2026-11 these cost the text, the row group or the whole file
        (pa.array([1_000_000_000] * 3, pa.int64()).view(pa.timestamp("s", "Mars/Olympus")), "2001-09-09T01:46:40Z"),
        (ENDS.view(pa.timestamp("us")), None),
    ],
)
def test_dates_of_any_type_are_written_out_and_cost_no_text(column, expected):
    found = parquet(pa.table({"text": ["a", "b", "c"], "date": column}))
    assert [one.text for one in found] == ["a", "b", "c"]  # type: ignore[union-attr]
    if expected:
        assert found[0].fetched_at == expected  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([bytes([200 + i] * 16) for i in range(3)], pa.binary()), "c8" * 16),
        (pa.array([bytes([200 + i] * 16) for i in range(3)], pa.binary(16)), "c8" * 16),
        (pa.array([b"a-1", b"a-2", b"a-3"], pa.binary()), "a-1"),
        (pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=i).bytes for i in (5, 6, 7)], pa.binary(16))),
         "00000000-0000-0000-0000-000000000005"),
        (pa.array([Decimal("1.5")] * 3), "1.5"),
        (pa.array([True] * 3), None),
        (pa.array([["a"]] * 3), None),
        (pa.array([datetime.time(1)] * 3), "3600000000"),
        (pa.nulls(3), None),
    ],
)  # fmt: skip
def test_ids_of_any_type_cost_no_text(column, expected):
    found = parquet(pa.table({"id": column, "text": ["a", "b", "c"]}))
    assert [one.text for one in found] == ["a", "b", "c"]  # type: ignore[union-attr]
    assert found[0].id == expected  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "metadata",
    [
        pa.array([{"url": "u", "date": WHEN}] * 2),
        pa.array([[("url", "u"), ("date", "2026-03-01T10:00:00.123456")]] * 2, pa.map_(pa.string(), pa.string())),
        pa.array(['{"url": "u", "date": "2026-03-01T10:00:00.123456"}'] * 2),
        pa.array([{"url": b"u", "date": WHEN}] * 2),
    ],
)
def test_metadata_of_any_shape_gives_url_and_date_as_json_does(metadata):
    for one in parquet(pa.table({"text": ["a", "b"], "metadata": metadata})):
        assert isinstance(one, Row)
        assert (one.url, one.fetched_at) == ("u", "2026-03-01T10:00:00.123456")
        assert "url" in json.dumps(json.loads(one.metadata or "")["metadata"])


def test_texts_may_be_bytes_views_dictionaries_or_all_null():
    for kind in (pa.binary(), pa.large_binary(), pa.string_view(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        column = (
            pa.array(["a", "ü"]).cast(kind)
            if kind != pa.dictionary(pa.int32(), pa.string())
            else pa.array(["a", "ü"]).dictionary_encode()
        )
        assert [one.text for one in parquet(pa.table({"text": column}))] == ["a", "ü"]  # type: ignore[union-attr]
    assert [one.reason for one in parquet(pa.table({"text": pa.nulls(70)}))] == ["no_text"] * 70  # type: ignore[union-attr]


def test_of_columns_with_one_name_the_first_value_counts():
    table = pa.Table.from_arrays([pa.array([None, "b"]), pa.array(["a", "c"]), pa.array([1, 2])], names=["text", "text", "n"])
    assert [one.text for one in parquet(table)] == ["a", "b"]  # type: ignore[union-attr]


def test_damage_in_another_column_costs_that_column_only():
    table = pa.table(
        {"text": [f"row {number}" for number in range(300)], "note": [f"note {number} " * 9 for number in range(300)]}
    )
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="none", use_dictionary=False, write_page_checksum=True)
    data = bytearray(sink.getvalue())
    data[data.find(b"note 150 ")] ^= 1
    found = list(read_parquet(io.BytesIO(bytes(data)), LIMITS))
    assert [one.text for one in found] == table["text"].to_pylist()  # type: ignore[union-attr]
    assert found[150].metadata is None  # type: ignore[union-attr]


kinds = st.recursive(
    st.sampled_from([pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.binary(), pa.null()]),
    lambda kind: st.one_of(
        kind.map(pa.list_), kind.map(pa.large_list), kind.map(lambda one: pa.list_(one, 2)),
        kind.map(lambda one: pa.struct([("a", one), ("b", pa.int8())])),
    ),
    max_leaves=4,
)  # fmt: skip


def values_of(kind: pa.DataType) -> st.SearchStrategy[Any]:
    if pa.types.is_fixed_size_list(kind):
        return st.none() | st.lists(values_of(kind.value_type), min_size=2, max_size=2)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return st.none() | st.lists(values_of(kind.value_type), max_size=3)
    if pa.types.is_struct(kind):
        return st.none() | st.fixed_dictionaries({field.name: values_of(field.type) for field in kind})
    leaves = {
        pa.string(): st.text(st.characters(exclude_categories=["Cs"]), max_size=3), pa.int64(): st.integers(-9, 9),
        pa.null(): st.none(), pa.float64(): st.floats(allow_nan=False), pa.bool_(): st.booleans(),
        pa.binary(): st.sampled_from([b"", b"ab"]), pa.int8(): st.just(1),
    }  # fmt: skip
    return st.none() | leaves[kind]


def as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


@given(kinds, st.data())
def test_plain_values_of_nested_columns_are_what_arrow_makes_of_them(kind: pa.DataType, data: st.DataObject) -> None:
    values = data.draw(st.lists(values_of(kind), max_size=5))
    column = pa.array(values, kind)
    start = data.draw(st.integers(0, len(values)))
    for one in (column, column[start:]):
        assert plain_values(one) == as_text(one.to_pylist())


@given(st.integers(-(2**62), 2**62))
def test_any_timestamp_is_written_as_the_standard_library_writes_it_where_it_can(count: int) -> None:
    column = pa.array([count, count // 10**4], pa.int64()).view(pa.timestamp("us"))
    for number, written in zip((count, count // 10**4), plain_values(column), strict=True):
        try:
            expected = (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=number)).isoformat()
        except OverflowError:
            continue
        assert written == expected
