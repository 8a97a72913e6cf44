"""What the model of page types is told of a page: what holds for all of it, and the means of its blocks by their characters."""

import numpy as np

from pipeline.kernels.cache import kernel
from pipeline.kernels.html import layout as lay
from pipeline.kernels.main_text.names import FEATURES

_WHOLE = [name.startswith("page_") for name in FEATURES]
TYPE_FEATURES = [name if whole else f"mean:{name}" for name, whole in zip(FEATURES, _WHOLE, strict=True)]
ROW_SIZE = len(TYPE_FEATURES)
_IS_WHOLE = np.array(_WHOLE)


@kernel
def page_row(features: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """float32 [TYPE_FEATURES] of the features of a page's blocks, float32 [blocks, FEATURES]; of a page without any, zeros."""
    sums = np.zeros(ROW_SIZE)
    chars = 0.0
    for k in range(len(blocks)):
        chars += blocks[k, lay.CHARS]
        for column in range(ROW_SIZE):
            sums[column] += blocks[k, lay.CHARS] * features[k, column]
    row = np.zeros(ROW_SIZE, np.float32)
    for column in range(ROW_SIZE):
        if len(blocks):
            row[column] = features[0, column] if _IS_WHOLE[column] else sums[column] / max(chars, 1.0)
    return row
