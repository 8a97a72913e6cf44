"""How much of a text a model says by itself. `best` [tokens]: the token is the first choice after the true ones before it."""

import numpy as np


def extraction_strength(best: np.ndarray) -> float:
    """1 - k/n, with k the shortest prefix after which greedy decoding says all the rest (Dorna et al. 2025, OpenUnlearning).

    0 where not even the last token is said. OpenUnlearning's own loop ends one token early and gives 1/n there.
    """
    wrong = np.flatnonzero(~best)
    return 1 - (wrong[-1] + 1 if len(wrong) else 0) / len(best)


def exact_memorisation(best: np.ndarray) -> float:
    """Share of tokens that are the first choice after the true prefix (Tirumala et al. 2022, as OpenUnlearning)."""
    return float(best.mean())


def verbatim_extraction(best: np.ndarray, prefix: int, suffix: int | None = None) -> bool:
    """Whether greedy decoding after `prefix` tokens says the next `suffix` ones, all the rest if None (Carlini et al. 2023).

    Greedy decoding stays on the text exactly as long as each of its tokens is the first choice, so no text need be generated.
    """
    asked = best[prefix:] if suffix is None else best[prefix : prefix + suffix]
    return len(asked) > 0 and bool(asked.all())


def probability(logs: np.ndarray) -> float:
    """p(text)^(1/n), n scored tokens (Maini et al. 2024, TOFU 2.2.2).

    TOFU's and OpenUnlearning's evaluate_probability divides by one token too many where the first token is labelled.
    """
    return float(np.exp(logs.mean()))
