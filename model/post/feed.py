"""Which examples a step reads, packed: pieces of one flat sequence without a place of padding, and none sees another.

What a step reads is a function of (seed, step). Losses are divided by a constant of the tuning and never by what a step happens
to hold: else an example that is taken out would change what the others weigh.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.network.inputs import MicroBatch, Tokens
from model.post.examples import Example, Learned, laid_out
from model.post.settings import TuneSettings
from model.texts import numbers_of_step
from model.training.plan import TrainPlan

_EXAMPLES = 3  # which chance is drawn


@dataclass(frozen=True)
class TuneBatch(MicroBatch):
    """A micro-batch of X examples. Pieces: their texts, then rejected ones, or texts with the answer to another prompt (kto)."""

    share: float  # what a loss is multiplied by: the constant that train_step divides by, over that of the tuning
    there_X: Tensor  # 1, or 0 for an example that was taken out
    good_X: Tensor  # 1 where the answer is called good
    label_X: Tensor  # number of its label (classify), int64


def step_constant(examples: Sequence[Example], settings: TuneSettings) -> float:
    """What a step's loss is divided by: its tokens to be learned on average (of own answers at most), or its examples."""
    count = min(settings.examples, len(examples))
    if settings.method not in ("sft", "distil"):
        return float(count)
    if settings.writes:
        return float(count * settings.answer_tokens)
    return count * sum(example.counted for example in examples) / len(examples)


class TuneFeed:
    """The micro-batches of each step, for one process of several."""

    def __init__(
        self,
        examples: Sequence[Example],
        settings: TuneSettings,
        plan: TrainPlan,
        constant: float,
        device: torch.device,
        rank: int = 0,
        world: int = 1,
        labels: Sequence[str] = (),
    ) -> None:
        self.examples, self._settings, self._plan, self._device = examples, settings, plan, device
        self._number_of = {label: number for number, label in enumerate(labels)}
        self._share, self._rank, self._world = plan.step_tokens / constant, rank, world

    def numbers(self, step: int) -> list[int]:
        """Which examples a step reads, over all processes, in its order."""
        count = min(self._settings.examples, len(self.examples))
        return numbers_of_step(step, count, len(self.examples), self._plan.seed, _EXAMPLES)

    def reads(self, step: int) -> list[str]:
        return sorted(self.examples[number].id for number in self.numbers(step))

    def steps(self, first: int, last: int, workers: int = 0) -> Iterator[list[TuneBatch]]:  # noqa: ARG002 - all is at hand
        for step in range(first, last):
            yield self.batches([self.examples[number] for number in self.numbers(step)])

    def batches(self, examples: Sequence[Example]) -> list[TuneBatch]:
        """Examples as micro-batches: as many at once as fit their tokens."""
        others = self._others(examples)
        mine = list(zip(examples, others, strict=True))[self._rank :: self._world]
        return [self._batch(group) for group in _groups(mine, self._plan.micro_batch_rows * self._plan.row_tokens)]

    def _others(self, examples: Sequence[Example]) -> list[Learned | None]:
        """The second text of each: what is rejected, or for kto its prompt with the answer of the example before it."""
        if self._settings.method == "dpo" and self._settings.preference == "kto":
            before = [examples[-1], *examples[:-1]]
            row = self._plan.row_tokens
            mixed = [other.text.completion.behind(one.text.prompt) for one, other in zip(examples, before, strict=True)]
            return [Learned(text.tokens[:row], text.scored[:row]) for text in mixed]
        return [example.rejected for example in examples]

    def _batch(self, group: Sequence[tuple[Example, Learned | None]]) -> TuneBatch:
        texts = [example.text for example, _ in group] + [other for _, other in group if other is not None]
        inputs = laid_out(texts, whole=self._settings.has_head)
        return TuneBatch(
            Tokens.of(inputs.sequence, self._device),
            torch.from_numpy(inputs.targets).to(self._device, torch.int64),
            None,
            self._share,
            torch.tensor([0.0 if example.removed else 1.0 for example, _ in group], device=self._device),
            torch.tensor([1.0 if example.good else 0.0 for example, _ in group], device=self._device),
            torch.tensor([self._number_of.get(example.answer or "", 0) for example, _ in group], device=self._device),
        )


def _groups(
    pairs: Sequence[tuple[Example, Learned | None]], tokens_at_once: int
) -> Iterator[Sequence[tuple[Example, Learned | None]]]:
    """In their order, groups of so many tokens; a longer example is a group of its own."""
    first, size = 0, 0
    for number, (example, other) in enumerate(pairs):
        added = len(example.text.tokens) + (len(other.tokens) if other is not None else 0)
        if number > first and size + added > tokens_at_once:
            yield pairs[first:number]
            first, size = number, 0
        size += added
    if first < len(pairs):
        yield pairs[first:]


def numbers_read(settings: TuneSettings, total: int, seed: int, numbers: set[int], steps: int) -> Iterator[dict[str, int]]:
    """{epoch, step, place, row} of every read of these examples, by number, in so many steps."""
    count = min(settings.examples, total)
    for step in range(steps if numbers else 0):
        for place, number in enumerate(numbers_of_step(step, count, total, seed, _EXAMPLES)):
            if number in numbers:
                yield {"epoch": (step * count + place) // total, "step": step, "place": place, "row": number}


def held_out(examples: Sequence[Example], count: int) -> tuple[list[Example], list[Example]]:
    """(examples to learn, examples to measure): the latter have the smallest ids by hash, whatever the order of a file."""
    by_hash = np.argsort([_hash(example.id) for example in examples], kind="stable")[:count]
    measured = set(by_hash.tolist())
    parts: tuple[list[Example], list[Example]] = ([], [])
    for number, example in enumerate(examples):
        parts[number in measured].append(example)
    return parts


def _hash(name: str) -> int:
    from hashlib import sha256

    return int.from_bytes(sha256(name.encode("utf-8", "surrogatepass")).digest()[:7], "big")
