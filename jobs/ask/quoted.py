"""Which pages hold a passage of a text somebody has: a sentence that was quoted, a paragraph of a letter. Reads every text."""

from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from jobs.corpus.views import batches
from pipeline.duplicates.passages import owned, shares, stretches, windows
from pipeline.errors import UsageError

FEWEST_WORDS = 8  # in a row: with fewer, phrases of everyday language are found
SHOWN_CHARACTERS = 200


class Quoting(NamedTuple):
    """A page that has at least FEWEST_WORDS words of the text in a row."""

    doc_id: str
    url: str | None
    outcome: str
    share: float  # of the text's runs of so many words
    longest: str  # passage of the page, its beginning
    start: int  # of that passage in the page's text, code points
    passages: int


def quoting(database: duckdb.DuckDBPyConnection, text: str) -> list[Quoting]:
    """Pages that hold most of it come first. Case, accents and punctuation do not count. Raises UsageError for a short text."""
    of_text = owned(windows(pa.array([text], pa.string()), FEWEST_WORDS))
    if not len(of_text.hashes):
        raise UsageError(f"--quoted needs at least {FEWEST_WORDS} words in a row: fewer are found everywhere")
    query = "SELECT doc_id, d.url, outcome, text FROM first_documents d JOIN outcomes USING (warc_file, warc_offset, doc_id)"
    found = []
    for batch in batches(database, query):
        others = windows(batch.column("text"), FEWEST_WORDS)
        hits = np.concatenate([[0], np.cumsum(np.isin(others.hashes, of_text.hashes))])[others.bounds]
        for row in np.flatnonzero(np.diff(hits)).tolist():
            passages = stretches(others.row(row), of_text.hashes)
            start, end = max(passages, key=lambda passage: passage[1] - passage[0])
            page = {name: batch.column(name)[row].as_py() for name in batch.schema.names}
            held = float(shares(of_text, others.row(row)).max())
            longest = page["text"][start : min(end, start + SHOWN_CHARACTERS)]
            found.append(Quoting(page["doc_id"], page["url"], page["outcome"], round(held, 4), longest, start, len(passages)))
    return sorted(found, key=lambda one: (-one.share, one.doc_id))
