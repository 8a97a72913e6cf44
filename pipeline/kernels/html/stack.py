"""The open elements of a page, each with what text in it inherits; every operation but the pops it causes is O(1).

Which element an end tag closes is found by links instead of a search: every entry knows the entry of the same name
below it (`SAME_BELOW`) and the innermost barriers (`SCOPE_AT`, …) of the standard's "has an element in scope". So
100,000 stray end tags under 512 open elements cost 100,000 look-ups. A row is copied from its parent on push; popping
is forgetting. Source: HTML standard, 13.2.6.4.7 and following, without the parts that only move elements about.
"""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import (
    BLOCK,
    BUTTON,
    CAPTION,
    CLOSES_P,
    DD,
    DT,
    ELEMENT_FLAGS,
    H1,
    H6,
    LI,
    LIST_SCOPE,
    OPTGROUP,
    OPTION,
    SCOPE,
    TABLE,
    TABLE_SCOPE,
    TBODY,
    TD,
    TEMPLATE_ELEMENT,
    TFOOT,
    TH,
    THEAD,
    TR,
    A,
    P,
)
from pipeline.kernels.html.style import UNDONE_BY_CHILDREN

REACH = 16  # elements that one misplaced `</a>` may reach through


@kernel
def push(stack: np.ndarray, state: np.ndarray, depth: int, number: int) -> int:
    """Opens an element; the caller has made sure of room. Returns the new depth, the row of its entry."""
    top = depth + 1
    for k in range(lay.STACK_COLUMNS):
        stack[top, k] = stack[depth, k]
    stack[top, lay.TAG] = number
    stack[top, lay.SAME_BELOW] = state[lay.LAST_OPEN + number]
    stack[top, lay.ROW_IS_BLOCKS] = 0
    stack[top, lay.OWN_REASONS] = 0
    stack[top, lay.OWN_ANEW] = 0
    stack[top, lay.CHILDREN] = 0
    stack[top, lay.BRACES] = 0
    stack[top, lay.COUNT] = 0
    stack[top, lay.NUMBERS_AT] = 0
    state[lay.LAST_OPEN + number] = top
    flags = ELEMENT_FLAGS[number]
    if flags & BLOCK:
        stack[top, lay.BLOCK_AT] = top
    if flags & SCOPE:
        stack[top, lay.SCOPE_AT] = top
    if flags & LIST_SCOPE:
        stack[top, lay.LIST_SCOPE_AT] = top
    if flags & TABLE_SCOPE:
        stack[top, lay.TABLE_SCOPE_AT] = top
    return top


@part
def pop_one(stack: np.ndarray, state: np.ndarray, depth: int) -> int:
    number = stack[depth, lay.TAG]
    if number:
        state[lay.LAST_OPEN + number] = stack[depth, lay.SAME_BELOW]
    return depth - 1


@part
def _is_table_part(number: int) -> bool:
    return number in (TD, TH, TR, TBODY, THEAD, TFOOT, TABLE, CAPTION)


@part
def row_to_close(stack: np.ndarray, state: np.ndarray, depth: int, number: int) -> int:
    """The row that an end tag closes, 0 where it closes nothing."""
    row = state[lay.LAST_OPEN + number]
    if number == TEMPLATE_ELEMENT:
        return row
    barrier = stack[depth, lay.TABLE_SCOPE_AT] if _is_table_part(number) else stack[depth, lay.SCOPE_AT]
    return row if row >= barrier else 0


@part
def inherit_hidden(stack: np.ndarray, row: int) -> None:
    """Reasons to be hidden of the entry at `row`, from those of the one below it and its own."""
    undone = stack[row, lay.OWN_ANEW] & UNDONE_BY_CHILDREN
    stack[row, lay.HIDDEN_BY] = (stack[row - 1, lay.HIDDEN_BY] & ~undone) | stack[row, lay.OWN_REASONS]


@part
def detach(stack: np.ndarray, state: np.ndarray, depth: int, row: int) -> None:
    """A formatting element that ends within blocks opened in it (`<a><div></a>`): what follows is not in it, so no link of it,
    nor hidden by it. Its entry stays, nameless."""
    if depth - row > REACH:
        return
    number = stack[row, lay.TAG]
    state[lay.LAST_OPEN + number] = stack[row, lay.SAME_BELOW]
    state[lay.STEPS] += depth - row
    stack[row, lay.TAG] = 0
    stack[row, lay.OWN_REASONS] = 0
    stack[row, lay.OWN_ANEW] = 0
    for above in range(row, depth + 1):
        inherit_hidden(stack, above)
        if number == A:
            stack[above, lay.LINK] = 0


@part
def row_ended_by_start(stack: np.ndarray, state: np.ndarray, depth: int, number: int) -> int:
    """The row down to which a start tag closes elements whose end tags may be left out, 0 where it closes none."""
    flags = ELEMENT_FLAGS[number]
    row = 0
    barrier = stack[depth, lay.SCOPE_AT]
    if number == LI:
        row = state[lay.LAST_OPEN + LI]
        barrier = stack[depth, lay.LIST_SCOPE_AT]
    elif number in (DT, DD):
        row = max(state[lay.LAST_OPEN + DT], state[lay.LAST_OPEN + DD])
        barrier = stack[depth, lay.LIST_SCOPE_AT]
    elif number in (TD, TH):
        row = max(state[lay.LAST_OPEN + TD], state[lay.LAST_OPEN + TH], state[lay.LAST_OPEN + CAPTION])
        barrier = stack[depth, lay.TABLE_SCOPE_AT]
    elif number == TR:
        row = max(state[lay.LAST_OPEN + TR], state[lay.LAST_OPEN + CAPTION])
        barrier = stack[depth, lay.TABLE_SCOPE_AT]
    elif number in (TBODY, THEAD, TFOOT):
        barrier = stack[depth, lay.TABLE_SCOPE_AT]
        row = max(state[lay.LAST_OPEN + TBODY], state[lay.LAST_OPEN + THEAD], state[lay.LAST_OPEN + TFOOT])
        if row <= barrier:
            row = max(state[lay.LAST_OPEN + TR], state[lay.LAST_OPEN + CAPTION])
    elif number == OPTION:
        row = state[lay.LAST_OPEN + OPTION]
    elif number == OPTGROUP:
        row = state[lay.LAST_OPEN + OPTGROUP] if state[lay.LAST_OPEN + OPTGROUP] > barrier else state[lay.LAST_OPEN + OPTION]
    elif number == BUTTON:
        row = state[lay.LAST_OPEN + BUTTON]
        barrier = row - 1 if row >= barrier else barrier
    elif H1 <= number <= H6 and H1 <= stack[depth, lay.TAG] <= H6:
        return depth
    if row > barrier:
        return row
    if flags & CLOSES_P and state[lay.LAST_OPEN + P] > stack[depth, lay.SCOPE_AT]:
        return state[lay.LAST_OPEN + P]
    return 0
