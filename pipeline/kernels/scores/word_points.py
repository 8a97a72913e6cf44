"""Points of words added up: whole numbers, so the sum is the same on every processor."""

import numpy as np

from pipeline.kernels.cache import kernel

SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 by the golden ratio


@kernel
def sum_points(offsets: np.ndarray, hashes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """int64 [rows]: the sum of `points` int64 [2 ** bits] of `hashes` uint64 [words], cut at `offsets` int64 [rows + 1].

    A word's points stand at the first bits of its hash, spread by a multiplication: FNV changes its low bits most.
    """
    sums = np.zeros(len(offsets) - 1, dtype=np.int64)
    bits = 0
    while (1 << bits) < len(points):
        bits += 1
    shift = np.uint64(64 - bits)
    for row in range(len(sums)):
        for word in range(offsets[row], offsets[row + 1]):
            sums[row] += points[np.int64((hashes[word] * SPREAD) >> shift)]
    return sums
