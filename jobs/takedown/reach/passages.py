"""Pages that hold passages of removed ones word for word: a manual's single-page edition, a page that quotes another."""

from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from jobs.corpus.views import batches, looked_up
from pipeline.duplicates.passages import Owned, Windows, owned, shares, stretches, windows

LIST, CUT, REMOVE = CHOICES = ("list", "cut", "remove")


class Elsewhere(NamedTuple):
    """A page that holds a passage of a removed one."""

    doc_id: str
    url: str | None
    outcome: str
    of: str  # doc_id of the removed page that it holds most of
    share: float  # of that page's runs of 50 words
    passages: int
    characters: int  # of its text that these passages are


def runs_of_words(database: duckdb.DuckDBPyConnection, removed: list[str]) -> tuple[list[str], Owned]:
    """(doc_ids, sorted; the runs of at least 50 words of each)."""
    texts = {row["doc_id"]: row["text"] for row in looked_up(database, "documents", "doc_id, text", "doc_id", removed)}
    doc_ids = sorted(texts)
    return doc_ids, owned(windows(pa.array([texts[doc_id] for doc_id in doc_ids], pa.string())))


def passages_elsewhere(database: duckdb.DuckDBPyConnection, removed: list[str]) -> list[Elsewhere]:
    """Every page, kept or not, with a run of at least 50 words of a page in `removed`; reads every text.

    Those that hold most of a removed page come first.
    """
    doc_ids, of_removed = runs_of_words(database, removed)
    if not len(of_removed.hashes):
        return []
    known = set(doc_ids)
    query = "SELECT doc_id, d.url, outcome, text FROM first_documents d JOIN outcomes USING (warc_file, warc_offset, doc_id)"
    found = []
    for batch in batches(database, query):
        others = windows(batch.column("text"))
        for row in np.flatnonzero(np.diff(_hits(others, of_removed.hashes))).tolist():
            if batch.column("doc_id")[row].as_py() not in known:
                named = [batch.column(name)[row].as_py() for name in ("doc_id", "url", "outcome")]
                found.append(_elsewhere(named, others.row(row), doc_ids, of_removed))
    return sorted(found, key=lambda one: (-one.share, one.doc_id))


def _hits(others: Windows, wanted: np.ndarray) -> np.ndarray:
    """int64 [rows + 1]: how many windows up to the end of each row are wanted."""
    before = np.concatenate([[0], np.cumsum(np.isin(others.hashes, wanted))])
    return np.asarray(before[others.bounds])


def _elsewhere(named: list[str], other: Windows, doc_ids: list[str], of_removed: Owned) -> Elsewhere:
    held, spans = shares(of_removed, other), stretches(other, of_removed.hashes)
    most = int(held.argmax())
    characters = sum(end - start for start, end in spans)
    return Elsewhere(named[0], named[1], named[2], doc_ids[most], round(float(held[most]), 4), len(spans), characters)


def as_json(found: list[Elsewhere]) -> list[dict[str, Any]]:
    return [one._asdict() for one in found]
