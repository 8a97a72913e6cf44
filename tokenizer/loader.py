"""Token shards as training batches: which rows a step reads is arithmetic, not a state that has to be saved.

    loader = open_loader("corpus", LoaderSettings(row_tokens=1024, batch_rows=64), split="train")
    batch = loader.batch(step=12_345)          # any step, at once
    loader.reads([doc_id], steps=20_000)       # and the other way round

The rows of all shards are numbered through; epoch e reads them in the order of a permutation that (seed, e) decides. Step s
reads positions s·B … s·B + B - 1 of that endless sequence, so nothing is lost or repeated wherever a run stops and goes on.
What a batch holds depends on the bytes of the shards alone: every `<|endoftext|>` begins a document there.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.errors import CorpusError, UsageError
from pipeline.settings import setting
from tokenizer.packing import Rows, pack
from tokenizer.permutation import Permutation
from tokenizer.shards import MANIFEST, ShardManifest, read_manifest, read_shard

if TYPE_CHECKING:
    import pyarrow

_BLOCK = 64  # steps whose rows are looked up at once; no result depends on it
NOTHING = -1  # in `targets`: no loss here


@dataclass(frozen=True, kw_only=True)
class LoaderSettings:
    """All that decides which step reads what, beside the shards themselves."""

    row_tokens: int = setting(1024, "tokens of a row: the longest context", "GPT-2")
    batch_rows: int = setting(64, "rows of a step, over all processes")
    seed: int = setting(0, "another seed reads the rows in another order")

    def __post_init__(self) -> None:
        if self.row_tokens < 2 or self.batch_rows < 1:
            raise UsageError(f"row_tokens is {self.row_tokens} and batch_rows {self.batch_rows}: at least 2 and at least 1")


class Batch(NamedTuple):
    """Rows of packed pieces. Shapes: tokens, targets, positions [rows, row_tokens], int32; boundaries [pieces + 1], int32.

    `boundaries` are where pieces begin and the last one ends, counted through all rows; padding counts as pieces of their own,
    and so attends to nothing and is attended by nothing, like every piece.
    """

    tokens: np.ndarray
    targets: np.ndarray    # the next token; NOTHING in padding and where a document has been removed
    positions: np.ndarray  # in the piece
    boundaries: np.ndarray
    rows: np.ndarray       # int64 [rows], numbers of the rows: Loader.spans names what they hold


class Span(NamedTuple):
    """A stretch of one document that a row reads."""

    row: int
    doc_id: str
    start: int   # in the document; 0 is the `<|endoftext|>` before it
    length: int


class Read(NamedTuple):
    """One time that a piece of a document is read."""

    epoch: int
    step: int
    place: int   # row of the batch
    row: int


class Loader:
    """Batches of one split of a corpus. Holds the maps of the shards and the rows' layout: 12 bytes a piece."""

    def __init__(self, corpus: str, manifest: ShardManifest, settings: LoaderSettings, split: str) -> None:
        files = [(number, file) for number, file in enumerate(manifest.shards) if file.split == split]
        if not files:
            raise CorpusError(f"{corpus} has no {split} shards; shards.validation_share in the recipe decides what is held out")
        self.corpus, self.manifest, self.settings, self.split = corpus, manifest, settings, split
        self.shard_numbers = [number for number, _ in files]
        self._shards = [np.asarray(read_shard(posixpath.join(corpus, "shards", file.file))) for _, file in files]
        self._packed = [self._pack(tokens) for tokens in self._shards]
        self._block, self._block_rows = -1, np.zeros(0, np.int64)
        self._first_row = np.concatenate([[0], np.cumsum([len(rows) for rows in self._packed])])

    def _pack(self, tokens: np.ndarray) -> Rows:
        starts = np.flatnonzero(tokens == self.manifest.end_of_text)
        if len(tokens) and (not len(starts) or starts[0] != 0):
            raise CorpusError(f"{self.corpus}: a shard does not begin with <|endoftext|>; `winnow verify` says more")
        return pack(starts, np.diff(starts, append=len(tokens)), self.settings.row_tokens)

    @property
    def rows(self) -> int:
        """Rows of an epoch."""
        return int(self._first_row[-1])

    @property
    def tokens(self) -> int:
        """Tokens of an epoch, padding apart."""
        return sum(len(shard) for shard in self._shards)

    @property
    def padding_share(self) -> float:
        return 1 - self.tokens / (self.rows * self.settings.row_tokens)

    def rows_of_step(self, step: int) -> np.ndarray:
        """Numbers of the rows that this step reads, int64 [batch_rows]."""
        block, place = divmod(step, _BLOCK)
        if self._block != block:  # one call for many steps: the order's arithmetic costs the same for a few rows as for many
            size = _BLOCK * self.settings.batch_rows
            self._block, self._block_rows = block, self.rows_at(np.arange(size) + block * size)
        return self._block_rows[place * self.settings.batch_rows :][: self.settings.batch_rows]

    def rows_at(self, positions: np.ndarray) -> np.ndarray:
        """Numbers of the rows at these places of the endless sequence of epochs."""
        epochs, places = np.divmod(positions, self.rows)
        rows = np.empty(len(positions), np.int64)
        for epoch in np.unique(epochs).tolist():
            rows[epochs == epoch] = self._order(epoch)(places[epochs == epoch])
        return rows

    def _order(self, epoch: int) -> Permutation:
        return Permutation(self.rows, self.settings.seed, epoch)

    def batch(self, step: int, places: slice = slice(None)) -> Batch:
        """What a step reads, or the part of it at these places: each process and each micro-batch takes its own."""
        return self.load(self.rows_of_step(step)[places])

    def load(self, rows: np.ndarray) -> Batch:
        """The rows with these numbers."""
        width = self.settings.row_tokens
        end_of_text, removed = self.manifest.end_of_text, self.manifest.removed
        tokens = np.full(len(rows) * width, end_of_text, np.int32)
        targets = np.full(len(rows) * width, NOTHING, np.int32)
        begins = []
        shard_of = np.searchsorted(self._first_row, rows, side="right") - 1
        for place, (row, shard) in enumerate(zip(rows.tolist(), shard_of.tolist(), strict=True)):
            source, packed = self._shards[shard], self._packed[shard]
            row -= int(self._first_row[shard])
            first, stop = packed.first_piece[row : row + 2].tolist()
            at = place * width
            for start, length in zip(packed.starts[first:stop].tolist(), packed.lengths[first:stop].tolist(), strict=True):
                begins.append(at)
                following = source[start + 1 : start + length + 1]
                tokens[at : at + length] = source[start : start + length]
                targets[at : at + len(following)] = following
                if len(following) < length:  # the shard's last document: it ends, like every other
                    targets[at + length - 1] = end_of_text
                at += length
            if at < (place + 1) * width:
                begins.append(at)
        targets[(tokens == removed) | (targets == removed)] = NOTHING
        boundaries = np.array([*begins, len(tokens)], np.int32)
        positions = np.arange(len(tokens), dtype=np.int32) - np.repeat(boundaries[:-1], np.diff(boundaries))
        shape = (len(rows), width)
        return Batch(tokens.reshape(shape), targets.reshape(shape), positions.reshape(shape), boundaries, rows)

    # --- which document is where ---

    @cached_property
    def _documents(self) -> "list[_Documents]":
        return _read_spans(self.corpus, self.shard_numbers)

    def spans(self, row: int) -> list[Span]:
        """What a row holds, by document."""
        shard = int(np.searchsorted(self._first_row, row, side="right")) - 1
        packed, documents = self._packed[shard], self._documents[shard]
        first, stop = packed.first_piece[row - self._first_row[shard] :][:2].tolist()
        starts, lengths = packed.starts[first:stop], packed.lengths[first:stop]
        found = []
        for index, start, length in zip(documents.holding(starts).tolist(), starts.tolist(), lengths.tolist(), strict=True):
            found.append(Span(row, documents.doc_ids[index].as_py(), start - int(documents.starts[index]), length))
        return found

    def rows_of(self, doc_ids: Sequence[str]) -> np.ndarray:
        """Numbers of the rows that hold a piece of any of these documents, ascending; those of another split have none here."""
        found = []
        for first_row, packed, documents in zip(self._first_row.tolist(), self._packed, self._documents, strict=False):
            pieces = np.flatnonzero(documents.among(doc_ids)[documents.holding(packed.starts)])
            found.append(first_row + np.searchsorted(packed.first_piece, pieces, side="right") - 1)
        return np.unique(np.concatenate(found))

    def reads(self, doc_ids: Sequence[str], steps: int) -> list[Read]:
        """Every time that a run of so many steps reads a piece of one of these documents, in order."""
        rows = self.rows_of(doc_ids)
        found, end = [], steps * self.settings.batch_rows
        for epoch in range(-(-end // self.rows)):
            positions = self._order(epoch).inverse(rows) + epoch * self.rows
            for position, row in zip(positions.tolist(), rows.tolist(), strict=True):
                if position < end:
                    step, place = divmod(position, self.settings.batch_rows)
                    found.append(Read(epoch, step, place, row))
        return sorted(found, key=lambda read: (read.step, read.place))


class _Documents(NamedTuple):
    """The documents of one shard, in their order. Starts are those of the `<|endoftext|>` before each, int64 [documents]."""

    doc_ids: "pyarrow.ChunkedArray"
    starts: np.ndarray

    def holding(self, tokens: np.ndarray) -> np.ndarray:
        """Index of the document that holds each of these tokens."""
        return np.searchsorted(self.starts, tokens, side="right") - 1

    def among(self, doc_ids: Sequence[str]) -> np.ndarray:
        """Whether each document is one of these; bool [documents]."""
        import pyarrow
        import pyarrow.compute as pc

        return np.asarray(pc.is_in(self.doc_ids, value_set=pyarrow.array(doc_ids, pyarrow.string())))


def _read_spans(corpus: str, shard_numbers: list[int]) -> list[_Documents]:
    import pyarrow.compute as pc  # only here: a machine that trains needs no Arrow
    import pyarrow.parquet as pq

    table = pq.read_table(Path(corpus, "spans"), columns=["doc_id", "shard", "start"], page_checksum_verification=True)
    of_shards = (table.filter(pc.equal(table["shard"], number)).sort_by("start") for number in shard_numbers)
    return [_Documents(spans["doc_id"], spans["start"].to_numpy() - 1) for spans in of_shards]


def open_loader(corpus: str, settings: LoaderSettings, split: str = "train") -> Loader:
    """The loader of a corpus in a local folder."""
    try:
        manifest = read_manifest(Path(corpus, "shards", MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise CorpusError(f"{corpus} has no token shards ({error.strerror}); `winnow curate` makes them") from error
    return Loader(corpus, manifest, settings, split)
