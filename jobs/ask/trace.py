"""A token of a shard -> the WARC record it came from, re-read from the bytes and compared; and a URL -> its spans."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import duckdb

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import read_shard, shards_of
from jobs.corpus.views import Row, row, rows
from pipeline.errors import CorpusError, InputError, UsageError
from pipeline.lineage import apply_edits, original_span

if TYPE_CHECKING:
    import numpy as np

# What reads records and tokenizers is imported where it is needed: it takes longer to load than a URL to be looked up.


@dataclass(frozen=True)
class TokenOrigin:
    """Where one token comes from; `start` and `end` are code points in the document's extracted text."""

    doc_id: str
    url: str | None
    warc_file: str
    warc_offset: int
    record_id: str | None
    start: int
    end: int
    text: str
    verified: bool  # the record's bytes were read again and gave this text at this place
    why_not: str | None  # the input is not at hand, or holds something else there

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class RemovedToken(UsageError):
    """A token of a page that stays, in place of which stands `<|removed|>`."""


class Tracer:
    """Answers for one corpus; holds its tokens and its settings between questions."""

    def __init__(self, corpus: Corpus, database: duckdb.DuckDBPyConnection) -> None:
        from jobs.corpus.recipe import build_recipe, ingest_settings
        from tokenizer.bpe.vocabulary import read_tokenizer

        corpus.require("shard")
        self._corpus, self._database = corpus, database
        recipe = build_recipe(corpus.manifest["recipe"])
        self._settings, self._sources = ingest_settings(recipe), recipe.sources
        self._tokens = read_tokenizer(corpus.text("tokenizer")).tokens
        self._shards = shards_of(corpus).shards

    def token(self, shard: int, token: int) -> TokenOrigin:
        """Raises UsageError when there is no such token, or when it is the mark between two documents."""
        tokens, span = self._span(shard, token)
        document = self._document(span["doc_id"])
        self._refuse_removed(document)
        edits = [(edit["start"], edit["end"], edit["replacement"]) for edit in self._edits(span["doc_id"])]
        data = self._decoded(tokens)
        if apply_edits(document["text"], edits).encode() != data:
            raise CorpusError(f"document {span['doc_id']} and its tokens in shard {shard} differ; `winnow verify` says more")
        if not self._decoded(tokens[token - span["start"] :][:1]):
            raise RemovedToken(f"token {token} of shard {shard} was written over by a takedown: it was part of a removed passage")
        before = len(self._decoded(tokens[: token - span["start"]]))
        after = before + len(self._decoded(tokens[token - span["start"] :][:1]))
        start, end = original_span(*characters(data, before, after), edits)
        why_not = self._why_not_verified(document)
        return TokenOrigin(
            doc_id=span["doc_id"],
            url=document["url"],
            warc_file=document["warc_file"],
            warc_offset=document["warc_offset"],
            record_id=document["record_id"],
            start=start,
            end=end,
            text=document["text"][start:end],
            verified=why_not is None,
            why_not=why_not,
        )

    def _decoded(self, ids: "np.ndarray") -> bytes:
        """What these ids stand for, without the encoder: loading its kernels takes a second, one document does not."""
        try:
            return b"".join(map(self._tokens.__getitem__, ids.tolist()))
        except IndexError as error:
            raise CorpusError("a shard has ids beyond the tokenizer's vocabulary; `winnow verify` says more") from error

    def _span(self, shard: int, token: int) -> tuple["np.ndarray", Row]:
        """The tokens of the document that holds this one, and its span."""

        if not 0 <= shard < len(self._shards):
            raise UsageError(f"{self._corpus.root} has no shard {shard}; shards.json lists them")
        tokens = read_shard(self._corpus.root, self._shards[shard])
        if not 0 <= token < len(tokens):
            raise UsageError(f"shard {shard} has tokens 0 to {len(tokens) - 1}, not {token}")
        span = row(
            self._database, "SELECT * FROM spans WHERE shard = ? AND start <= ? ORDER BY start DESC LIMIT 1", [shard, token]
        )
        if span is None or token >= span["start"] + span["length"]:
            raise UsageError(
                f"token {token} of shard {shard} is <|endoftext|>, the mark before a document; name the one after it"
            )
        return tokens[span["start"] : span["start"] + span["length"]], span

    def _document(self, doc_id: str) -> Row:
        columns = "doc_id, url, warc_file, warc_offset, record_id, text"
        found = row(self._database, f"SELECT {columns} FROM first_documents WHERE doc_id = ?", [doc_id])
        if found is None:
            raise CorpusError(f"document {doc_id} is in `spans` and not in `documents`; `winnow verify` says more")
        return found

    def _refuse_removed(self, document: Row) -> None:
        place = [document["warc_file"], document["warc_offset"]]
        outcome = row(self._database, "SELECT * FROM outcomes WHERE warc_file = ? AND warc_offset = ?", place)
        if outcome is not None and outcome["outcome"] == "removed":
            raise UsageError(f"document {document['doc_id']} was removed by takedown {outcome['reason']}; its tokens are gone")

    def _edits(self, doc_id: str) -> list[Row]:
        return rows(self._database, "SELECT * FROM all_edits WHERE doc_id = ?", [doc_id])

    def _why_not_verified(self, document: Row) -> str | None:
        """Null when the record's own bytes give the document's text again."""
        from jobs.corpus.sources.open_source import open_source
        from pipeline.duplicates.passages import same_but_for_filler
        from pipeline.read import ingest

        place = f"{document['warc_file']} at byte {document['warc_offset']}"
        try:
            with open_source(document["warc_file"], self._sources).stream as stream:
                text = ingest.reread(stream, document["warc_file"], document["warc_offset"], self._settings)
        except InputError as error:
            return f"{place}: {error}"
        return None if same_but_for_filler(document["text"], text) else f"{place} no longer gives this document's text"


def characters(data: bytes, before: int, after: int) -> tuple[int, int]:
    """Code points that data[before:after] touches; a token may hold part of a character, then the whole one counts."""
    while before > 0 and data[before] & 0xC0 == 0x80:
        before -= 1
    while after < len(data) and data[after] & 0xC0 == 0x80:
        after += 1
    return len(data[:before].decode()), len(data[:after].decode())


def spans_of(database: duckdb.DuckDBPyConnection, url_or_id: str) -> list[Row]:
    """The way forward: every span that a URL or doc_id reached. Each step looks up values, so that bloom filters can answer."""
    query = """
        WITH asked AS MATERIALIZED (
            SELECT doc_id, url FROM curated WHERE url = $1 UNION SELECT doc_id, url FROM curated WHERE doc_id = $1
        )
        SELECT spans.*, asked.url FROM spans JOIN asked USING (doc_id) ORDER BY shard, start
        """
    return rows(database, query, [url_or_id])
