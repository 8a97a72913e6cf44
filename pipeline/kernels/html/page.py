"""One page from bytes to its texts: the buffers, the walk, the choice, the joining."""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.blocks import join_blocks
from pipeline.kernels.html.lines import read_hidden
from pipeline.kernels.html.scan import count_tags, new_state, scan_page, text_capacity
from pipeline.kernels.html.style import SHEET_SLOTS
from pipeline.kernels.html.text import REFERENCES
from pipeline.kernels.main_text.choice import choose_blocks
from pipeline.kernels.main_text.features import features_of
from pipeline.kernels.main_text.page_type import ROW_SIZE, page_row
from pipeline.kernels.main_text.repeats import drop_repeats
from pipeline.kernels.scores.trees import Tests, tree_scores

MIN_SHOWN = 500  # characters outside links; a page that shows fewer may have all it says in <noscript>, or hide it till its
# script has run
MIN_GAIN = 2  # times as many must be hidden_text, and shown then


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


@part
def _walk(
    data: np.ndarray, max_depth: int, max_attributes: int, is_xml: bool, opening: bool, without_scripts: bool, opened: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    tags = count_tags(data) + 2
    text = np.empty(text_capacity(len(data)), np.uint8)
    hidden_text = np.empty(len(text), np.uint8)
    said = np.empty(len(text), np.uint8)
    blocks = np.empty((tags, lay.BLOCK_COLUMNS), np.int64)
    elements = np.empty((tags, lay.ELEMENT_COLUMNS), np.int64)
    elements[0] = 0
    stack = np.empty((max_depth + 2, lay.STACK_COLUMNS), np.int64)
    stack[0] = 0
    sheet = np.zeros((SHEET_SLOTS, 2), np.int64)
    state = new_state()
    state[lay.WITHOUT_SCRIPTS] = without_scripts
    state[lay.OPENING] = opening
    state[lay.OPENED] = opened
    state[lay.IS_XML] = is_xml
    scan_page(data, max_attributes, text, hidden_text, said, blocks, elements, stack, sheet, state)
    hidden, markup = hidden_text[: state[lay.HIDDEN_OUT]], said[: state[lay.SAID_OUT]]
    return text, hidden, markup, blocks[: state[lay.BLOCKS]], elements[: state[lay.ELEMENTS]], state


@part
def _said_by(blocks: np.ndarray) -> int:
    """Characters outside links: a page may show its menus and nothing else."""
    return int(blocks[:, lay.CHARS].sum() - blocks[:, lay.LINKS].sum())


@kernel
def walk_page(
    data: np.ndarray, max_depth: int, max_attributes: int, is_xml: bool, opening: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(text, hidden text, what markup says, blocks, elements, state) of a page in UTF-8; the first three uint8, then int64.

    `is_xml`: it is XHTML by its type; `opening`: what is hidden as fetched and meant to be read is text (opening.py).
    """
    walked = _walk(data, max_depth, max_attributes, is_xml, opening, False, 0)
    state = walked[5]
    shown = _said_by(walked[3])
    much = max(MIN_SHOWN, MIN_GAIN * shown)
    if shown >= MIN_SHOWN or len(walked[1]) <= much:
        return walked
    most = state[lay.MOST_HIDING] if state[lay.MOST_HIDDEN] > much else 0
    steps = state[lay.STEPS]
    for without_scripts, opened in ((True, 0), (False, most), (False, lay.ALL_SEEN_LATER)):
        if without_scripts or (opening and opened):
            again = _walk(data, max_depth, max_attributes, is_xml, opening, without_scripts, opened)
            steps += again[5][lay.STEPS]
            if _said_by(again[3]) > MIN_GAIN * shown:
                again[5][lay.STEPS] = steps
                return again
    state[lay.STEPS] = steps
    return walked


@kernel
def read_page(
    data: np.ndarray,
    max_depth: int,
    max_attributes: int,
    is_xml: bool,
    main_content: bool,
    keep_comments: bool,
    markdown: bool,
    tests: Tests,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float, int, int, np.ndarray, np.ndarray]:
    """(title, text, hidden text, what markup says, F1 promised, bits of lay.PROBLEMS, steps, signals, page_row) of a page.

    The page in UTF-8 and the first four are uint8; signals int64 [tags, SIGNAL_COLUMNS]; page_row float32, of page_type.py, zeros
    where nothing was chosen. `tests`: of trees over features.py.
    """
    text, hidden, markup, blocks, elements, state = walk_page(data, max_depth, max_attributes, is_xml, main_content)
    title = _read_title(data, blocks, text, state)
    keep, promise = np.ones(len(blocks), np.uint8), 1.0
    row = np.zeros(ROW_SIZE, np.float32)
    if main_content:
        features, names = features_of(text, blocks, elements)
        row = page_row(features, blocks)
        scores = tree_scores(features, tests)
        keep, promise = choose_blocks(scores, names, blocks, keep_comments)
        keep = drop_repeats(text, blocks, elements, keep)
    steps = state[lay.STEPS] + len(text) + len(blocks) + len(elements)
    rows = state[lay.SIGNAL_ROWS]
    signals = state[lay.SIGNAL_AT : lay.SIGNAL_AT + rows * lay.SIGNAL_COLUMNS].copy().reshape(rows, lay.SIGNAL_COLUMNS)
    return (
        title,
        join_blocks(data, text, blocks, elements, keep, markdown),
        hidden,
        markup,
        promise,
        state[lay.PROBLEMS],
        steps,
        signals,
        row,
    )
