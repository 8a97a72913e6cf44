"""A language model of our own kind: n-grams of letters that speak for languages, and how sure their answer is.

One file of plain arrays (numpy's .npz, nothing pickled). Its labels are languages, or language_Script where one is written in
two; labels that are not `taught` stand for languages it has met and does not claim to know, and for letters that are no language
at all: where one of those is best, the answer is "none of ours". pipeline/teach/languages makes it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.arrays import FlatText
from pipeline.kernels.language.votes import FIRST_BITS, LABEL_BITS, REST_BITS, REST_MASK, probabilities, votes

NONE = -1


class Answers(NamedTuple):
    """A label's number for each sample, NONE where it is none of ours; and how likely it is right."""

    labels: np.ndarray  # int32 [samples]
    confidence: np.ndarray  # float32 [samples]


class Table(NamedTuple):
    """Entry e of a key says weights[e] for labels[e], starts[row] <= e < starts[row + 1]; keys ascend."""

    keys: np.ndarray  # uint32 [n-grams]
    starts: np.ndarray  # int32 [n-grams + 1]
    labels: np.ndarray  # uint16 [entries]
    weights: np.ndarray  # int8 [entries]
    step: float  # what a weight of 1 is worth
    bias: np.ndarray  # float64 [labels]


class Certainty(NamedTuple):
    """What makes a probability of an answer (kernels/language/votes.py)."""

    typical: np.ndarray  # float64 [labels]: share of a text's n-grams that the table has for its label
    offset: np.ndarray  # float64 [labels]
    slopes: np.ndarray  # float64 [CUES]


class Parts(NamedTuple):
    """Samples of letters, and which of them make a page: bounds[page] to bounds[page + 1], those that `counts`."""

    samples: FlatText
    bounds: np.ndarray  # int64 [pages + 1]
    counts: np.ndarray  # bool [samples]


class Votes(NamedTuple):
    """What the table says of samples, and behind them of pages (kernels/language/votes.py)."""

    best: np.ndarray  # int32: a label, -1 for none
    margin: np.ndarray  # float64: ahead of the best other language
    clear: np.ndarray  # float64: ahead of the best that is no kin
    found: np.ndarray  # int64: n-grams that speak for or against it
    seen: np.ndarray  # int64: n-grams
    agree: np.ndarray  # int64: n-grams of parts that say the same by themselves
    parts: np.ndarray  # int64


@dataclass(frozen=True)
class LanguageModel:
    """Tables in memory; `names` are labels as they are written, in the order of their numbers."""

    names: tuple[str, ...]
    taught: np.ndarray  # bool [labels]
    table: Table
    certainty: Certainty
    first: np.ndarray  # int32 [2 ** FIRST_BITS + 1]: where n-grams with given first bits begin in `said`
    said: np.ndarray  # int32 [n-grams + entries]: the table as the kernel reads it (kernels/language/votes.py)
    language: np.ndarray  # int32 [labels]: equal for the scripts of one language
    kin: np.ndarray  # int64 [labels]: close languages share a bit

    def votes(self, parts: Parts) -> Votes:
        table = self.table
        return Votes(
            *votes(
                *parts.samples, parts.bounds, parts.counts, self.first, self.said, table.bias, self.language, self.kin,
                table.step,
            )
        )  # fmt: skip

    def answer(self, parts: Parts) -> tuple[Answers, Answers]:
        """What each sample is written in, and what each page is."""
        found = self.votes(parts)
        likely = probabilities(*found, *self.certainty).astype(np.float32)
        named = (found.best >= 0) & self.taught[found.best]
        labels, confidence = np.where(named, found.best, NONE).astype(np.int32), np.where(named, likely, np.float32(0))
        samples = len(parts.counts)
        return Answers(labels[:samples], confidence[:samples]), Answers(labels[samples:], confidence[samples:])


def alone(samples: FlatText) -> Parts:
    """Each sample a page of its own."""
    count = len(samples.offsets) - 1
    return Parts(samples, np.arange(count + 1), np.ones(count, bool))


def assemble(names: tuple[str, ...], taught: np.ndarray, table: Table, certainty: Certainty, kin: np.ndarray) -> LanguageModel:
    """A model of its parts."""
    languages = sorted({name.split("_")[0] for name in names})
    language = np.array([languages.index(name.split("_")[0]) for name in names], np.int32)
    index = index_of(table.keys)
    return LanguageModel(names, taught, table, certainty, index + table.starts[index], _said(table), language, kin)


def _said(table: Table) -> np.ndarray:
    """Each n-gram before its entries."""
    counts = np.diff(table.starts)
    said = np.empty(len(table.keys) + len(table.labels), np.int32)
    heads = table.starts[:-1] + np.arange(len(table.keys))
    said[heads] = (table.keys & REST_MASK).astype(np.int32) | (counts << REST_BITS)
    behind = np.arange(len(table.labels)) + np.repeat(np.arange(1, len(table.keys) + 1), counts)
    said[behind] = table.labels.astype(np.int32) | (table.weights.astype(np.int32) << LABEL_BITS)
    return said


def index_of(keys: np.ndarray) -> np.ndarray:
    """int32 [2 ** FIRST_BITS + 1]: where the keys with given first bits begin."""
    return np.searchsorted(keys, np.arange((1 << FIRST_BITS) + 1) << REST_BITS).astype(np.int32)


def write_model(model: LanguageModel, file: Path) -> None:
    """Keys as differences, labels as two bytes apart: half of what the arrays take, once deflated."""
    table, certainty = model.table, model.certainty
    steps = np.diff(table.keys.astype(np.int64), prepend=0)
    np.savez_compressed(
        file, names=np.array(model.names), taught=model.taught, key_steps=steps.astype(np.min_scalar_type(steps.max())),
        entries=np.diff(table.starts).astype(np.uint16), labels_low=(table.labels & 255).astype(np.uint8),
        labels_high=(table.labels >> 8).astype(np.uint8), weights=table.weights, step=np.float64(table.step), bias=table.bias,
        typical=certainty.typical, offset=certainty.offset, slopes=certainty.slopes, kin=model.kin,
    )  # fmt: skip


def read_model(file: Path) -> LanguageModel:
    """The model of a file that write_model wrote."""
    with np.load(file, allow_pickle=False) as told:
        keys = np.cumsum(told["key_steps"], dtype=np.uint32)
        starts = np.concatenate([np.zeros(1, np.int32), np.cumsum(told["entries"], dtype=np.int32)])
        labels = told["labels_low"].astype(np.uint16) | (told["labels_high"].astype(np.uint16) << np.uint16(8))
        table = Table(keys, starts, labels, told["weights"], float(told["step"]), told["bias"])
        certainty = Certainty(told["typical"], told["offset"], told["slopes"])
        return assemble(tuple(told["names"].tolist()), told["taught"], table, certainty, told["kin"])
