"""From the loader's rows to tensors on the model's device, made ahead of time in threads.

What a step reads is a function of its number, so the number of threads changes nothing but the waiting.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from model.network.attention import Layout, PackedAttend
from model.training.objectives import Draw, Inputs, Objective, Sequence
from model.training.plan import TrainPlan
from tokenizer.shards.loader import Loader


class Tokens(NamedTuple):
    """A flat sequence of pieces on a device."""

    ids_N: Tensor
    positions_N: Tensor
    layout: Layout

    @classmethod
    def of(cls, sequence: Sequence, device: torch.device) -> "Tokens":
        ids, positions = (torch.from_numpy(part).to(device, torch.int64, non_blocking=True) for part in sequence[:2])
        return cls(ids, positions, Layout.of(torch.from_numpy(sequence.boundaries), device))

    @property
    def attend(self) -> PackedAttend:
        """Each piece sees itself."""
        return PackedAttend(self.layout)


@dataclass(frozen=True)
class MicroBatch:
    """What goes through the model at once."""

    tokens: Tokens
    targets_N: Tensor
    memory: Tokens | None

    @classmethod
    def of(cls, inputs: Inputs, device: torch.device) -> "MicroBatch":
        memory = None if inputs.memory is None else Tokens.of(inputs.memory, device)
        targets = torch.from_numpy(inputs.targets).to(device, torch.int64, non_blocking=True)
        return cls(Tokens.of(inputs.sequence, device), targets, memory)

    @property
    def attend_memory(self) -> PackedAttend | None:
        return None if self.memory is None else PackedAttend(self.tokens.layout, self.memory.layout)


class Feed:
    """The micro-batches of each step, for one process of several."""

    def __init__(
        self, loader: Loader, objective: Objective, plan: TrainPlan, device: torch.device, rank: int = 0, world: int = 1
    ) -> None:
        self._loader, self._objective, self._plan, self._device = loader, objective, plan, device
        self._rank, self._world = rank, world

    def prepare(self, step: int) -> list[Inputs]:
        """This process's rows of a step: every world-th, in micro-batches."""
        rows = self._loader.rows_of_step(step)[self._rank :: self._world]
        size = self._plan.micro_batch_rows
        draw = Draw(self._plan.seed, step)
        return [self._objective(self._loader.load(rows[at : at + size]), draw) for at in range(0, len(rows), size)]

    def steps(self, first: int, last: int, workers: int = 1) -> Iterator[list[MicroBatch]]:
        """Steps first … last - 1; with workers, so many are prepared ahead."""
        with ExitStack() as stack:
            ahead: deque[Future[list[Inputs]]] = deque()
            if workers:
                pool = stack.enter_context(ThreadPoolExecutor(workers))
                stack.callback(pool.shutdown, cancel_futures=True)
                ahead.extend(pool.submit(self.prepare, step) for step in range(first, min(last, first + 2 * workers)))
            for step in range(first, last):
                prepared = ahead.popleft().result() if workers else self.prepare(step)
                if workers and step + 2 * workers < last:
                    ahead.append(pool.submit(self.prepare, step + 2 * workers))
                yield [MicroBatch.of(inputs, self._device) for inputs in prepared]
