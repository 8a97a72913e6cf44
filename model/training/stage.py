"""A stage of training: what is read, and what is asked of it. Pre-training, tuning and unlearning differ in nothing else."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from torch import Tensor

from model.network.inputs import MicroBatch, Model

M = TypeVar("M", bound=Model)


class Feed(Protocol):
    """The micro-batches of each step, and the names of what it reads, which lead from a step back to its texts."""

    def steps(self, first: int, last: int, workers: int = 0) -> Iterator[Sequence[MicroBatch]]:
        """Steps first … last - 1, for this process; a function of their numbers (and of the model, where that writes them)."""
        ...

    def reads(self, step: int) -> list[str]:
        """doc_ids, or ids of examples, that all processes read in a step; sorted."""
        ...


class LossSum(NamedTuple):
    """`objective` is what gradients are taken of, `nats` the plain cross-entropy that is reported; both sums over tokens."""

    objective: Tensor
    nats: Tensor
    tokens: Tensor  # that had a target
    measured: Tensor | None = None  # [1 + measures of the stage]: how many were measured, then the sum of each measure


Loss = Callable[[M, MicroBatch], LossSum]


class Stage(NamedTuple, Generic[M]):
    """What a training is made of, beside its plan. `measures` name what the loss measures on the way, means in a report."""

    feed: Feed
    loss: Loss[M]
    measures: tuple[str, ...] = ()
