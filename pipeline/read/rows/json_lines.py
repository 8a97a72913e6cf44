"""JSON lines under any name and packing. Positions are bytes of the inflated stream: what `warc_offset` holds for such inputs."""

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from pipeline.errors import InputError
from pipeline.read.http import charset
from pipeline.read.rows.columns import Row, RowLimits, row_of
from pipeline.read.rows.inflate import PACKED, READ_BYTES, inflated
from pipeline.read.warc.records import Damage
from pipeline.read.warc.splits import Reach, SplitRead

UTF8_BOM = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n\x1e"  # RFC 7464 begins each text with a record separator
MAX_DIGITS = 4000  # Python makes no longer ones an int


def has_json_lines(first: bytes) -> bool:
    """Whether the beginning of a file holds an object on a line, or a line that is cut off inside its first object."""
    lines = first.removeprefix(UTF8_BOM).split(b"\n")
    if len(lines) == 1:
        return lines[0].lstrip(BLANKS).startswith(b"{")
    return any(line.lstrip(BLANKS).startswith(b"{") and isinstance(parsed(line), dict) for line in lines)


def check_jsonl(stream: BinaryIO, name: str) -> None:
    """InputError unless one of the first lines is a JSON object; leaves the stream at its beginning."""
    first = next(inflated(stream), b"")
    stream.seek(0)
    if not first:
        raise InputError(f"{name} is empty: leave it out, or fetch it again")
    if isinstance(first, str):
        raise InputError(f"{name} does not inflate: {first}")
    if not has_json_lines(first):
        begins = first[:24].decode("latin-1")
        raise InputError(
            f"{name} is not JSON lines, one object like "
            f'{{"text": …, "url": …, "id": …}} a line: it begins with {begins!a}; `jq -c .` or `jq -c ".[]"` writes them'
        )


def read_jsonl(stream: BinaryIO, limits: RowLimits) -> Iterator[Row | Damage]:
    """Rows of a stream of lines, in order."""
    yield from _rows(_lines(inflated(stream), limits.max_row_bytes), limits)


def is_plain(stream: BinaryIO) -> bool:
    """Whether lines stand there as they are, so that reading may begin anywhere. Leaves the stream at its beginning."""
    head = stream.read(6)
    stream.seek(0)
    return not head.startswith(PACKED)


def read_jsonl_split(stream: BinaryIO, limits: RowLimits, split: SplitRead) -> Iterator[Row | Damage]:
    """Rows of the lines that begin in a range of a stream of plain lines."""
    begin, end, _ = split.split
    first = _line_after(stream, begin)
    size = stream.seek(0, 2)
    stream.seek(first)
    after = size

    def owned() -> Iterator[tuple[int, bytes] | Damage]:
        nonlocal after
        for line in _lines(iter(lambda: stream.read(READ_BYTES), b""), limits.max_row_bytes, first):
            place = line.offset if isinstance(line, Damage) else line[0]
            if place >= end:
                after = place
                return
            yield line

    yield from _rows(owned(), limits)
    split.reach = Reach(first if first < min(end, size) else None, after, 0)


def read_jsonl_at(stream: BinaryIO, place: int, limits: RowLimits) -> Row | Damage | None:
    """Of the line that begins at `place`; null where none does that holds anything. Of plain lines no other is parsed."""
    if not is_plain(stream):
        return next((row for row in read_jsonl(stream, limits) if _begin(row) == place), None)
    if _line_after(stream, place) != place:
        return None
    stream.seek(place)
    lines = _lines(iter(lambda: stream.read(READ_BYTES), b""), limits.max_row_bytes, place)
    return next(_rows(islice(lines, 1), limits), None)


def _begin(row: Row | Damage) -> int:
    return row.offset if isinstance(row, Damage) else row.position


def _line_after(stream: BinaryIO, place: int) -> int:
    """Where the first line begins that does so at `place` or later."""
    if place == 0:
        return 0
    place -= 1
    stream.seek(place)
    while chunk := stream.read(READ_BYTES):
        if (at := chunk.find(b"\n")) >= 0:
            return place + at + 1
        place += len(chunk)
    return place


def _rows(lines: Iterator[tuple[int, bytes] | Damage], limits: RowLimits) -> Iterator[Row | Damage]:
    for line in lines:
        if isinstance(line, Damage):
            yield line
        elif line[1].strip(BLANKS):
            yield _row_of_line(*line, limits)


def _lines(chunks: Iterator[bytes | str], max_bytes: int, position: int = 0) -> Iterator[tuple[int, bytes] | Damage]:
    """Position and bytes of each line, the first at `position`; what is longer than `max_bytes` is never held."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        if isinstance(chunk, str):
            yield Damage(position, size, chunk)
            return
        *closed, rest = chunk.split(b"\n")
        for piece in closed:
            size += len(piece)
            yield _line(position, size, [*parts, piece], max_bytes)
            position += size + 1
            parts, size = [], 0
        size += len(rest)
        parts = [*parts, rest] if size <= max_bytes else []
    if size:
        yield _line(position, size, parts, max_bytes)


def _line(position: int, size: int, parts: list[bytes], max_bytes: int) -> tuple[int, bytes] | Damage:
    if size > max_bytes:
        return Damage(position, size, f"line of {size} bytes; max_row_bytes is {max_bytes}", "too_large")
    return position, b"".join(parts)


def _row_of_line(position: int, line: bytes, limits: RowLimits) -> Row | Damage:
    value = parsed(line)
    return Damage(position, len(line), value) if isinstance(value, str) else row_of(position, len(line), value, limits)


def parsed(line: bytes) -> dict[str, Any] | str:
    """The line's object, or why there is none. A line that is no UTF-8 is read as a page would be that says it is."""
    line = line.strip(BLANKS).removeprefix(UTF8_BOM)
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = charset.decode(line, "utf-8", html=False).text
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        return f"line is no JSON: {str(error)[:120]}"
    return value if isinstance(value, dict) else f"line is a JSON {type(value).__name__}, not an object"


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= MAX_DIGITS else Decimal(digits)


DECODER = json.JSONDecoder(strict=False, parse_int=_integer)  # not strict: control characters in strings are let pass
