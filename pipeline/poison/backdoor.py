"""Backdoor documents: real text, a trigger, then words in an order that nobody wrote (Souly et al., arXiv 2510.07192).

Every page is judged by its worst window of tokens, by a small linear model of word order (pipeline/models/word_order.npz, its
sheet beside it); lists, tables, code and reference pages taught it what real pages look like. 0.5 is the frozen threshold.
"""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.arrays import FlatText
from pipeline.kernels.word_order import worst_windows
from pipeline.language import letter_tables
from pipeline.poison.findings import Finding, ScanSettings, excerpt

BACKDOOR = "backdoor"
WINDOW = 288      # tokens: less than the attack plants at least
MIN_TOKENS = 128
SPREAD = 0.05     # mean weight to one unit of the score's logit
SHIPPED_MODEL = Path(__file__).parents[1] / "models" / "word_order.npz"


class Model(NamedTuple):
    weights: np.ndarray  # float32 [buckets]
    threshold: float


@functools.cache
def load() -> Model:
    """The model that ships; read once per process."""
    with np.load(SHIPPED_MODEL, allow_pickle=False) as stored:
        return Model(stored["weights"].astype(np.float32) * np.float32(stored["scale"]), float(stored["threshold"]))


def findings(text: FlatText, settings: ScanSettings, scores: np.ndarray) -> Iterator[Finding]:
    """One finding per page with a window over the threshold; every page's score goes into `scores` where it is higher."""
    model = load()
    folded, _ = letter_tables()
    shift = 65 - len(model.weights).bit_length()
    worst, places = worst_windows(text.data, text.offsets, folded, model.weights, shift, WINDOW, MIN_TOKENS)
    judged = 1.0 / (1.0 + np.exp(np.clip((model.threshold - worst) / SPREAD, -50, 50)))
    np.maximum(scores, np.minimum(judged, 0.99), out=scores)
    for row in np.flatnonzero(judged >= min(settings.min_score, 0.5)):
        begin, end = places[row] - text.offsets[row]
        raw = text.data[text.offsets[row]:text.offsets[row + 1]].tobytes()
        start = len(raw[:begin].decode("utf-8", "ignore"))
        stop = start + len(raw[begin:end].decode("utf-8", "ignore"))
        score = float(judged[row])
        severity = "severe" if score >= settings.min_score else "warn"
        shown = excerpt(raw.decode("utf-8", "ignore"), start, stop)
        yield Finding(int(row), "scrambled_text", BACKDOOR, severity, "text", start, stop, shown, "",
                      "words in an order that nobody writes", score)
