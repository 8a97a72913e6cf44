"""Which words of a page stand, in this order, in a text that was taken from it."""

import numpy as np

from pipeline.kernels.cache import kernel, part

_APART, _JOINED = 1, 3  # what a match is worth alone, and right behind another
_NEVER = -(10**6)
_FROM_MATCH, _UP, _LEFT = 1, 2, 4  # bits of the way back


@part
def _ways_back(page: np.ndarray, text: np.ndarray) -> np.ndarray:
    """The best way to each pair of positions, uint8 [words of the page + 1, words of the text + 1]."""
    ways = np.zeros((len(page) + 1, len(text) + 1), np.uint8)
    matched = np.full(len(text) + 1, _NEVER, np.int32)  # best score that ends with a match of the two last words
    best = np.zeros(len(text) + 1, np.int32)
    for i in range(1, len(page) + 1):
        diagonal_matched, diagonal_best = matched[0], best[0]
        for j in range(1, len(text) + 1):
            above_matched, above_best = matched[j], best[j]
            matched[j] = _NEVER
            if page[i - 1] == text[j - 1]:
                joined, apart = diagonal_matched + _JOINED, diagonal_best + _APART
                matched[j] = max(joined, apart)
                ways[i, j] = _FROM_MATCH if joined >= apart else 0
            best[j] = max(matched[j], above_best, best[j - 1])
            if best[j] > matched[j]:
                ways[i, j] |= _UP if best[j] == above_best else _LEFT
            diagonal_matched, diagonal_best = above_matched, above_best
    return ways


@kernel
def aligned(page: np.ndarray, text: np.ndarray) -> np.ndarray:
    """True for each word of `page` that the best alignment matches; both int32 numbers of words. Time and room are their product.

    Runs are worth more than scattered words, so that "the" in a footer is not taken for one of the article's.
    """
    ways = _ways_back(page, text)
    hit = np.zeros(len(page), np.bool_)
    i, j, in_run = len(page), len(text), False
    while i > 0 and j > 0:
        way = ways[i, j]
        if not in_run and way & _UP:
            i -= 1
        elif not in_run and way & _LEFT:
            j -= 1
        else:
            hit[i - 1] = True
            in_run = (way & _FROM_MATCH) != 0
            i -= 1
            j -= 1
    return hit
