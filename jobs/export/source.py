"""The documents of the shards, a few at a time, for exports in the layouts of other trainers.

Where our shards have `<|endoftext|>` before each document, theirs have it after: that is how they come out of here. What a
takedown has written over stays out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, Protocol

import duckdb
import numpy as np

from jobs.corpus.folder import Corpus
from jobs.corpus.shards import read_shard, shards_of
from tokenizer.shards.files import ShardManifest, ShardTokens
from tokenizer.shards.splits import TRAIN, VALIDATION

ROWS_FETCHED = 4096
TOKENS_OF_STRETCH = 1 << 20  # and one document more
Row = tuple[int, int, int, str, str | None]  # shard, start, length, doc_id, url


class Stretch(NamedTuple):
    """Samples in their order: number i is values[offsets[i]:offsets[i + 1]]; a document ends in `<|endoftext|>`."""

    shard: int  # that the documents are of, and they alone; of rows a number
    names: list[str]  # of each sample: its doc_id, or the corpus that a row of a mixture is of
    urls: list[str | None]
    values: np.ndarray  # [tokens], uint16 or uint32, little-endian
    offsets: np.ndarray  # [samples + 1], int64


class Source(Protocol):
    """What the writers of tokens want of documents or of rows."""

    @property
    def named(self) -> str:
        """What the names of samples are: doc_id or corpus."""

    @property
    def manifest(self) -> ShardManifest:
        """What the ids are, and their type."""

    @property
    def splits(self) -> tuple[str, ...]:
        """Those that have samples."""

    def stretches(self, split: str, *, urls: bool = False) -> Iterator[Stretch]:
        """Every sample of a split; `urls` says whether their URLs are looked up."""


@dataclass(frozen=True)
class TokenSource:
    """The shards of a corpus, each mapped into memory while it is read."""

    corpus: Corpus
    database: duckdb.DuckDBPyConnection
    manifest: ShardManifest
    named: str = "doc_id"

    @property
    def splits(self) -> tuple[str, ...]:
        """Those that have documents."""
        return tuple(split for split in (TRAIN, VALIDATION) if self.manifest.read_as(split))

    def stretches(self, split: str, *, urls: bool = False) -> Iterator[Stretch]:
        """Every document of a split; `urls` says whether their URLs are looked up."""
        numbers = self.manifest.read_as(split)
        url, join = ("url", "LEFT JOIN curated USING (doc_id)") if urls else ("NULL", "")
        result = self.database.execute(
            f"SELECT shard, start, length, doc_id, {url} FROM spans {join} WHERE shard BETWEEN ? AND ? ORDER BY shard, start",
            [min(numbers), max(numbers)],
        )
        for shard, rows in groupby(_fetched(result), key=itemgetter(0)):
            tokens = read_shard(self.corpus.root, self.manifest.shards[shard])
            yield from _stretches(shard, tokens, self._standing(rows, tokens), self.manifest.end_of_text)

    def _standing(self, rows: Iterable[Row], tokens: ShardTokens) -> Iterator[Row]:
        return (row for row in rows if not row[2] or tokens[row[1] : row[1] + 1][0] != self.manifest.removed)


def open_source(corpus: Corpus, database: duckdb.DuckDBPyConnection) -> TokenSource:
    """Raises CorpusError where there are no shards."""
    return TokenSource(corpus, database, shards_of(corpus))


def _fetched(result: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := result.fetchmany(ROWS_FETCHED):
        yield from rows


def _stretches(shard: int, tokens: ShardTokens, rows: Iterable[Row], end_of_text: int) -> Iterator[Stretch]:
    end = np.array([end_of_text], tokens.dtype)
    some: list[Row] = []
    size = 0
    for row in rows:
        some.append(row)
        size += row[2] + 1
        if size >= TOKENS_OF_STRETCH:
            yield _stretch(shard, tokens, some, end)
            some, size = [], 0
    if some:
        yield _stretch(shard, tokens, some, end)


def _stretch(shard: int, tokens: ShardTokens, rows: list[Row], end: np.ndarray) -> Stretch:
    pieces = [piece for _, start, length, _, _ in rows for piece in (tokens[start : start + length], end)]
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([length + 1 for _, _, length, _, _ in rows], out=offsets[1:])
    return Stretch(shard, [row[3] for row in rows], [row[4] for row in rows], np.concatenate(pieces), offsets)
