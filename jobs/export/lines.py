"""Documents as JSON lines, {"id", "text", "metadata"}: read from the tables, and written 100,000 a file."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import zstandard

from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_texts

METADATA = ("url", "fetched_at", "language", "language_confidence", "title", "warc_file", "warc_offset", "record_id")
COLUMNS = ", ".join({"url": "c.url", "language": "c.language"}.get(name, name) for name in METADATA)
TABLES = (
    "curated c JOIN first_documents d USING (doc_id) "
    "JOIN (SELECT DISTINCT ON (doc_id) doc_id, language_confidence FROM measures) USING (doc_id)"
)
DOCUMENTS_PER_FILE = 100_000
ROWS_FETCHED = 1000

Line = dict[str, Any]


def lines_of(
    result: duckdb.DuckDBPyConnection, personal: PersonalSettings, metadata: tuple[str, ...] = METADATA
) -> Iterator[Line]:
    """Rows of doc_id, text and what is `metadata` as lines; titles are masked as the texts are."""
    while rows := result.fetchmany(ROWS_FETCHED):
        some = [dict(zip(("id", "text", *metadata), row, strict=True)) for row in rows]
        titles, languages = (pa.array([one[name] for one in some], pa.string()) for name in ("title", "language"))
        for one, title in zip(some, masked_texts(titles, languages, personal).to_pylist(), strict=True):
            yield {"id": one["id"], "text": one["text"], "metadata": {name: one[name] for name in metadata} | {"title": title}}


def write_lines(lines: Iterable[Line], folder: Path, name: str) -> int:
    """Files NAME-NNNNN.jsonl.zst; the number of documents."""
    return in_files(lines, lambda number: folder / f"{name}-{number:05d}.jsonl.zst", _write_file)


def in_files(lines: Iterable[Line], path_of: Callable[[int], Path], write: Callable[[Iterable[Line], Path], int]) -> int:
    """Files of DOCUMENTS_PER_FILE each by their number; the number of documents. No file is left where there are none."""
    left = iter(lines)
    written = number = 0
    while count := write(islice(left, DOCUMENTS_PER_FILE), path_of(number)):
        written += count
        number += 1
    path_of(number).unlink()
    return written


def _write_file(lines: Iterable[Line], target: Path) -> int:
    written = 0
    with target.open("wb") as raw, zstandard.ZstdCompressor().stream_writer(raw) as out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            written += 1
    return written
