"""Parquet files of a corpus with some rows changed: only files that hold such a row are written again, group by group."""

from collections.abc import Callable, Iterable

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from jobs.corpus.files.parquet import read_groups, store_table
from jobs.corpus.folder import Corpus
from jobs.corpus.views import PROTOCOL, rows
from pipeline.blocks import StoredFile
from pipeline.tables import TABLES

Change = Callable[[pa.Table], pa.Table]


def files_with(database: duckdb.DuckDBPyConnection, corpus: Corpus, table: str, column: str, values: Iterable[str]) -> set[str]:
    """Paths in the corpus of the table's files that have one of these values."""
    paths = [f"{PROTOCOL}://{one.file}" for one in corpus.files(table)]
    if not paths:
        return set()
    query = (
        f"SELECT DISTINCT filename FROM read_parquet($1, filename = true) SEMI JOIN (SELECT unnest($2) AS {column}) "
        f"USING ({column})"
    )
    found = rows(database, query, [paths, sorted(set(values))])
    return {row["filename"].removeprefix(f"{PROTOCOL}://") for row in found}


def rewritten(corpus: Corpus, table: str, among: set[str], change: Change) -> list[StoredFile]:
    """The files of a table, those `among` them written anew with their rows changed, group by group."""
    return [_rewrite(corpus, one, TABLES[table], change) if one.file in among else one for one in corpus.files(table)]


def _rewrite(corpus: Corpus, stored: StoredFile, schema: pa.Schema, change: Change) -> StoredFile:
    name = f"{stored.file[: stored.file.rindex('-')]}-HASH.parquet"
    groups = (change(group).cast(schema) for group in read_groups(corpus.root, stored))
    batches = (batch for group in groups for batch in group.combine_chunks().to_batches())
    return store_table(corpus.root, name, batches, schema, stored.inputs)


def among(table: pa.Table, doc_ids: Iterable[str]) -> pa.Array:
    """Whether each row is of one of these documents."""
    return pc.is_in(table["doc_id"], value_set=pa.array(sorted(doc_ids), pa.string()))


def both(one: Change, other: Change) -> Change:
    return lambda table: other(one(table))


def blanked(doc_ids: Iterable[str], columns: Iterable[str]) -> Change:
    """These columns empty in the rows of these documents; null stays null."""
    wanted, named = sorted(doc_ids), list(columns)

    def change(table: pa.Table) -> pa.Table:
        mask = among(table, wanted)
        for name in named:
            empty = pc.if_else(pc.is_null(table[name]), pa.scalar(None, pa.string()), pa.scalar("", pa.string()))
            table = table.set_column(table.schema.get_field_index(name), name, pc.if_else(mask, empty, table[name]))
        return table

    return change


def with_columns(table: pa.Table, columns: dict[str, list[object]]) -> pa.Table:
    """The table with these columns' values, in the types that they have there."""
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(values, table.schema.field(name).type))
    return table


def without(doc_ids: Iterable[str]) -> Change:
    """No rows of these documents."""
    wanted = sorted(doc_ids)
    return lambda table: table.filter(pc.invert(among(table, wanted)))
