"""What each takedown was asked, what it found and what it changed: CORPUS/takedowns/REQUEST/request-HASH.json."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jobs.corpus.folder import Corpus
from jobs.corpus.tombstones import FOLDER
from pipeline.errors import CorpusError

TABLE = "removals"  # of the manifest: a file for each takedown
RECORD = "request-HASH.json"


@dataclass(frozen=True)
class Redaction:
    """What a takedown changed in a corpus."""

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
    superseded: list[dict[str, Any]]  # {before, after, spans} of shards that the corpus no longer has and runs were trained on

    def of_shards(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """(fingerprint before, fingerprint after, spans written over) of all shards that it changed."""
        yield self.fingerprint_before, self.fingerprint_after, self.spans
        for one in self.superseded:
            yield one["before"], one["after"], one["spans"]

    @property
    def doc_ids(self) -> list[str]:
        return [page["doc_id"] for page in self.pages]


def read_redaction(corpus: Corpus, name: str) -> Redaction:
    stored = next((one for one in corpus.files(TABLE) if one.file.startswith(f"{FOLDER}/{name}/")), None)
    try:
        if stored is None:
            raise CorpusError(f"{corpus.root} has carried out no takedown {name}")
        return Redaction(**json.loads(corpus.read(stored)))
    except (OSError, ValueError, TypeError) as error:
        raise CorpusError(f"{corpus.path(FOLDER, name)}: {error}: restore it from a copy of the corpus") from error


def redactions(corpus: Corpus) -> list[Redaction]:
    """All that were carried out on this corpus, in their order."""
    return [read_redaction(corpus, name) for name in corpus.manifest.get("takedowns", [])]


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
