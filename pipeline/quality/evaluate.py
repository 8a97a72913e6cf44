"""How well scores tell good pages from bad ones: area under the curve with its interval, precision at a share, reliability."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

RESAMPLES = 2000
SEED = 20240520


class Interval(NamedTuple):
    """A figure and the 95 % interval of its bootstrap."""

    value: float
    low: float
    high: float


def auc(scores: np.ndarray, good: np.ndarray) -> float:
    """Chance that a good page has the higher score than a bad one, equal scores counting half; NaN without both."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    positive = int(good.sum())
    if positive in (0, len(good)):
        return float("nan")
    return float((ranks[good > 0].sum() - positive * (positive + 1) / 2) / (positive * (len(good) - positive)))


def auc_interval(scores: np.ndarray, good: np.ndarray) -> Interval:
    """By pages drawn with replacement, always the same draws."""
    random = np.random.default_rng(SEED)
    drawn = (random.integers(0, len(good), len(good)) for _ in range(RESAMPLES))
    found = np.array([auc(scores[rows], good[rows]) for rows in drawn])
    low, high = np.nanquantile(found, [0.025, 0.975])
    return Interval(auc(scores, good), float(low), float(high))


def cohens_kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """How far two people agree beyond what chance would give them (Cohen, 1960): 1 always, 0 as chance does.

    `pairs`: what each of the two said of a page. Null where both always said the same one thing.
    """
    agree = sum(one == other for one, other in pairs) / len(pairs)
    said = {label for pair in pairs for label in pair}
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))
    chance = sum(first.count(label) * second.count(label) for label in said) / len(pairs) ** 2
    return (agree - chance) / (1 - chance) if chance < 1 else None


def precision_at(scores: np.ndarray, good: np.ndarray, share: float) -> float:
    """Share of good pages among the best `share` of all; of equal scores at the border each weighs alike."""
    wanted = share * len(scores)
    order = np.unique(scores)[::-1]
    counts = [(int((scores == score).sum()), float(good[scores == score].sum())) for score in order]
    kept = hits = 0.0
    for count, right in counts:
        taken = min(count, wanted - kept)
        kept += taken
        hits += right * taken / count
        if kept >= wanted:
            break
    return hits / kept if kept else float("nan")


def reliability(scores: np.ndarray, good: np.ndarray, bins: int = 5) -> list[dict[str, Any]]:
    """Pages in bins of equal size by score: what was promised and what was found."""
    order = np.argsort(scores, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [{"pages": len(part), "promised": float(scores[part].mean()), "found": float(good[part].mean())} for part in parts]
