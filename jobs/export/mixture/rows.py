"""Several corpora as training reads them together (tokenizer/shards/mixture.py), for exports: row after row, by turns.

A row is as long as it is in training, padding included, and what is in it stands as it does there, `<|endoftext|>` before each
document. Where a takedown has written over something there is padding. What is held out follows corpus by corpus.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from jobs.corpus.folder import Corpus
from jobs.corpus.mixed import mixture_of
from jobs.corpus.shards import open_loader
from jobs.export.source import TOKENS_OF_STRETCH, Stretch
from pipeline.errors import UsageError
from tokenizer.shards.files import ShardManifest
from tokenizer.shards.loader import Loader, LoaderSettings, Span
from tokenizer.shards.mixture import Mixture
from tokenizer.shards.splits import TRAIN, VALIDATION
from tokenizer.shards.turns import Turns


@dataclass(frozen=True, kw_only=True)
class MixtureSettings:
    """What decides, beside the corpora, which rows an export of them has, and in which order."""

    weights: tuple[int, ...]
    seed: int = LoaderSettings.seed
    row_tokens: int = LoaderSettings.row_tokens
    rows: int | None = None  # of training; null: until a row would be read a second time

    def __post_init__(self) -> None:
        if self.rows is not None and self.rows < 1:
            raise UsageError(f"--rows {self.rows}: at least 1; without it the export ends before a row is there twice")

    @property
    def loader(self) -> LoaderSettings:
        return LoaderSettings(row_tokens=self.row_tokens, seed=self.seed)


def mixture_settings(told: dict[str, Any]) -> MixtureSettings:
    """As export.json has them."""
    return MixtureSettings(**told | {"weights": tuple(told["weights"])})


class Row(NamedTuple):
    """One row: the number of its corpus, its tokens [row_tokens], and which documents they are of, side by side."""

    corpus: int
    tokens: np.ndarray
    spans: list[Span]


class SplitRows(NamedTuple):
    """The rows of a split, in the order of the export."""

    corpora: list[int]  # numbers of those that have any
    mixture: Mixture
    total: int
    at: Callable[[np.ndarray], np.ndarray]  # numbers of the rows at these places

    def blocks(self) -> Iterator[np.ndarray]:
        """Numbers of rows, some at a time."""
        size = max(1, TOKENS_OF_STRETCH // self.mixture.settings.row_tokens)
        for first in range(0, self.total, size):
            yield self.at(np.arange(first, min(first + size, self.total)))

    def corpora_of(self, rows: np.ndarray) -> list[int]:
        return [self.corpora[number] for number in self.mixture.corpora_of(rows)]

    def loaded(self) -> Iterator[list[Row]]:
        """The rows themselves, some at a time."""
        for numbers in self.blocks():
            tokens = self.mixture.load(numbers).tokens
            spans = map(self.mixture.spans, numbers.tolist())
            yield list(map(Row, self.corpora_of(numbers), tokens, spans))


@dataclass(frozen=True)
class MixedSource:
    """Rows for the writers of tokens, documents for those of texts. Holds the layout of all rows, and doc_ids once asked."""

    corpora: Sequence[Corpus]
    settings: MixtureSettings  # with the number of rows that it comes to
    of_split: dict[str, SplitRows]
    named: str = "corpus"

    @property
    def manifest(self) -> ShardManifest:
        return self.of_split[TRAIN].mixture.manifest

    @property
    def splits(self) -> tuple[str, ...]:
        """Those that have rows."""
        return tuple(self.of_split)

    def told(self) -> dict[str, Any]:
        """As export.json has it."""
        return asdict(self.settings)

    def stretches(self, split: str, *, urls: bool = False) -> Iterator[Stretch]:  # noqa: ARG002 - a row has no URL
        """Every row of a split as a sample, named by its corpus."""
        rows, manifest = self.of_split[split], self.manifest
        width = self.settings.row_tokens
        for number, some in enumerate(rows.blocks()):
            tokens = rows.mixture.load(some).tokens
            tokens[tokens == manifest.removed] = manifest.end_of_text
            values = tokens.ravel().astype(np.dtype(manifest.dtype).newbyteorder("<"))
            names = [self.corpora[corpus].root for corpus in rows.corpora_of(some)]
            yield Stretch(number, names, [None] * len(some), values, np.arange(len(some) + 1) * width)

    def epochs(self) -> list[float]:
        """How often the export has each corpus."""
        rows = self.of_split[TRAIN]
        counts = [rows.mixture.turns.had(number, rows.total) for number in rows.corpora]
        return [turns / loader.rows for turns, loader in zip(counts, rows.mixture.loaders, strict=True)]


def open_mixture(corpora: Sequence[Corpus], settings: MixtureSettings, *, one_tokenizer: bool) -> MixedSource:
    """Raises UsageError where they cannot be mixed, CorpusError where one has no shards."""
    loaders = [_opened(one, settings) for one in corpora]
    mixture = mixture_of(loaders, settings.weights, one_tokenizer=one_tokenizer)
    total = read_once(mixture) if settings.rows is None else settings.rows
    of_split = {TRAIN: SplitRows(list(range(len(corpora))), mixture, total, mixture.rows_at)}
    holding = [number for number, loader in enumerate(loaders) if loader.manifest.read_as(VALIDATION)]
    if holding:
        held_out = Mixture([_opened(corpora[number], settings, VALIDATION) for number in holding], Turns([1] * len(holding)))
        of_split[VALIDATION] = SplitRows(holding, held_out, held_out.rows, lambda places: places)
    return MixedSource(corpora, MixtureSettings(**asdict(settings) | {"rows": total}), of_split)


def _opened(corpus: Corpus, settings: MixtureSettings, split: str = TRAIN) -> Loader:
    """Of the shards that the corpus has as it is pinned: what export.json says of it is said of the same."""
    corpus.require("shard")
    return open_loader(corpus.root, settings.loader, split, fingerprint=corpus.files("shards")[0].sha256)


def read_once(mixture: Mixture) -> int:
    """Rows until the first one would come a second time: one corpus is whole, of the others there is what its weight leaves."""
    ends = [mixture.turns.positions(number, np.array([one.rows]))[0] for number, one in enumerate(mixture.loaders)]
    return int(min(ends))
