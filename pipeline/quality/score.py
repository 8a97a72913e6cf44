"""How likely a careful reader keeps a page: a small additive model over the measures and the words of a text.

Every part of a score is a whole number of points, so that a sum is the same in any order and on any processor, and a page's score
can be told by its parts: each measure gives the points of the interval its value lies in, the words give the mean of their own.
A table turns points into a probability. Models are JSON, a few dozen kB; pipeline/quality/fit.py makes them.
"""

import base64
import binascii
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import RecipeError
from pipeline.settings import setting
from pipeline.shipped import shipped
from pipeline.tables import MEASURES, SHARE

FORMAT = "winnow-quality-1"
MOST_BYTES = 1 << 20  # of a model
LOGIT_POINTS = 10_000  # of a logit
MOST_POINTS = 1 << 20  # of an interval or a word, either way
MOST_WORD_BITS = 16
LISTED = ("stop_word_count", "stop_word_share")  # measures that another list of words in each language decides
WORDS = "words"  # the part of a score that its words give
SHIPPED = shipped("pipeline/models/quality.json")


@dataclass(frozen=True, kw_only=True)
class QualitySettings:
    """The score that every page gets as it is read; rules bound it, and it may overrule others."""

    model: str = setting(
        "default",
        "a model's file, or default, or none; `winnow quality train` makes one",
        "pipeline/models/quality.md",
        content="model",
    )


@dataclass(frozen=True)
class Steps:
    """The points of one measure: those of each interval between rising edges, and of a null."""

    edges: np.ndarray  # float32 [edges], rising; a value at an edge lies above it
    points: np.ndarray  # int64 [edges + 1]
    null: int

    def of(self, values: pa.Array) -> np.ndarray:
        """int64 [rows]."""
        known = pc.fill_null(values, 0).cast(pa.float32()).to_numpy(zero_copy_only=False)
        found = self.points[np.searchsorted(self.edges, known, side="right")]
        return np.asarray(np.where(pc.is_null(values).to_numpy(zero_copy_only=False), self.null, found))


@dataclass(frozen=True)
class QualityModel:
    """Points to add up, and what their sum is worth."""

    base: int
    measures: Mapping[str, Steps]
    words: np.ndarray  # int64 [2 ** bits]: points of a word, by the first bits of its hash
    languages: frozenset[str]  # whose words it knows; `words`, and measures that lists of words decide, say nothing of others
    table: np.ndarray  # float32 [steps]: the score of each interval of points
    low: int  # points where the second interval begins
    step: int  # points an interval spans

    def parts(
        self, measures: Mapping[str, pa.Array], language: pa.Array, offsets: np.ndarray, hashes: np.ndarray
    ) -> dict[str, Any]:
        """int64 [rows] by part: the points of each measure and of the words."""
        is_known = pc.fill_null(pc.is_in(language, pa.array(sorted(self.languages), pa.string())), False)
        known = is_known.cast(pa.int64()).to_numpy(zero_copy_only=False)
        found = {name: steps.of(measures[name]) * (known if name in LISTED else 1) for name, steps in self.measures.items()}
        return found | {WORDS: self._of_words(offsets, hashes) * known}

    def scores(self, measures: Mapping[str, pa.Array], language: pa.Array, offsets: np.ndarray, hashes: np.ndarray) -> pa.Array:
        """float32 [rows], 0 to 1, of texts whose words have `hashes` uint64 [words], cut at `offsets` int64 [rows + 1]."""
        total = self.base + sum(self.parts(measures, language, offsets, hashes).values(), np.zeros(len(offsets) - 1, np.int64))
        return pa.array(self.table[np.clip((total - self.low) // self.step, 0, len(self.table) - 1)], SHARE)

    def _of_words(self, offsets: np.ndarray, hashes: np.ndarray) -> np.ndarray:
        """The mean of the points of all words and marks, rounded down; 0 of none."""
        from pipeline.kernels.scores.word_points import sum_points

        sums, counts = sum_points(offsets, hashes, self.words), np.diff(offsets)
        return np.asarray(sums // np.maximum(counts, 1))


def read_model(raw: bytes, name: str) -> QualityModel:
    """A model from its JSON. Raises RecipeError where it is none, or holds what no model may."""
    try:
        if len(raw) > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
        told = json.loads(raw)
        if told["format"] != FORMAT:
            raise ValueError(f"its format is {str(told['format'])[:40]!r}, not {FORMAT!r}")
        words = np.frombuffer(base64.b64decode(told["words"], validate=True), "<i4").astype(np.int64)
        table = np.array(told["table"], np.float32)
        _refuse_unless(
            len(words) == 1 << int(told["word_bits"]) and told["word_bits"] <= MOST_WORD_BITS, "words are not 2 ** word_bits"
        )
        _refuse_unless(np.abs(words).max() <= MOST_POINTS, "points of words are too large")
        _refuse_unless(0 < len(table) <= 1 << 14 and bool(((table >= 0) & (table <= 1)).all()), "its table is none of scores")
        _refuse_unless(0 < int(told["step"]) <= MOST_POINTS, "a step has to be above 0")
        _refuse_unless(max(abs(int(told["base"])), abs(int(told["low"]))) <= MOST_POINTS, "its base or low is too large")
        measures = {name: _steps(name, one) for name, one in told["measures"].items()}
        return QualityModel(
            int(told["base"]), measures, words, frozenset(map(str, told["languages"])), table, int(told["low"]), int(told["step"])
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error) as error:
        raise RecipeError(f"quality.model: {name} is no model of winnow ({error}); `winnow quality train` makes one") from error


def _steps(name: str, told: Mapping[str, Any]) -> Steps:
    edges, points = np.array(told["edges"], np.float32), np.array(told["points"], np.int64)
    _refuse_unless(name in MEASURES and name != "quality", f"{name[:40]!r} is no measure")
    _refuse_unless(edges.ndim == points.ndim == 1 and len(points) == len(edges) + 1, f"{name} needs points for every interval")
    _refuse_unless(bool(np.isfinite(edges).all() and (np.diff(edges) > 0).all()), f"the edges of {name} do not rise")
    _refuse_unless(max(int(np.abs(points).max()), abs(int(told["null"]))) <= MOST_POINTS, f"points of {name} are too large")
    return Steps(edges, points, int(told["null"]))


def _refuse_unless(holds: bool, why: str) -> None:
    if not holds:
        raise ValueError(why)


@functools.cache
def shipped_model() -> QualityModel:
    """The model that `default` names."""
    return read_model(SHIPPED.read_bytes(), "the shipped model")
