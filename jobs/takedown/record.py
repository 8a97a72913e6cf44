"""request.json of each takedown: what was asked of a corpus, what was found and what changed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.corpus import Corpus
from jobs.tombstones import FOLDER
from pipeline.errors import CorpusError

RECORD = "request.json"


@dataclass(frozen=True)
class Redaction:
    """request.json: what a takedown changed in a corpus."""

    name: str
    request: dict[str, Any]
    pages: list[dict[str, Any]]    # jobs/takedown/reach.py: Page
    spans: list[dict[str, Any]]    # where their tokens stood
    restored: list[str]            # doc_ids that came back
    fingerprint_before: str        # of shards.json
    fingerprint_after: str
    shards_before: dict[str, str]  # file -> sha256, of those that changed
    shards_after: dict[str, str]
    same_merges: bool              # whether the tokenizer would have been the same without the pages
    words_before: int              # distinct, of the corpus
    words_after: int

    @property
    def doc_ids(self) -> list[str]:
        return [page["doc_id"] for page in self.pages]


def read_redaction(corpus: Corpus, name: str) -> Redaction:
    path = Path(corpus.path(FOLDER, name, RECORD))
    try:
        return Redaction(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise CorpusError(f"{path} cannot be read ({error}): restore it from a copy of the corpus") from error


def redactions(corpus: Corpus) -> list[Redaction]:
    """All that were carried out on this corpus, in their order."""
    return [read_redaction(corpus, name) for name in corpus.read_manifest().get("takedowns", [])]
