"""Which n-grams of words a text holds and where: a sample that depends on the n-gram alone, never on what stands beside it.

A word is what pipeline/duplicates/normalise.py makes of it, but numbers stay what they are: in lower case, without marks, accents
and characters that nobody sees. An n-gram is kept when its hash is a multiple of `every`: of two texts that share a passage both
keep the same ones (FracMinHash, Irber et al. 2022), so how many texts share one can be counted exactly.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.characters import decode
from pipeline.kernels.duplicates.minhash import mix64
from pipeline.kernels.duplicates.shingles import ALONE, AS_IT_IS, DECIMAL_MARK, DIGIT, DROPPED, SEPARATOR

_HASH_START = np.uint64(0xCBF29CE484222325)  # FNV-1a, 64 bits
_HASH_PRIME = np.uint64(0x100000001B3)
_STEP = np.uint64(0x9E3779B97F4A7C15)


@part
def row_words(data, start, end, forms, hashes, starts, ends):  # type: ignore[no-untyped-def]
    """Hash and place (code points) of each word of data[start:end], written to the three arrays; the number of words.

    The arrays have room for one word a byte.
    """
    kinds, places, utf8 = forms.kinds, forms.places, forms.utf8
    count, inside, character = 0, False, 0
    at = start
    while at < end:
        begin = at
        code, size = decode(data, at, end)
        at += size
        kind = kinds[code] if code < kinds.size else AS_IT_IS
        character += 1
        if kind == DROPPED:
            continue
        if kind in (SEPARATOR, DECIMAL_MARK):
            inside = False
            continue
        if not inside or kind == ALONE:
            hashes[count], starts[count] = _HASH_START, character - 1
            count += 1
        ends[count - 1] = character
        value = hashes[count - 1]
        if kind in (DIGIT, AS_IT_IS):
            for place in range(begin, at):
                value = (value ^ np.uint64(data[place])) * _HASH_PRIME
        else:
            for place in range(places[code], places[code + 1]):
                value = (value ^ np.uint64(utf8[place])) * _HASH_PRIME
        hashes[count - 1] = value
        inside = kind != ALONE
    return count


@inlined
def ngram_hash(hashes, first, words):  # type: ignore[no-untyped-def]
    """Of the `words` words from `first` on."""
    value = _STEP
    for place in range(first, first + words):
        value = mix64(value ^ hashes[place]) + _STEP
    return value


@kernel
def sampled_ngrams(data, offsets, forms, words, every):  # type: ignore[no-untyped-def]
    """(row offsets [rows + 1], hashes, starts, ends) of the n-grams that are kept, in the order of the text.

    Hashes are int64; starts and ends are code points of the row.
    """
    rows = offsets.size - 1
    longest = np.int64(0)
    for row in range(rows):
        longest = max(longest, offsets[row + 1] - offsets[row])
    of_words, first, last = np.empty(longest, np.uint64), np.empty(longest, np.int32), np.empty(longest, np.int32)
    room = max(1024, (offsets[rows] - offsets[0]) // (4 * every))
    found, starts, ends = np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32)
    bounds = np.zeros(rows + 1, np.int64)
    count = 0
    for row in range(rows):
        total = row_words(data, offsets[row], offsets[row + 1], forms, of_words, first, last)
        for place in range(total - words + 1):
            value = ngram_hash(of_words, place, words)
            if value % np.uint64(every):
                continue
            if count == found.size:
                found, starts, ends = grown(found, count), grown(starts, count), grown(ends, count)
            found[count], starts[count], ends[count] = np.int64(value), first[place], last[place + words - 1]
            count += 1
        bounds[row + 1] = count
    return bounds, found[:count], starts[:count], ends[:count]


@part
def grown(array, count):  # type: ignore[no-untyped-def]
    larger = np.empty(2 * array.size, array.dtype)
    for place in range(count):
        larger[place] = array[place]
    return larger
