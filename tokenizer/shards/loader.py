"""Token shards as training batches: which rows a step reads is arithmetic, not a state that has to be saved.

    loader = open_loader("corpus", LoaderSettings(row_tokens=1024, batch_rows=64), split="train")
    batch = loader.batch(step=12_345)          # any step, at once
    loader.reads(spans, steps=20_000)          # and the other way round: what read these stretches of the shards

The rows of all shards are numbered through; epoch e reads them in the order of a permutation that (seed, e) decides, those of
late shards (tokenizer/shards/splits.py) in an order of their own after all others. Step s reads positions s·B … s·B + B - 1 of
that endless sequence, so nothing is lost or repeated wherever a run stops and goes on.
What a batch holds depends on the bytes of the shards alone: every `<|endoftext|>` begins a document there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.blocks import CheckedFile
from pipeline.errors import CorpusError, UsageError
from pipeline.settings import setting
from tokenizer.shards.files import ANEW, MANIFEST, ShardFile, ShardManifest, manifest_name, read_manifest, read_shard
from tokenizer.shards.packing import Rows, pack
from tokenizer.shards.permutation import Permutation
from tokenizer.shards.splits import LATE
from tokenizer.shards.turns import ALONE, Turns

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
    targets: np.ndarray  # the next token; NOTHING in padding and where a document has been removed
    positions: np.ndarray  # in the piece
    boundaries: np.ndarray
    rows: np.ndarray  # int64 [rows], numbers of the rows: Loader.spans names what they hold


class Span(NamedTuple):
    """A stretch of one document that a row reads."""

    row: int
    doc_id: str
    start: int  # in the document; 0 is the `<|endoftext|>` before it
    length: int


class Stretch(NamedTuple):
    """A document in a shard, as the table `spans` has it."""

    shard: int  # number in shards.json
    start: int  # of its own tokens; the `<|endoftext|>` before them belongs to it too
    length: int


class Read(NamedTuple):
    """One time that a piece of a document is read."""

    epoch: int
    step: int
    place: int  # row of the batch
    row: int


class Loader:
    """Batches of one split of a corpus. Holds the maps of the shards and the rows' layout: 12 bytes a piece.

    Where `shard_rows`, an earlier loader's, is given, a shard is laid out when it is first needed: a question about one page then
    costs one shard.
    """

    def __init__(
        self, corpus: str, manifest: ShardManifest, settings: LoaderSettings, split: str, shard_rows: Sequence[int] = ()
    ) -> None:
        self.shard_numbers = manifest.read_as(split)
        if not self.shard_numbers:
            raise CorpusError(f"{corpus} has no {split} shards; shards.validation_share in the recipe decides what is held out")
        self.corpus, self.manifest, self.settings, self.split = corpus, manifest, settings, split
        files = [manifest.shards[number] for number in self.shard_numbers]
        self._shards = [read_shard(corpus, file) for file in files]
        self._packed: dict[int, Rows] = {}
        self._block, self._block_rows = -1, np.zeros(0, np.int64)
        known = len(shard_rows) == len(files)
        self.shard_rows = list(shard_rows) if known else [len(self._layout(shard)) for shard in range(len(files))]
        self._first_row = np.concatenate([[0], np.cumsum(self.shard_rows, dtype=np.int64)])
        self.first_late = int(self._first_row[sum(file.split != LATE for file in files)])  # its row and all after it are late

    def _layout(self, shard: int) -> Rows:
        """The rows of one of the shards, by its place among them."""
        if shard not in self._packed:
            tokens = self._shards[shard].whole()
            starts = np.flatnonzero(tokens == self.manifest.end_of_text)
            if len(tokens) and (not len(starts) or starts[0] != 0):
                raise CorpusError(f"{self.corpus}: a shard does not begin with <|endoftext|>; `winnow verify` says more")
            self._packed[shard] = pack(starts, np.diff(starts, append=len(tokens)), self.settings.row_tokens)
        return self._packed[shard]

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
            for first, order in self._orders(epoch):
                there = (epochs == epoch) & (first <= places) & (places < first + order.size)
                rows[there] = first + order(places[there] - first)
        return rows

    def _orders(self, epoch: int) -> list[tuple[int, Permutation]]:
        """(the first row of a stretch that is read by itself, the order in it), of an epoch."""
        stretches = ((0, self.first_late), (self.first_late, self.rows))
        return [(first, Permutation(end - first, self.settings.seed, epoch)) for first, end in stretches if end > first]

    def _positions(self, rows: np.ndarray, epoch: int) -> np.ndarray:
        """Where in the endless sequence an epoch reads these rows."""
        places = np.empty(len(rows), np.int64)
        for first, order in self._orders(epoch):
            there = (first <= rows) & (rows < first + order.size)
            places[there] = first + order.inverse(rows[there] - first)
        return places + epoch * self.rows

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
            source, packed = self._shards[shard], self._layout(shard)
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
        return [_documents_of(self.corpus, self.manifest.shards[number]) for number in self.shard_numbers]

    def spans(self, row: int) -> list[Span]:
        """What a row holds, by document."""
        shard = int(np.searchsorted(self._first_row, row, side="right")) - 1
        packed, documents = self._layout(shard), self._documents[shard]
        first, stop = packed.first_piece[row - self._first_row[shard] :][:2].tolist()
        starts, lengths = packed.starts[first:stop], packed.lengths[first:stop]
        found = []
        for index, start, length in zip(documents.containing(starts).tolist(), starts.tolist(), lengths.tolist(), strict=True):
            found.append(Span(row, documents.doc_ids[index].as_py(), start - int(documents.starts[index]), length))
        return found

    def rows_of(self, doc_ids: Sequence[str]) -> np.ndarray:
        """Numbers of the rows that hold a piece of any of these documents, ascending; those of another split have none here."""
        return self.rows_with(
            Stretch(number, start + 1, length)
            for number, shard, documents in zip(self.shard_numbers, self._shards, self._documents, strict=True)
            for start, length in documents.places(doc_ids, len(shard))
        )

    def rows_with(self, stretches: Iterable[Stretch]) -> np.ndarray:
        """The same for stretches of the shards, which must not overlap; looks at no shard but theirs."""
        by_shard: dict[int, list[tuple[int, int]]] = {}
        for number, start, length in stretches:
            if number in self.shard_numbers:
                by_shard.setdefault(self.shard_numbers.index(number), []).append((start - 1, start + length))
        found = [np.zeros(0, np.int64)]
        for shard, places in by_shard.items():
            begins, ends = np.array(sorted(places), np.int64).T
            packed = self._layout(shard)
            before = np.searchsorted(begins, packed.starts + packed.lengths) - 1  # the last to begin before a piece ends
            pieces = np.flatnonzero((before >= 0) & (ends[before] > packed.starts))
            found.append(self._first_row[shard] + np.searchsorted(packed.first_piece, pieces, side="right") - 1)
        return np.unique(np.concatenate(found))

    def reads(self, stretches: Iterable[Stretch], steps: int, turns: Turns = ALONE, number: int = 0) -> list[Read]:
        """Every time that a run of so many steps reads a piece of one of these stretches of the shards, in order.

        Of a run over several corpora this one is that with this number in their turns.
        """
        rows = self.rows_with(stretches)
        found, end = [], turns.had(number, steps * self.settings.batch_rows)
        for epoch in range(-(-end // self.rows)):
            own = self._positions(rows, epoch)
            for position, row in zip(turns.positions(number, own[own < end]).tolist(), rows[own < end].tolist(), strict=True):
                step, place = divmod(position, self.settings.batch_rows)
                found.append(Read(epoch, step, place, row))
        return sorted(found, key=lambda read: (read.step, read.place))


class _Documents(NamedTuple):
    """The documents of one shard, in their order. Starts are those of the `<|endoftext|>` before each, int64 [documents]."""

    doc_ids: "pyarrow.ChunkedArray"
    starts: np.ndarray

    def containing(self, tokens: np.ndarray) -> np.ndarray:
        """Index of the document that contains each of these tokens."""
        return np.searchsorted(self.starts, tokens, side="right") - 1

    def places(self, doc_ids: Sequence[str], shard_tokens: int) -> list[tuple[int, int]]:
        """(start, tokens without the `<|endoftext|>` there) of those of these documents that the shard holds."""
        import pyarrow
        import pyarrow.compute as pc

        chosen = np.flatnonzero(np.asarray(pc.is_in(self.doc_ids, value_set=pyarrow.array(doc_ids, pyarrow.string()))))
        lengths = np.diff(self.starts, append=shard_tokens) - 1
        return list(zip(self.starts[chosen].tolist(), lengths[chosen].tolist(), strict=True))


def _documents_of(corpus: str, shard: ShardFile) -> _Documents:
    spans = read_spans(corpus, shard, ["doc_id", "start"])
    return _Documents(spans["doc_id"], spans["start"].to_numpy() - 1)


def read_spans(corpus: str, shard: ShardFile, columns: list[str]) -> "pyarrow.Table":
    """The rows of the table `spans` that a shard has, in its order; `corpus` is a local folder."""
    import pyarrow.parquet as pq  # only here: a machine that trains needs no Arrow

    if shard.spans is None:
        raise CorpusError(f"{corpus}: {MANIFEST} names no spans for {shard.file}{ANEW}")
    try:
        with Path(corpus, shard.spans.file).open("rb") as file:
            checked = CheckedFile(file, shard.spans.bytes, shard.spans.blocks, file.name, ANEW)
            return pq.read_table(checked, columns=columns, page_checksum_verification=True)
    except OSError as error:
        raise CorpusError(f"{Path(corpus, shard.spans.file)} cannot be read ({error.strerror or error}){ANEW}") from error


def read_shards(corpus: str, fingerprint: str | None = None) -> ShardManifest:
    """What the shards of a corpus in a local folder are: the newest, or those with this fingerprint."""
    name = MANIFEST if fingerprint is None else manifest_name(fingerprint)
    try:
        path = Path(corpus, "shards", name)
        manifest = read_manifest(path.read_text("utf-8", "surrogateescape"), str(path))
    except OSError as error:
        raise CorpusError(f"{corpus} has no token shards ({name}: {error.strerror}); `winnow curate` makes them") from error
    except CorpusError as error:
        raise CorpusError(f"{Path(corpus, 'shards', name)}: {error}") from error
    if fingerprint is not None and manifest.fingerprint != fingerprint:
        raise CorpusError(f"{Path(corpus, 'shards', name)} is not the one that was written{ANEW}")
    return manifest


def open_loader(
    corpus: str,
    settings: LoaderSettings,
    split: str = "train",
    shard_rows: Sequence[int] = (),
    fingerprint: str | None = None,
) -> Loader:
    """The loader of a corpus in a local folder; `fingerprint` names shards that may have been superseded since."""
    return Loader(corpus, read_shards(corpus, fingerprint), settings, split, shard_rows)
