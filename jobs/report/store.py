"""The tables of a corpus as duckdb views, and one narrow table of pages that most questions are put to."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from jobs.corpus.folder import Corpus
from jobs.corpus.views import add_views, named_damage
from pipeline import tables

MEMORY = "1GB"  # duckdb spills to its temporary folder beyond this

# One row per row of `documents`. The record's place joins it to its outcome, because a record met twice has one doc_id
# and two outcomes. Text is read once, for its size, and not kept.
PAGES = """
create table pages as
with again as (select warc_file, warc_offset, true as repeated from duplicates where kind = 'record'),
     measured as (select distinct on (doc_id) * from measures)
select d.doc_id, d.host, d.url, m.language, d.charset, d.charset_source, d.digest_ok, coalesce(again.repeated, false) as repeated,
       coalesce(o.outcome, 'undecided') as outcome, o.reason, strlen(d.text) as text_bytes {measures}
from documents d left join outcomes o using (warc_file, warc_offset) left join again using (warc_file, warc_offset)
     left join measured m on m.doc_id = d.doc_id
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
def open_store(corpus: Corpus) -> Iterator[Store]:
    """Opens the corpus for reading; what does not fit into memory goes to a temporary folder, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="winnow-report-") as folder, duckdb.connect(f"{folder}/pages.duckdb") as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'; set threads = {min(4, os.cpu_count() or 1)}")
        connection.execute("set preserve_insertion_order = false; set autoinstall_known_extensions = false")
        connection.execute("set enable_progress_bar = false")
        with named_damage():
            yield _fill(connection, corpus)


def _fill(connection: duckdb.DuckDBPyConnection, corpus: Corpus) -> Store:
    present = add_views(connection, corpus)
    for table in {*tables.TABLES} - present:
        connection.register(table, tables.TABLES[table].empty_table())
    if "edits" not in present:
        connection.execute("CREATE VIEW all_edits AS SELECT * FROM edits")
    measures = ("language_confidence", *tables.MEASURES, *tables.SAFETY_MEASURES)
    connection.execute(PAGES.format(measures="".join(f', m."{name}"::double as "{name}"' for name in measures)))
    connection.execute(KEPT)
    return Store(connection, present, measures)
