"""N-grams by interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998, 4.1.6): counting, no training.

A text's n-grams stay within it. The longest are counted as they come, shorter ones by how many different tokens stand before
them; the beginning of a text is one more. What was seen once, twice or oftener is discounted by estimates of its own, and what
that frees goes to the next shorter n-gram, in the end to all tokens alike.

An n-gram is the number of its first n - 1 tokens among those, times the vocabulary, plus its last token. N tokens.
"""

from typing import NamedTuple

import numpy as np

from pipeline.errors import UsageError

UNSEEN = -1
LONGEST = 8
_FALLBACK = (0.5, 0.5, 0.5)  # discounts where too little was counted to estimate any


class Grams(NamedTuple):
    """The n-grams of one length: sorted keys, what each counts, and of each (n-1)-gram before them the sum and the free share."""

    keys: np.ndarray
    counts: np.ndarray  # after the discount; float64
    sums: np.ndarray  # of counts before it, by number of the (n-1)-gram
    free: np.ndarray


class KneserNey(NamedTuple):
    vocabulary: int
    grams: tuple[Grams, ...]  # by length, from 1

    @property
    def parameters(self) -> int:
        """Numbers that are kept: a count of each n-gram."""
        return sum(len(one.keys) for one in self.grams)


def learn(tokens_N: np.ndarray, boundaries: np.ndarray, vocabulary: int, order: int) -> KneserNey:
    """From texts laid flat, whose beginnings `boundaries` names (and the end of the last)."""
    if not 1 <= order <= LONGEST:
        raise UsageError(f"n-grams of {order} tokens: 1 to {LONGEST}")
    place_N = _places(len(tokens_N), boundaries)
    numbers, tables = list[np.ndarray](), list[tuple[np.ndarray, np.ndarray]]()
    before_N = np.zeros(len(tokens_N), np.int64)  # number of the (n-1)-gram before each token
    for length in range(1, order + 1):
        there = place_N >= length - 1
        keys, first, number, counts = np.unique(
            before_N[there] * vocabulary + tokens_N[there], return_index=True, return_inverse=True, return_counts=True
        )
        of_token = np.full(len(tokens_N), UNSEEN, np.int64)
        of_token[there] = number.ravel()
        if numbers:  # the shorter ones are counted by what stands before them
            tables[-1] = (tables[-1][0], _continuations(numbers[-1], np.flatnonzero(there)[first], place_N == length - 2))
        if not len(keys):  # no text is so long
            break
        numbers.append(of_token)
        tables.append((keys, counts.astype(np.float64)))
        before_N = np.concatenate([[UNSEEN], of_token[:-1]])
    sizes = [1, *(len(keys) for keys, _ in tables)]
    grams = (_discounted(keys, counts, vocabulary, size) for (keys, counts), size in zip(tables, sizes, strict=False))
    return KneserNey(vocabulary, tuple(grams))


def probabilities(model: KneserNey, tokens_N: np.ndarray, boundaries: np.ndarray) -> np.ndarray:
    """Of each token after those before it in its text, float64 [N]."""
    place_N, vocabulary = _places(len(tokens_N), boundaries), model.vocabulary
    found_N = np.full(len(tokens_N), 1 / vocabulary)
    before_N = np.zeros(len(tokens_N), np.int64)
    for length, grams in enumerate(model.grams, 1):
        known = (place_N >= length - 1) & (before_N != UNSEEN)
        known &= np.where(known, grams.sums[before_N], 0) > 0
        key_N = before_N * vocabulary + tokens_N
        at_N = np.searchsorted(grams.keys, key_N).clip(max=len(grams.keys) - 1)
        seen = known & (grams.keys[at_N] == key_N)
        with np.errstate(divide="ignore", invalid="ignore"):
            of_gram = np.where(seen, grams.counts[at_N], 0) / grams.sums[before_N]
        found_N = np.where(known, of_gram + grams.free[before_N] * found_N, found_N)
        number_N = np.where(seen, at_N, UNSEEN)
        before_N = np.concatenate([[UNSEEN], number_N[:-1]])
    return found_N


def _places(tokens: int, boundaries: np.ndarray) -> np.ndarray:
    """Place of each token in its text."""
    return np.arange(tokens) - np.repeat(boundaries[:-1], np.diff(boundaries))


def _continuations(number_N: np.ndarray, longer: np.ndarray, begins_N: np.ndarray) -> np.ndarray:
    """How many different tokens stand before each n-gram: a place of every longer one is given, and where texts begin."""
    size = int(number_N.max(initial=-1)) + 1
    counted = np.bincount(number_N[longer], minlength=size)
    at_beginning = np.unique(number_N[begins_N])
    counted[at_beginning[at_beginning != UNSEEN]] += 1
    return counted.astype(np.float64)


def _discounted(keys: np.ndarray, counts: np.ndarray, vocabulary: int, contexts: int) -> Grams:
    discounts = np.array([0.0, *_discounts(counts)])
    taken = discounts[counts.clip(max=3).astype(np.int64)]
    context = keys // vocabulary
    sums = np.bincount(context, counts, minlength=contexts)
    freed = np.bincount(context, taken, minlength=contexts)
    return Grams(keys, counts - taken, sums, np.divide(freed, sums, out=np.ones(len(sums)), where=sums > 0))


def _discounts(counts: np.ndarray) -> tuple[float, float, float]:
    """Of what was counted once, twice, and oftener (Chen and Goodman 1998, equation 26)."""
    once, twice, thrice, four = (int((counts == times).sum()) for times in (1, 2, 3, 4))
    if not (once and twice and thrice):
        return _FALLBACK
    share = once / (once + 2 * twice)
    found = (1 - 2 * share * twice / once, 2 - 3 * share * thrice / twice, 3 - 4 * share * four / thrice)
    return tuple(min(max(discount, 0.0), float(times)) for times, discount in enumerate(found, 1))  # type: ignore[return-value]
