"""Rows of token shards for whoever trains with a loop of their own: torch's IterableDataset, in the order of `winnow train`."""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from jobs.corpus.shards import open_loader
from pipeline.errors import UsageError
from tokenizer.shards.loader import Loader, LoaderSettings

Row = dict[str, torch.Tensor]
FIELDS = ("tokens", "targets", "positions")  # of a row
BLOCK = 1024  # rows whose order is asked at once; none depends on it


class Place(NamedTuple):
    """Which of several processes reads here."""

    rank: int
    world: int

    @classmethod
    def of(cls, rank: int | None, world: int | None) -> "Place":
        """As given; else as torch.distributed says, once it is initialised; else as torchrun says; else alone."""
        if (rank is None) != (world is None):
            raise UsageError("rank and world are given together, or not at all")
        if rank is None or world is None:
            if torch.distributed.is_available() and torch.distributed.is_initialized():
                rank, world = torch.distributed.get_rank(), torch.distributed.get_world_size()
            else:
                rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if not 0 <= rank < world:
            raise UsageError(f"rank {rank} of {world}: ranks are 0 to {world - 1}")
        return cls(rank, world)


class ShardRows(IterableDataset[Row]):
    """Each row once an epoch: `tokens`, `targets` and `positions`, int64 [row_tokens].

    A row is packed of pieces of documents; `positions` begin at 0 with each piece, and `targets` are -1 where there is nothing to
    learn, so `ignore_index=-1`. Row number n of an epoch goes to rank n % world, and of a rank's rows each of its DataLoader's
    workers takes every so manieth. `drop_last` leaves out the rows at the end of an epoch that would make ranks unequal.
    """

    def __init__(
        self,
        corpus: Any,
        fingerprint: str,
        split: str,
        *,
        row_tokens: int,
        seed: int,
        epochs: int,
        drop_last: bool,
        place: Place,
    ) -> None:
        """`corpus` is what keeps the shards where they are while they are read: an open corpus, with `root`."""
        self.place, self.epochs, self.drop_last = place, epochs, drop_last
        self._held, self._root, self._fingerprint, self._split = corpus, corpus.root, fingerprint, split
        self._settings = LoaderSettings(row_tokens=row_tokens, batch_rows=1, seed=seed)
        self._loader: Loader | None = open_loader(self._root, self._settings, split, fingerprint=fingerprint)
        self._shard_rows = self._loader.shard_rows

    @property
    def rows(self) -> int:
        """Rows of an epoch, over all ranks."""
        rows = sum(self._shard_rows)
        return rows - rows % self.place.world if self.drop_last else rows

    def __len__(self) -> int:
        """Rows that this rank reads, in all epochs."""
        return self.epochs * len(range(self.place.rank, self.rows, self.place.world))

    def __iter__(self) -> Iterator[Row]:
        loader, worker = self._opened(), get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker is not None else (0, 1)
        for first in range(number, len(self), workers * BLOCK):
            turns = np.arange(first, min(first + workers * BLOCK, len(self)), workers)
            for row in loader.rows_at(self._positions(turns)).tolist():
                batch = loader.load(np.array([row]))
                yield {name: torch.from_numpy(getattr(batch, name)[0].astype(np.int64)) for name in FIELDS}

    def _positions(self, turns: np.ndarray) -> np.ndarray:
        """Where in the endless sequence of epochs the rows stand that are this rank's first, second, …"""
        epochs, places = np.divmod(turns, max(1, len(self) // max(1, self.epochs)))
        positions: np.ndarray = epochs * sum(self._shard_rows) + self.place.rank + places * self.place.world
        return positions

    def _opened(self) -> Loader:
        """In a worker process a loader of its own: maps are not sent."""
        if self._loader is None:
            self._loader = open_loader(self._root, self._settings, self._split, self._shard_rows, self._fingerprint)
        return self._loader

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_loader": None, "_held": None}
