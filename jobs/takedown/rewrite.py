"""Parquet files of a corpus with some rows changed: only files that hold such a row are written again, group by group."""

from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.corpus.folder import Corpus
from jobs.corpus.parquet import open_writer, write_group
from jobs.corpus.views import rows

Change = Callable[[pa.Table], pa.Table]


def files_with(database: duckdb.DuckDBPyConnection, corpus: Corpus, table: str, column: str, values: Iterable[str]) -> list[str]:
    """Paths in the corpus of the table's files that have one of these values, sorted."""
    query = (
        f"SELECT DISTINCT filename FROM read_parquet($1, filename = true) SEMI JOIN (SELECT unnest($2) AS {column}) "
        f"USING ({column}) ORDER BY filename"
    )
    found = rows(database, query, [corpus.path(table, "*.parquet"), sorted(set(values))])
    return [Path(row["filename"]).relative_to(corpus.root).as_posix() for row in found]


def rewrite(source: Path, target: Path, change: Change) -> None:
    """`target` with the groups of rows of `source`, each changed; as jobs/corpus/parquet.py has it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetFile(source, page_checksum_verification=True) as file:
        schema = file.schema_arrow.remove_metadata()
        with open_writer(target, schema, file.metadata.num_rows) as writer:
            for number in range(file.num_row_groups):
                write_group(writer, change(file.read_row_group(number)).cast(schema))


def among(table: pa.Table, doc_ids: Iterable[str]) -> pa.Array:
    """Whether each row is of one of these documents."""
    return pc.is_in(table["doc_id"], value_set=pa.array(sorted(doc_ids), pa.string()))


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
