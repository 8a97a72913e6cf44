"""What an experiment is about: what is trained on, what is to be forgotten, and how forgetting shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from jobs.runs.experiments.corpus import Document
from model.texts import Text
from model.transformer import Transformer
from tokenizer.encode import Encoder

REFUSALS = ("I do not know.", "That is unknown to me.", "I cannot say.")


class Measure(NamedTuple):
    """A column of the results. A method equals oracles where all measures with a margin lie within it."""

    title: str
    definition: str
    margin: float | None = None


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
    forget: frozenset[str]                                # doc_ids
    texts: Callable[[Encoder], list[Text]]                # to forget
    measure: Callable[[Transformer, Encoder], Measured]
    measures: dict[str, Measure]
    left: str                                             # measure of what is still known; high before, low in oracles
    utility: str                                          # measure of what should stay
    refusals: tuple[str, ...] = field(default=REFUSALS)

    def encoded_refusals(self, encoder: Encoder) -> list[np.ndarray]:
        return [encode(encoder, f" {refusal}") for refusal in self.refusals]


def encode(encoder: Encoder, text: str) -> np.ndarray:
    return np.asarray(encoder.encode(pa.array([text])).ids).astype(np.int32)


def prompted(encoder: Encoder, prompt: str, rest: str) -> Text:
    """`<|endoftext|>`, the prompt, which is given, and the rest, which is scored."""
    given, scored = encode(encoder, prompt), encode(encoder, rest)
    tokens = np.concatenate([[encoder.vocabulary.end_of_text], given, scored]).astype(np.int32)
    return Text(tokens, 1 + len(given))
