"""MinHash signatures, band keys and exact Jaccard over shingle hashes.

Signatures equal those of `datasketch.MinHash(scheme="affine32", hashfunc=zlib.crc32)` bit for bit: each shingle hash goes
once through MurmurHash3's 32-bit finaliser, then permutation k maps it to `multipliers[k] * h + increments[k]` mod 2^32.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.duplicates.shingles import next_shingle_hashes, normalise, scratch

EMPTY = np.uint32(0xFFFFFFFF)  # what a signature holds where there was no shingle
BLOCK = 1024  # shingle hashes permuted at a time: 4 KiB, stays in the first-level cache


@inlined
def mix32(value):  # type: ignore[no-untyped-def]
    """MurmurHash3 finaliser, a bijection on 32 bits."""
    value = np.uint32(value ^ (value >> np.uint32(16)))
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@inlined
def mix64(value):  # type: ignore[no-untyped-def]
    """MurmurHash3 finaliser on 64 bits."""
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@part
def lower_minima(hashes, multipliers, increments, minima):  # type: ignore[no-untyped-def]
    """minima[k] = min(minima[k], min over hashes of permutation k); the inner loop has no branch, so it becomes SIMD."""
    for k in range(minima.size):
        multiplier, increment, least = multipliers[k], increments[k], minima[k]
        for place in range(hashes.size):
            least = min(least, np.uint32(hashes[place] * multiplier + increment))
        minima[k] = least


@kernel
def text_signatures(data, offsets, forms, shingle_words, tables, multipliers, increments):  # type: ignore[no-untyped-def]
    """Signature of every row [rows, permutations]; a row without words is all EMPTY."""
    rows = offsets.size - 1
    signatures = np.full((rows, multipliers.size), EMPTY, np.uint32)
    words = scratch(offsets, forms.growth)
    block = np.empty(BLOCK, np.uint32)
    for row in range(rows):
        length = normalise(data, offsets[row], offsets[row + 1], forms, words)
        position = 0
        while position < length:
            count, position = next_shingle_hashes(words, length, position, shingle_words, tables, block)
            for place in range(count):
                block[place] = mix32(block[place])
            lower_minima(block[:count], multipliers, increments, signatures[row])
    return signatures


@kernel
def band_keys(signatures, bands, rows_per_band):  # type: ignore[no-untyped-def]
    """One 64-bit key per band [documents, bands]; equal bands of two documents have equal keys."""
    keys = np.empty((signatures.shape[0], bands), np.int64)
    for document in range(signatures.shape[0]):
        for band in range(bands):
            key = mix64(np.uint64(band + 1))
            for place in range(band * rows_per_band, (band + 1) * rows_per_band):
                key = mix64(key ^ np.uint64(signatures[document, place])) + np.uint64(0x9E3779B97F4A7C15)
            keys[document, band] = np.int64(key)
    return keys


@kernel
def text_shingle_sets(data, offsets, forms, shingle_words, tables):  # type: ignore[no-untyped-def]
    """Sorted distinct shingle hashes of every row, flat: (hashes, offsets [rows + 1])."""
    rows = offsets.size - 1
    ends = np.zeros(rows + 1, np.int64)
    words = scratch(offsets, forms.growth)
    found = np.empty(1024, np.uint32)
    for row in range(rows):
        length = normalise(data, offsets[row], offsets[row + 1], forms, words)
        position, start = 0, ends[row]
        end = start
        while position < length:
            if found.size - end < BLOCK:
                grown = np.empty(2 * found.size + BLOCK, np.uint32)
                for place in range(end):
                    grown[place] = found[place]
                found = grown
            count, position = next_shingle_hashes(words, length, position, shingle_words, tables, found[end : end + BLOCK])
            end += count
        found[start:end].sort()
        kept = start
        for place in range(start, end):
            if kept == start or found[place] != found[kept - 1]:
                found[kept] = found[place]
                kept += 1
        ends[row + 1] = kept
    return found[: ends[rows]], ends


@kernel
def set_similarities(left, left_offsets, right, right_offsets):  # type: ignore[no-untyped-def]
    """Jaccard of row i of `left` with row i of `right`, both sorted and distinct; two empty sets are alike (1)."""
    rows = left_offsets.size - 1
    similarities = np.ones(rows, np.float64)
    for row in range(rows):
        a, a_end = left_offsets[row], left_offsets[row + 1]
        b, b_end = right_offsets[row], right_offsets[row + 1]
        union = (a_end - a) + (b_end - b)
        shared = 0
        while a < a_end and b < b_end:
            x, y = left[a], right[b]
            shared += x == y
            a += x <= y
            b += y <= x
        if union:
            similarities[row] = shared / (union - shared)
    return similarities
