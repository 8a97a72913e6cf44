"""Which blocks of a page are its main text.

The model gives each block a score (features.py, scores/trees.py). A page then keeps the blocks above the bound that promises the
best F1: with p the probability of a block and c its characters, 2 Σkept p c / (Σkept c + Σall p c). So a page of which the
model knows little keeps more than one that it sees through, and what was promised says how sure it is of the page.
A page that promises next to nothing keeps all it shows. The rows of a table stay or go together, as the surest of them: a table
without its head says little.

Comments below an article are not its text. Whether they are kept is asked apart, by name and by what prose is.
"""

import math

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.parts import BIT

_COMMENTS = BIT["comments"]
_ROW = lay.IS_CELL | lay.IS_ROW
SUREST = 10**9  # beyond any score
STEPS_OF_BOUND = 20  # bounds are tried in twentieths
LOWEST, HIGHEST = 3, 11  # .15 to .55: an F1 asks for no other (Lipton et al. 2014: half of what can be reached)
MIN_PROMISE = 0.3  # of 785 pages that never taught the model 7 promise less than .4, and their mean F1 is .18
MIN_COMMENT_CHARS = 20
MAX_LINKS_OF_COMMENT = 0.5

PARTS_OF_LOGIT, LARGEST_LOGIT = 16, 10  # a table of probabilities, so that no processor's exp() decides what is kept
_PROBABILITIES = np.array(
    [
        round(1e6 / (1 + math.exp(-step / PARTS_OF_LOGIT))) / 1e6
        for step in range(-LARGEST_LOGIT * PARTS_OF_LOGIT, LARGEST_LOGIT * PARTS_OF_LOGIT + 1)
    ]
)


@kernel
def probability_of(score: int) -> float:
    """Of a score in thousandths of a logit, to a sixteenth of a logit."""
    step = (score * PARTS_OF_LOGIT + 500) // 1000 + LARGEST_LOGIT * PARTS_OF_LOGIT
    return _PROBABILITIES[min(max(step, 0), len(_PROBABILITIES) - 1)]


@kernel
def best_bound(scores: np.ndarray, blocks: np.ndarray) -> tuple[float, float]:
    """(the bound on probabilities that promises the best F1, the F1 that it promises)."""
    chars, content = np.zeros(STEPS_OF_BOUND + 1), np.zeros(STEPS_OF_BOUND + 1)
    for k in range(len(blocks)):
        probability = probability_of(scores[k])
        step = int(probability * STEPS_OF_BOUND)
        chars[step] += blocks[k, lay.CHARS]
        content[step] += probability * blocks[k, lay.CHARS]
    kept, good, all_good = chars[HIGHEST:].sum(), content[HIGHEST:].sum(), content.sum()
    best, promise = HIGHEST, 2 * good / max(kept + all_good, 1.0)
    for step in range(HIGHEST - 1, LOWEST - 1, -1):
        kept += chars[step]
        good += content[step]
        if 2 * good / max(kept + all_good, 1.0) > promise:
            best, promise = step, 2 * good / max(kept + all_good, 1.0)
    return best / STEPS_OF_BOUND, promise


@part
def _is_comment(block: np.ndarray, names: int) -> bool:
    is_prose = block[lay.LINKS] <= MAX_LINKS_OF_COMMENT * block[lay.CHARS]
    return bool(names & _COMMENTS) and is_prose and block[lay.CHARS] >= MIN_COMMENT_CHARS


@part
def _of_tables(scores: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """The scores, those of a table's rows raised to that of its surest row."""
    raised = scores.copy()
    if len(blocks) == 0:
        return raised
    best = np.full(blocks[:, lay.GROUP_OF].max() + 1, -SUREST, np.int64)
    for k in range(len(blocks)):
        if blocks[k, lay.KIND] & _ROW == _ROW:
            best[blocks[k, lay.GROUP_OF]] = max(best[blocks[k, lay.GROUP_OF]], scores[k])
    for k in range(len(blocks)):
        if blocks[k, lay.KIND] & _ROW == _ROW:
            raised[k] = best[blocks[k, lay.GROUP_OF]]
    return raised


@kernel
def choose_blocks(scores: np.ndarray, names: np.ndarray, blocks: np.ndarray, keep_comments: bool) -> tuple[np.ndarray, float]:
    """(1 for each block whose text is kept, the F1 that this promises); `names` int64: what the parts around are called."""
    scores = _of_tables(scores, blocks)
    bound, promise = best_bound(scores, blocks)
    keep = np.ones(len(blocks), np.uint8)
    if promise < MIN_PROMISE:
        return keep, promise
    for k in range(len(blocks)):
        keep[k] = probability_of(scores[k]) >= bound or (keep_comments and _is_comment(blocks[k], names[k]))
    return keep, promise
