"""A corpus as one page: what came in, what went out, what was lost and why.

Reads the Parquet tables with duckdb (no JVM, bounded memory) and writes one HTML file without script, fonts or images
from elsewhere. Text from the crawl is hostile: everything passes through the template's escaping and `visible`.
"""

from jobs.corpus.folder import Corpus
from jobs.report.page import render
from jobs.report.store import open_store


def report_of(corpus: Corpus) -> str:
    """The page of a corpus as its manifest has it."""
    with open_store(corpus) as store:
        return render(store, corpus)
