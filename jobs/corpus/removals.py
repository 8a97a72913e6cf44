"""What each takedown was asked, what it found and what it changed: CORPUS/takedowns/REQUEST/request-HASH.json."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from jobs.corpus.folder import Corpus, corpus_at, is_corpus, open_corpus
from jobs.corpus.tombstones import FOLDER
from jobs.corpus.views import connect, looked_up
from pipeline.errors import CorpusError

EVIDENCE = "evidence"  # of the manifest: what certificates were made from
TABLE = "removals"  # of the manifest: a file for each takedown
RECORD = "request-HASH.json"
SHOWN = 3  # of pages, in a line


@dataclass(frozen=True)
class Redaction:
    """What a takedown changed in a corpus."""

    name: str
    request: dict[str, Any]
    pages: list[dict[str, Any]]  # jobs/takedown/reach/reach.py: Page
    spans: list[dict[str, Any]]  # where their tokens stood
    restored: list[str]  # doc_ids that came back
    fingerprint_before: str  # of shards.json
    fingerprint_after: str
    shards_before: dict[str, str]  # file -> sha256, of those that changed
    shards_after: dict[str, str]
    same_merges: bool  # whether the tokenizer would have been the same without the pages
    words_before: int  # distinct, of the corpus
    words_after: int
    elsewhere: list[dict[str, Any]]  # jobs/takedown/reach/passages.py: pages that stay and hold passages of those removed
    cuts: list[dict[str, Any]]  # jobs/takedown/redact/cuts.py: pages that stay, without passages of those removed
    superseded: list[dict[str, Any]]  # {before, after, spans} of shards that the corpus no longer has and runs were trained on
    # Texts that they kept for others (jobs/takedown/without/held_back.py).
    held_back: list[dict[str, Any]] = field(default_factory=list)
    differing: dict[str, Any] = field(default_factory=dict)  # jobs/takedown/without/differing.py: Effect; empty: not looked at

    def of_shards(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """(fingerprint before, fingerprint after, spans written over) of all shards that it changed."""
        yield self.fingerprint_before, self.fingerprint_after, [*self.spans, *self.cut_spans]
        for one in self.superseded:
            yield one["before"], one["after"], one["spans"]

    @property
    def cut_spans(self) -> list[dict[str, Any]]:
        return [span for page in self.cuts for span in page["tokens"]]

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


def kept_elsewhere(corpus: Corpus, corpora: Sequence[str], knows: str) -> list[str]:
    """A line for each other one of these corpora that still keeps pages which were removed from this one.

    A page is the same by its doc_id, or by the URL that was asked for. `knows`: what a run or an export of all of them does.
    """
    carried_out = redactions(corpus)
    doc_ids = {doc_id for one in carried_out for doc_id in one.doc_ids}
    urls = {url for one in carried_out for url in one.request.get("urls", [])}
    said = []
    for other in corpora:
        if other == corpus.root or not is_corpus(other):
            continue
        with connect(open_corpus(other)) as database:
            found = [
                *looked_up(database, "curated", "url", "doc_id", doc_ids),
                *looked_up(database, "curated", "url", "url", urls),
            ]
        if found:
            named = " ".join(sorted({f"--url {one['url']}" for one in found})[:SHOWN])
            said.append(f"{knows} the same page from {other}: `winnow takedown {other} {named}` takes it out there too")
    return said


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
    oracle_files: list[dict[str, Any]]  # run.json, state.json and metrics of the oracle, as files of the corpus


@dataclass(frozen=True)
class RunState:
    """What one run on record has of the removed pages."""

    folder: str
    state: str  # clean: it has read none, or was trained again without them; knows; out of reach, as the user says; unknown
    reads: int  # of pieces of the pages, that its weights still know
    final: int  # step that it has reached
    why: str  # of what is unknown


@dataclass(frozen=True)
class Evidence:
    """All that a certificate says and request.json does not: takedowns/REQUEST/evidence-HASH.json, one for each certificate."""

    certificate: str  # its file's name without its ending
    made_at: str  # ISO 8601
    case: str | None  # as the user gave it
    reference: str | None
    exports: dict[str, list[str]]
    runs: list[RunState]  # every run on record that was trained on this corpus
    part: RunPart | None  # of the run that the takedown was carried out on
    versions: dict[str, str]

    @property
    def complete(self) -> bool:
        """No run is left that knows the pages, but those that were named as out of reach."""
        return all(one.state in ("clean", "out of reach") for one in self.runs)


def evidence_from_json(values: dict[str, Any]) -> Evidence:
    runs = [RunState(**one) for one in values["runs"]]
    part = RunPart(**values["part"]) if values["part"] else None
    return Evidence(**{**values, "runs": runs, "part": part})


class CertificatePlace(NamedTuple):
    """Of CORPUS/takedowns/REQUEST/NAME.json."""

    root: str  # of the corpus
    request: str
    name: str

    def file(self, ending: str) -> str:
        """Its path in the corpus."""
        return f"{FOLDER}/{self.request}/{self.name}.{ending}"


def place_of_certificate(path: str | Path) -> CertificatePlace:
    """By its path or URL."""
    root, _, request, file = f"///{corpus_at(str(path)).root}".rsplit("/", 3)  # of a path that is too short nothing is left
    return CertificatePlace(root[3:], request, file.removesuffix(".json"))


def read_evidence(corpus: Corpus, name: str, certificate: str) -> Evidence | None:
    """The newest that a certificate of this request was made from."""
    found = [one for one in corpus.files(EVIDENCE) if one.file.startswith(f"{FOLDER}/{name}/evidence-")]
    read = [evidence_from_json(json.loads(corpus.read(one))) for one in found]
    return next((one for one in reversed(read) if one.certificate == certificate), None)
