"""A corpus as duckdb views, for the commands that only look: no JVM, an answer at once, and never from a damaged file."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import duckdb
import fsspec
import pyarrow as pa

from jobs.corpus.files.shared import SharedFile
from jobs.corpus.files.stored import damage_in
from jobs.corpus.folder import Corpus
from jobs.corpus.own_findings import own_as_findings
from pipeline.blocks import BLOCK_BYTES, StoredFile
from pipeline.errors import CorpusError
from pipeline.plugins.calls import NAME
from pipeline.plugins.measures import MOST_MEASURES
from pipeline.tables import TABLES

Row = dict[str, Any]
PROTOCOL = "checked"
LOOKED_UP_ONE_BY_ONE = 256  # more values than these are joined, which reads the column

# A record met twice has two rows of `documents`: this is the one that stands.
FIRST_DOCUMENTS = """
CREATE VIEW {schema}.first_documents AS SELECT * FROM {schema}.documents
ANTI JOIN (FROM {schema}.duplicates WHERE kind = 'record') USING (warc_file, warc_offset)
"""

# All that is changed in kept texts: what a page shows by itself, what others have too, what detectors of one's own ask for.
ALL_EDITS = {
    "edits": "SELECT * FROM {schema}.edits",
    "repeats": """SELECT doc_id, start, "end", '' AS replacement, reason FROM {schema}.repeats WHERE NOT kept""",
    "own_edits": "SELECT * FROM {schema}.own_edits",
}


class CheckedFiles(fsspec.AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files that a manifest names, by their paths in the corpus, read through their checksums."""

    protocol = PROTOCOL
    cachable = False

    def __init__(self, corpus: Corpus, protocol: str = PROTOCOL) -> None:
        """`protocol`: by which duckdb tells the files of one corpus from those of another."""
        super().__init__()
        self.protocol = protocol
        self._corpus = corpus
        self._files: dict[str, StoredFile] = {}

    def add(self, stored: StoredFile) -> str:
        """The path by which duckdb finds the file; the same whatever the corpus' folder is called."""
        self._files[stored.file] = stored
        return f"{self.protocol}://{stored.file}"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(path).partition("://")[2] or str(path)

    def _open(self, path: str, mode: str = "rb", **_: Any) -> SharedFile:  # noqa: ARG002 - fsspec's signature
        stored = self._files[self._strip_protocol(path)]
        return SharedFile(io.BufferedReader(self._corpus.open(stored), BLOCK_BYTES), stored.bytes)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        name = self._strip_protocol(path)
        if name not in self._files:
            raise FileNotFoundError(path)
        return {"name": name, "size": self._files[name].bytes, "type": "file"}

    def modified(self, path: str) -> datetime:  # noqa: ARG002 - fsspec's signature
        """Never: a name has one content."""
        return datetime.fromtimestamp(0, UTC)

    def glob(self, path: str, **_: Any) -> list[str]:
        """A path is never a pattern."""
        return [self._strip_protocol(path)]


@contextmanager
def connect(corpus: Corpus) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database with one view for each table that exists; it cannot write to the corpus.

    Raises CorpusError where a question meets a file that is missing or not as it was written.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "2GB", "preserve_insertion_order": "false"}
    with duckdb.connect(":memory:", config=settings) as database, named_damage():
        add_views(database, corpus)
        yield database


def add_views(database: duckdb.DuckDBPyConnection, corpus: Corpus, schema: str = "main") -> frozenset[str]:
    """Views of the tables that the corpus has, in a schema of theirs; their names."""
    protocol = PROTOCOL if schema == "main" else f"{PROTOCOL}-{schema}"
    files = CheckedFiles(corpus, protocol)
    database.register_filesystem(files)
    database.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    present = {table for table in TABLES if corpus.has(table)}
    for table in present:
        paths = [files.add(one) for one in corpus.files(table)]
        if paths:
            listed = ", ".join(f"'{path}'" for path in paths)
            database.execute(f"CREATE VIEW {schema}.{table} AS SELECT * FROM read_parquet([{listed}])")
        else:
            add_empty(database, table, schema)
    if {"documents", "duplicates"} <= present:
        database.execute(FIRST_DOCUMENTS.format(schema=schema))
    if "edits" in present:
        parts = [part.format(schema=schema) for table, part in ALL_EDITS.items() if table in present]
        database.execute(f"CREATE VIEW {schema}.all_edits AS {' UNION ALL '.join(parts)}")
    if "findings" in present:
        own = f" UNION ALL {own_as_findings(corpus.manifest, schema)}" if "own_findings" in present else ""
        database.execute(f"CREATE VIEW {schema}.all_findings AS SELECT * FROM {schema}.findings{own}")
    return frozenset(present)


def add_missing(database: duckdb.DuckDBPyConnection, present: frozenset[str]) -> None:
    """Tables that a corpus lacks, without rows, for questions that ask for all of them; `present` are those that it has."""
    for table in {*TABLES} - present:
        add_empty(database, table)
    for table in {"edits", "findings"} - present:
        database.execute(f"CREATE VIEW all_{table} AS SELECT * FROM {table}")


def add_empty(database: duckdb.DuckDBPyConnection, table: str, schema: str = "main") -> None:
    """A table without rows, whose columns are those that it would have."""
    database.register("nothing", TABLES[table].empty_table())
    database.execute(f"CREATE TABLE {schema}.{table} AS FROM nothing")
    database.unregister("nothing")


@contextmanager
def named_damage() -> Iterator[None]:
    """Has what duckdb says of a damaged file become a CorpusError that names it; its other errors stay."""
    try:
        yield
    except duckdb.Error as error:
        if damage := damage_in(error):
            raise CorpusError(damage) from error
        raise


def rows(database: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | dict[str, Any] | None = None) -> list[Row]:
    result = database.execute(query, parameters or [])
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def row(database: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | dict[str, Any] | None = None) -> Row | None:
    found = rows(database, query, parameters)
    return found[0] if found else None


def looked_up(database: duckdb.DuckDBPyConnection, table: str, columns: str, column: str, values: Iterable[str]) -> list[Row]:
    """Rows whose column has one of these values; few of them are looked up one by one, so that bloom filters answer."""
    wanted = sorted(set(values))
    if len(wanted) <= LOOKED_UP_ONE_BY_ONE:
        query = f"SELECT {columns} FROM {table} WHERE {column} = ?"
        return [row for value in wanted for row in rows(database, query, [value])]
    return rows(database, f"SELECT {columns} FROM {table} SEMI JOIN (SELECT unnest($1) AS {column}) USING ({column})", [wanted])


def names_of_own(database: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Measures that plug-ins have taken of the pages: names of functions, which stand in SQL as they are."""
    found = rows(database, "SELECT DISTINCT measure FROM own_measures ORDER BY measure")
    return tuple(row["measure"] for row in found if NAME.fullmatch(row["measure"]))[:MOST_MEASURES]


def own_by_page(names: Iterable[str]) -> str:
    """SQL: doc_id, and a column for each of these measures of plug-ins."""
    columns = "".join(f", any_value(value) FILTER (measure = '{name}') AS \"{name}\"" for name in names)
    return f"SELECT doc_id{columns} FROM own_measures GROUP BY doc_id"


def batches(
    database: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | dict[str, Any] | None = None, size: int = 512
) -> Iterator[pa.RecordBatch]:
    """The answer a few rows at a time, for texts."""
    yield from database.sql(query, params=parameters or []).to_arrow_reader(size)
