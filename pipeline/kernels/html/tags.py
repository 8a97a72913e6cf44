"""What start and end tags do to the open elements, and what that means for the text to come."""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.code import drop_line_numbers, note_line_numbers
from pipeline.kernels.html.lines import end_line, end_row, request_break, request_cell
from pipeline.kernels.html.names import (
    BLOCK,
    BR,
    BREAKOUT,
    CONTROL,
    DD,
    DIALOG,
    DL,
    DT,
    ELEMENT_FLAGS,
    FOREIGN,
    FORMATTING,
    H1,
    H6,
    HR,
    HREF,
    IGNORED,
    LI,
    LISTING,
    MATH,
    NOSCRIPT,
    OL,
    OPEN,
    PRE,
    RAW,
    SCRIPT,
    SHADOW,
    STYLE,
    SVG,
    TABLE,
    TD,
    TEMPLATE_ELEMENT,
    TH,
    TR,
    UL,
    UNKNOWN,
    UNSEEN,
    VOID,
    A,
    P,
)
from pipeline.kernels.html.notation import end_notation
from pipeline.kernels.html.parts import ELEMENT_KIND, PART_ELEMENTS, PART_NAMES
from pipeline.kernels.html.stack import detach, inherit_hidden, pop_one, push, row_ended_by_start, row_to_close
from pipeline.kernels.html.style import DISPLAY, OPACITY, VISIBILITY


