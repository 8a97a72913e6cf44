"""The three laws, recomputed from what lies on disk: conservation, integrity (what determinism leaves behind), lineage."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from jobs.ask.check_shards import shard_checks
from jobs.ask.trace import RemovedToken, Tracer
from jobs.corpus.files.tables import COPIES
from jobs.corpus.folder import Corpus
from jobs.corpus.stages import NAMES
from jobs.corpus.views import connect, row, rows
from pipeline.blocks import StoredFile, digests_of
from pipeline.errors import CorpusError, WinnowError
from pipeline.tables import PAGE_TEXTS

SAMPLED_TOKENS = 32


@dataclass(frozen=True)
class Check:
    """One promise, looked at."""

    law: str  # complete, readable, conservation, integrity, lineage
    what: str
    holds: bool
    difference: str = ""


def verify(corpus: Corpus, *, reread: bool = True) -> Iterator[Check]:
    """Every check in turn; those of stages that have not run are reported as not complete. `reread` opens the inputs again."""
    manifest = corpus.manifest
    missing = [stage for stage in NAMES if stage not in manifest["stages"]]
    yield Check("complete", "every stage has finished", not missing, f"not finished: {', '.join(missing)}")
    readable = list(_readable(corpus))
    yield from readable
    if missing or not all(check.holds for check in readable if check.law == "readable"):
        return
    with connect(corpus) as database:
        yield from _named(corpus, database)
        yield from _conservation(database)
        yield from _integrity(corpus, database)
        if reread:
            yield from _copies(corpus)
            yield from _lineage(corpus, database)


def _readable(corpus: Corpus) -> Iterator[Check]:
    """Every file that the manifest names against its sha256."""
    for table in corpus.manifest["tables"]:
        faults = [fault for stored in corpus.files(table) if (fault := _fault(corpus, stored))]
        yield Check("readable", f"{table}: files are those that were written", not faults, "; ".join(faults[:3]))


def _copies(corpus: Corpus) -> Iterator[Check]:
    """Copies for other tools against what they are copies of."""
    for table, copy in COPIES.items():
        if corpus.has(table):
            lies = corpus.store.entry(copy) is not None
            same = lies and hashlib.sha256(corpus.store.read(copy)).hexdigest() == corpus.files(table)[0].sha256
            difference = f"{corpus.path(copy)} is another; winnow itself does not read it"
            yield Check("integrity", f"{copy} is what the corpus holds", same, difference)


def _fault(corpus: Corpus, stored: StoredFile) -> str:
    try:
        with corpus.open(stored) as file:
            found = digests_of(file).sha256  # type: ignore[arg-type]
    except (OSError, CorpusError) as error:
        return str(error)
    return "" if found == stored.sha256 else f"{corpus.path(stored.file)} is not the file that corpus.json has the sha256 of"


def _named(corpus: Corpus, database: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    """Every file that the command line named, by itself or by a folder, glob or list, is in `files` with what became of it."""
    named = {one["path"]: one["error"] for one in corpus.manifest.get("inputs", [])}
    found = {one["path"]: one["error"] for one in rows(database, "SELECT path, error FROM files")}
    differ = sorted(path for path in {*named, *found} if (path in named, named.get(path)) != (path in found, found.get(path)))
    yield Check("conservation", "every file that was named was read, refused or skipped", not differ, str(differ[:3]))


def _conservation(database: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    """records read = rows of outcomes = kept + the other outcomes, per file and in total."""
    wrong = rows(
        database,
        """
        SELECT f.path, f.records, f.documents, f.rejects, coalesce(o.n, 0) AS outcomes, coalesce(d.n, 0) AS document_rows,
               coalesce(r.n, 0) AS reject_rows
        FROM files f
        LEFT JOIN (SELECT warc_file, count(*) AS n FROM outcomes GROUP BY 1) o ON o.warc_file = f.path
        LEFT JOIN (SELECT warc_file, count(*) AS n FROM documents GROUP BY 1) d ON d.warc_file = f.path
        LEFT JOIN (SELECT warc_file, count(*) AS n FROM rejects GROUP BY 1) r ON r.warc_file = f.path
        WHERE f.records <> outcomes OR f.documents <> document_rows OR f.rejects <> reject_rows
           OR f.records <> f.documents + f.rejects
        """,
    )
    yield Check("conservation", "per file: records = outcomes = documents + rejects", not wrong, str(wrong[:3]))
    yield _equal(
        database,
        "conservation",
        "in total: records = outcomes",
        "SELECT sum(records)::BIGINT FROM files",
        "SELECT count(*) FROM outcomes",
    )
    yield _none(
        database,
        "conservation",
        "every record has one outcome",
        "SELECT warc_file, warc_offset FROM outcomes GROUP BY ALL HAVING count(*) > 1",
    )
    yield _none(
        database,
        "conservation",
        "every document's outcome stands at its place",
        "SELECT doc_id FROM documents ANTI JOIN outcomes USING (warc_file, warc_offset, doc_id)",
    )
    yield _none(
        database,
        "conservation",
        "kept documents are the curated ones",
        "(SELECT doc_id FROM outcomes WHERE outcome = 'kept' EXCEPT ALL SELECT doc_id FROM curated) UNION ALL "
        "(SELECT doc_id FROM curated EXCEPT ALL SELECT doc_id FROM outcomes WHERE outcome = 'kept')",
    )
    yield _none(
        database,
        "conservation",
        "every keeper of a duplicate is kept, or fell later with a reason",
        "SELECT doc_id FROM (FROM duplicates WHERE kind <> 'earlier') ANTI JOIN outcomes o "
        "ON keeper_id = o.doc_id AND o.outcome <> 'duplicate'",
    )


def _integrity(corpus: Corpus, database: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    for what, fault in shard_checks(corpus, database):
        yield Check("integrity", what, not fault, fault)
    yield _none(
        database,
        "integrity",
        "every curated document has its tokens in the shards",
        "SELECT c.doc_id FROM curated c LEFT JOIN (SELECT doc_id, sum(length) AS n FROM spans GROUP BY 1) s USING (doc_id) "
        "WHERE s.n IS NULL OR s.n <> c.n_tokens",
    )
    yield _none(
        database,
        "integrity",
        "removed documents have no text left",
        "SELECT doc_id FROM documents SEMI JOIN (FROM outcomes WHERE outcome = 'removed') USING (doc_id) "
        f"WHERE concat({', '.join(PAGE_TEXTS)}) <> ''",
    )


def _lineage(corpus: Corpus, database: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    """Tokens spread evenly over the corpus, each taken back to its record and read again."""
    spans = rows(
        database,
        "SELECT shard, start + length // 2 AS token FROM (SELECT *, row_number() OVER (ORDER BY shard, start) - 1 AS place, "
        "count(*) OVER () AS n FROM spans SEMI JOIN curated USING (doc_id)) "
        f"WHERE place % greatest(1, n // {SAMPLED_TOKENS}) = 0",
    )
    tracer = Tracer(corpus, database)
    failed = []
    for span in spans:
        try:
            origin = tracer.token(span["shard"], span["token"])
        except RemovedToken:
            continue
        except WinnowError as error:
            failed.append(str(error))
        else:
            failed += [origin.why_not] if origin.why_not else []
    yield Check("lineage", f"{len(spans)} tokens re-read from their records", not failed, "; ".join(failed[:3]))


def _equal(database: duckdb.DuckDBPyConnection, law: str, what: str, left: str, right: str) -> Check:
    values = [next(iter((row(database, query) or {"": None}).values())) for query in (left, right)]
    return Check(law, what, values[0] == values[1], f"{values[0]} ≠ {values[1]}")


def _none(database: duckdb.DuckDBPyConnection, law: str, what: str, query: str) -> Check:
    """Holds when `query` finds no row."""
    found = rows(database, f"SELECT *, count(*) OVER () AS broken FROM ({query}) LIMIT 3")
    return Check(law, what, not found, f"{found[0]['broken']} rows, such as {found[0]}" if found else "")
