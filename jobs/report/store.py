"""The tables of a corpus as duckdb views, and one narrow table of pages that most questions are put to."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pipeline import tables
from pipeline.errors import CorpusError

MEMORY = "1GB"  # duckdb spills to its temporary folder beyond this

# One row per row of `documents`. The record's place joins it to its outcome, because a record met twice has one doc_id
# and two outcomes. Text is read once, for its size, and not kept.
PAGES = """
create table pages as
select d.doc_id, d.host, d.url, d.language, d.charset, d.charset_source, d.digest_ok, coalesce(d.repeated, false) as repeated,
       coalesce(o.outcome, 'undecided') as outcome, o.reason, strlen(d.text) as text_bytes {measures}
from documents d left join outcomes o using (warc_file, warc_offset)
"""
KEPT = """
create table kept as
with lengths as (select doc_id, sum(length)::bigint as length from spans group by doc_id)
select c.doc_id, c.language, strlen(c.text) as text_bytes, coalesce(c.n_tokens, lengths.length) as tokens
from curated c left join lengths using (doc_id)
"""


class Store:
    """Questions in SQL, answers as dictionaries."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, present: frozenset[str], measures: tuple[str, ...]) -> None:
        self._connection = connection
        self.present = present  # tables that the corpus has so far
        self.measures = measures  # columns of `pages` that hold a measure

    def rows(self, question: str, *values: Any) -> list[dict[str, Any]]:
        answer = self._connection.execute(question, list(values))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def row(self, question: str, *values: Any) -> dict[str, Any]:
        return self.rows(question, *values)[0]


@contextmanager
def open_store(corpus: Path) -> Iterator[Store]:
    """Opens the corpus for reading; what does not fit into memory goes to a temporary folder, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="winnow-report-") as folder, duckdb.connect(f"{folder}/pages.duckdb") as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'; set threads = {min(4, os.cpu_count() or 1)}")
        connection.execute("set preserve_insertion_order = false; set autoinstall_known_extensions = false")
        connection.execute("set enable_progress_bar = false")
        with _one_line_errors(corpus, duckdb.BinderException):  # a column is missing
            store = _fill(connection, corpus)
        with _one_line_errors(corpus):
            yield store


@contextmanager
def _one_line_errors(corpus: Path, *more: type[duckdb.Error]) -> Iterator[None]:
    kinds: tuple[type[duckdb.Error], ...] = (duckdb.IOException, duckdb.InvalidInputException, *more)
    try:
        yield
    except duckdb.Error as error:
        if not isinstance(error, kinds) and type(error) is not duckdb.Error:  # of a broken footer DuckDB 2 names no kind
            raise
        first_line = str(error).splitlines()[0]
        raise CorpusError(
            f"{corpus}: a table cannot be read ({first_line}); `winnow verify {corpus}` says what is broken"
        ) from error


def _fill(connection: duckdb.DuckDBPyConnection, corpus: Path) -> Store:
    present = {name for name in tables.TABLES if _add_view(connection, corpus, name)}
    if files := sorted((corpus / "shards" / "token_counts").glob("*.parquet")):
        _view_of_files(connection, "token_counts", files)
        present.add("token_counts")
    columns = {row[0] for row in connection.execute("describe documents").fetchall()}
    # A corpus may be older than a measure.
    measures = tuple(name for name in ("language_confidence", *tables.MEASURES) if name in columns)
    connection.execute(PAGES.format(measures="".join(f', d."{name}"::double as "{name}"' for name in measures)))
    connection.execute(KEPT)
    return Store(connection, frozenset(present), measures)


def _add_view(connection: duckdb.DuckDBPyConnection, corpus: Path, name: str) -> bool:
    """A view of the table's files; without files, an empty one of the same columns. True when there were files."""
    files = sorted((corpus / name).glob("*.parquet"))
    if files:
        _view_of_files(connection, name, files)
        expected = ", ".join(f'"{column}"' for column in tables.TABLES[name].names if column not in tables.MEASURES)
        connection.execute(f"select {expected} from {name} limit 0")
    else:
        connection.register(name, tables.TABLES[name].empty_table())
    return bool(files)


def _view_of_files(connection: duckdb.DuckDBPyConnection, name: str, files: list[Path]) -> None:
    listed = ", ".join(_quoted(str(file)) for file in files)
    connection.execute(f"create view {name} as select * from read_parquet([{listed}])")


def _quoted(path: str) -> str:
    """A path as an SQL string that stands for itself, though duckdb reads paths as patterns."""
    for wildcard in ("[", "*", "?"):
        path = path.replace(wildcard, f"[{wildcard}]") if wildcard != "[" else path.replace("[", "[[]")
    return "'" + path.replace("'", "''") + "'"
