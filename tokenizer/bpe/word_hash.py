"""Words as table keys: the first eight bytes as a number, and a hash that no page can aim at."""

import os

import numpy as np

from pipeline.kernels.cache import inlined

# Differs from process to process so that no page can be written to collide; no result depends on it.
SEED = np.uint64(int.from_bytes(os.urandom(8), "little"))


@inlined
def word_head(data: np.ndarray, start: int, end: int) -> np.uint64:
    """The first eight bytes, zeros behind a shorter word: with the size, all of a word of up to eight bytes."""
    head, shift = np.uint64(0), np.uint64(0)
    for at in range(start, min(end, start + 8)):
        head |= np.uint64(data[at]) << shift
        shift += np.uint64(8)
    return head


@inlined
def word_hash(data: np.ndarray, start: int, end: int, head: np.uint64, seed: np.uint64) -> np.uint64:
    """64 bits of which the low ones are as good as the high ones."""
    value = (head ^ seed) + np.uint64(end - start) * np.uint64(0xC2B2AE3D27D4EB4F)
    for at in range(start + 8, end):
        value = (value ^ np.uint64(data[at])) * np.uint64(0x100000001B3)
    value = (value ^ (value >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return value ^ (value >> np.uint64(32))


@inlined
def same_tail(data: np.ndarray, start: int, other: np.ndarray, other_start: int, size: int) -> bool:
    """Whether two words of `size` bytes with one head are the same word."""
    for at in range(8, size):  # noqa: SIM110 - compiled: a generator would not be
        if data[start + at] != other[other_start + at]:
            return False
    return True
