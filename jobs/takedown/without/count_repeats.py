"""Repeated text counted by duckdb, as jobs/stages/duplicates/find_repeats.py has Spark do it: a takedown starts no JVM.

What does not fit into memory lies in a file that is gone afterwards.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from jobs.corpus.views import Row, rows
from pipeline.duplicates.repeat_marks import COMMON_LINE, HOST_LINE, PASSAGE, SENTENCES, STRETCHES, cut_lines, stretches
from pipeline.duplicates.repeats import RepeatSettings

SCRATCH: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "2GB"}
PAGES = pa.schema([("doc_id", pa.string()), ("host", pa.string()), ("language", pa.string())])
HOST_LINES = f"""
SELECT line.doc_id, hash, '{HOST_LINE}' AS reason, pages, line.doc_id = keeper AND $one AS kept
FROM stretches line JOIN (
    SELECT host, language, hash, count(*) AS pages, min(doc_id) AS keeper, any_value(size) AS size
    FROM stretches JOIN (SELECT host, language, count(*) AS size FROM pages GROUP BY ALL) USING (host, language)
    WHERE reason = '{HOST_LINE}' GROUP BY host, language, hash
) furniture USING (host, language, hash)
WHERE line.reason = '{HOST_LINE}' AND pages >= $host_pages AND pages >= $host_share * size
"""
COMMON_LINES = f"""
SELECT line.doc_id, hash, '{COMMON_LINE}' AS reason, pages, line.doc_id = keeper AND $one AS kept
FROM stretches line JOIN (
    SELECT hash, count(DISTINCT host) AS hosts, count(*) AS pages, min(doc_id) AS keeper
    FROM stretches WHERE reason = '{HOST_LINE}' AND host IS NOT NULL GROUP BY hash
) USING (hash) WHERE line.reason = '{HOST_LINE}' AND line.host IS NOT NULL AND hosts >= $min_hosts
"""
REPEATED_SENTENCES = f"""
SELECT doc_id, start, "end" AS stop FROM stretches
WHERE reason = '{SENTENCES}' QUALIFY row_number() OVER (PARTITION BY hash ORDER BY doc_id, start) > 1
"""
PASSAGES = f"""SELECT doc_id, start, "end" AS stop FROM stretches WHERE reason = '{PASSAGE}'"""


@dataclass(frozen=True)
class Counts:
    """What was counted over all pages, to be asked page by page."""

    database: duckdb.DuckDBPyConnection
    settings: RepeatSettings

    def places(self, batch: pa.RecordBatch) -> list[Row]:
        """doc_id, start, stop and kept of every place of repeated text in these pages (doc_id, text), as in `repeats`."""
        doc_ids = batch["doc_id"].to_pylist()
        marks: dict[str, list[Row]] = {}
        for one in self._of("SELECT *, hash AS repeat FROM marks", doc_ids):
            marks.setdefault(one["doc_id"], []).append(one)
        of_page = [marks.get(doc_id, []) for doc_id in doc_ids]
        marked = pa.RecordBatch.from_pydict({"doc_id": batch["doc_id"], "text": batch["text"], "marks": of_page})
        of_lines = [one | {"stop": one["end"]} for one in cut_lines(marked, self.settings).to_pylist()]
        return [*of_lines, *self._of("SELECT *, false AS kept FROM cut", doc_ids)]

    def _of(self, query: str, doc_ids: list[str]) -> list[Row]:
        return rows(self.database, f"SELECT * FROM ({query}) SEMI JOIN (SELECT unnest($1) AS doc_id) USING (doc_id)", [doc_ids])


@contextmanager
def counted(pages: Iterable[pa.RecordBatch], settings: RepeatSettings) -> Iterator[Counts]:
    """Of pages with doc_id (unique), host, language and text."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(str(Path(folder, "counts")), config=SCRATCH) as database:
        for name, schema in (("pages", PAGES), ("stretches", STRETCHES)):
            _insert(database, f"CREATE TABLE {name} AS", schema.empty_table())
        for batch in pages:
            _insert(database, "INSERT INTO pages", pa.Table.from_batches([batch.select(PAGES.names)]))
            for found in stretches(batch, settings):
                _insert(database, "INSERT INTO stretches", pa.Table.from_batches([found]))
        _count(database, settings)
        yield Counts(database, settings)


def _insert(database: duckdb.DuckDBPyConnection, into: str, table: pa.Table) -> None:
    database.register("batch", table)
    database.execute(f"{into} FROM batch")
    database.unregister("batch")


def _count(database: duckdb.DuckDBPyConnection, settings: RepeatSettings) -> None:
    """The tables `marks` and `cut`: lines that are furniture, and what else goes, for each page."""
    one = settings.keep == "one"
    database.execute("CREATE TABLE marks (doc_id VARCHAR, hash BIGINT, reason VARCHAR, pages BIGINT, kept BOOL)")
    if settings.host_pages is not None:
        values = {"one": one, "host_pages": settings.host_pages, "host_share": settings.host_share}
        database.execute(f"INSERT INTO marks {HOST_LINES}", values)
    if settings.min_hosts is not None:
        database.execute(f"INSERT INTO marks {COMMON_LINES}", {"one": one, "min_hosts": settings.min_hosts})
    database.execute(f"CREATE TABLE cut AS {PASSAGES} UNION ALL {REPEATED_SENTENCES}")
