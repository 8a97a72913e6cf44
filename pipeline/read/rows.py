"""Documents that come as rows: JSON lines and Parquet with "text" or "html", and "url", "id" and a date where there are.

A line, a row or a row group that cannot be read is one `Damage`, what can be read goes on. Positions of JSON lines are bytes of
the inflated stream, positions in Parquet are row numbers; either is what `warc_offset` holds for such inputs.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from pipeline.errors import InputError
from pipeline.read.warc.records import Damage
from pipeline.settings import setting

__all__ = ["Row", "RowLimits", "check_jsonl", "check_parquet", "read_jsonl", "read_parquet"]

READ_BYTES = 1 << 20
UTF8_BOM = b"\xef\xbb\xbf"
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
ZSTD_MAX_WINDOW_BYTES = 1 << 27  # what `zstd --long` uses
ZSTD_FEED_BYTES = 512  # 4 bytes can say "128 KiB of this byte": so many inflate to 16 MiB at most
# Names under which other tools write the same thing: datatrove and dolma keep url and date in "metadata".
TEXT_COLUMNS = ("text", "html")
DATE_COLUMNS = ("fetched_at", "date", "timestamp")
COLUMNS = (*TEXT_COLUMNS, "url", "id", *DATE_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class RowLimits:
    """How large a row may be, and how many are read at once."""

    max_row_bytes: int = setting(16 << 20, "a line of JSON, or text and html of a Parquet row", "as a WARC record")
    max_column_bytes: int = setting(2 << 30, "a column of a Parquet row group, inflated", "writers aim at 1 GB a row group")
    rows_per_read: int = setting(64, "Parquet rows that are read together", "64 rows of 16 MiB are the most that is held")


class Row(NamedTuple):
    """One document; `position` and `length` in bytes of the inflated stream, or row number and 1."""

    position: int
    length: int
    id: str | None
    url: str | None
    text: str | None
    html: str | None
    fetched_at: str | None


def check_jsonl(stream: BinaryIO, name: str) -> None:
    """InputError unless one of the first lines is a JSON object; leaves the stream at its beginning."""
    first = next(_inflated(stream), b"")
    stream.seek(0)
    if not first:
        raise InputError(f"{name} is empty: leave it out, or fetch it again")
    if isinstance(first, str):
        raise InputError(f"{name} does not inflate: {first}")
    lines = first.removeprefix(UTF8_BOM).split(b"\n")
    if len(lines) > 1 and not any(line.lstrip().startswith(b"{") and isinstance(_parsed(line), dict) for line in lines):
        raise InputError(f'{name} is not JSON lines: none of its first is an object like {{"text": …, "url": …, "id": …}}')
    if not lines[0].lstrip().startswith(b"{") and len(lines) == 1:
        raise InputError(f"{name} is not JSON lines: it begins with {first[:24].decode('latin-1')!a}")


def read_jsonl(stream: BinaryIO, limits: RowLimits) -> Iterator[Row | Damage]:
    """Rows of a .jsonl stream; plain, gzip or zstd by its first bytes."""
    for line in _lines(_inflated(stream), limits.max_row_bytes):
        if isinstance(line, Damage):
            yield line
        elif line[1].strip():
            yield _row_of_line(*line, limits)


def check_parquet(stream: BinaryIO, name: str) -> None:
    """InputError unless `stream` is Parquet with a column "text" or "html" of strings."""
    try:
        schema = pq.ParquetFile(stream).schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name} is no readable Parquet file: {str(error)[:200]}") from error
    found = [column for column in TEXT_COLUMNS if column in schema.names]
    if not found:
        raise InputError(f'{name} has no column "text" or "html", only: {", ".join(schema.names)[:200]}')
    for column in found:
        if not _is_text(schema.field(column).type):
            raise InputError(f'{name}: column "{column}" is {schema.field(column).type}, strings are needed')
    stream.seek(0)


def read_parquet(stream: BinaryIO, limits: RowLimits) -> Iterator[Row | Damage]:
    """Rows in file order; pages are checked against their checksums where the writer left any."""
    file = pq.ParquetFile(stream, page_checksum_verification=True, buffer_size=READ_BYTES)
    wanted = [name for name in file.schema_arrow.names if name in COLUMNS]
    position = 0
    for group in range(file.num_row_groups):
        metadata = file.metadata.row_group(group)
        end = position + metadata.num_rows
        if problem := _oversized_column(metadata, limits):
            yield Damage(position, end - position, problem, "too_large")
        else:
            try:
                for batch in file.iter_batches(limits.rows_per_read, row_groups=[group], columns=wanted):
                    for values in _dictionaries(batch):
                        yield _row(position, 1, values, limits)
                        position += 1
            except (pa.ArrowException, OSError) as error:
                yield Damage(position, end - position, f"row group {group}: {str(error)[:200]}")
        position = end


# JSON lines


def _inflated(stream: BinaryIO) -> Iterator[bytes | str]:
    """Chunks of the inflated stream; a string says why it ends early."""
    magic = stream.read(4)
    stream.seek(0)
    try:
        if magic.startswith(GZIP_MAGIC):
            with gzip.GzipFile(fileobj=stream) as members:
                while chunk := members.read1(READ_BYTES):
                    yield chunk
        elif magic == ZSTD_MAGIC:
            yield from _inflated_frames(stream)
        else:
            while chunk := stream.read(READ_BYTES):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        yield f"the rest of the file does not inflate: {str(error)[:120]}"


def _inflated_frames(stream: BinaryIO) -> Iterator[bytes]:
    frames = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW_BYTES)
    frame = None
    while fed := stream.read(ZSTD_FEED_BYTES):
        while fed:
            frame = frame or frames.decompressobj()
            if chunk := frame.decompress(fed):
                yield chunk
            fed = b""
            if frame.eof:
                fed, frame = frame.unused_data, None
    if frame is not None:
        raise EOFError("the file ends inside a zstd frame")


def _lines(chunks: Iterator[bytes | str], max_bytes: int) -> Iterator[tuple[int, bytes] | Damage]:
    """Position and bytes of each line; what is longer than `max_bytes` is never held."""
    parts: list[bytes] = []
    position = size = 0
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
    value = _parsed(line if position else line.removeprefix(UTF8_BOM))
    if isinstance(value, str):
        return Damage(position, len(line), value)
    metadata = value.get("metadata")  # datatrove and dolma keep url and date there
    return _row(position, len(line), {**metadata, **value} if isinstance(metadata, dict) else value, limits)


def _parsed(line: bytes) -> dict[str, Any] | str:
    """The line's object, or why there is none."""
    try:
        value = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        return f"line is no JSON: {str(error)[:120]}"
    return value if isinstance(value, dict) else f"line is a JSON {type(value).__name__}, not an object"


