"""TOFU's measures of questions and answers. Losses are nats per token of an answer, given its question."""

from collections.abc import Sequence

import numpy as np


def truth_ratio(paraphrased: float, wrong: Sequence[float]) -> float:
    """Geometric mean of wrong answers' probabilities by that of the paraphrased right one (Maini et al. 2024, forget quality).

    OpenUnlearning uses this one for both forget quality and model utility.
    """
    return float(np.exp(paraphrased - np.mean(wrong)))


def arithmetic_truth_ratio(paraphrased: float, wrong: Sequence[float]) -> float:
    """The same with the arithmetic mean, as TOFU's model utility has it."""
    return float(np.exp(-np.asarray(wrong)).mean() / np.exp(-paraphrased))


def forget_score(ratios: Sequence[float]) -> float:
    """Mean of min(R, 1/R): 1 where right and wrong answers are equally likely (OpenUnlearning, forget split)."""
    given = np.asarray(ratios)
    return float(np.minimum(given, 1 / given).mean())


def retain_score(ratios: Sequence[float]) -> float:
    """Mean of max(0, 1 - R): 1 where wrong answers are never said (TOFU, all other splits)."""
    return float(np.maximum(0, 1 - np.asarray(ratios)).mean())


def normalised_probability(right: float, wrong: Sequence[float]) -> float:
    """Probability of the right answer among all that are given (TOFU, real authors and world facts)."""
    choices = np.exp(-np.array([right, *wrong]))
    return float(choices[0] / choices.sum())


def model_utility(values: Sequence[float]) -> float:
    """Harmonic mean, 0 if any value is 0 (TOFU 2.2.1).

    TOFU's nine values are probability, ROUGE-L recall and truth ratio of the retain set, of real authors and of world facts.
    """
    if not all(value > 0 for value in values):
        return 0.0
    return len(values) / sum(1 / value for value in values)
