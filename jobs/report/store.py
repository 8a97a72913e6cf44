"""The tables of a corpus as duckdb views, and one narrow table of pages that most questions are put to."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from jobs.corpus.folder import Corpus
from jobs.corpus.views import add_missing, add_views, named_damage, names_of_own, own_by_page
from jobs.report.rules import number_rules, rules_of
from pipeline import tables

LEAST_MEMORY = 1 << 30  # bytes; duckdb spills to its temporary folder beyond what it is given
MEMORY_PER_DOCUMENT = 320  # bytes: joins of pages with their measures; spilled, they take several times the CPU

# Tokens of kept pages, and what a character of each language has come to: how many tokens a lost page would have had.
LENGTHS = """
create temp table lengths as
select doc_id, sum(length)::bigint as tokens from spans semi join curated using (doc_id) group by doc_id
"""
RATES = """
create temp table rates as
select language, sum(tokens) / sum(text_chars) as rate, grouping(language) = 1 as overall
from lengths join measured using (doc_id) where text_chars > 0 group by grouping sets ((language), ())
"""
# A record met twice has two equal rows of measures.
MEASURED = """
create view measured as
with again as (select distinct doc_id from duplicates where kind = 'record')
select * from measures anti join again using (doc_id)
union all select * from (select distinct on (doc_id) * from measures semi join again using (doc_id))
"""
BROKEN = """
create temp table broken_rules as
select doc_id, bit_or(bit) as broken from verdicts join rule_bits using (rule) group by doc_id
"""
# One row per row of `documents`. The record's place joins it to its outcome, because a record met twice has one doc_id
# and two outcomes. Samples are drawn by `lot`, narrower than the doc_id that it stands for. Text is read once, for its size,
# and not kept; without it `text_bytes` is null.
PAGES = """
create table pages as
with again as (select warc_file, warc_offset, true as repeated from duplicates where kind = 'record')
select d.doc_id, hash(d.doc_id) as lot, d.host, d.url, d.title, m.language, m.page_type, d.charset, d.charset_source, d.digest_ok,
       coalesce(again.repeated, false) as repeated, coalesce(o.outcome, 'undecided') as outcome, o.reason,
       {text_bytes} as text_bytes, coalesce(b.broken, 0)::uhugeint as broken,
       case when o.outcome = 'kept' then l.tokens end as tokens,
       coalesce(case when o.outcome = 'kept' then l.tokens end,
                m.text_chars * coalesce(r.rate, (select rate from rates where overall))) as expected_tokens {measures}
from documents d left join outcomes o using (warc_file, warc_offset) left join again using (warc_file, warc_offset)
     left join measured m on m.doc_id = d.doc_id left join lengths l on l.doc_id = d.doc_id
     left join broken_rules b on b.doc_id = d.doc_id left join own on own.doc_id = d.doc_id
     left join rates r on r.language = m.language and not r.overall
"""
KEPT = """
create table kept as
with lengths as (select doc_id, sum(length)::bigint as length from spans group by doc_id)
select c.doc_id, c.language, strlen(c.text) as text_bytes, coalesce(c.n_tokens, lengths.length) as tokens
from curated c left join lengths using (doc_id)
"""
KEPT_WITHOUT_TEXTS = """
create view kept as
select doc_id, language, null::bigint as text_bytes, tokens from pages where outcome = 'kept' and not repeated
"""


class Store:
    """Questions in SQL, answers as dictionaries."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, present: frozenset[str], measures: tuple[str, ...]) -> None:
        self.connection = connection
        self.present = present  # tables that the corpus has so far
        self.measures = measures  # columns of `pages` that hold a measure

    def rows(self, question: str, *values: Any) -> list[dict[str, Any]]:
        answer = self.connection.execute(question, list(values))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def row(self, question: str, *values: Any) -> dict[str, Any]:
        return self.rows(question, *values)[0]


@contextmanager
def open_store(corpus: Corpus, *, texts: bool = True) -> Iterator[Store]:
    """Opens the corpus for reading; what does not fit into memory goes to a temporary folder, gone at the end.

    Without `texts` no text is read, and sizes in bytes are null.
    """
    with tempfile.TemporaryDirectory(prefix="winnow-report-") as folder, duckdb.connect(f"{folder}/pages.duckdb") as connection:
        connection.execute(
            f"set memory_limit = '{_memory(corpus.rows('documents'))}B'; set threads = {min(4, os.cpu_count() or 1)}"
        )
        connection.execute("set preserve_insertion_order = false; set autoinstall_known_extensions = false")
        connection.execute("set enable_progress_bar = false; set parquet_metadata_cache = true")  # a name has one content
        with named_damage():
            yield _fill(connection, corpus, texts)


def _memory(documents: int) -> int:
    """Bytes for this many documents, and a quarter of the machine's at most."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(LEAST_MEMORY, min(machine // 4, documents * MEMORY_PER_DOCUMENT))


def _fill(connection: duckdb.DuckDBPyConnection, corpus: Corpus, texts: bool) -> Store:
    present = add_views(connection, corpus)
    add_missing(connection, present)
    number_rules(connection, rules_of(corpus.manifest))
    for narrow in (LENGTHS, MEASURED, RATES, BROKEN):
        connection.execute(narrow)
    measures = ("language_confidence", "language_share", *tables.MEASURES, *tables.SAFETY_MEASURES)
    columns = "".join(f', m."{name}"::double as "{name}"' for name in measures)
    plugged = names_of_own(connection)
    connection.execute(f"create temp table own as {own_by_page(plugged)}")
    columns += "".join(f', own."{name}"::double as "{name}"' for name in plugged)
    connection.execute(PAGES.format(text_bytes="strlen(d.text)" if texts else "null::bigint", measures=columns))
    for narrow in ("lengths", "broken_rules", "rates", "own"):
        connection.execute(f"drop table {narrow}")
    connection.execute(KEPT if texts else KEPT_WITHOUT_TEXTS)
    return Store(connection, present, (*measures, *plugged))
