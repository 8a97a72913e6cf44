"""Where a line begins and ends: paragraphs, list items, headings, `pre`, and table rows with their cells.

Visible text goes to one buffer and a table of blocks; what is not seen goes to another, one line a run. Which blocks
are kept and how they are joined is html_blocks' business.

A table row is one line, `a | b`, as long as no cell holds more than one block; once one does (a table made for layout)
the row falls apart into blocks: what a cell holds is only known at its end, so its beginning is remembered.
"""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.text import TAGS, VERBATIM, begins_markup, copy_run, skip_blanks

_SEPARATOR = np.frombuffer(b" | ", np.uint8).copy()  # shorter than the <td> that asks for it, so the buffer suffices
_FIRST = np.frombuffer(b"| ", np.uint8).copy()  # before text, behind an empty cell
_LAST = np.frombuffer(b" |", np.uint8).copy()


@part
def _newlines_to_blanks(text: np.ndarray, start: int, end: int, state: np.ndarray) -> None:
    """A `<br>` within a cell: one row is one line."""
    state[lay.STEPS] += end - start
    for k in range(start, end):
        if text[k] == 10:
            text[k] = 32


@part
def _append_block(
    text: np.ndarray,
    start: int,
    end: int,
    chars: int,
    links: int,
    kind: int,
    group: int,
    blocks: np.ndarray,
    state: np.ndarray,
) -> None:
    while end > start and (text[end - 1] == 10 or text[end - 1] == 32 or text[end - 1] == 9):
        end -= 1
    if kind & lay.IS_PRE:  # blank lines before the first line; its indentation stays
        k = start
        while k < end and text[k] <= 32:
            if text[k] == 10:
                start = k + 1
            k += 1
    if chars == 0 or end <= start:
        return
    row = state[lay.BLOCKS]
    state[lay.BLOCKS] = row + 1
    blocks[row, lay.START] = start
    blocks[row, lay.END] = end
    blocks[row, lay.CHARS] = chars
    blocks[row, lay.LINKS] = links
    blocks[row, lay.KIND] = kind
    blocks[row, lay.GROUP_OF] = group
    blocks[row, lay.ELEMENT_OF] = state[lay.BLOCK_ELEMENT]
    blocks[row, lay.INLINE_KINDS] = state[lay.BLOCK_INLINE]
    blocks[row, lay.INLINE_NAMES] = state[lay.BLOCK_INLINE_NAMES]
    blocks[row, lay.LANGUAGE_AT] = state[lay.BLOCK_LANGUAGE]


@kernel
def close_block(text: np.ndarray, blocks: np.ndarray, state: np.ndarray) -> None:
    """Enters the open block, if there is one, into the table."""
    start = state[lay.BLOCK_START]
    if start < 0:
        return
    if state[lay.CELL_START] > start:
        _newlines_to_blanks(text, state[lay.CELL_START], state[lay.OUT], state)
    _append_block(
        text,
        start,
        state[lay.OUT],
        state[lay.BLOCK_CHARS],
        state[lay.BLOCK_LINKS],
        state[lay.BLOCK_KIND],
        state[lay.BLOCK_GROUP],
        blocks,
        state,
    )
    state[lay.STEPS] += 1
    state[lay.BLOCK_START] = -1


@part
def _split_last_cell(text: np.ndarray, blocks: np.ndarray, state: np.ndarray) -> None:
    """The last cell proves to hold several blocks: the cells before it stay a row, what it has so far is a block."""
    if state[lay.CELL_START] > state[lay.BLOCK_START]:
        _append_block(
            text,
            state[lay.BLOCK_START],
            state[lay.CELL_START] - len(_SEPARATOR),
            state[lay.CELL_CHARS],
            state[lay.CELL_LINKS],
            state[lay.BLOCK_KIND],
            state[lay.BLOCK_GROUP],
            blocks,
            state,
        )
        state[lay.BLOCK_START] = state[lay.CELL_START]
        state[lay.BLOCK_CHARS] -= state[lay.CELL_CHARS]
        state[lay.BLOCK_LINKS] -= state[lay.CELL_LINKS]
        state[lay.BLOCK_KIND] = state[lay.CELL_KIND]
        state[lay.BLOCK_GROUP] = state[lay.CELL_GROUP]
    state[lay.BLOCK_KIND] &= ~lay.IS_CELL
    close_block(text, blocks, state)


@part
def _kind_of_next(stack: np.ndarray, state: np.ndarray) -> int:
    depth = state[lay.DEPTH]
    kind = stack[depth, lay.HEADING]
    if state[lay.ITEM]:
        kind |= lay.IS_ITEM | max((stack[depth, lay.IN_LIST] & lay.DEPTH_OF_LIST) - 1, 0) << lay.LIST_DEPTH
        kind |= state[lay.ITEM_NUMBER] << lay.ITEM_NUMBER_AT
    else:
        kind |= state[lay.TERM]
    if stack[depth, lay.PREFORMATTED]:
        kind |= lay.IS_PRE
    state[lay.ITEM] = 0
    state[lay.TERM] = 0
    return kind


