"""Passages of removed pages, cut out of the pages that hold them: which characters of text go, and which tokens of shards.

A kept page's tokens stay where they are, so what goes are whole tokens, and of a character that several tokens spell all of it:
a few letters on either side of a passage may go with it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import read_shard, shards_of
from jobs.corpus.views import Row, looked_up, rows
from jobs.takedown.reach.passages import Elsewhere
from pipeline.duplicates.passages import stretches, windows
from pipeline.errors import CorpusError
from pipeline.lineage import Edit, apply_edits, edited_span, original_span
from tokenizer.bpe.vocabulary import read_tokenizer

Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Cut:
    """A page that loses passages and stays. Positions are code points of documents.text."""

    doc_id: str
    url: str | None
    outcome: str
    of: str  # doc_id of the removed page that it held most of
    share: float  # of that page's runs of 50 words
    passages: Spans  # of kept pages with what their outermost tokens say beside them
    tokens: list[Row]  # doc_id, shard, start, length: what is written over
    text: str | None  # what is curated of it now; null where it is not kept

    def as_json(self) -> dict[str, Any]:
        """Without its text."""
        values = asdict(self)
        del values["text"]
        return values | {"passages": len(self.passages), "characters": sum(end - start for start, end in self.passages)}


def cuts_of(corpus: Corpus, database: duckdb.DuckDBPyConnection, pages: Iterable[Elsewhere], wanted: np.ndarray) -> list[Cut]:
    """What each page loses of these runs of words (int64, sorted)."""
    listed = {page.doc_id: page for page in pages if page.outcome != "removed"}
    query = "SELECT doc_id, text FROM first_documents SEMI JOIN (SELECT unnest($1) AS doc_id) USING (doc_id)"
    texts = {row["doc_id"]: row["text"] for row in rows(database, query, [sorted(listed)])}
    edits, spans = edits_of(database, listed), {row["doc_id"]: row for row in _spans(database, listed)}
    names = read_tokenizer(corpus.text("tokenizer")).tokens if spans else []
    shards = {number: read_shard(corpus.root, shard) for number, shard in enumerate(shards_of(corpus).shards)} if spans else {}
    made = []
    for doc_id, page in sorted(listed.items()):
        span, text = spans.get(doc_id), texts[doc_id]
        if span is None:
            made.append(_as_cut(page, passages_in(text, wanted), [], None))
            continue
        ids = shards[span["shard"]][span["start"] : span["start"] + span["length"]]
        passages, cut, left = cut_kept(text, edits.get(doc_id, []), [names[token] for token in ids.tolist()], wanted)
        tokens = [span | {"start": span["start"] + first, "length": stop - first} for first, stop in cut]
        made.append(_as_cut(page, passages, tokens, left))
    return made


def _as_cut(page: Elsewhere, passages: Spans, tokens: list[Row], text: str | None) -> Cut:
    return Cut(page.doc_id, page.url, page.outcome, page.of, page.share, passages, tokens, text)


def edits_of(database: duckdb.DuckDBPyConnection, doc_ids: Iterable[str]) -> dict[str, list[Edit]]:
    found: dict[str, list[Edit]] = {}
    for row in looked_up(database, "all_edits", 'doc_id, start, "end" AS stop, replacement', "doc_id", sorted(doc_ids)):
        found.setdefault(row["doc_id"], []).append((row["start"], row["stop"], row["replacement"]))
    return found


def _spans(database: duckdb.DuckDBPyConnection, doc_ids: Iterable[str]) -> list[Row]:
    return looked_up(database, "spans", "doc_id, shard, start, length", "doc_id", sorted(doc_ids))


def cut_kept(text: str, edits: list[Edit], pieces: list[bytes], wanted: np.ndarray) -> tuple[Spans, Spans, str]:
    """(what goes of documents.text, which tokens go, what is curated then) of a page that is kept.

    `pieces` are what its tokens stand for. What edits had cut before goes of the text all the same. Raises CorpusError where
    tokens and text say different things.
    """
    passages, curated = passages_in(text, wanted), apply_edits(text, edits)
    places = [edited_span(start, end, edits) for start, end in passages] + passages_in(curated, wanted)
    widened = [whole_tokens(pieces, place, edits) for place in places if place[0] < place[1]]
    gone, tokens = merged([*passages, *(one for _, one in widened)]), merged(one for one, _ in widened)
    left = apply_edits(text, [*edits, *((start, end, "") for start, end in gone)])
    if left.encode() != _without(tokens, pieces):
        raise CorpusError("a kept document and its tokens differ; `winnow verify` says more")
    return gone, tokens, left


def passages_in(text: str, wanted: np.ndarray) -> Spans:
    return stretches(windows(pa.array([text], pa.string())), wanted)


def whole_tokens(pieces: list[bytes], place: tuple[int, int], edits: list[Edit]) -> tuple[tuple[int, int], tuple[int, int]]:
    """(first token and the one after the last, start and end in documents.text) of the least that holds text[place].

    `pieces` are what a document's tokens stand for, together its curated text; an edit that is touched goes whole. `place` has a
    character at least.
    """
    ends = np.cumsum([len(piece) for piece in pieces])
    data = b"".join(pieces)
    characters = np.concatenate([np.flatnonzero((np.frombuffer(data, np.uint8) & 0xC0) != 0x80), [len(data)]])
    start, end = place
    while True:
        first = int(np.searchsorted(ends, characters[start], "right"))
        stop = 1 + int(np.searchsorted(ends, characters[end], "left"))
        begin, after = int(ends[first] - len(pieces[first])), int(ends[stop - 1])
        start = int(np.searchsorted(characters, begin, "right")) - 1
        end = int(np.searchsorted(characters, after, "left"))
        original = original_span(start, end, edits)
        widened = edited_span(*original, edits)
        start, end = min(start, widened[0]), max(end, widened[1])  # never narrower again: so this ends
        if (characters[start], characters[end]) == (begin, after):
            return (first, stop), original


def merged(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same places by spans that neither overlap nor touch."""
    found = Spans()
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _without(spans: Spans, pieces: list[bytes]) -> bytes:
    gone = {token for first, stop in spans for token in range(first, stop)}
    return b"".join(piece for token, piece in enumerate(pieces) if token not in gone)


def tokens_with_passages(pieces: list[bytes], wanted: np.ndarray) -> Spans:
    """(first token, the one after the last) of the passages in a document whose tokens stand for these bytes."""
    text = b"".join(pieces).decode()
    return merged(whole_tokens(pieces, place, [])[0] for place in passages_in(text, wanted))
