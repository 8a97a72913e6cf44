"""Makes a model of quality (score.py) from pages that were judged good or bad.

An additive logistic model: each measure has a step function that is held smooth, each word a weight that is held small, for there
are few judged pages and many words. It is solved in as many unknowns as there are pages, by iterated least squares. The scale of
its probabilities comes from pages that were held out, a fifth at a time.
"""

import base64
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.errors import UsageError
from pipeline.quality.measures import C4_LINES, LineRules, measure
from pipeline.quality.score import FORMAT, LOGIT_POINTS, WORDS
from pipeline.settings import check_settings, setting

MEASURED = (
    "word_count", "mean_word_chars", "alphabetic_word_share", "stop_word_count", "stop_word_share", "capital_share",
    "digit_share", "mean_line_chars", "hashes_per_word", "ellipses_per_word", "bullet_line_share", "ellipsis_line_share",
    "repeated_line_share", "repeated_line_char_share", "top_2_gram_char_share", "top_4_gram_char_share",
    "duplicate_5_gram_char_share", "duplicate_10_gram_char_share", "kept_sentence_count", "terminal_line_share",
    "short_line_share", "repeated_char_share", "newlines_per_word",
)  # fmt: skip
TABLE_STEPS, TABLE_REACH = 2048, 8.0  # logits either way
FEWEST = 20  # pages of a side
_WORD_SCALE = 30.0  # a share of one in thirty weighs as an interval does


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a model of quality is held back from learning its pages by heart."""

    intervals: int = setting(10, "intervals of a measure", minimum=2, maximum=64)
    smoothness: float = setting(30.0, "weight of the bends of a step function", above=0)
    shrinkage: float = setting(3.0, "weight of its height", above=0)
    word_shrinkage: float = setting(6.0, "weight of a word's points", above=0)
    word_bits: int = setting(13, "words share 2 ** word_bits places", minimum=4, maximum=16)
    folds: int = setting(5, "parts of which each is held out in turn", minimum=2, maximum=50)

    def __post_init__(self) -> None:
        check_settings(self)


class Judged(NamedTuple):
    """Pages as the model sees them."""

    measures: pa.RecordBatch
    words: np.ndarray  # float32 [pages, 2 ** bits]: the share of each place among a page's words, times _WORD_SCALE
    common: np.ndarray  # float64 [pages, pages]: what two pages have of their words in common
    good: np.ndarray  # float64 [pages]: 1 or 0
    weights: np.ndarray  # float64 [pages]
    trusted: np.ndarray  # bool [pages]: whether its label calibrates
    fold: np.ndarray  # int64 [pages]: pages of one text or source are in one fold


class Curves(NamedTuple):
    """What is solved for."""

    edges: list[np.ndarray]
    steps: list[np.ndarray]  # float64 [intervals + 1], the last for null
    words: np.ndarray
    base: float


def judged(
    texts: list[str], languages: list[str], good: np.ndarray, settings: FitSettings, *,
    weights: np.ndarray | None = None, trusted: np.ndarray | None = None, fold: np.ndarray | None = None,
    lines: LineRules = C4_LINES,
) -> Judged:  # fmt: skip
    """Measures of pages; each weighs 1 and calibrates, and is in a fold by its place, where nothing else is said."""
    from pipeline.kernels.characters import character_table
    from pipeline.kernels.quality.words import tokenise
    from pipeline.kernels.scores.word_points import SPREAD

    text = pa.array(texts, pa.string())
    tokens = tokenise(*flatten(text), character_table())
    places = ((tokens.hashes * SPREAD) >> np.uint64(64 - settings.word_bits)).astype(np.int64)
    words = np.zeros((len(texts), 1 << settings.word_bits), np.float32)
    rows = np.repeat(np.arange(len(texts)), np.diff(tokens.offsets))
    np.add.at(words, (rows, places), 1)
    words *= _WORD_SCALE / np.maximum(np.diff(tokens.offsets), 1)[:, None]
    count = len(texts)
    return Judged(
        measure(text, pa.array(languages, pa.string()), lines),
        words,
        (words @ words.T).astype(np.float64),
        good.astype(np.float64),
        np.ones(count) if weights is None else weights,
        np.ones(count, bool) if trusted is None else trusted,
        np.arange(count) % settings.folds if fold is None else fold,
    )


def fit(pages: Judged, settings: FitSettings, languages: list[str]) -> dict[str, Any]:
    """The model as JSON values; `languages` are those whose words it knows. Raises UsageError where a side has too few pages."""
    for side, name in ((1, "good"), (0, "bad")):
        if (found := int(np.sum(pages.good[pages.trusted] == side))) < FEWEST:
            raise UsageError(f"a model needs {FEWEST} different {name} pages, there are {found}; give more")
    slope, shift = _calibration(held_out(pages, settings), pages)
    curves = _solve(pages, np.ones(len(pages.good), bool), settings)
    table = 1 / (1 + np.exp(-(slope * np.linspace(-TABLE_REACH, TABLE_REACH, TABLE_STEPS) + shift)))
    return {
        "format": FORMAT,
        "base": round(LOGIT_POINTS * curves.base),
        "measures": {
            name: {
                "edges": [float(edge) for edge in edges],
                "points": [round(LOGIT_POINTS * float(step)) for step in steps[:-1]],
                "null": round(LOGIT_POINTS * float(steps[-1])),
            }
            for name, edges, steps in zip(MEASURED, curves.edges, curves.steps, strict=True)
        },
        "word_bits": settings.word_bits,
        WORDS: base64.b64encode(np.round(LOGIT_POINTS * _WORD_SCALE * curves.words).astype("<i4").tobytes()).decode(),
        "languages": languages,
        "table": [round(float(value), 4) for value in table],
        "low": round(-LOGIT_POINTS * TABLE_REACH),
        "step": max(1, round(2 * LOGIT_POINTS * TABLE_REACH / TABLE_STEPS)),
    }


def held_out_scores(pages: Judged, settings: FitSettings) -> np.ndarray:
    """float64 [pages]: as `held_out`, calibrated."""
    logits = held_out(pages, settings)
    slope, shift = _calibration(logits, pages)
    return np.asarray(1 / (1 + np.exp(-(slope * logits + shift))))


def held_out(pages: Judged, settings: FitSettings) -> np.ndarray:
    """float64 [pages]: the logit of each page by a model that saw none of its fold."""
    logits = np.zeros(len(pages.good))
    for fold in np.unique(pages.fold[pages.trusted]):
        out = pages.fold == fold
        logits[out] = _logits(_solve(pages, ~out, settings), pages, out)
    return logits


def _columns(measures: pa.RecordBatch, name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in measures.column(name).to_pylist()], np.float32)


def _intervals(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, np.nan_to_num(values), side="right"))


def _solve(pages: Judged, rows: np.ndarray, settings: FitSettings) -> Curves:
    """Iterated least squares in the space of pages: logits = base + K a, where K holds what two pages have in common."""
    edges, placed, kernels, blocks = [], [], [], []
    for name in MEASURED:
        values = _columns(pages.measures, name)
        inner = values[rows & pages.trusted]
        quantiles = np.nanquantile(inner, np.linspace(0, 1, settings.intervals + 1)[1:-1]) if np.isfinite(inner).any() else []
        edges.append(np.unique(np.asarray(quantiles, np.float32)))
        where = _intervals(values, edges[-1])[rows]
        covariance = np.linalg.inv(_penalty(len(edges[-1]) + 2, settings))
        placed.append(where)
        blocks.append(covariance)
        kernels.append(covariance[np.ix_(where, where)])
    shared = sum(kernels) + pages.common[np.ix_(rows, rows)] / settings.word_shrinkage
    dual, base = _iterate(shared, pages.good[rows], pages.weights[rows])
    steps = [
        covariance @ np.bincount(where, weights=dual, minlength=len(covariance))
        for covariance, where in zip(blocks, placed, strict=True)
    ]
    return Curves(edges, steps, (pages.words[rows].T @ dual) / settings.word_shrinkage, base)


def _penalty(columns: int, settings: FitSettings) -> np.ndarray:
    """Bends of the steps and their height; the last column, for null, has no neighbour."""
    bends = np.diff(np.eye(columns - 1), 2, axis=0) if columns > 3 else np.zeros((1, columns - 1))
    penalty = settings.shrinkage * np.eye(columns)
    penalty[:-1, :-1] += settings.smoothness * bends.T @ bends
    return penalty


def _iterate(shared: np.ndarray, good: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """(what each page adds, the base)."""
    dual, base = np.zeros(len(good)), 0.0
    for _ in range(12):
        logits = shared @ dual + base
        chance = 1 / (1 + np.exp(-np.clip(logits, -20, 20)))
        slope = np.maximum(weights * chance * (1 - chance), 1e-6)
        target = logits + weights * (good - chance) / slope
        system = np.zeros((len(good) + 1, len(good) + 1))
        system[:-1, :-1] = shared + np.diag(1 / slope)
        system[:-1, -1] = system[-1, :-1] = 1
        solved = np.linalg.solve(system, np.append(target, 0.0))
        moved = np.abs(solved[:-1] - dual).max()
        dual, base = solved[:-1], float(solved[-1])
        if moved < 1e-6:
            break
    return dual, base


def _logits(curves: Curves, pages: Judged, rows: np.ndarray) -> np.ndarray:
    logits = curves.base + pages.words[rows] @ curves.words
    for name, edges, steps in zip(MEASURED, curves.edges, curves.steps, strict=True):
        logits = logits + steps[_intervals(_columns(pages.measures, name)[rows], edges)]
    return np.asarray(logits)


def _calibration(logits: np.ndarray, pages: Judged) -> tuple[float, float]:
    """Slope and shift that make the logits of held-out pages chances (Platt 1999)."""
    known, good = logits[pages.trusted], pages.good[pages.trusted]
    slope, shift = 1.0, 0.0
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(slope * known + shift)))
        spread = np.maximum(chance * (1 - chance), 1e-6)
        gradient = np.array([(chance - good) @ known + 1e-3 * (slope - 1), (chance - good).sum()])
        cross = spread @ known
        hessian = np.array([[spread @ known**2 + 1e-3, cross], [cross, spread.sum() + 1e-9]])
        slope, shift = np.array([slope, shift]) - np.linalg.solve(hessian, gradient)
    return max(float(slope), 0.01), float(shift)
