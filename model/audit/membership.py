"""Membership attacks: a number for each text that is the greater the more it looks like one of training.

`logs` [tokens]: log p of each scored token.
"""

import zlib

import numpy as np

_LEAST_VARIANCE = 1e-6  # OpenUnlearning; the official Min-K %++ divides by 0 where all tokens are equally likely


def loss_score(logs: np.ndarray) -> float:
    """Mean log p (Yeom et al. 2018, LOSS)."""
    return float(logs.mean())


def zlib_score(logs: np.ndarray, text: bytes) -> float:
    """Mean log p by the bytes of the text when compressed by zlib (Carlini et al. 2021)."""
    return float(logs.mean() / len(zlib.compress(text)))


def reference_score(logs: np.ndarray, reference_logs: np.ndarray) -> float:
    """Mean log p beyond that of a reference model (Carlini et al. 2021, Ref)."""
    return float(logs.mean() - reference_logs.mean())


def min_k(logs: np.ndarray, share: float) -> float:
    """Min-K % (Shi et al. 2024): mean log p of the least likely share of tokens, at least one.

    The official code gives not a number where share·n is below 1.
    """
    return float(np.sort(logs)[: max(1, int(len(logs) * share))].mean())


def min_k_plus_plus(logs: np.ndarray, means: np.ndarray, variances: np.ndarray, share: float) -> float:
    """Min-K %++ (Zhang et al. 2025): the same of (log p - mean)/deviation, both over the vocabulary at that place.

    Variances are clamped at 1e-6, as in OpenUnlearning.
    """
    return min_k((logs - means) / np.sqrt(np.maximum(variances, _LEAST_VARIANCE)), share)
