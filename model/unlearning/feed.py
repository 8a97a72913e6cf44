"""Texts to forget and rows to keep, as micro-batches that know which they are and how many make up their step.

What a step reads is a function of (seed, step). Texts never see each other: each is a piece of its own, as in training.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from model.network.inputs import MicroBatch, Tokens
from model.network.sequences import Inputs
from model.texts import Text, chance, laid_out, numbers_of_step
from model.training.objectives import Draw, next_token
from model.training.plan import TrainPlan
from model.unlearning.settings import UnlearningSettings
from pipeline.errors import UsageError
from tokenizer.shards.loader import Loader

FORGET, RETAIN = "forget", "retain"
_TEXTS, _ROWS, _REFUSALS = range(3)  # which chance is drawn


class Pair(NamedTuple):
    """What is forgotten, and what is to be said instead where the method has that."""

    text: Text
    refusal: Text | None = None


@dataclass(frozen=True)
class RoleBatch(MicroBatch):
    """A micro-batch of one role. `texts` and `scored` are counts of its whole step, so that means are over steps."""

    role: str
    texts: int
    scored: int  # tokens with a target
    places: int  # plan.step_tokens, by which train_step divides every loss
    refusals: int = 0  # the last so many pieces are refusals, in the order of the texts before them


@dataclass(frozen=True)
class Retained:
    """Rows of the train split that may be read to keep what the model knows."""

    loader: Loader
    rows: np.ndarray  # int64

    @classmethod
    def without(cls, loader: Loader, doc_ids: Sequence[str]) -> "Retained":
        """All rows that hold no piece of these documents."""
        rows = np.setdiff1d(np.arange(loader.rows), loader.rows_of(doc_ids))
        if not len(rows):
            raise UsageError("every row holds a document that is to be forgotten: nothing is left to keep the model by")
        return cls(loader, rows)

    def drawn(self, seed: int, step: int, count: int) -> np.ndarray:
        """Different rows where there are enough of them."""
        return self.rows[chance(seed, _ROWS, step).choice(len(self.rows), count, replace=count > len(self.rows))]


def with_refusals(texts: Sequence[Text], refusals: Sequence[np.ndarray], seed: int, row_tokens: int) -> list[Pair]:
    """Each text beside a refusal of its prompt; one without (a page) is refused after half of it, 16 tokens at most."""
    chosen = chance(seed, _REFUSALS, 0).integers(len(refusals), size=len(texts)).tolist()
    pairs = []
    for text, choice in zip(texts, chosen, strict=True):
        refusal = np.asarray(refusals[choice], np.int32)
        prompt = text.prompt if text.prompt > 1 else min(16, max(1, len(text.tokens) // 2))
        prompt = min(prompt, row_tokens - len(refusal))
        if prompt < 1 or not len(refusal):
            raise UsageError(f"a refusal has {len(refusal)} tokens and a row {row_tokens}: give a shorter one, and none empty")
        pairs.append(Pair(Text(text.tokens, prompt), Text(np.concatenate([text.tokens[:prompt], refusal]), prompt)))
    return pairs


class UnlearningFeed:
    """The micro-batches of each step: those to forget, then those to keep."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        retain: Retained | None,  # None where the method keeps nothing
        settings: UnlearningSettings,
        plan: TrainPlan,
        device: torch.device,
    ) -> None:
        self._pairs, self._retain, self._settings, self._plan, self._device = pairs, retain, settings, plan, device

    def steps(self, first: int, last: int, workers: int = 0) -> Iterator[list[RoleBatch]]:  # noqa: ARG002 - texts are at hand
        """Steps first … last - 1."""
        for step in range(first, last):
            yield [*self.forgotten(step), *(self.kept(step) if self._settings.keeps else ())]

    def chosen(self, step: int) -> list[int]:
        """Numbers of a step's texts."""
        count = min(self._settings.texts, len(self._pairs))
        return numbers_of_step(step, count, len(self._pairs), self._settings.seed, _TEXTS)

    def reads(self, step: int) -> list[str]:
        """Which texts to forget a step reads, by their numbers; rows to keep are not named."""
        return [f"text {number}" for number in sorted(self.chosen(step))]

    def forgotten(self, step: int) -> list[RoleBatch]:
        pairs = [self._pairs[number] for number in self.chosen(step)]
        scored = sum(pair.text.scored for pair in pairs)
        if self._settings.method == "idk":
            pairs = [Pair(pair.refusal) for pair in pairs if pair.refusal is not None]
            scored = sum(pair.text.scored for pair in pairs)
        return [self._batch(group, len(pairs), scored) for group in self._groups(pairs)]

    def kept(self, step: int) -> list[RoleBatch]:
        assert self._retain is not None
        rows = self._retain.drawn(self._settings.seed, step, self._settings.rows)
        size = self._plan.micro_batch_rows
        loaded = [next_token(self._retain.loader.load(rows[at : at + size]), Draw(0, 0)) for at in range(0, len(rows), size)]
        scored = sum(int((inputs.targets >= 0).sum()) for inputs in loaded)
        return [self._of(inputs, RETAIN, len(rows), scored, 0) for inputs in loaded]

    def _groups(self, pairs: list[Pair]) -> Iterator[list[Pair]]:
        """Pairs that go through the model at once: as many as fit the tokens of a micro-batch."""
        group: list[Pair] = []
        room = self._plan.micro_batch_rows * self._plan.row_tokens
        for pair in pairs:
            size = len(pair.text.tokens) + (len(pair.refusal.tokens) if pair.refusal is not None else 0)
            if group and size > room:
                yield group
                group, room = [], self._plan.micro_batch_rows * self._plan.row_tokens
            group.append(pair)
            room -= size
        yield group

    def _batch(self, pairs: list[Pair], texts: int, scored: int) -> RoleBatch:
        refusals = [pair.refusal for pair in pairs if pair.refusal is not None]
        return self._of(laid_out([*(pair.text for pair in pairs), *refusals]), FORGET, texts, scored, len(refusals))

    def _of(self, inputs: Inputs, role: str, texts: int, scored: int, refusals: int) -> RoleBatch:
        targets = torch.from_numpy(inputs.targets).to(self._device, torch.int64)
        tokens = Tokens.of(inputs.sequence, self._device)
        return RoleBatch(tokens, targets, None, role, texts, scored, self._plan.step_tokens, refusals)
