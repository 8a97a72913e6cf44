"""`winnow export`: curated documents as JSON lines, or the shards in the layouts of other trainers."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import zstandard

from jobs.corpus.files import readers
from jobs.corpus.folder import Corpus, corpus_at
from jobs.corpus.recipe import build_recipe
from jobs.corpus.views import connect
from jobs.export.hub import write_readme
from jobs.export.mds import write_mds
from jobs.export.megatron import write_megatron
from jobs.export.places import place_of
from jobs.export.record import write_export
from jobs.export.source import TokenSource, open_source
from jobs.export.tokens import write_nanogpt, write_parquet
from pipeline.errors import UsageError
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_texts

METADATA = ("url", "fetched_at", "language", "language_confidence", "title", "warc_file", "warc_offset", "record_id")
DOCUMENTS_PER_FILE = 100_000
TOKEN_FORMATS: dict[str, Callable[[TokenSource, Path], int]] = {
    "nanogpt": write_nanogpt,
    "megatron": write_megatron,
    "mds": write_mds,
    "parquet": write_parquet,
}
FORMATS = ("jsonl", *TOKEN_FORMATS)


def export(corpus: Corpus, form: str, folder: str | Path, say: readers.Say = lambda _: None) -> int:
    """Writes the whole corpus in one of FORMATS; returns the number of documents. Memory does not grow with the corpus."""
    if form not in FORMATS:
        raise UsageError(f"--format {form} is not known; one of {', '.join(FORMATS)}")

    place = place_of(folder)
    with readers.reading(corpus.root, readers.EXPORT, place.name, say):
        pinned = corpus_at(corpus.root)  # opened after it is known that somebody reads

        def write(aside: Path) -> int:
            with tempfile.TemporaryDirectory(dir=aside.parent) as scratch, connect(pinned) as database:
                database.execute("SET temp_directory = ?", [scratch])
                if form == "jsonl":
                    return write_jsonl(database, aside, build_recipe(pinned.manifest["recipe"]).personal)
                return TOKEN_FORMATS[form](open_source(pinned, database), aside)

        return write_export(pinned, form, "select" if form == "jsonl" else "shard", place, write)


def write_jsonl(database: duckdb.DuckDBPyConnection, folder: Path, personal: PersonalSettings) -> int:
    """Files of 100,000 documents each, {"id", "text", "metadata"}, in the order of doc_id; titles are masked as the texts are."""
    columns = ", ".join({"url": "c.url", "language": "c.language"}.get(name, name) for name in METADATA)
    result = database.execute(
        f"SELECT doc_id, c.text, {columns} FROM curated c JOIN first_documents d USING (doc_id) "
        "JOIN (SELECT DISTINCT ON (doc_id) doc_id, language_confidence FROM measures) USING (doc_id) ORDER BY doc_id"
    )
    exported = number = 0
    while written := _write_file(result, folder / f"documents-{number:05d}.jsonl.zst", personal):
        exported += written
        number += 1
    write_readme(folder, "jsonl", {"train": "*.jsonl.zst"})
    return exported


def _write_file(result: duckdb.DuckDBPyConnection, target: Path, personal: PersonalSettings) -> int:
    """The next documents of `result`; no file is left where there are none."""
    written = 0
    with target.open("wb") as raw, zstandard.ZstdCompressor().stream_writer(raw) as out:
        while written < DOCUMENTS_PER_FILE and (rows := result.fetchmany(min(1000, DOCUMENTS_PER_FILE - written))):
            some = [dict(zip(("id", "text", *METADATA), row, strict=True)) for row in rows]
            titles, languages = (pa.array([one[name] for one in some], pa.string()) for name in ("title", "language"))
            for one, title in zip(some, masked_texts(titles, languages, personal).to_pylist(), strict=True):
                metadata = {name: one[name] for name in METADATA} | {"title": title}
                line = {"id": one["id"], "text": one["text"], "metadata": metadata}
                out.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            written += len(rows)
    if not written:
        target.unlink()
    return written