@part
def _drop_anchor_sign(row: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """A link beside a heading that only says `¶`, `#` or `§` is a handle, not text."""
    start = max(stack[row, lay.TEXT_AT], state[lay.CELL_START])
    end = state[lay.OUT]
    if state[lay.BLOCK_START] < 0 or state[lay.PENDING] != lay.NOTHING or not start < end <= start + 3:
        return
    at = start + 1 if text[start] == 32 else start
    two = end - at == 2 and text[at] == 0xC2 and (text[at + 1] == 0xB6 or text[at + 1] == 0xA7)
    if two or (end - at == 1 and text[at] == 35):
        state[lay.OUT] = start
        state[lay.GAP] = 1
        state[lay.BLOCK_CHARS] -= 1
        state[lay.BLOCK_LINKS] -= 1


@kernel
def close_to(row: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """Closes the element at `row` and all opened in it."""
    depth = state[lay.DEPTH]
    state[lay.STEPS] += depth - row + 1
    while depth >= row:
        number = stack[depth, lay.TAG]
        if stack[depth, lay.BRACES]:
            end_notation(depth, text, stack, state)
        if stack[depth, lay.NUMBERS_AT] == lay.IS_NUMBERS:
            drop_line_numbers(depth, text, stack, state)
        if ELEMENT_FLAGS[number] & BLOCK:
            request_break(state)
            if number == LI:
                state[lay.ITEM] = 0
            elif number in (DT, DD):
                state[lay.TERM] = 0
            elif number == TR:
                end_row(depth, text, stack, state)
        elif number == A and stack[depth, lay.LINK]:
            _drop_anchor_sign(depth, text, stack, state)
        pop_one(stack, state, depth)
        depth -= 1
    state[lay.DEPTH] = depth


@part
def _break_line(text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    depth = state[lay.DEPTH]
    if stack[depth, lay.HIDDEN_BY]:
        state[lay.HIDDEN_GAP] = 1
    elif not stack[depth, lay.NOT_TEXT]:
        end_line(text, stack, state)


@part
def end_tag(number: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    depth = state[lay.DEPTH]
    flags = ELEMENT_FLAGS[number]
    if number == BR:
        _break_line(text, stack, state)
        return
    ends_raw = flags & RAW and stack[depth, lay.FOREIGN_AT] == 0  # in <svg> a style is an element as any
    if flags & (VOID | IGNORED) or ends_raw:
        return
    if state[lay.FLATTENED]:
        state[lay.FLATTENED] -= 1
        if flags & BLOCK:
            request_break(state)
        return
    row = row_to_close(stack, state, depth, number)
    if row == 0:
        if number == P:
            request_break(state)
    elif flags & (BLOCK | UNSEEN) or number in (SVG, MATH) or stack[depth, lay.BLOCK_AT] < row:
        close_to(row, text, stack, state)
    elif flags & FORMATTING:
        detach(stack, state, depth, row)


@part
def _enter_element(number: int, depth: int, elements: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    row = state[lay.ELEMENTS]
    state[lay.ELEMENTS] = row + 1
    elements[row, lay.PARENT] = stack[depth, lay.ELEMENT_AT]
    elements[row, lay.NUMBER] = number
    elements[row, lay.OWN_NAMES] = state[lay.NAMES]
    elements[row, lay.OWN_SHAPE] = state[lay.SHAPE]
    elements[row, lay.LEVEL_OF] = depth
    stack[depth, lay.ELEMENT_AT] = row
    if ELEMENT_KIND[number] & PART_ELEMENTS or state[lay.NAMES] & PART_NAMES:
        stack[depth, lay.PART_AT] = row


@part
def _note_inline(number: int, state: np.ndarray) -> None:
    """What an inline element tells of the block that it stands in, or that begins behind it."""
    is_open = state[lay.BLOCK_START] >= 0 and state[lay.PENDING] == lay.NOTHING
    at = lay.BLOCK_INLINE if is_open else lay.NEXT_INLINE
    state[at] |= ELEMENT_KIND[number]
    state[at + 1] |= state[lay.NAMES]


@part
def _is_shown(number: int, state: np.ndarray) -> bool:
    """Whether an element that usually hides what is in it shows it; one that nobody ends hides nothing but itself."""
    if number == DIALOG and state[lay.PRESENT] & OPEN:
        return True
    if number == NOSCRIPT and state[lay.WITHOUT_SCRIPTS]:
        return True
    return bool(state[lay.NO_END]) or (number == TEMPLATE_ELEMENT and state[lay.PRESENT] & SHADOW != 0)


@part
def note_hiding(by_style: bool, state: np.ndarray) -> None:
    """One more element hides what would be seen without it, or the page ends: what the one before hides is known now."""
    size = state[lay.HIDDEN_OUT] - state[lay.HIDING_FROM]
    if state[lay.HIDING_BY_STYLE] and size > state[lay.MOST_HIDDEN]:
        state[lay.MOST_HIDDEN] = size
        state[lay.MOST_HIDING] = state[lay.HIDINGS]
    state[lay.HIDINGS] += 1
    state[lay.HIDING_FROM] = state[lay.HIDDEN_OUT]
    state[lay.HIDING_BY_STYLE] = by_style


@part
def _inherit_hidden(number: int, depth: int, stack: np.ndarray, state: np.ndarray) -> None:
    stack[depth, lay.OWN_REASONS] = state[lay.REASONS]
    stack[depth, lay.OWN_ANEW] = state[lay.ANEW]
    by_style = not (ELEMENT_FLAGS[number] & UNSEEN and not _is_shown(number, state))
    if not by_style:
        stack[depth, lay.OWN_REASONS] |= DISPLAY
    elif state[lay.OPENED] == lay.ALL_SEEN_LATER:
        stack[depth, lay.OWN_REASONS] &= ~(VISIBILITY | OPACITY)
    inherit_hidden(stack, depth)
    if stack[depth, lay.HIDDEN_BY] and not stack[depth - 1, lay.HIDDEN_BY]:
        note_hiding(by_style, state)
        if state[lay.HIDINGS] == state[lay.OPENED]:
            stack[depth, lay.OWN_REASONS] = 0
            inherit_hidden(stack, depth)


@part
def _open_row(depth: int, stack: np.ndarray, state: np.ndarray) -> None:
    state[lay.ROWS] += 1
    stack[depth, lay.ROW_NUMBER] = state[lay.ROWS]
    stack[depth, lay.ROW_AT] = depth


@part
def _open_table_part(number: int, depth: int, stack: np.ndarray, state: np.ndarray) -> None:
    if number == TABLE:
        if stack[depth, lay.ROW_AT]:
            stack[stack[depth, lay.ROW_AT], lay.ROW_IS_BLOCKS] = 1
        state[lay.GROUPS] += 1
        stack[depth, lay.GROUP] = state[lay.GROUPS]
        stack[depth, lay.ROW_AT] = 0
        stack[depth, lay.ROW_NUMBER] = 0
        stack[depth, lay.IN_LIST] = 0
    elif number == TR:
        _open_row(depth, stack, state)
    elif number in (TD, TH):
        state[lay.CELLS] += 1
        stack[depth, lay.CELL_NUMBER] = state[lay.CELLS]
        stack[depth, lay.IN_LIST] = 0
        stack[depth, lay.LIST_AT] = 0
        stack[depth, lay.PREFORMATTED] |= stack[stack[depth, lay.ROW_AT], lay.NUMBERS_AT] == lay.BESIDE_NUMBERS
        if number == TH:
            stack[stack[depth - 1, lay.TABLE_SCOPE_AT], lay.COUNT] = 1
        if stack[depth, lay.HIDDEN_BY] == 0:
            request_cell(stack, state)


@part
def _open_list(number: int, depth: int, stack: np.ndarray, state: np.ndarray) -> None:
    if not stack[depth, lay.IN_LIST]:
        state[lay.GROUPS] += 1
        stack[depth, lay.GROUP] = state[lay.GROUPS]
    if number == DL:
        stack[depth, lay.IN_LIST] |= lay.IN_TERMS
        return
    if stack[depth, lay.IN_LIST] & lay.DEPTH_OF_LIST < lay.DEEPEST_LIST:
        stack[depth, lay.IN_LIST] += 1
    stack[depth, lay.LIST_AT] = depth
    before_first = state[lay.ORDINAL] - 2 if state[lay.ORDINAL] else 0
    stack[depth, lay.COUNT] = before_first if number == OL else lay.NO_NUMBERS
    stack[depth, lay.STYLE] = _style_of(state[lay.LIST_TYPE])


@part
def _style_of(byte: int) -> int:
    """What `type` of an <ol> says: a, A, i or I."""
    if byte | 32 == 97:
        return lay.LOWER_LETTERS if byte == 97 else lay.UPPER_LETTERS
    if byte | 32 == 105:
        return lay.LOWER_ROMAN if byte == 105 else lay.UPPER_ROMAN
    return lay.DECIMAL


@part
def _number_item(depth: int, stack: np.ndarray, state: np.ndarray) -> None:
    row = stack[depth, lay.LIST_AT]
    state[lay.ITEM_NUMBER] = 0
    if row and stack[row, lay.COUNT] != lay.NO_NUMBERS:
        number = state[lay.ORDINAL] - 1 if state[lay.ORDINAL] else stack[row, lay.COUNT] + 1
        stack[row, lay.COUNT] = number
        state[lay.ITEM_NUMBER] = number + 1 | stack[row, lay.STYLE] << (lay.STYLE_AT - lay.ITEM_NUMBER_AT)


@part
def _open_pre(depth: int, stack: np.ndarray, state: np.ndarray) -> None:
    stack[depth, lay.PREFORMATTED] = 1
    state[lay.GROUPS] += 1
    stack[depth, lay.GROUP] = state[lay.GROUPS]
    if stack[depth, lay.ROW_AT]:  # its lines stay lines, so its row is none
        stack[stack[depth, lay.ROW_AT], lay.ROW_IS_BLOCKS] = 1
        if state[lay.PENDING] == lay.CELL:
            state[lay.PENDING] = lay.BLOCK_BREAK


@part
def _open_part(number: int, depth: int, stack: np.ndarray, state: np.ndarray) -> None:
    """What the text in the element at `depth` is."""
    if H1 <= number <= H6:
        stack[depth, lay.HEADING] = number - H1 + 1
    elif number == LI:
        state[lay.ITEM] = 1
        _number_item(depth, stack, state)
    elif number == DT:
        state[lay.TERM] = lay.IS_TERM
    elif number == DD:
        state[lay.TERM] = lay.IS_DEFINITION
    elif number in (UL, OL, DL):
        _open_list(number, depth, stack, state)
    elif number in (PRE, LISTING):
        _open_pre(depth, stack, state)
    else:
        _open_table_part(number, depth, stack, state)


@part
def open_element(number: int, elements: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """Pushes an element whose attributes have just been read; beyond the bound its text counts as its parent's."""
    if state[lay.DEPTH] + 2 >= len(stack):
        state[lay.FLATTENED] += 1
        state[lay.PROBLEMS] |= lay.TOO_DEEP
        return
    flags = ELEMENT_FLAGS[number]
    depth = push(stack, state, state[lay.DEPTH], number)
    state[lay.DEPTH] = depth
    _inherit_hidden(number, depth, stack, state)
    if flags & CONTROL or (number == A and state[lay.PRESENT] & HREF):
        stack[depth, lay.LINK] = 1
        stack[depth, lay.TEXT_AT] = state[lay.OUT] if state[lay.PENDING] == lay.NOTHING else 0
    note_line_numbers(number, depth, stack, state)
    if flags & BLOCK:
        _enter_element(number, depth, elements, stack, state)
        _open_part(number, depth, stack, state)
    elif number in (SVG, MATH):
        stack[depth, lay.FOREIGN_AT] = depth
        if number == SVG:
            stack[depth, lay.NOT_TEXT] = 1
    elif number == FOREIGN:
        stack[depth, lay.FOREIGN_AT] = 0
        stack[depth, lay.NOT_TEXT] = 0
    elif number in (STYLE, SCRIPT):  # of <svg> or <math>
        stack[depth, lay.NOT_TEXT] = 2
    elif number >= UNKNOWN:
        _enter_element(number, depth, elements, stack, state)
    else:
        _note_inline(number, state)


@kernel
def make_room(number: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """Closes what a start tag closes implicitly, and opens the row that a cell lacks."""
    foreign = stack[state[lay.DEPTH], lay.FOREIGN_AT]
    if foreign and ELEMENT_FLAGS[number] & BREAKOUT:
        close_to(foreign, text, stack, state)
    if number == A and state[lay.LAST_OPEN + A] > stack[state[lay.DEPTH], lay.SCOPE_AT]:
        end_tag(number, text, stack, state)
    row = row_ended_by_start(stack, state, state[lay.DEPTH], number)
    if row:
        close_to(row, text, stack, state)
    if ELEMENT_FLAGS[number] & BLOCK:
        request_break(state)
        depth = state[lay.DEPTH]
        no_row = (number in (TD, TH)) and state[lay.LAST_OPEN + TR] <= stack[depth, lay.TABLE_SCOPE_AT]
        if no_row and depth + 3 < len(stack):
            state[lay.DEPTH] = push(stack, state, depth, TR)
            _open_row(depth + 1, stack, state)


@part
def void_tag(number: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    if number == BR:
        _break_line(text, stack, state)
    elif number == HR:
        request_break(state)
    else:
        _note_inline(number, state)
