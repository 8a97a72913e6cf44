"""Signs for what a page only shows by its place: 10<sup>23</sup> reads as 10^23, and formulas in MathML as TeX.

A small raised number behind a number, or behind a letter that stands alone, is a power; behind a word it is a note, and stays as
it is. A raised link behind a number is a note too, 1990[3]. A number below a number is its base: 101<sub>2</sub> reads as 101_2,
and H<sub>2</sub>O as H2O.
"""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.lines import begin_text
from pipeline.kernels.html.names import MFRAC, MSQRT, MSUB, MSUBSUP, MSUP, SUB, SUP, A

IS_NOTE = -1  # BRACES of what is in brackets instead
_FRACTION = np.frombuffer(b"\\frac", np.uint8).copy()  # each no longer than the tag that asks for it: the buffer suffices
_ROOT = np.frombuffer(b"\\sqrt{", np.uint8).copy()
_RAISED = np.frombuffer(b"^{", np.uint8).copy()
_LOWERED = np.frombuffer(b"_{", np.uint8).copy()
_BRACE = np.frombuffer(b"{", np.uint8).copy()
_MINUS = np.frombuffer(b"&minus", np.uint8).copy()


@part
def _is_digit(byte: int) -> bool:
    return 48 <= byte <= 57


@part
def _begins_number(data: np.ndarray, i: int) -> bool:
    """A digit or a sign at `i`: + - U+2212 or its name."""
    n = len(data)
    if i >= n:
        return False
    if _is_digit(data[i]) or data[i] == 43 or data[i] == 45:
        return True
    if data[i] == 0xE2:
        return i + 2 < n and data[i + 1] == 0x88 and data[i + 2] == 0x92
    k = 0
    while k < len(_MINUS) and i + k < n and data[i + k] == _MINUS[k]:
        k += 1
    return k == len(_MINUS)


@part
def _is_lone_letter(text: np.ndarray, start: int, end: int) -> bool:
    """Whether text[start:end] ends in a letter of ASCII with no letter, digit or character of another script before it."""
    if not 97 <= (text[end - 1] | 32) <= 122:
        return False
    if end - 1 == start:
        return True
    before = text[end - 2]
    return before < 128 and not (_is_digit(before) or 97 <= (before | 32) <= 122)


@part
def _write(signs: np.ndarray, text: np.ndarray, blocks: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    if state[lay.PENDING] != lay.NOTHING or state[lay.BLOCK_START] < 0:
        begin_text(text, blocks, stack, state)
    at = state[lay.OUT]
    for k in range(len(signs)):
        text[at + k] = signs[k]
    state[lay.OUT] = at + len(signs)
    state[lay.GAP] = 0


@part
def _power(number: int, data: np.ndarray, i: int, text: np.ndarray, state: np.ndarray) -> None:
    """`^` or `_` between two numbers that nothing else keeps apart."""
    start, end = state[lay.LINE_START], state[lay.OUT]
    if state[lay.BLOCK_START] < 0 or state[lay.PENDING] != lay.NOTHING or state[lay.GAP] or end == start:
        return
    if number == SUB:
        joins = _is_digit(text[end - 1]) and i < len(data) and _is_digit(data[i])
    else:
        joins = (_is_digit(text[end - 1]) or _is_lone_letter(text, start, end)) and _begins_number(data, i)
    if joins:
        text[end] = 94 if number == SUP else 95
        state[lay.OUT] = end + 1


@part
def _note(data: np.ndarray, i: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """A raised link that begins with a digit, right behind one: 1990<sup><a>3</a></sup> reads as 1990[3]."""
    depth, end = state[lay.DEPTH], state[lay.OUT]
    if state[lay.BLOCK_START] < 0 or state[lay.PENDING] != lay.NOTHING or state[lay.GAP] or end == state[lay.LINE_START]:
        return
    if _is_digit(text[end - 1]) and i < len(data) and _is_digit(data[i]):
        text[end] = 91
        state[lay.OUT] = end + 1
        stack[depth, lay.BRACES] = IS_NOTE


@part
def begin_notation(
    number: int, data: np.ndarray, i: int, text: np.ndarray, blocks: np.ndarray, stack: np.ndarray, state: np.ndarray
) -> None:
    """What the element that was just opened, whose content begins at `i`, asks for before that content."""
    depth = state[lay.DEPTH]
    if stack[depth, lay.HIDDEN_BY] or stack[depth, lay.NOT_TEXT]:
        return
    if stack[depth, lay.LINK] and (number == SUP or (number == A and stack[depth - 1, lay.TAG] == SUP)):
        _note(data, i, text, stack, state)
        return
    if number in (SUP, SUB):
        _power(number, data, i, text, state)
        return
    parent = stack[depth - 1, lay.TAG]
    if parent in (MFRAC, MSUP, MSUB, MSUBSUP):
        stack[depth - 1, lay.CHILDREN] += 1
        child = stack[depth - 1, lay.CHILDREN]
        if parent == MFRAC:
            _write(_BRACE, text, blocks, stack, state)
            stack[depth, lay.BRACES] = 1
        elif child > 1:
            is_raised = parent == MSUP or (parent == MSUBSUP and child == 3)
            _write(_RAISED if is_raised else _LOWERED, text, blocks, stack, state)
            stack[depth, lay.BRACES] = 1
    if number == MFRAC:
        _write(_FRACTION, text, blocks, stack, state)
    elif number == MSQRT:
        _write(_ROOT, text, blocks, stack, state)
        stack[depth, lay.BRACES] += 1


@part
def end_notation(row: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """The braces that the element at `row` has open; those of a block that has ended are left out."""
    if state[lay.BLOCK_START] < 0 or state[lay.PENDING] != lay.NOTHING:
        return
    if stack[row, lay.BRACES] == IS_NOTE:
        text[state[lay.OUT]] = 93
        state[lay.OUT] += 1
    for _ in range(stack[row, lay.BRACES]):
        text[state[lay.OUT]] = 125
        state[lay.OUT] += 1
        state[lay.GAP] = 0