@part
def _begin_cell(stack: np.ndarray, state: np.ndarray) -> None:
    """A cell, the first of a block or a later one, begins at the free end of the text."""
    depth = state[lay.DEPTH]
    state[lay.CELL_START] = state[lay.OUT]
    state[lay.LINE_START] = state[lay.OUT]
    state[lay.CELL_CHARS] = state[lay.BLOCK_CHARS]
    state[lay.CELL_LINKS] = state[lay.BLOCK_LINKS]
    state[lay.CELL_KIND] = _kind_of_next(stack, state)
    state[lay.CELL_GROUP] = stack[depth, lay.GROUP]
    state[lay.BLOCK_CELL] = stack[depth, lay.CELL_NUMBER]
    state[lay.GAP] = 0


@part
def _take_inline(state: np.ndarray) -> None:
    """What opened since the last break belongs to the block, or the cell, that begins."""
    state[lay.BLOCK_INLINE] |= state[lay.NEXT_INLINE]
    state[lay.BLOCK_INLINE_NAMES] |= state[lay.NEXT_INLINE_NAMES]
    state[lay.NEXT_INLINE] = 0
    state[lay.NEXT_INLINE_NAMES] = 0


@part
def _write_separators(separator: np.ndarray, text: np.ndarray, row: int, stack: np.ndarray, state: np.ndarray) -> None:
    """As many as the cells of the <tr> at `row` ask for and its line does not have yet: an empty cell stays a cell."""
    at = state[lay.OUT]
    while stack[row, lay.WRITTEN] < stack[row, lay.COUNT] - 1:
        for k in range(len(separator)):
            if separator[k] != 32 or text[at - 1] != 32:
                text[at] = separator[k]
                at += 1
        stack[row, lay.WRITTEN] += 1
        state[lay.BLOCK_KIND] |= lay.IS_ROW
    state[lay.OUT] = at


