"""How the language model learns: multinomial logistic regression whose weights exist only where a language has an n-gram."""

import numpy as np

from pipeline.kernels.cache import inlined, kernel


@inlined
def row_of(key: int, first: np.ndarray, keys: np.ndarray, shift: int) -> int:
    """The row of a key in the ascending `keys`, -1 where it is none; `first[k >> shift]` is where keys with these bits begin."""
    bits = np.uint64(key) >> np.uint64(shift)
    row, end = first[bits], first[bits + np.uint64(1)]
    while row < end and keys[row] < key:
        row += 1
    return row if row < end and keys[row] == key else -1


@kernel
def rows_of_keys(found: np.ndarray, first: np.ndarray, keys: np.ndarray, shift: int) -> np.ndarray:
    """Each key's row in the table, -1 for none."""
    rows = np.empty(len(found), np.int32)
    for i in range(len(found)):
        rows[i] = row_of(found[i], first, keys, shift)
    return rows


@kernel
def fit_languages(
    rows: np.ndarray,
    bounds: np.ndarray,
    answers: np.ndarray,
    order: np.ndarray,
    starts: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    gradients: np.ndarray,
    bias: np.ndarray,
    rate: float,
    decay: float,
    dropped: float,
    seed: int,
) -> float:
    """One pass of AdaGrad over `order`; rows [n-grams] of the examples' n-grams, bounds [examples + 1]. Gives the mean loss.

    Entry e of a row says weights[e] for labels[e], starts[row] <= e < starts[row + 1]. A language's logit is its bias and the sum
    of what all n-grams say, divided by the root of their number. A share `dropped` of the n-grams is not shown.
    """
    np.random.seed(seed)
    logits = np.empty(len(bias), np.float32)
    total = 0.0
    for example in order:
        scale = np.float32(1.0 / np.sqrt(max(1, bounds[example + 1] - bounds[example])))
        logits[:] = bias
        shown = 0
        kept = np.empty(bounds[example + 1] - bounds[example], np.int32)
        for i in range(bounds[example], bounds[example + 1]):
            if rows[i] >= 0 and np.random.random() >= dropped:
                kept[shown] = rows[i]
                shown += 1
        for i in range(shown):
            for entry in range(starts[kept[i]], starts[kept[i] + 1]):
                logits[labels[entry]] += scale * weights[entry]
        highest = logits.max()
        logits[:] = np.exp(logits - highest)
        logits /= logits.sum()
        total -= np.log(max(logits[answers[example]], np.float32(1e-9)))
        logits[answers[example]] -= np.float32(1)
        for label in range(len(bias)):
            bias[label] -= np.float32(0.02) * rate * logits[label]
        for i in range(shown):
            for entry in range(starts[kept[i]], starts[kept[i] + 1]):
                error = logits[labels[entry]]
                if abs(error) < 1e-4:
                    continue
                gradient = scale * error + decay * weights[entry]
                gradients[entry] += gradient * gradient
                weights[entry] -= rate * gradient / np.sqrt(gradients[entry])
    return total / max(1, len(order))
