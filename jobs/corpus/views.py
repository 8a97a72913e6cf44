"""A corpus as duckdb views, for the commands that only look: no JVM, an answer at once."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from jobs.corpus.folder import Corpus
from pipeline.tables import TABLES

Row = dict[str, Any]


def connect(corpus: Corpus) -> duckdb.DuckDBPyConnection:
    """An in-memory database with one view for each table that exists; it cannot write to the corpus."""
    database = duckdb.connect(":memory:", config={"memory_limit": "2GB", "preserve_insertion_order": "false"})
    if not corpus.is_local:
        database.register_filesystem(corpus.filesystem)
    for table in TABLES:
        if corpus.exists(table):
            pattern = corpus.path(table, "*.parquet").replace("'", "''")
            database.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{pattern}')")
    return database


def rows(database: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> list[Row]:
    result = database.execute(query, parameters or [])
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def row(database: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> Row | None:
    found = rows(database, query, parameters)
    return found[0] if found else None


def batches(
    database: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None, size: int = 512
) -> Iterator[pa.RecordBatch]:
    """The answer a few rows at a time, for texts."""
    yield from database.sql(query, params=parameters or []).to_arrow_reader(size)
