"""Which column of a row is what, under the names that other tools give them; what is left over travels as JSON."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.errors import RecipeError
from pipeline.read.warc.records import Damage
from pipeline.settings import check_settings, setting

# In the order they are looked for. OSCAR has content, RedPajama and CCNet raw_content, dolma created.
TEXT_NAMES = ("text", "content", "raw_content")
HTML_NAMES = ("html",)
ID_NAMES = ("id", "_id", "doc_id", "uuid", "warc_record_id", "warc-record-id")
URL_NAMES = ("url", "uri", "source_url", "warc_target_uri", "warc-target-uri")
DATE_NAMES = ("fetched_at", "date", "timestamp", "created", "crawl_date", "date_download", "warc_date", "warc-date")
CONTAINERS = ("metadata", "meta", "warc_headers")  # datatrove, dolma and OSCAR keep url and date in one of these
MAX_CONTAINER_CHARS = 1 << 20  # of a container that is JSON in a string


@dataclass(frozen=True, kw_only=True)
class RowLimits:
    """How large a row may be, how many are read at once, and which column is what where the names do not tell."""

    max_row_bytes: int = setting(16 << 20, "a line of JSON, or text and html of a Parquet row", "as a WARC record", minimum=1)
    max_column_bytes: int = setting(
        2 << 30, "a column of a Parquet row group, inflated", "writers aim at 1 GB a row group", minimum=1
    )
    rows_per_read: int = setting(
        64, "Parquet rows that are read together", "64 rows of 16 MiB are the most that is held", minimum=1
    )
    max_metadata_bytes: int = setting(64 << 10, "the other columns of a row as JSON; what is longer is left out", minimum=0)
    text_column: str | None = setting(None, "column of the text; without it text, content or raw_content")
    id_column: str | None = setting(None, "column that names a row; without it id, _id, doc_id or uuid")
    url_column: str | None = setting(None, "column of the address; without it url, uri or source_url, also in metadata")
    date_column: str | None = setting(
        None, "column of the date; without it fetched_at, date, timestamp or created, also in metadata"
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "rows.")


class Row(NamedTuple):
    """One document; `position` and `length` in bytes of the inflated stream, or row number and 1."""

    position: int
    length: int
    id: str | None
    url: str | None
    text: str | None
    html: str | None
    fetched_at: str | None
    metadata: str | None = None  # the other columns, a JSON object


def text_columns(names: list[str], limits: RowLimits) -> list[str]:
    """Those of `names` that may hold a row's text or page."""
    if limits.text_column:
        return [name for name in names if name == limits.text_column]
    return [name for name in names if name.lower() in (*TEXT_NAMES, *HTML_NAMES)]


def row_of(position: int, length: int, values: Mapping[str, Any], limits: RowLimits) -> Row | Damage:
    """The row that these columns make; Damage where it has no text or too much."""
    columns = _Columns(values)
    text = columns.take(TEXT_NAMES, limits.text_column, as_text)
    html = columns.take(HTML_NAMES, None, as_text) if limits.text_column is None else None
    name = columns.take(ID_NAMES, limits.id_column, as_word)
    url = columns.take(URL_NAMES, limits.url_column, as_string, nested=True)
    fetched_at = columns.take(DATE_NAMES, limits.date_column, as_word, nested=True)
    if text is None and html is None:
        wanted = f'column "{limits.text_column}" is no string' if limits.text_column else 'neither "text" nor "html" is a string'
        return Damage(position, length, wanted, "no_text", name or "", "", url or "")
    size = len((text or "").encode()) + len((html or "").encode())
    if size > limits.max_row_bytes:
        detail = f"row of {size} bytes; max_row_bytes is {limits.max_row_bytes}"
        return Damage(position, length, detail, "too_large", name or "", "", url or "")
    return Row(position, length, name, url, text, html, fetched_at, as_json(columns.left(), limits.max_metadata_bytes))


class _Columns:
    """The columns of one row; what is taken is not left over."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._exact = {name.lower(): name for name in reversed(list(values))} | {name: name for name in values}
        self._taken: set[str] = set()

    def take(
        self, names: tuple[str, ...], named: str | None, read: Callable[[Any], str | None], *, nested: bool = False
    ) -> str | None:
        """The first of these columns that `read` makes something of; the setting's column alone where it names one."""
        for wanted in (named,) if named else names:
            name = self._exact.get(wanted)
            if name is not None and name not in self._taken and (found := read(self._values[name])) is not None:
                self._taken.add(name)
                return found
        return self._take_nested((named,) if named else names, read) if nested else None

    def _take_nested(self, names: tuple[str, ...], read: Callable[[Any], str | None]) -> str | None:
        for container in self._containers():
            lowered = {str(name).lower(): value for name, value in reversed(list(container.items()))}
            for name in names:
                if (found := read(lowered.get(name.lower()))) is not None:
                    return found
        return None

    def _containers(self) -> Iterator[dict[str, Any]]:
        for name in CONTAINERS:
            value = self._values.get(self._exact.get(name, ""))
            if isinstance(value, str) and value[:1] == "{" and len(value) <= MAX_CONTAINER_CHARS:
                value = _parsed(value)
            if isinstance(value, dict):
                yield value

    def left(self) -> dict[str, Any]:
        return {name: value for name, value in self._values.items() if name not in self._taken and value is not None}


def _parsed(written: str) -> Any:
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        return None


def as_text(value: Any) -> str | None:
    """Without NUL; halves of surrogate pairs, as JSON escapes can spell them, become U+FFFD. None for what is no string."""
    if not isinstance(value, str):
        return None
    value = value.replace("\0", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        return str(value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return str(value)


def as_string(value: Any) -> str | None:
    return as_text(value) or None


def as_word(value: Any) -> str | None:
    """A string, a number, or MongoDB's {"$oid": …} and {"$date": …} as text."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("$oid", "$date", "$numberLong"):
        return as_word(next(iter(value.values())))
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return str(value) if isinstance(value, int | float) else as_string(value)


def as_json(columns: Mapping[str, Any], max_bytes: int) -> str | None:
    """A JSON object of the columns that fit, in their order; None where there is nothing to say."""
    parts: list[str] = []
    left = max_bytes
    for name, value in columns.items():
        part = f"{json.dumps(str(name), ensure_ascii=False)}: {_dumped(value)}"
        if len(part) <= left:
            parts.append(part)
            left -= len(part.encode("utf-8", "replace")) + 2
    return as_text("{" + ", ".join(parts) + "}") if parts else None


def _dumped(value: Any) -> str:
    """As JSON, which knows neither NaN nor infinity."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except RecursionError:
        return "null"
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