# Parquet


def _oversized_column(metadata: Any, limits: RowLimits) -> str:
    """What is wrong with a row group whose columns would inflate beyond bounds; empty if nothing is."""
    for number in range(metadata.num_columns):
        column = metadata.column(number)
        if column.path_in_schema in COLUMNS and column.total_uncompressed_size > limits.max_column_bytes:
            what = f'column "{column.path_in_schema}" has {column.total_uncompressed_size} bytes in a row group'
            return f"{what}; max_column_bytes is {limits.max_column_bytes}"
    return ""


def _dictionaries(batch: Any) -> Iterator[dict[str, Any]]:
    """Rows as dictionaries, strings as bytes: Arrow does not check that they are UTF-8."""
    columns = []
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        columns.append((column.cast(pa.large_binary()) if _is_text(column.type) else column).to_pylist())
    for values in zip(*columns, strict=True):
        yield dict(zip(batch.schema.names, values, strict=True))


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


# Either


def _row(position: int, length: int, values: dict[str, Any], limits: RowLimits) -> Row | Damage:
    try:
        texts = {name: value.decode() if isinstance(value, bytes) else value for name, value in values.items() if name in COLUMNS}
    except UnicodeDecodeError as error:
        return Damage(position, length, f"row is not UTF-8: {str(error)[:120]}")
    text, html = (_clean(texts[name]) if isinstance(texts.get(name), str) else None for name in TEXT_COLUMNS)
    name, url = _short(texts.get("id")), _short(texts.get("url"))
    if text is None and html is None:
        return Damage(position, length, 'neither "text" nor "html" is a string', "no_text", name or "", "", url or "")
    size = len((text or "").encode()) + len((html or "").encode())
    if size > limits.max_row_bytes:
        detail = f"row of {size} bytes; max_row_bytes is {limits.max_row_bytes}"
        return Damage(position, length, detail, "too_large", name or "", "", url or "")
    fetched_at = next((short for column in DATE_COLUMNS if (short := _short(texts.get(column)))), None)
    return Row(position, length, name, url, text, html, fetched_at)


def _short(value: Any) -> str | None:
    """A string, number or date as text."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _clean(text: str) -> str:
    """Without NUL; halves of surrogate pairs, as JSON escapes can spell them, become U+FFFD."""
    text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
