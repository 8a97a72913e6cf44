"""How well a score tells members from others. Greater scores mean member throughout."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    value: float
    low: float
    high: float


def auroc(members: np.ndarray, others: np.ndarray) -> float:
    """Probability that a member scores higher than another text, ties counted half (Mann-Whitney). 0.5 tells nothing apart."""
    ranked = np.sort(others)
    below = np.searchsorted(ranked, members, side="left")
    not_above = np.searchsorted(ranked, members, side="right")
    return float((below + not_above).mean() / 2 / len(others))


def true_positives_at(members: np.ndarray, others: np.ndarray, false_positives: float) -> float:
    """Largest share of members found by a threshold that takes at most this share of the others (Carlini et al. 2022).

    A threshold takes all equal scores or none, so that ties give nothing away.
    """
    allowed = int(np.floor(false_positives * len(others) + 1e-9))
    if allowed >= len(others):
        return 1.0
    return float((members > np.sort(others)[::-1][allowed]).mean())


def bootstrap(
    members: np.ndarray,
    others: np.ndarray,
    statistic: Callable[[np.ndarray, np.ndarray], float],
    *,
    seed: int,
    draws: int = 1000,
    level: float = 0.95,
) -> Interval:
    """A statistic and its percentile interval (Efron 1979); members and others are drawn again apart from each other."""
    rng = np.random.default_rng(seed)
    found = [
        statistic(rng.choice(members, len(members)), rng.choice(others, len(others)))
        for _ in range(draws)
    ]  # fmt: skip
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(statistic(members, others), low, high)


def mean_interval(values: np.ndarray, *, seed: int, draws: int = 1000, level: float = 0.95) -> Interval:
    """A mean over documents and its percentile interval; the documents are drawn again."""
    found = values[np.random.default_rng(seed).integers(len(values), size=(draws, len(values)))].mean(axis=1)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(float(values.mean()), low, high)


def privleak(forgotten: np.ndarray, held_out: np.ndarray, oracle_forgotten: np.ndarray, oracle_held_out: np.ndarray) -> float:
    """PrivLeak (Shi et al. 2025, MUSE 3.1), in percent: 100 (AUC - AUC of the oracle) / AUC of the oracle, scores Min-40 %.

    AUC is the probability that a held-out text looks more like a member than a forgotten one. Near -100: still memorised; above
    0: forgotten more than by never having seen it. MUSE's own code stops with a KeyError at its table of oracles.
    """
    ours, theirs = auroc(held_out, forgotten), auroc(oracle_held_out, oracle_forgotten)
    return 100 * (ours - theirs) / theirs if theirs else (0.0 if ours == theirs else float("inf"))
