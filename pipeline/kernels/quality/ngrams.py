"""How much of a text its repeated word n-grams make up: Gopher's top and duplicate n-grams, all lengths in one chain.

Two n-grams are equal when their first n-1 tokens and their last n-1 tokens are, so a class of n-grams is named by a pair of
classes one shorter: exact from the words up. An n-gram that contains an (n-1)-gram met only once is met only once itself, so each
length looks only at what the one before left: in prose some 60 % of the words, 20 % of the trigrams and 3 % of the 5-grams.
"""

import numpy as np

from pipeline.kernels.cache import kernel, part

SHORTEST_TOP, LONGEST_TOP = 2, 4
SHORTEST_DUPLICATE, LONGEST_DUPLICATE = 5, 10
_LONE = -1  # class of an n-gram that occurs once


@kernel
def _place(key: np.uint64, multiplier: np.uint64, shift: np.uint64) -> int:
    """Multiply-shift hashing: `multiplier` is drawn per process, so no text is written to collide; no result depends on it."""
    return np.int64((key * multiplier) >> shift)  # int() would keep it unsigned


@part
def _classify(
    keys: np.ndarray, count: int, classes: np.ndarray, counts: np.ndarray, slots: np.ndarray, multiplier: np.uint64
) -> bool:
    """classes[i] = first position with the key of i, `_LONE` if there is no other; counts[class] = how many.

    Positions that are `_LONE` already are not looked at. True if any key occurs twice. Linear probing, at most half full.
    """
    candidates = 0
    for i in range(count):
        candidates += classes[i] != _LONE
    bits = 4
    while (1 << bits) < 2 * candidates:
        bits += 1
    mask = (1 << bits) - 1
    shift = np.uint64(64 - bits)
    slots[: mask + 1] = -1
    for i in range(count):
        if classes[i] == _LONE:
            continue
        place = _place(keys[i], multiplier, shift)
        while slots[place] >= 0 and keys[slots[place]] != keys[i]:
            place = (place + 1) & mask
        if slots[place] < 0:
            slots[place] = i
            counts[i] = 0
        classes[i] = slots[place]
        counts[slots[place]] += 1
    repeated = False
    for i in range(count):
        if classes[i] != _LONE:
            if counts[classes[i]] == 1:
                classes[i] = _LONE
            else:
                repeated = True
    return repeated


@part
def _pair_classes(classes: np.ndarray, count: int, keys: np.ndarray) -> None:
    """From the classes of (n-1)-grams to the keys of the `count` n-grams; candidates get class 0."""
    for i in range(count):
        first, second = classes[i], classes[i + 1]
        if first == _LONE or second == _LONE:
            classes[i] = _LONE
        else:
            keys[i] = (np.uint64(first) << np.uint64(32)) | np.uint64(second)
            classes[i] = 0


@part
def _top_chars(classes: np.ndarray, counts: np.ndarray, count: int, ends: np.ndarray, n: int) -> int:
    """Characters of the most frequent n-gram, spaces between its words, times its count; of the first among equals."""
    best, most = 0, 1
    for i in range(count):
        if classes[i] == i and counts[i] > most:
            best, most = i, counts[i]
    return int(ends[best + n] - ends[best] + n - 1) * most


@part
def _duplicate_chars(classes: np.ndarray, count: int, ends: np.ndarray, n: int, seen: np.ndarray) -> int:
    """Characters in n-grams met before, read left to right, each found one stepped over whole."""
    chars = 0
    i = 0
    while i < count:
        if classes[i] == _LONE:
            i += 1
        elif seen[classes[i]] == n:
            chars += ends[i + n] - ends[i]
            i += n
        else:
            seen[classes[i]] = n
            i += 1
    return chars


@kernel
def repeated_chars(offsets: np.ndarray, hashes: np.ndarray, chars: np.ndarray, multiplier: np.uint64) -> np.ndarray:
    """int64 [rows, 9]: characters of the top 2-, 3- and 4-gram, then characters in duplicate 5- to 10-grams."""
    rows = len(offsets) - 1
    result = np.zeros((rows, LONGEST_DUPLICATE - SHORTEST_TOP + 1), dtype=np.int64)
    room = 0
    for row in range(rows):
        room = max(room, offsets[row + 1] - offsets[row])
    keys = np.empty(room, dtype=np.uint64)
    classes = np.empty(room, dtype=np.int32)
    counts = np.empty(room, dtype=np.int32)
    seen = np.empty(room, dtype=np.int32)
    slots = np.empty(4 * room + 16, dtype=np.int32)
    ends = np.zeros(room + 1, dtype=np.int64)
    for row in range(rows):
        first = offsets[row]
        count = offsets[row + 1] - first
        for i in range(count):
            keys[i] = hashes[first + i]
            classes[i] = 0
            seen[i] = 0
            ends[i + 1] = ends[i] + chars[first + i]
        repeated = _classify(keys, count, classes, counts, slots, multiplier)
        for n in range(2, min(LONGEST_DUPLICATE, count) + 1):
            if n > LONGEST_TOP and not repeated:
                break
            ngrams = count - n + 1
            _pair_classes(classes, ngrams, keys)
            repeated = _classify(keys, ngrams, classes, counts, slots, multiplier)
            if n <= LONGEST_TOP:
                result[row, n - SHORTEST_TOP] = _top_chars(classes, counts, ngrams, ends, n)
            else:
                result[row, n - SHORTEST_TOP] = _duplicate_chars(classes, ngrams, ends, n, seen)
    return result
