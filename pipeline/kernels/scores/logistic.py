"""Logistic regression on hashed features by AdaGrad: how the models of pipeline/poison learn. A bucket is a shifted hash."""

import numpy as np

from pipeline.kernels.cache import kernel


@kernel
def fit_sentences(
    bounds: np.ndarray,
    features: np.ndarray,
    labels: np.ndarray,
    weight: np.ndarray,
    order: np.ndarray,
    table: np.ndarray,
    gradients: np.ndarray,
    shift: int,
    bias: float,
    rate: float,
    decay: float,
    dropped: float,
    floor: float,
    alone: float,
    seed: int,
) -> float:
    """One pass of AdaGrad logistic regression; labels [rows, models] in {0, 1}, below 0 is not asked. Gives the mean loss.

    `alone` of the rows show only the features that are the same in every language (an odd hash).
    """
    np.random.seed(seed)
    models = table.shape[1]
    loss, asked = 0.0, 0
    kept = np.empty(1 << 13, np.int64)
    for row in order:
        count = 0
        cues_only = np.random.random() < alone
        for k in range(bounds[row], bounds[row + 1]):
            if cues_only and features[k] & np.uint64(1) == 0:
                continue
            if np.random.random() >= dropped:
                kept[count] = np.int64(features[k] >> np.uint64(shift))
                count += 1
        if count == 0:
            continue
        scale = count**-0.25
        for model in range(models):
            if labels[row, model] < 0:
                continue
            logit = -bias
            for k in range(count):
                logit += table[kept[k], model]
            logit *= scale
            probability = 1.0 / (1.0 + np.exp(-logit))
            error = (probability - labels[row, model]) * weight[row] * scale
            loss += -np.log(max(probability if labels[row, model] > 0 else 1 - probability, 1e-9))
            asked += 1
            for k in range(count):
                gradient = error + decay * table[kept[k], model]
                gradients[kept[k], model] += gradient * gradient
                step = rate * gradient / np.sqrt(gradients[kept[k], model] + 1e-6)
                table[kept[k], model] = max(floor, table[kept[k], model] - step)
    return loss / max(asked, 1)


@kernel
def sentence_logits(bounds: np.ndarray, features: np.ndarray, table: np.ndarray, shift: int, bias: float) -> np.ndarray:
    """What both models say of every row, as float32 [rows, models]."""
    logits = np.full((len(bounds) - 1, table.shape[1]), -bias, np.float32)
    for row in range(len(bounds) - 1):
        count = bounds[row + 1] - bounds[row]
        if count == 0:
            continue
        for k in range(bounds[row], bounds[row + 1]):
            bucket = np.int64(features[k] >> np.uint64(shift))
            for model in range(table.shape[1]):
                logits[row, model] += table[bucket, model] * count**-0.25
    return logits


@kernel
def fit_windows(
    rows: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    weights: np.ndarray,
    gradients: np.ndarray,
    shift: int,
    rate: float,
    decay: float,
) -> None:
    """One pass of AdaGrad logistic regression; rows [n, features] of hashes, 0 for none."""
    for row in order:
        logit, count = 0.0, 0
        for k in range(rows.shape[1]):
            if rows[row, k]:
                logit += weights[np.int64(rows[row, k] >> np.uint64(shift))]
                count += 1
        scale = 8.0 / max(1, count)
        error = (1.0 / (1.0 + np.exp(-logit * scale)) - labels[row]) * scale
        for k in range(rows.shape[1]):
            if rows[row, k]:
                bucket = np.int64(rows[row, k] >> np.uint64(shift))
                gradient = error + decay * weights[bucket]
                gradients[bucket] += gradient * gradient
                weights[bucket] -= rate * gradient / np.sqrt(gradients[bucket] + 1e-6)
