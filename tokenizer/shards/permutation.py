"""An order of n things that costs nothing to enter anywhere: position -> thing and thing -> position, without a table.

A Feistel network of six rounds permutes the 4^k >= n numbers that two k-bit halves make; a number that lands at n or above
is sent through again until it lands below, at most four times on average (cycle walking; Black and Rogaway 2002).
"""

from collections.abc import Callable

import numpy as np

_ROUNDS = 6


def _mixed(values: np.ndarray) -> np.ndarray:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): every output bit depends on every input bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


class Permutation:
    """A permutation of 0 … size - 1; another key gives another one. `keys` are integers of any size, such as (seed, epoch)."""

    def __init__(self, size: int, *keys: int) -> None:
        self.size = size
        self._half_bits = np.uint64(max(1, (max(1, size - 1).bit_length() + 1) // 2))
        self._half_mask = (np.uint64(1) << self._half_bits) - np.uint64(1)
        state = np.zeros(1, np.uint64)
        for key in keys:
            state = _mixed(state + np.uint64(key & 0xFFFFFFFFFFFFFFFF) + np.uint64(0x9E3779B97F4A7C15))
        self._round_keys = _mixed(state + np.arange(1, _ROUNDS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        """The things at these positions; int64, same shape."""
        return self._walk(positions, self._forward)

    def inverse(self, things: np.ndarray) -> np.ndarray:
        """The positions of these things."""
        return self._walk(things, self._backward)

    def _walk(self, values: np.ndarray, step: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        values = np.asarray(values)
        if values.size and not 0 <= int(values.min()) <= int(values.max()) < self.size:
            raise IndexError(f"positions {values.min()} to {values.max()} are not all within 0 to {self.size - 1}")
        walked = step(values.astype(np.uint64))
        while (outside := walked >= np.uint64(self.size)).any():
            walked[outside] = step(walked[outside])
        return walked.astype(np.int64)

    def _forward(self, values: np.ndarray) -> np.ndarray:
        left, right = values >> self._half_bits, values & self._half_mask
        for key in self._round_keys:
            left, right = right, left ^ (_mixed(right + key) & self._half_mask)
        return (left << self._half_bits) | right

    def _backward(self, values: np.ndarray) -> np.ndarray:
        left, right = values >> self._half_bits, values & self._half_mask
        for key in self._round_keys[::-1]:
            left, right = right ^ (_mixed(left + key) & self._half_mask), left
        return (left << self._half_bits) | right
