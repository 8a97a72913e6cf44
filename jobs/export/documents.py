"""`winnow export`: curated documents as JSON lines, or the shards in the layouts of other trainers."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from jobs.corpus.files import readers
from jobs.corpus.folder import Corpus, corpus_at
from jobs.corpus.recipe import build_recipe
from jobs.corpus.views import connect
from jobs.export.hub import write_readme
from jobs.export.lines import COLUMNS, TABLES, lines_of, write_lines
from jobs.export.mds import write_mds
from jobs.export.megatron import write_megatron
from jobs.export.places import place_of
from jobs.export.record import write_export
from jobs.export.source import Source, open_source
from jobs.export.tokens import write_nanogpt, write_parquet
from pipeline.errors import UsageError
from pipeline.personal.settings import PersonalSettings

TOKEN_FORMATS: dict[str, Callable[[Source, Path], int]] = {
    "nanogpt": write_nanogpt,
    "megatron": write_megatron,
    "mds": write_mds,
    "parquet": write_parquet,
}
FORMATS = ("jsonl", *TOKEN_FORMATS)


def export(corpus: Corpus, form: str, folder: str | Path, say: readers.Say = lambda _: None) -> int:
    """Writes the whole corpus in one of FORMATS; returns the number of documents. Memory does not grow with the corpus."""
    if form == "llm.c":
        raise UsageError(f"llm.c reads {corpus.root}/shards/shard-*.bin as they are: --format llm.c is of several corpora")
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
    """In the order of doc_id."""
    result = database.execute(f"SELECT doc_id, c.text, {COLUMNS} FROM {TABLES} ORDER BY doc_id")
    written = write_lines(lines_of(result, personal), folder, "documents")
    write_readme(folder, "jsonl", {"train": "*.jsonl.zst"})
    return written
