"""Everything that a request reaches: the pages asked for, their copies, what was dropped for their sake, and their spans.

Looks only, and looks up single values where it can, so that the bloom filters of the tables answer (jobs/spark/session.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from jobs.corpus.addresses import candidates, nowhere
from jobs.corpus.folder import Corpus
from jobs.corpus.views import Row, looked_up, rows
from jobs.takedown.reach.passages import CUT, REMOVE, Elsewhere, as_json, passages_elsewhere, runs_of_words
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.cuts import Cut, cuts_of
from jobs.takedown.without.held_back import HeldBack, held_back
from pipeline.errors import BrokenPromise, CorpusError
from pipeline.lineage import DECLARED
from pipeline.urls import url_key

DOCUMENT = "doc_id, url, host, warc_file, warc_offset"


class Page(NamedTuple):
    """A document to be removed, and why: asked for, or a copy of one that is."""

    doc_id: str
    url: str | None
    host: str | None
    outcome: str
    why: str  # asked, url, exact, near, passage
    similarity: float  # with the page asked for


class DroppedCopy(NamedTuple):
    """A document that was dropped as a near copy of a removed one, and is no copy of it."""

    doc_id: str
    url: str | None
    keeper_id: str
    similarity: float  # with that keeper, as deduplication found it


class Missing(NamedTuple):
    """A name that no document has, and addresses that may be meant."""

    asked: str
    candidates: list[str]


@dataclass(frozen=True)
class Reach:
    pages: list[Page]
    dropped_copies: list[DroppedCopy]
    spans: list[Row]  # doc_id, shard, start, length of pages that are in the shards
    elsewhere: list[Elsewhere]  # pages that hold passages of them, and stay as they are
    cuts: list[Cut]  # pages that lose such passages
    held_back: list[HeldBack]  # repeated texts that they kept for others
    missing: list[Missing] = field(default_factory=list)  # what was asked for and is nowhere, where something else was found

    @property
    def doc_ids(self) -> list[str]:
        return [page.doc_id for page in self.pages]

    @property
    def kept(self) -> list[Page]:
        return [page for page in self.pages if page.outcome == "kept"]

    @property
    def cut_spans(self) -> list[Row]:
        """What is written over of pages that stay."""
        return [span for cut in self.cuts for span in cut.tokens]

    def to_json(self) -> dict[str, Any]:
        return {
            "pages": [page._asdict() for page in self.pages],
            "dropped_copies": [page._asdict() for page in self.dropped_copies],
            "spans": self.spans,
            "elsewhere": as_json(self.elsewhere),
            "cuts": [cut.as_json() for cut in self.cuts],
            "held_back": [one._asdict() for one in self.held_back],
            "missing": [one._asdict() for one in self.missing],
        }


def find(corpus: Corpus, database: duckdb.DuckDBPyConnection, request: Request, *, read_texts: bool = True) -> Reach:
    """Raises BrokenPromise where no document is what was asked for, or where all of it has been removed before.

    Pages with passages of them take reading every text; without `read_texts` none is looked for, for a first look.
    """
    corpus.require("shard")
    asked, missing = _asked(database, request)
    if not asked:
        first = missing[0]
        others = f"; nor is any of {len(missing) - 1} others" if len(missing) > 1 else ""
        raise BrokenPromise(nowhere(corpus.root, first.asked, first.candidates) + others)
    outcomes = by_id(database, "outcomes", "doc_id, outcome, reason", asked)
    standing = {doc_id: row for doc_id, row in outcomes.items() if row["outcome"] != "removed"}
    if not standing:
        takedowns = ", ".join(sorted({str(row["reason"]) for row in outcomes.values()}))
        raise BrokenPromise(
            f"{_asked_for(request)} has been removed already, by {takedowns}; name --run to take it out of a run as well"
        )
    documents = by_id(database, "documents", DOCUMENT, standing)
    found = {doc_id: _page(documents[doc_id], standing[doc_id], "asked", 1.0) for doc_id in standing}
    groups = _groups(database, found)
    found |= _copies(database, found, groups, request)
    elsewhere, cuts = passages_elsewhere(database, list(found)) if read_texts else [], list[Cut]()
    if request.passages == REMOVE:
        found |= _holding(database, elsewhere)
        elsewhere = passages_elsewhere(database, list(found))
    if request.passages == CUT:
        cuts = cuts_of(corpus, database, elsewhere, runs_of_words(database, list(found))[1].hashes)
        empty = {cut.doc_id for cut in cuts if cut.text is not None and not any(map(str.isalnum, cut.text))}
        found |= _holding(database, [page for page in elsewhere if page.doc_id in empty])
        cuts, elsewhere = [cut for cut in cuts if cut.doc_id not in empty], []
    spans = looked_up(database, "spans", "doc_id, shard, start, length", "doc_id", found)
    dropped_copies = [
        DroppedCopy(row["doc_id"], row["url"], row["keeper_id"], float(row["similarity"]))
        for row in groups
        if row["kind"] == "near" and row["keeper_id"] in found and row["doc_id"] not in found
    ]
    ordered = sorted(found.values(), key=lambda page: (page.why != "asked", -page.similarity, page.doc_id))
    in_order = sorted(spans, key=lambda span: (span["shard"], span["start"]))
    return Reach(ordered, sorted(dropped_copies), in_order, elsewhere, cuts, held_back(database, list(found)), missing)


def _holding(database: duckdb.DuckDBPyConnection, elsewhere: list[Elsewhere]) -> dict[str, Page]:
    standing = {one.doc_id: one for one in elsewhere if one.outcome != "removed"}
    documents = by_id(database, "documents", DOCUMENT, standing)
    return {doc_id: _page(documents[doc_id], {"outcome": one.outcome}, "passage", one.share) for doc_id, one in standing.items()}


def _asked(database: duckdb.DuckDBPyConnection, request: Request) -> tuple[set[str], list[Missing]]:
    """(doc_ids of what was asked for, what of it is nowhere): nothing is taken for what it merely resembles."""
    found, missing = set[str](), list[Missing]()
    for column, values in (("url", request.urls), ("doc_id", request.doc_ids), ("host", request.hosts)):
        met = looked_up(database, "documents", f"doc_id, {column} AS name", column, values)
        found |= {row["doc_id"] for row in met}
        for value in sorted(set(values) - {row["name"] for row in met}):
            missing.append(Missing(value, candidates(database, value) if column == "url" else []))
    for snippet in request.snippets:
        query = "SELECT doc_id FROM documents WHERE contains(text, $1) OR contains(hidden_text, $1) OR contains(markup_text, $1)"
        holding = {row["doc_id"] for row in rows(database, query, [snippet])}
        found |= holding
        missing += [] if holding else [Missing("a piece of text that was given", [])]
    return found, missing


def _groups(database: duckdb.DuckDBPyConnection, pages: Iterable[str]) -> list[Row]:
    """Rows of `duplicates`, with their URLs, of every document that has its keeper in common with one of `pages`."""
    named = "doc_id, keeper_id, kind, similarity"
    own = [row for row in looked_up(database, "duplicates", named, "doc_id", pages) if row["kind"] != "record"]
    keepers = {*pages, *(row["keeper_id"] for row in own)}
    copies = [row for row in looked_up(database, "duplicates", named, "keeper_id", keepers) if row["kind"] != "record"]
    urls = by_id(database, "documents", "doc_id, url", {row["doc_id"] for row in copies})
    return [row | {"url": urls.get(row["doc_id"], {}).get("url")} for row in copies]


def _copies(database: duckdb.DuckDBPyConnection, asked: dict[str, Page], groups: list[Row], request: Request) -> dict[str, Page]:
    """Documents of the same groups that have the address or the text of a page asked for, or nearly its text."""
    members: dict[str, set[str]] = {}
    for row in groups:
        own_keeper = set() if row["kind"] == "earlier" else {row["keeper_id"]}  # that one stands in another corpus
        members.setdefault(row["keeper_id"], own_keeper).add(row["doc_id"])
    found: dict[str, Page] = {}
    for group in members.values():
        wanted, others = sorted(group & set(asked)), sorted(group - set(asked))
        if wanted and others:
            found |= _copies_in_group(database, wanted, others, request)
    return found


def _copies_in_group(
    database: duckdb.DuckDBPyConnection, wanted: list[str], others: list[str], request: Request
) -> dict[str, Page]:
    """Which of the others are copies of one that is wanted; a copy is compared with no further page."""
    from pipeline.duplicates.copies import shingle_sets, similarities
    from pipeline.duplicates.settings import DuplicateSettings

    texts = by_id(database, "documents", f"{DOCUMENT}, text", [*wanted, *others])
    outcomes = by_id(database, "outcomes", "doc_id, outcome, reason", others)
    standing = [other for other in others if outcomes[other]["outcome"] != "removed"]
    made = shingle_sets(pa.array([texts[doc_id]["text"] for doc_id in [*wanted, *standing]], pa.string()), DuplicateSettings())
    place = {doc_id: number for number, doc_id in enumerate([*wanted, *standing])}
    found: dict[str, Page] = {}
    for one in wanted:
        left = [other for other in standing if other not in found]
        own, theirs = (pa.array(places, pa.int64()) for places in ([place[one]] * len(left), [place[other] for other in left]))
        for other, similarity in zip(left, similarities(made.take(own), made.take(theirs)).to_pylist(), strict=True):
            why = _why_copy(texts[one], texts[other], similarity, request)
            if why:
                found[other] = _page(texts[other], outcomes[other], why, similarity)
    return found


def _why_copy(one: Row, other: Row, similarity: float, request: Request) -> str:
    if one["url"] and other["url"] and url_key(one["url"]) == url_key(other["url"]) is not None:
        return "url"
    if one["text"] == other["text"]:
        return "exact"
    return "near" if similarity >= request.copies_from or request.similar == "remove" else ""


def _page(document: Row, outcome: Row, why: str, similarity: float) -> Page:
    return Page(document["doc_id"], document["url"], document["host"], outcome["outcome"], why, similarity)


def by_id(database: duckdb.DuckDBPyConnection, table: str, columns: str, doc_ids: Iterable[str]) -> dict[str, Row]:
    """One row a document: that of its first place, where a record stands at several."""
    found: dict[str, Row] = {}
    for row in looked_up(database, table, f"{columns}, warc_file AS place, warc_offset AS at", "doc_id", doc_ids):
        first = found.get(row["doc_id"])
        if first is None or (row["place"], row["at"]) < (first["place"], first["at"]):
            found[row["doc_id"]] = row
    return found


def addresses_that_stay(database: duckdb.DuckDBPyConnection, pages: dict[str, Row]) -> set[str | None]:
    """Keys of addresses that removed rows have in common with rows that stay: chapters and chunks of one page.

    A tombstone of such an address would keep all of them out; the text alone tells which was removed.
    """
    hosts = {page["host"] for page in pages.values() if page["charset_source"] == DECLARED and page["host"]}
    others = looked_up(database, "documents", "doc_id, url", "host", hosts)
    return {url_key(row["url"]) for row in others if row["doc_id"] not in pages and row["url"]}


def _asked_for(request: Request) -> str:
    asked = [*request.urls, *request.hosts, *request.doc_ids, *request.snippets]
    return asked[0] if len(asked) == 1 else f"{asked[0]} and {len(asked) - 1} more"


def refuse_to_empty(corpus: Corpus, database: duckdb.DuckDBPyConnection, reach: Reach) -> None:
    """Raises CorpusError where nothing would be left to train on."""
    kept = rows(database, "SELECT count(*) AS n FROM curated")[0]["n"]
    if len(reach.kept) >= kept:
        raise CorpusError(f"this would remove all {kept} documents that {corpus.root} keeps: delete the folder if that is meant")
