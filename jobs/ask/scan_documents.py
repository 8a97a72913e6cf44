"""Any text, no crawl: JSON lines with "id" and "text" or "html" in; for each, in the same order, a score and the findings out.

No Spark. Rows are read, scanned and written a batch at a time, so memory does not grow with the file. A line that is no such
row stops nothing: it is one line of complaint with file and line number, and `bad` of the result.
"""

import gzip
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

import pyarrow as pa
import zstandard

from pipeline.errors import InputError, UsageError
from pipeline.poison.findings import ScanSettings
from pipeline.poison.scan import Scan, scan
from pipeline.read import html

BATCH_ROWS = 64
BATCH_CHARACTERS = 4 << 20
MAX_LINE_BYTES = 64 << 20
WHOLE_PAGE = html.HtmlSettings(main_content=False)  # what ingest would leave out is judged too
SHOWN = ("rule", "attack", "severity", "score", "field", "start", "end", "excerpt", "decoded", "reason")


class Document(NamedTuple):
    """A row as the detectors see it."""

    id: Any
    text: str
    hidden_text: str
    markup: str


class Result(NamedTuple):
    documents: int
    flagged: int
    bad: int


def scan_documents(source: Path, target: Path, settings: ScanSettings) -> Result:
    """Scans `source` (plain, gzip or zstd, by its first bytes) into `target` (.gz and .zst are compressed)."""
    if not source.is_file():
        raise InputError(f'{source} does not exist: give a file of JSON lines with "id" and "text" or "html"')
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is the input as well; give --output another name")
    documents = flagged = 0
    reader = Reader(source)
    with writing(target) as out:
        for batch in batches(reader):
            for row in results(batch, settings):
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                documents += 1
                flagged += row["flagged"]
    return Result(documents, flagged, reader.bad)


def results(batch: list[Document], settings: ScanSettings) -> Iterator[dict[str, Any]]:
    """One row a document: id, score, flagged and findings."""
    columns = [pa.array([getattr(one, name) for one in batch], pa.large_string()) for name in ("text", "hidden_text", "markup")]
    found: Scan = scan(columns[0], columns[1], settings, columns[2])
    findings: list[list[dict[str, Any]]] = [[] for _ in batch]
    for one in found.findings.to_pylist():
        findings[one["row"]].append({name: round(one[name], 4) if name == "score" else one[name] for name in SHOWN})
    for document, score, own in zip(batch, found.scores.tolist(), findings, strict=True):
        yield {"id": document.id, "score": round(score, 6), "flagged": score >= settings.min_score, "findings": own}


class Reader:
    """Documents of a file, one after another; counts and names the lines that are none."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.bad = 0

    def __iter__(self) -> Iterator[Document]:
        with reading(self.source) as lines:
            number = 0
            while line := lines.readline(MAX_LINE_BYTES):
                number += 1
                if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                    self.complain(number, f"longer than {MAX_LINE_BYTES} bytes")
                    while (rest := lines.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                        pass
                elif line.strip():
                    document = document_of(line)
                    if isinstance(document, str):
                        self.complain(number, document)
                    else:
                        yield document

    def complain(self, number: int, problem: str) -> None:
        self.bad += 1
        sys.stderr.write(f"winnow: {self.source}:{number}: {problem}; the row is left out\n")


def document_of(line: bytes) -> Document | str:
    """The document of one line, or what is wrong with it."""
    try:
        row = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        return f"no JSON: {str(error)[:100]}"
    if not isinstance(row, dict):
        return f"a JSON {type(row).__name__}, not an object"
    if "id" not in row:
        return 'no "id"'
    given = {name: row[name] for name in ("text", "html") if row.get(name) is not None}
    if not given:
        return 'neither "text" nor "html"'
    if any(not isinstance(value, str) for value in given.values()):
        return '"text" and "html" must be strings'
    clean = {name: value.encode("utf-8", "replace").decode() for name, value in given.items()}  # no half surrogates
    if "html" not in clean:
        return Document(row["id"], clean["text"], "", "")
    page = html.extract(clean["html"].encode(), WHOLE_PAGE)
    return Document(row["id"], clean.get("text", page.text), page.hidden_text, page.markup_text)


def batches(documents: "Reader") -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text) + len(document.hidden_text) + len(document.markup)
        if len(batch) == BATCH_ROWS or size > BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@contextmanager
def reading(source: Path) -> Iterator[BinaryIO | io.BufferedIOBase]:
    """The bytes of the file, inflated; an InputError where they do not inflate."""
    with source.open("rb") as raw:
        magic = raw.read(4)
        raw.seek(0)
        try:
            if magic[:2] == b"\x1f\x8b":
                with gzip.GzipFile(fileobj=raw) as inflated:
                    yield inflated
            elif magic == b"\x28\xb5\x2f\xfd":
                stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw, read_across_frames=True)
                with io.BufferedReader(stream) as inflated:
                    yield inflated
            else:
                yield raw
        except (EOFError, gzip.BadGzipFile, zstandard.ZstdError) as error:
            raise InputError(f"{source} does not inflate: {str(error)[:120]}; the results end there") from error


@contextmanager
def writing(target: Path) -> Iterator[IO[str]]:
    """A file for text, compressed as its name ends."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as raw:
        body: Any
        if target.suffix == ".gz":
            body = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0)
        elif target.suffix == ".zst":
            body = zstandard.ZstdCompressor().stream_writer(raw, closefd=False)
        else:
            body = raw
        text = io.TextIOWrapper(body, "utf-8", newline="\n")
        yield text
        text.flush()
        text.detach()
        if body is not raw:
            body.close()