@kernel
def end_row(row: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """The <tr> at `row` ends: the empty cells at its end, where the table is one of columns."""
    is_open = state[lay.BLOCK_START] >= 0 and state[lay.BLOCK_ROW] == stack[row, lay.ROW_NUMBER] != 0
    has_columns = stack[stack[row, lay.TABLE_SCOPE_AT], lay.COUNT] != 0
    if is_open and has_columns and stack[row, lay.ROW_IS_BLOCKS] == 0 and stack[row, lay.WRITTEN] < stack[row, lay.COUNT] - 1:
        _newlines_to_blanks(text, state[lay.CELL_START], state[lay.OUT], state)
        while state[lay.OUT] > state[lay.CELL_START] and text[state[lay.OUT] - 1] == 32:
            state[lay.OUT] -= 1
        _write_separators(_LAST, text, row, stack, state)


@part
def _open_block(text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    depth = state[lay.DEPTH]
    row = stack[depth, lay.ROW_AT]
    is_cell = row != 0 and stack[row, lay.ROW_IS_BLOCKS] == 0
    state[lay.BLOCK_START] = state[lay.OUT]
    state[lay.BLOCK_CHARS] = 0
    state[lay.BLOCK_LINKS] = 0
    _begin_cell(stack, state)
    state[lay.BLOCK_KIND] = state[lay.CELL_KIND] | (lay.IS_CELL if is_cell else 0)
    state[lay.BLOCK_GROUP] = state[lay.CELL_GROUP]
    state[lay.BLOCK_PART] = stack[depth, lay.PART_AT]
    state[lay.BLOCK_ELEMENT] = stack[depth, lay.ELEMENT_AT]
    state[lay.BLOCK_LANGUAGE] = stack[depth, lay.LANGUAGE]
    state[lay.BLOCK_INLINE] = 0
    state[lay.BLOCK_INLINE_NAMES] = 0
    _take_inline(state)
    state[lay.BLOCK_ROW] = stack[depth, lay.ROW_NUMBER] if is_cell else 0
    if is_cell:
        stack[row, lay.WRITTEN] = 0
        if stack[stack[depth, lay.TABLE_SCOPE_AT], lay.COUNT]:
            _write_separators(_FIRST, text, row, stack, state)
            state[lay.CELL_START] = state[lay.LINE_START] = state[lay.OUT]
        else:
            stack[row, lay.WRITTEN] = stack[row, lay.COUNT] - 1


@part
def _add_cell(text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    _newlines_to_blanks(text, state[lay.CELL_START], state[lay.OUT], state)
    at = state[lay.OUT]
    while at > state[lay.CELL_START] and text[at - 1] == 32:
        at -= 1
    state[lay.OUT] = at
    row = stack[state[lay.DEPTH], lay.ROW_AT]
    stack[stack[row, lay.TABLE_SCOPE_AT], lay.COUNT] = 1
    _write_separators(_SEPARATOR, text, row, stack, state)
    _begin_cell(stack, state)
    _take_inline(state)


@part
def begin_text(text: np.ndarray, blocks: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """Settles what was pending when a visible character comes: a new block, a new cell, or the same line."""
    depth = state[lay.DEPTH]
    if state[lay.BLOCK_START] >= 0 and state[lay.PENDING] != lay.NOTHING:
        same_row = state[lay.BLOCK_ROW] != 0 and state[lay.BLOCK_ROW] == stack[depth, lay.ROW_NUMBER]
        if same_row and state[lay.PENDING] == lay.BLOCK_BREAK and state[lay.BLOCK_CELL] == stack[depth, lay.CELL_NUMBER]:
            stack[stack[depth, lay.ROW_AT], lay.ROW_IS_BLOCKS] = 1
            _split_last_cell(text, blocks, state)
        elif same_row and state[lay.PENDING] == lay.CELL and state[lay.BLOCK_PART] == stack[depth, lay.PART_AT]:
            _add_cell(text, stack, state)
        else:
            close_block(text, blocks, state)
    if state[lay.BLOCK_START] < 0:
        _open_block(text, stack, state)
    state[lay.PENDING] = lay.NOTHING


@kernel
def request_break(state: np.ndarray) -> None:
    """A block begins or ends here. At the very start of a cell that is no news."""
    state[lay.UNSEEN_BREAK] = 1
    state[lay.NEXT_INLINE] = 0
    state[lay.NEXT_INLINE_NAMES] = 0
    if state[lay.PENDING] != lay.CELL:
        state[lay.PENDING] = lay.BLOCK_BREAK


@kernel
def request_cell(stack: np.ndarray, state: np.ndarray) -> None:
    """A cell begins here: another column where the open block is of this row and the row is still one line."""
    depth = state[lay.DEPTH]
    joins = (
        state[lay.BLOCK_START] >= 0
        and state[lay.BLOCK_ROW] == stack[depth, lay.ROW_NUMBER]
        and stack[stack[depth, lay.ROW_AT], lay.ROW_IS_BLOCKS] == 0
    )
    state[lay.UNSEEN_BREAK] = 1
    stack[stack[depth, lay.ROW_AT], lay.COUNT] += 1
    state[lay.PENDING] = lay.CELL if joins else lay.BLOCK_BREAK


@part
def end_line(text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """`<br>`: a new line within the block; two in a row end it."""
    if state[lay.BLOCK_START] < 0 or state[lay.PENDING] != lay.NOTHING:
        return
    if state[lay.LINE_START] == state[lay.OUT] and not stack[state[lay.DEPTH], lay.PREFORMATTED]:
        request_break(state)
        return
    text[state[lay.OUT]] = 10
    state[lay.OUT] += 1
    state[lay.LINE_START] = state[lay.OUT]
    state[lay.GAP] = 0


@part
def read_visible(
    data: np.ndarray,
    i: int,
    end: int,
    text: np.ndarray,
    blocks: np.ndarray,
    stack: np.ndarray,
    state: np.ndarray,
) -> int:
    """Copies one run of text that a reader sees, up to the next tag; returns where it ends."""
    mode = state[lay.MODE]
    if i >= end:
        return i
    if stack[state[lay.DEPTH], lay.PREFORMATTED]:
        mode |= VERBATIM
    else:
        start = i
        i = skip_blanks(data, i, end, mode, text, state[lay.OUT])
        if i > start:
            state[lay.GAP] = 1
        if i >= end or (mode & TAGS and data[i] == 60 and begins_markup(data, i, end)):
            return i
    if state[lay.PENDING] != lay.NOTHING or state[lay.BLOCK_START] < 0:
        begin_text(text, blocks, stack, state)
    i, at, gap, weight = copy_run(data, i, end, mode, text, state[lay.OUT], state[lay.LINE_START], state[lay.GAP])
    state[lay.OUT] = at
    state[lay.GAP] = gap
    state[lay.UNSEEN_BREAK] = 1
    state[lay.BLOCK_CHARS] += weight
    if stack[state[lay.DEPTH], lay.LINK]:
        state[lay.BLOCK_LINKS] += weight
    return i


@part
def read_hidden(data: np.ndarray, i: int, end: int, hidden_text: np.ndarray, state: np.ndarray) -> int:
    """Copies one run of text that a reader does not see, on a line of its own."""
    mode = state[lay.MODE]
    start = i
    at = state[lay.HIDDEN_OUT]
    i = skip_blanks(data, i, end, mode, hidden_text, at)
    if i > start:
        state[lay.HIDDEN_GAP] = 1
    if i >= end or (mode & TAGS and data[i] == 60 and begins_markup(data, i, end)):
        return i
    if state[lay.UNSEEN_BREAK]:
        state[lay.UNSEEN_BREAK] = 0
        if at > 0:
            hidden_text[at] = 10
            at += 1
        state[lay.HIDDEN_LINE] = at
    i, at, gap, _ = copy_run(data, i, end, mode, hidden_text, at, state[lay.HIDDEN_LINE], state[lay.HIDDEN_GAP])
    state[lay.HIDDEN_OUT] = at
    state[lay.HIDDEN_GAP] = gap
    return i
