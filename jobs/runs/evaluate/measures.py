"""Numbers of answers: how well confidence fits, and how far a share or a mean may be off."""

import math
from typing import NamedTuple

import numpy as np

BINS = 10


class Interval(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error (Guo et al. 2017): |share right - mean confidence| in bins of equal width, by their answers."""
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    sums = np.bincount(number, confidence - right, minlength=bins)
    return float(np.abs(sums).sum() / len(confidence))


def share(successes: float, of: int) -> Interval:
    """Wilson's interval, which stays within 0 and 1."""
    z, p = 1.959964, successes / of
    middle, width = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return Interval(p, (middle - width) / (1 + z * z / of), (middle + width) / (1 + z * z / of))


def mean(values: np.ndarray, seed: int = 0, times: int = 1000) -> Interval:
    """Bootstrap interval of a mean."""
    drawn = np.random.Generator(np.random.Philox(key=seed)).integers(0, len(values), (times, len(values)))
    low, high = np.quantile(values[drawn].mean(1), [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))
