"""Where a page stops making sense: a stretch whose neighbouring words are hardly ever neighbours elsewhere.

A page is compared with itself: its beginning says how much of its language the reference knows, so that a page in a language that
the reference has never seen is not called strange. Cheap and rough on purpose, for jobs/find_triggers.py, which believes it only
where the same words come before such stretches on several sites; any other score of the same form can take its place.
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.kernels.fingerprints import sampled_ngrams
from pipeline.normalise import character_forms

SLOT_BITS = 22           # of the reference: 512 KiB as bits, 4 MiB as bytes
MIN_PAGES_OF_PAIR, MIN_LIFT = 2, 2.0
WINDOW_BIGRAMS = 32
MIN_BEFORE_WINDOWS = 2   # of text to compare with: two half windows, some 32 words
MIN_STRANGE_WINDOWS = 4
MIN_KNOWN_SHARE = 0.2    # of the bigrams before: with less the reference does not know the language
MAX_STRANGE_RATIO = 0.55  # of the share before, up to which a window is strange


class Stretch(NamedTuple):
    """Of row `row`, from code point `start` to `end`; `score` is the share of known bigrams before, less that inside."""

    row: int
    start: int
    end: int
    score: float


Anomalies = Callable[[pa.Array], list[Stretch]]  # at most one stretch a row


def slots_of(hashes: np.ndarray) -> np.ndarray:
    return (hashes.view(np.uint64) >> np.uint64(64 - SLOT_BITS)).astype(np.int64)


def reference_of(text: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """bool [2^SLOT_BITS]: True where a pair of words stands that is together on several pages, and more often than chance has it.

    Chance is what the words' own frequency makes of it: "of the" is a pair, "the and" is none though it occurs.
    """
    flat, forms = flatten(text), character_forms()
    word_bounds, words, _, _ = sampled_ngrams(*flat, forms, 1, 1)
    bounds, pairs, _, _ = sampled_ngrams(*flat, forms, 2, 1)
    rows = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    left = np.arange(len(pairs)) + (word_bounds[:-1] - bounds[:-1])[rows]  # the word that each pair begins with
    _, word, counts = np.unique(words, return_inverse=True, return_counts=True)
    distinct, first, pair, pair_counts = np.unique(pairs, return_index=True, return_inverse=True, return_counts=True)
    pages = np.bincount(np.unique(pair * np.int64(len(bounds)) + rows) // len(bounds), minlength=len(distinct))
    expected = counts[word[left[first]]] * counts[word[left[first] + 1]] / max(1, len(words))
    known = np.zeros(1 << SLOT_BITS, np.bool_)
    known[slots_of(distinct[(pages >= MIN_PAGES_OF_PAIR) & (pair_counts > MIN_LIFT * expected)])] = True
    return known


def known_shares(text: pa.Array | pa.ChunkedArray, known: np.ndarray) -> np.ndarray:
    """float64 [rows]: share of each row's pairs of neighbouring words that the reference knows; NaN where there are too few."""
    bounds, hashes, _, _ = sampled_ngrams(*flatten(text), character_forms(), 2, 1)
    sums = np.concatenate([[0], np.cumsum(known[slots_of(hashes)])])
    counts = np.diff(bounds)
    return np.where(counts >= WINDOW_BIGRAMS, (sums[bounds[1:]] - sums[bounds[:-1]]) / np.maximum(counts, 1), np.nan)


def strange_stretches(text: pa.Array | pa.ChunkedArray, known: np.ndarray) -> list[Stretch]:
    """The longest strange stretch of each row that has one."""
    bounds, hashes, starts, ends = sampled_ngrams(*flatten(text), character_forms(), 2, 1)
    is_known = known[slots_of(hashes)]
    found = []
    for row, (first, last) in enumerate(itertools.pairwise(bounds.tolist())):
        run = _longest_strange(is_known[first:last])
        if run is not None:
            left, right, score = run
            found.append(Stretch(row, int(starts[first + left]), int(ends[first + right - 1]), score))
    return found


def _longest_strange(is_known: np.ndarray) -> tuple[int, int, float] | None:
    """(first bigram, end, score) of the longest run of strange windows; windows overlap by half."""
    half = WINDOW_BIGRAMS // 2
    count = len(is_known) // half
    if count < MIN_BEFORE_WINDOWS + MIN_STRANGE_WINDOWS:
        return None
    halves = is_known[: count * half].reshape(count, half).mean(axis=1)
    before = np.cumsum(halves) / np.arange(1, count + 1)
    best: tuple[int, int, float] | None = None
    at = MIN_BEFORE_WINDOWS
    while at + MIN_STRANGE_WINDOWS <= count:
        usual = float(before[at - 1])
        end = at
        while end + 1 < count and usual >= MIN_KNOWN_SHARE and (halves[end] + halves[end + 1]) / 2 <= MAX_STRANGE_RATIO * usual:
            end += 1
        length = end - at
        if length >= MIN_STRANGE_WINDOWS and (best is None or length * half > best[1] - best[0]):
            best = (at * half, (end + 1) * half, usual - float(halves[at : end + 1].mean()))
        at = max(end, at + 1)
    return best
