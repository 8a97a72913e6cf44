"""The n-grams of a sample of letters (pipeline/kernels/letters.py) as numbers of KEY_BITS bits.

Of "an ox": the letters; 2 to LONGEST characters in a row within a word, where a blank stands on each side of it (" a", "an", "n
", " an", "an ", " an ", …); and each whole word, marked as such. Bytes and offsets are those of samples, one blank between words.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel
from pipeline.kernels.letters import decode

LONGEST = 5
KEY_BITS = 30
BLANK = 0x20
START, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a, over code points
MIX, SHIFT, SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(64 - KEY_BITS), np.uint64(32)
WORD = np.uint64(0x57)  # sets a word apart from the n-gram of the same letters


@inlined
def key_of(hashed: np.uint64) -> int:
    """The upper bits of a mixed hash."""
    return np.int64(((hashed ^ (hashed >> SPREAD)) * MIX) >> SHIFT)


@inlined
def code_points(data: np.ndarray, start: int, end: int, points: np.ndarray) -> int:
    """Writes the sample's code points with a blank before and behind; how many they are."""
    points[0] = BLANK
    count = 1
    i = start
    while i < end:
        point, size = decode(data, i, end)
        points[count] = point
        count += 1
        i += size
    points[count] = BLANK
    return count + 1


@inlined
def grams_of(points: np.ndarray, count: int, keys: np.ndarray) -> int:
    """Writes the keys of all n-grams and words of `count` code points; how many they are, at most (LONGEST + 1) x count."""
    found = 0
    word = START ^ WORD
    for i in range(count):
        if points[i] == BLANK:
            if word != START ^ WORD:
                keys[found] = key_of(word)
                found += 1
            word = START ^ WORD
        else:
            word = (word ^ np.uint64(points[i])) * PRIME
        hashed = START
        for size in range(1, LONGEST + 1):
            last = i + size - 1
            if last >= count:
                break
            hashed = (hashed ^ np.uint64(points[last])) * PRIME
            if size > 1 or points[i] != BLANK:
                keys[found] = key_of(hashed)
                found += 1
            if size > 1 and points[last] == BLANK:
                break
    return found


@kernel
def keys_of_samples(data: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(keys, offsets) of the n-grams of each sample."""
    rows = len(offsets) - 1
    keys = np.empty((LONGEST + 1) * (len(data) + 2 * rows + 2), np.int64)
    bounds = np.zeros(rows + 1, np.int64)
    points = np.empty(int(np.max(offsets[1:] - offsets[:-1])) + 2 if rows else 2, np.int64)
    at = 0
    for row in range(rows):
        count = code_points(data, offsets[row], offsets[row + 1], points)
        at += grams_of(points, count, keys[at:])
        bounds[row + 1] = at
    return keys[:at], bounds
