"""request.json of each takedown: what was asked of a corpus, what was found and what changed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.corpus.folder import Corpus
from jobs.corpus.tombstones import FOLDER
from pipeline.errors import CorpusError

RECORD = "request.json"


@dataclass(frozen=True)
class Redaction:
    """request.json: what a takedown changed in a corpus."""

    name: str
    request: dict[str, Any]
    pages: list[dict[str, Any]]  # jobs/takedown/reach.py: Page
    spans: list[dict[str, Any]]  # where their tokens stood
    restored: list[str]  # doc_ids that came back
    fingerprint_before: str  # of shards.json
    fingerprint_after: str
    shards_before: dict[str, str]  # file -> sha256, of those that changed
    shards_after: dict[str, str]
    same_merges: bool  # whether the tokenizer would have been the same without the pages
    words_before: int  # distinct, of the corpus
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


@dataclass(frozen=True)
class RunPart:
    """What became of one run: an entry of its run.json (jobs/runs/unlearn/replay.py), and what was measured around it."""

    folder: str
    entry: dict[str, Any]
    plan: dict[str, Any]
    device: str
    oracle: dict[str, str] | None  # hashes, where one was trained
    oracle_seconds: float | None
    training_tokens_per_second: float | None  # median of the run, for comparison with the replay's
    audit: dict[str, dict[str, float]] | None  # {before, after, oracle: {measure: value}}
    definitions: dict[str, str]  # of the measures, with the publication that each follows
