"""What an experiment is about: what is trained on, what is to be forgotten, and how forgetting shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from jobs.runs.audit.prompts import encode
from jobs.runs.audit.questions import Measure
from jobs.runs.experiments.corpus import Document
from model.network.transformer import Transformer
from model.texts import Text
from tokenizer.bpe.encode import Encoder

REFUSALS = ("I do not know.", "That is unknown to me.", "I cannot say.")


BITS = Measure("bits per byte", "of held-out text; lower is better", 0.1)


class Measured(NamedTuple):
    """Values by the names of the task's measures, and truth ratios of the forgotten questions where it has questions."""

    values: dict[str, float]
    truth_ratios: list[float]


@dataclass(frozen=True)
class Task:
    """One experiment's material. `bits_per_byte` is measured for every task, beside its own."""

    train: list[Document]
    held_out: list[Document]
    forget: frozenset[str]  # doc_ids
    texts: Callable[[Encoder], list[Text]]  # to forget
    measure: Callable[[Transformer, Encoder], Measured]
    measures: dict[str, Measure]
    left: str  # measure of what is still known; high before, low in oracles
    utility: str  # measure of what should stay
    refusals: tuple[str, ...] = field(default=REFUSALS)

    def encoded_refusals(self, encoder: Encoder) -> list[np.ndarray]:
        return [encode(encoder, f" {refusal}") for refusal in self.refusals]
