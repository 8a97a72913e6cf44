"""Is an unlearned model one that never saw the texts? A test of difference (forget quality) and a test of equivalence.

A test of difference cannot say yes: with few values it finds nothing, with many it finds everything. So oracles are trained with
several seeds, and the difference to them is held against a margin chosen before.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

ORACLES = 5  # fewer say too little about how much retraining alone varies
_EXACT = 1 << 18  # largest product of sample sizes for which paths are counted one by one


class Kolmogorov(NamedTuple):
    distance: float
    p: float


def kolmogorov_smirnov(one: Sequence[float], other: Sequence[float]) -> Kolmogorov:
    """Two-sample Kolmogorov-Smirnov, two-sided. p is exact (lattice paths; Hodges 1958) up to 2^18 pairs, then asymptotic.

    With n values in each the smallest p is 2/C(2n, n): 1.86e-23 of 40, 1.94e-119 of 200.
    """
    first, second = np.sort(one), np.sort(other)
    places = np.concatenate([first, second])
    n, m = len(first), len(second)
    above = np.searchsorted(first, places, side="right") * m - np.searchsorted(second, places, side="right") * n
    steps = int(np.abs(above).max())  # distance · n · m, without rounding
    if n * m <= _EXACT:
        return Kolmogorov(steps / (n * m), _share_of_paths(n, m, steps))
    root = math.sqrt(n * m / (n + m)) * steps / (n * m)
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * (k * root) ** 2) for k in range(1, 101))
    return Kolmogorov(steps / (n * m), min(1.0, max(0.0, sum(terms))))


def _share_of_paths(n: int, m: int, steps: int) -> float:
    """Share of all orders of n and m values that come at least `steps` apart; integers of any size, so tiny shares are right."""
    paths = [1 if j * n < steps else 0 for j in range(m + 1)]
    for j in range(1, m + 1):
        paths[j] = paths[j] and paths[j - 1]
    for i in range(1, n + 1):
        paths[0] = paths[0] if i * m < steps else 0
        for j in range(1, m + 1):
            paths[j] = paths[j] + paths[j - 1] if abs(i * m - j * n) < steps else 0
    every = math.comb(n + m, n)
    return (every - paths[m]) / every


def forget_quality(unlearned: Sequence[float], oracle: Sequence[float]) -> float:
    """TOFU's forget quality (2.2.3): p of that test on truth ratios of the forget set. R and 1/R give the same."""
    return kolmogorov_smirnov(unlearned, oracle).p


class Equivalence(NamedTuple):
    """Whether a difference of means lies within ± margin, by two one-sided t-tests (TOST, Schuirmann 1987)."""

    difference: float  # ours - oracles'
    low: float  # of its interval with confidence 1 - 2·level; equivalent if it lies within the margin
    high: float
    margin: float
    p: float
    equivalent: bool


def equivalence(values: Sequence[float], oracles: Sequence[float], margin: float, level: float = 0.05) -> Equivalence:
    """One or more values of ours against those of at least two oracles; the spread of both is pooled.

    A single value has no spread of its own: it is held against the oracles as if it were one more of them.
    """
    ours, theirs = np.asarray(values, float), np.asarray(oracles, float)
    freedom = len(ours) + len(theirs) - 2
    squares = float(((ours - ours.mean()) ** 2).sum() + ((theirs - theirs.mean()) ** 2).sum())
    error = math.sqrt(squares / freedom * (1 / len(ours) + 1 / len(theirs)))
    difference = float(ours.mean() - theirs.mean())
    reach = t_quantile(1 - level, freedom) * error
    nearest = margin - abs(difference)
    p = 1 - t_below(nearest / error, freedom) if error else float(nearest <= 0)
    low, high = difference - reach, difference + reach
    return Equivalence(difference, low, high, margin, p, -margin < low and high < margin)


def t_below(t: float, freedom: int) -> float:
    """P(T < t) of Student's t, by the finite series for whole degrees of freedom (Abramowitz & Stegun 26.7.3, 26.7.4)."""
    angle = math.atan2(t, math.sqrt(freedom))
    cosine = math.cos(angle)
    odd = freedom % 2
    term, total = (cosine, 0.0) if odd else (1.0, 0.0)
    for k in range(2 if odd else 1, freedom, 2):
        total += term
        term *= cosine * cosine * k / (k + 1)
    inside = 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total
    return 0.5 + inside / 2


def t_quantile(share: float, freedom: int) -> float:
    """The t below which this share lies; by halving, so that it needs nothing but `t_below`."""
    low, high = -1e6, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if t_below(middle, freedom) < share else (low, middle)
    return (low + high) / 2
