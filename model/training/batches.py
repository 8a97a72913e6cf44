"""From the loader's rows to tensors on the model's device, made ahead of time in threads.

What a step reads is a function of its number, so the number of threads changes nothing but the waiting.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import torch

from model.network.inputs import MicroBatch
from model.network.sequences import Inputs
from model.training.objectives import Draw, Objective
from model.training.plan import TrainPlan
from tokenizer.shards.loader import Loader
from tokenizer.shards.mixture import Mixture


class ShardFeed:
    """The micro-batches of each step, for one process of several."""

    def __init__(
        self, loader: Loader | Mixture, objective: Objective, plan: TrainPlan, device: torch.device, rank: int = 0, world: int = 1
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

    def reads(self, step: int) -> list[str]:
        """doc_ids that all processes read in a step, sorted."""
        return sorted({span.doc_id for row in self._loader.rows_of_step(step).tolist() for span in self._loader.spans(row)})
