"""Several corpora as one: their rows by turns (turns.py), each corpus in its own order and its own epochs.

    mixture = Mixture([open_loader("a", settings), open_loader("b", settings)], Turns((3, 1)))
    batch = mixture.load(mixture.rows_of_step(12_345))

Rows of all are numbered through, those of the first corpus first: what a batch, a mask or a question names is one number.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from tokenizer.shards.loader import Batch, Loader, Span
from tokenizer.shards.turns import Turns

_BLOCK = 64  # steps whose rows are looked up at once; no result depends on it


class Mixture:
    """What a feed wants of a loader, of several. Their settings are the same, and so is their tokenizer."""

    def __init__(self, loaders: Sequence[Loader], turns: Turns) -> None:
        self.loaders, self.turns = list(loaders), turns
        self.settings, self.manifest = loaders[0].settings, loaders[0].manifest
        self._first_row = np.concatenate([[0], np.cumsum([loader.rows for loader in loaders], dtype=np.int64)])
        self._block = -1, np.zeros(0, np.int64)

    @property
    def rows(self) -> int:
        """Of all corpora, each read once."""
        return int(self._first_row[-1])

    def rows_of_step(self, step: int) -> np.ndarray:
        """Numbers of the rows that this step reads, int64 [batch_rows]."""
        size = self.settings.batch_rows
        number, place = divmod(step, _BLOCK)
        block, rows = self._block
        if block != number:
            rows = self.rows_at(np.arange(_BLOCK * size) + number * _BLOCK * size)
            self._block = number, rows
        return rows[place * size :][:size]

    def rows_at(self, positions: np.ndarray) -> np.ndarray:
        """Numbers of the rows at these places of the endless sequence."""
        corpora, own = self.turns.at(positions)
        rows = np.empty(len(positions), np.int64)
        for number, loader in enumerate(self.loaders):
            there = corpora == number
            rows[there] = self._first_row[number] + loader.rows_at(own[there])
        return rows

    def load(self, rows: np.ndarray) -> Batch:
        """The rows with these numbers, in this order."""
        numbers = self.corpora_of(rows)
        parts = []
        for number, places in groupby(range(len(rows)), key=numbers.__getitem__):
            chosen = rows[list(places)] - self._first_row[number]
            parts.append(self.loaders[number].load(chosen))
        ends = np.cumsum([part.tokens.size for part in parts])
        begins = [part.boundaries[:-1] + end - part.tokens.size for part, end in zip(parts, ends.tolist(), strict=True)]
        boundaries = np.concatenate([*begins, ends[-1:]]).astype(np.int32)
        tokens, targets, positions = (np.concatenate([part[field] for part in parts]) for field in range(3))
        return Batch(tokens, targets, positions, boundaries, rows)

    def spans(self, row: int) -> list[Span]:
        """What a row holds, by document."""
        number = int(self.corpora_of(np.array([row]))[0])
        own = self.loaders[number].spans(int(row - self._first_row[number]))
        return [span._replace(row=row) for span in own]

    def epochs(self, steps: int) -> list[float]:
        """How often each corpus has been read after so many steps."""
        read = [self.turns.had(number, steps * self.settings.batch_rows) for number in range(len(self.loaders))]
        return [turns / loader.rows for turns, loader in zip(read, self.loaders, strict=True)]

    def corpora_of(self, rows: np.ndarray) -> list[int]:
        """Numbers of the corpora that these rows are of."""
        numbers: list[int] = (np.searchsorted(self._first_row, rows, side="right") - 1).tolist()
        return numbers
