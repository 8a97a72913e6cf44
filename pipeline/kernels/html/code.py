"""Code as its author wrote it: without the line numbers that stand beside it, a line a line, in the language that it names.

What a page calls line numbers and holds nothing but digits is left out, in a cell or in preformatted text; the other cells of
its row are preformatted then. A line that the page sets as a block (`<span style="display:block">`) ends where the next begins.
"""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import LINE, LOWER, TD, TH
from pipeline.kernels.html.parts import BIT

_LINES = BIT["lines"]
_LANGUAGE = np.frombuffer(b"language-", np.uint8).copy()
_SHORT = np.frombuffer(b"lang-", np.uint8).copy()


@part
def note_line_numbers(number: int, depth: int, stack: np.ndarray, state: np.ndarray) -> None:
    """Remembers where an element that is named as line numbers begins."""
    if not (state[lay.PRESENT] & LINE or state[lay.NAMES] & _LINES):
        return
    if number in (TD, TH) or stack[depth, lay.PREFORMATTED]:
        stack[depth, lay.NUMBERS_AT] = lay.IS_NUMBERS
        stack[depth, lay.TEXT_AT] = state[lay.OUT]


@part
def _digits(text: np.ndarray, start: int, end: int) -> int:
    """How many there are between `start` and `end`; -1 where anything else but blanks stands there too."""
    count = 0
    for k in range(start, end):
        if 48 <= text[k] <= 57:
            count += 1
        elif text[k] > 32:
            return -1
    return count


@part
def drop_line_numbers(row: int, text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """The element at `row`, named as line numbers, ends: what the open block has of it goes if it is digits."""
    begin = state[lay.BLOCK_START]
    start = max(stack[row, lay.TEXT_AT], begin)
    digits = _digits(text, start, state[lay.OUT])
    state[lay.STEPS] += state[lay.OUT] - start
    if begin < 0 or digits <= 0:
        return
    if stack[row, lay.TAG] in (TD, TH):
        stack[stack[row, lay.ROW_AT], lay.NUMBERS_AT] = lay.BESIDE_NUMBERS
        stack[stack[row, lay.ROW_AT], lay.COUNT] -= 1
    state[lay.OUT] = start
    if start == begin:
        state[lay.BLOCK_START] = -1
        state[lay.PENDING] = lay.BLOCK_BREAK
    else:
        state[lay.BLOCK_CHARS] -= digits
        state[lay.BLOCK_LINKS] -= digits if stack[row, lay.LINK] else 0


@part
def begin_code_line(text: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """An inline element was opened that its style sets on a line of its own: in preformatted text it begins one."""
    at = state[lay.OUT]
    depth, start = state[lay.DEPTH], state[lay.BLOCK_START]
    in_code = stack[depth, lay.PREFORMATTED] and not stack[depth, lay.HIDDEN_BY] and state[lay.PENDING] == lay.NOTHING
    if in_code and 0 <= start < at and text[at - 1] != 10:
        text[at] = 10
        state[lay.OUT] = at + 1


@part
def _begins(data: np.ndarray, i: int, end: int, prefix: np.ndarray) -> bool:
    k = 0
    while k < len(prefix) and i + k < end and LOWER[data[i + k]] == prefix[k]:
        k += 1
    return k == len(prefix) and i + k < end


@part
def note_language(number: int, data: np.ndarray, stack: np.ndarray, state: np.ndarray) -> None:
    """`class="language-python"` of the <pre> or <code> that was just opened."""
    depth, end = state[lay.DEPTH], state[lay.CLASS_END]
    if stack[depth, lay.TAG] != number:
        return
    for i in range(state[lay.CLASS_START], end):
        if i == state[lay.CLASS_START] or data[i - 1] <= 32:
            for prefix in (_LANGUAGE, _SHORT):
                if _begins(data, i, end, prefix):
                    stack[depth, lay.LANGUAGE] = i + len(prefix)
                    return
