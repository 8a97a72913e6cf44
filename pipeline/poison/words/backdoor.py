"""Backdoor documents: real text, a trigger, then words in an order that nobody wrote (Souly et al., arXiv 2510.07192).

Every page is judged by its worst window of tokens, by a small linear model of word order (pipeline/models/word_order.npz, its
sheet beside it); lists, tables, code and reference pages taught it what real pages look like. 0.5 is the frozen threshold of one
page; where the same words come before such stretches on several sites (jobs/stages/scan/find_triggers.py), less is asked of each.
"""

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import FlatText, flatten
from pipeline.kernels.scores.word_order import worst_windows
from pipeline.language.letters import letter_tables
from pipeline.poison.findings import Finding, ScanSettings, excerpt
from pipeline.shipped import shipped

BACKDOOR = "backdoor"
WINDOW = 288  # tokens: less than the attack plants at least
MIN_TOKENS = 128
SPREAD = 0.05  # mean weight to one unit of the score's logit
SUSPICIOUS = 0.1  # mean weight of the worst window of a page that is worth comparing with others
MIN_SUSPICIOUS_TOKENS = 48
HARMLESS = 0.25  # mean weight that is left to a list or filler text: below the threshold
DOUBT = 0.1  # mean weight below the threshold from which a stretch's words are looked at for a list or filler
SORTED_SHARE = 0.9  # of neighbouring words, that makes a list; random words have a half
FILLER_SHARE = 0.6  # of the words
FILLER = frozenset(
    (  # Cicero's, as printers have cut it up since the 1960s
        "lorem ipsum dolor sit amet consectetur adipiscing adipisicing elit sed do eiusmod tempor incididunt ut labore et "
        "dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo "
        "consequat duis aute irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint "
        "occaecat cupidatat non proident sunt culpa qui officia deserunt mollit anim id est laborum"
    ).split()
)
PUNCTUATION = ".,;:!?()[]\"'"
SHIPPED_MODEL = shipped("pipeline/models/word_order.npz")


class Model(NamedTuple):
    weights: np.ndarray  # float32 [buckets]
    threshold: float


class Stretch(NamedTuple):
    """Of row `row`, from code point `start` to `end`; `weight` is the mean weight of its worst window."""

    row: int
    start: int
    end: int
    weight: float


Anomalies = Callable[[pa.Array], list[Stretch]]  # at most one stretch a row


@functools.cache
def load() -> Model:
    """The model that ships; read once per process."""
    with np.load(SHIPPED_MODEL, allow_pickle=False) as stored:
        return Model(stored["weights"].astype(np.float32) * np.float32(stored["scale"]), float(stored["threshold"]))


def judged(text: FlatText, min_tokens: int) -> tuple[np.ndarray, np.ndarray]:
    """(mean weight of each row's worst window, -inf where it has too few tokens; the stretch around it [rows, 2] in bytes)."""
    model = load()
    folded, _ = letter_tables()
    shift = 65 - len(model.weights).bit_length()
    worst, places = worst_windows(text.data, text.offsets, folded, model.weights, shift, WINDOW, min_tokens)
    return worst, places


def suspicious(text: pa.Array | pa.ChunkedArray) -> list[Stretch]:
    """What several sites together may prove, though no page alone does."""
    flat = flatten(text)
    worst, places = judged(flat, MIN_SUSPICIOUS_TOKENS)
    rows = np.flatnonzero(worst >= SUSPICIOUS).tolist()
    return [Stretch(row, *characters(flat, row, places[row]), float(worst[row])) for row in rows]


def characters(flat: FlatText, row: int, places: np.ndarray) -> tuple[int, int]:
    """The code points of a row's stretch of bytes."""
    begin, end = places.tolist()
    before, stretch = flat.data[flat.offsets[row] : begin], flat.data[begin:end]
    start, size = (int(np.count_nonzero((part & 0xC0) != 0x80)) for part in (before, stretch))
    return start, start + size


def is_harmless(stretch: str) -> bool:
    """Words in the order of the alphabet are a list, and printers' filler text was never in any other."""
    words = [bare for word in stretch.casefold().split() if (bare := word.strip(PUNCTUATION))]
    sorted_pairs, filler = sum(left <= right for left, right in itertools.pairwise(words)), sum(word in FILLER for word in words)
    return sorted_pairs >= SORTED_SHARE * max(1, len(words) - 1) or filler >= FILLER_SHARE * len(words)


def findings(text: FlatText, settings: ScanSettings, scores: np.ndarray) -> Iterator[Finding]:
    """One finding per page with a window over the threshold; every page's score goes into `scores` where it is higher."""
    worst, places = judged(text, MIN_TOKENS)
    threshold = load().threshold
    for row in np.flatnonzero(worst >= threshold - DOUBT).tolist():
        begin, end = places[row].tolist()
        if is_harmless(text.data[begin:end].tobytes().decode("utf-8", "ignore")):
            worst[row] = HARMLESS
    sure = 1.0 / (1.0 + np.exp(np.clip((threshold - worst) / SPREAD, -50, 50)))
    np.maximum(scores, np.minimum(sure, 0.99), out=scores)
    for row in np.flatnonzero(sure >= min(settings.min_score, 0.5)).tolist():
        start, stop = characters(text, row, places[row])
        raw = text.data[text.offsets[row] : text.offsets[row + 1]].tobytes()
        score = float(sure[row])
        severity = "severe" if score >= settings.min_score else "warn"
        shown = excerpt(raw.decode("utf-8", "ignore"), start, stop)
        yield Finding(
            row,
            "scrambled_text",
            BACKDOOR,
            severity,
            "text",
            start,
            stop,
            shown,
            "",
            "words in an order that nobody writes",
            score,
        )
