"""A corpus as one page: what came in, what went out, what was lost and why.

Reads the Parquet tables with duckdb (no JVM, bounded memory) and writes one HTML file without script, fonts or images
from elsewhere. Text from the crawl is hostile: everything passes through the template's escaping and `visible`.
"""

from pathlib import Path

from jobs.corpus.folder import open_corpus
from jobs.report.page import render
from jobs.report.store import open_store


def write_report(corpus: Path, target: Path | None = None) -> Path:
    """Writes the page to `target` (CORPUS/report.html) in one atomic step and returns its path."""
    manifest = open_corpus(str(corpus)).read_manifest()
    target = target or corpus / "report.html"
    with open_store(corpus) as store:
        page = render(store, corpus, manifest)
    aside = target.with_name(target.name + ".tmp")
    aside.write_text(page, encoding="utf-8")
    aside.replace(target)
    return target
