"""Keepers that stand in earlier corpora: what a copy of kind `earlier` is a copy of."""

from collections.abc import Iterable
from contextlib import suppress

from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.views import connect, looked_up
from pipeline.errors import CorpusError


def kept_in(corpus: Corpus, doc_ids: Iterable[str]) -> dict[str, str]:
    """doc_id -> "URL in CORPUS", of those that are found in the corpora that the recipe compared with.

    One that was moved or removed since tells nothing.
    """
    wanted, found = set(doc_ids), dict[str, str]()
    for path in corpus.manifest["recipe"]["duplicates"].get("against", ()) if wanted else ():
        with suppress(CorpusError):
            other = open_corpus(path)
            with connect(other) as database:
                for row in looked_up(database, "documents", "doc_id, url", "doc_id", wanted - found.keys()):
                    found[row["doc_id"]] = f"{row['url'] or row['doc_id']} in {path}"
    return found
