"""One page from bytes to its texts: the buffers, the walk, the choice, the joining."""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.blocks import choose_blocks, join_blocks
from pipeline.kernels.html.lines import read_hidden
from pipeline.kernels.html.scan import count_tags, new_state, scan_page, text_capacity
from pipeline.kernels.html.style import SHEET_SLOTS
from pipeline.kernels.html.text import REFERENCES


@part
def _read_title(data: np.ndarray, blocks: np.ndarray, text: np.ndarray, state: np.ndarray) -> np.ndarray:
    """The first <title> in one line; where it says nothing, the first h1."""
    start, end = state[lay.TITLE_START], state[lay.TITLE_END]
    title = np.empty(text_capacity(end - start), np.uint8)
    state[lay.MODE] = REFERENCES
    state[lay.HIDDEN_OUT] = 0  # the walk is over: its reader of hidden text, which knows no blocks, serves for the title
    state[lay.HIDDEN_GAP] = 0
    state[lay.UNSEEN_BREAK] = 1
    read_hidden(data, start, end, title, state)
    size = state[lay.HIDDEN_OUT]
    if size:
        return title[:size]
    for k in range(len(blocks)):
        if blocks[k, lay.KIND] & lay.LEVEL == 1:
            return text[blocks[k, lay.START] : blocks[k, lay.END]]
    return title[:size]


@kernel
def read_page(
    data: np.ndarray,
    max_depth: int,
    max_attributes: int,
    main_content: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int, int]:
    """(title, text, hidden text, what markup says, bits of lay.PROBLEMS, steps) of a page in UTF-8; every array uint8."""
    tags = count_tags(data) + 2
    text = np.empty(text_capacity(len(data)), np.uint8)
    hidden_text = np.empty(len(text), np.uint8)
    said = np.empty(len(text), np.uint8)
    blocks = np.empty((tags, lay.BLOCK_COLUMNS), np.int32)
    regions = np.empty((tags, lay.REGION_COLUMNS), np.int32)
    regions[0] = 0
    stack = np.empty((max_depth + 2, lay.STACK_COLUMNS), np.int64)
    stack[0] = 0
    sheet = np.zeros((SHEET_SLOTS, 2), np.int64)
    state = new_state()
    scan_page(data, max_attributes, text, hidden_text, said, blocks, regions, stack, sheet, state)
    blocks = blocks[: state[lay.BLOCKS]]
    hidden = hidden_text[: state[lay.HIDDEN_OUT]]
    title = _read_title(data, blocks, text, state)
    keep = choose_blocks(text, blocks, regions[: state[lay.REGIONS]], main_content)
    steps = state[lay.STEPS] + len(text) + len(blocks) + state[lay.REGIONS]
    return title, join_blocks(text, blocks, keep), hidden, said[: state[lay.SAID_OUT]], state[lay.PROBLEMS], steps
