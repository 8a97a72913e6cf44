"""curated -> .jsonl.zst files of {"id", "text", "metadata"}, the form that other tools read."""

import json
from pathlib import Path

import duckdb
import zstandard

from jobs.corpus import Corpus
from jobs.tables_view import connect
from pipeline.errors import EnvironmentProblem

METADATA = ("url", "fetched_at", "language", "language_confidence", "title", "warc_file", "warc_offset", "record_id")
DOCUMENTS_PER_FILE = 100_000


def export_jsonl(corpus: Corpus, folder: Path) -> int:
    """Files of 100,000 documents each, in the order of doc_id; returns the number of documents."""
    corpus.require("select")
    columns = ", ".join(f"d.{name}" for name in METADATA)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with connect(corpus) as database:
            database.execute("SET temp_directory = ?", [str(folder)])
            result = database.execute(
                f"SELECT c.doc_id, c.text, {columns} FROM curated c JOIN documents d USING (doc_id) "
                "WHERE NOT d.repeated ORDER BY c.doc_id"
            )
            exported = number = 0
            while written := _write_file(result, folder / f"documents-{number:05d}.jsonl.zst"):
                exported += written
                number += 1
            return exported
    except OSError as error:
        raise EnvironmentProblem(
            f"export to {folder} failed: {error.strerror or error}; name a folder that can be written"
        ) from error


def _write_file(result: duckdb.DuckDBPyConnection, target: Path) -> int:
    """The next documents of `result`; no file is left where there are none."""
    written = 0
    aside = target.with_suffix(".tmp")
    with aside.open("wb") as raw, zstandard.ZstdCompressor().stream_writer(raw) as out:
        while written < DOCUMENTS_PER_FILE and (rows := result.fetchmany(min(1000, DOCUMENTS_PER_FILE - written))):
            for doc_id, text, *metadata in rows:
                line = {"id": doc_id, "text": text, "metadata": dict(zip(METADATA, metadata, strict=True))}
                out.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            written += len(rows)
    if written:
        aside.replace(target)
    else:
        aside.unlink()
    return written
