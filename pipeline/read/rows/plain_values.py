"""Arrow columns of any type as Python values that JSON can hold. No value of any type raises: dates at the ends of time, time
zones that nobody knows and bytes that are no text come out as something readable.
"""

import uuid
from typing import Any

import pyarrow as pa

from pipeline.read.http import charset

UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
SECONDS_A_DAY = 86_400


def is_text(kind: Any) -> bool:
    """Whether a column of this type can hold texts: strings, or the bytes that some writers leave of them."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(_is_string(kind) or _is_bytes(kind))


def _is_string(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: Any) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def texts(column: Any) -> list[str | None]:
    """Strings of a column that is_text; bytes that are no UTF-8 are read as those of a page that says it is."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return [None if value is None else _text(value) for value in column.cast(pa.large_binary()).to_pylist()]


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return charset.decode(value, "utf-8").text


def plain_values(column: Any) -> list[Any]:
    """None, bool, int, float, str, list and dict for every row."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _uuids(column) if kind.extension_name == "arrow.uuid" else plain_values(column.storage)
    if pa.types.is_dictionary(kind):
        return plain_values(column.dictionary_decode())
    if _is_string(kind):  # Arrow does not check that they are UTF-8
        return [
            None if value is None else value.decode("utf-8", "replace") for value in column.cast(pa.large_binary()).to_pylist()
        ]
    if _is_bytes(kind) or pa.types.is_fixed_size_binary(kind):
        return [_of_bytes(value) for value in column.to_pylist()]
    if pa.types.is_temporal(kind):
        return _dates(column)
    if pa.types.is_struct(kind):
        return _structs(column)
    if pa.types.is_map(kind):
        return [None if value is None else {str(name): one for name, one in value} for value in _lists(column)]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _lists(column)
    if pa.types.is_decimal(kind):
        return [None if value is None else str(value) for value in column.to_pylist()]
    return [*column.to_pylist()]  # null, bool, int, float, and views of lists


def _of_bytes(value: bytes | None) -> str | None:
    """Text where the bytes are UTF-8, or nearly; else hexadecimal."""
    if value is None:
        return None
    text = value.decode("utf-8", "replace")
    unreadable = sum(one == "\ufffd" or (one < " " and one not in "\t\n\r") for one in text[:4096])
    return value.hex() if unreadable * 4 > min(len(text), 4096) else text


def _uuids(column: Any) -> list[str | None]:
    return [None if value is None else str(uuid.UUID(bytes=value)) for value in column.storage.to_pylist()]


def _dates(column: Any) -> list[Any]:
    kind = column.type
    numbers = column.view(pa.int32() if kind.bit_width == 32 else pa.int64()).to_pylist()
    if pa.types.is_date32(kind):
        return [None if one is None else _date(one) for one in numbers]
    if pa.types.is_date64(kind):
        return [None if one is None else _date(one // (SECONDS_A_DAY * 1000)) for one in numbers]
    if pa.types.is_timestamp(kind):
        return [None if one is None else _moment(one, kind.unit) + ("Z" if kind.tz else "") for one in numbers]
    return list(numbers)  # times of day and durations, in their unit


def _moment(count: int, unit: str) -> str:
    """ISO 8601 of so many units since 1970, with a fraction where there is one."""
    seconds, part = divmod(count, UNITS[unit])
    days, clock = divmod(seconds, SECONDS_A_DAY)
    fraction = f".{part:0{len(str(UNITS[unit])) - 1}}" if part else ""
    return f"{_date(days)}T{clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}{fraction}"


def _date(days: int) -> str:
    """Days since 1970 as a Gregorian date, for any year (Howard Hinnant, chrono-compatible low-level date algorithms)."""
    days += 719_468  # from 0000-03-01: leap days come last
    era, of_era = divmod(days, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    year += era * 400 + (month >= 10)
    return f"{year:04}-{month + 3 if month < 10 else month - 9:02}-{day:02}"


def _structs(column: Any) -> list[Any]:
    fields = [(column.type.field(number).name, plain_values(column.field(number))) for number in range(column.type.num_fields)]
    return [
        {name: values[row] for name, values in fields} if there else None
        for row, there in enumerate(column.is_valid().to_pylist())
    ]


def _lists(column: Any) -> list[Any]:
    """Every row's values; those of a map are (key, value) pairs."""
    if pa.types.is_fixed_size_list(column.type):
        size = column.type.list_size
        values = plain_values(column.flatten()) if not column.null_count else []
        if column.null_count:
            return [None if not one.is_valid else plain_values(one.values) for one in column]
        return [values[at : at + size] for at in range(0, len(values), size)] if size else [[] for _ in range(len(column))]
    first, offsets = column.offsets[0].as_py() if len(column.offsets) else 0, column.offsets.to_pylist()
    last = offsets[-1] if offsets else 0
    if pa.types.is_map(column.type):
        keys, items = (plain_values(side[first:last]) for side in (column.keys, column.items))
        values = list(zip(keys, items, strict=True))
    else:
        values = plain_values(column.values[first:last])
    spans = zip(offsets[:-1], offsets[1:], column.is_valid().to_pylist(), strict=True)
    return [values[start - first : end - first] if there else None for start, end, there in spans]
