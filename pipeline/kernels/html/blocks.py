"""The text that chosen blocks make together."""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay


@part
def _newlines_between(blocks: np.ndarray, above: int, below: int) -> int:
    """1 between the lines of one list, table, definition or <pre>, 2 between paragraphs."""
    if blocks[above, lay.GROUP_OF] != blocks[below, lay.GROUP_OF] or blocks[below, lay.GROUP_OF] == 0:
        return 2
    kind, kind_above = blocks[below, lay.KIND], blocks[above, lay.KIND]
    if kind & (lay.IS_ITEM | lay.IS_DEFINITION) or kind & kind_above & (lay.IS_PRE | lay.IS_TERM):
        return 1
    return 1 if kind & kind_above & lay.IS_CELL and (kind | kind_above) & lay.IS_ROW else 2


@part
def join_blocks(text: np.ndarray, blocks: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """The kept blocks as UTF-8, joined."""
    size = 0
    for k in range(len(blocks)):
        if keep[k]:
            size += blocks[k, lay.END] - blocks[k, lay.START] + 4  # two newlines and "- "
    out = np.empty(size, np.uint8)
    at = 0
    above = -1
    for k in range(len(blocks)):
        if not keep[k]:
            continue
        if above >= 0:
            for _ in range(_newlines_between(blocks, above, k)):
                out[at] = 10
                at += 1
        if blocks[k, lay.KIND] & lay.IS_ITEM:
            out[at] = 45
            out[at + 1] = 32
            at += 2
        for i in range(blocks[k, lay.START], blocks[k, lay.END]):
            out[at] = text[i]
            at += 1
        above = k
    return out[:at]
