"""The text that chosen blocks make together, as plain text or as markdown."""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay

INDENT = 2  # blanks before an item for each list around its own
MOST_MARKS = 64  # bytes before and behind a block, beyond its own and its fences
LONGEST_LANGUAGE = 20
_TABLE_ROW = lay.IS_CELL | lay.IS_ROW


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
def _put(byte: int, times: int, out: np.ndarray, at: int) -> int:
    """Writes a byte several times; returns where what follows goes, as all that write here do."""
    for _ in range(times):
        out[at] = byte
        at += 1
    return at


@part
def _copy(source: np.ndarray, start: int, end: int, out: np.ndarray, at: int) -> int:
    for i in range(start, end):
        out[at] = source[i]
        at += 1
    return at


@part
def _put_number(number: int, out: np.ndarray, at: int) -> int:
    digits = 1
    while number >= 10**digits:
        digits += 1
    for k in range(digits):
        out[at + digits - 1 - k] = 48 + number % 10
        number //= 10
    return at + digits


@part
def _put_item_mark(kind: int, out: np.ndarray, at: int) -> int:
    """`- ` or `3. `, further in for each list around."""
    at = _put(32, INDENT * ((kind >> lay.LIST_DEPTH) & lay.DEPTH_OF_LIST), out, at)
    number = kind >> lay.ITEM_NUMBER_AT
    at = _put(46, 1, out, _put_number(number - 1, out, at)) if number else _put(45, 1, out, at)
    return _put(32, 1, out, at)


# ---------------------------------------------------------------- markdown


@part
def _fence(text: np.ndarray, start: int, end: int) -> int:
    """How many backticks fence this off: more than stand together in it, at least three."""
    longest = run = 2
    for i in range(start, end):
        run = run + 1 if text[i] == 96 else 0
        longest = max(longest, run)
    return longest + 1


@part
def _fence_of_run(k: int, text: np.ndarray, blocks: np.ndarray, keep: np.ndarray) -> int:
    """The fence of the lines of code that begin with block `k`, however many blocks they are."""
    fence = above = 0
    for other in range(k, len(blocks)):
        if not keep[other]:
            continue
        goes_on = blocks[other, lay.KIND] & lay.IS_PRE and (other == k or _newlines_between(blocks, above, other) == 1)
        if not goes_on:
            break
        fence = max(fence, _fence(text, blocks[other, lay.START], blocks[other, lay.END]))
        above = other
    return fence


@part
def _put_language(data: np.ndarray, start: int, out: np.ndarray, at: int) -> int:
    for i in range(start, min(start + LONGEST_LANGUAGE, len(data))):
        c = data[i]
        if not (97 <= (c | 32) <= 122 or 48 <= c <= 57 or c == 35 or c == 43 or c == 45):  # # + -
            break
        at = _put(c, 1, out, at)
    return at


@part
def _put_row(text: np.ndarray, start: int, end: int, is_first: bool, out: np.ndarray, at: int) -> int:
    """`a | b` as `| a | b |`; below the first row of a table, which markdown takes for its head, the line that says so."""
    at = _copy(text, start, end, out, _put(32, 1, out, _put(124, 1, out, at)))
    at = _put(124, 1, out, _put(32, 1, out, at))
    if not is_first:
        return at
    at = _put(124, 1, out, _put(10, 1, out, at))
    for i in range(start, end + 1):
        alone = i == end or (text[i] == 124 and (i == start or text[i - 1] == 32) and (i + 1 == end or text[i + 1] == 32))
        if alone:
            at = _put(124, 1, out, _put(45, 3, out, at))
    return at


@part
def _mean_nothing(text: np.ndarray, start: int, out: np.ndarray, at: int) -> int:
    """A backslash before what markdown would take for a heading, a quotation or a fence."""
    c = text[start]
    return _put(92, 1, out, at) if c == 35 or c == 62 or c == 96 else at


# ---------------------------------------------------------------- both


@part
def _room(blocks: np.ndarray, keep: np.ndarray, markdown: bool) -> int:
    """Bytes that suffice. In markdown fences may be longer than the code, and a table's head needs four bytes for a separator."""
    size = 0
    for k in range(len(blocks)):
        if keep[k]:
            size += (4 if markdown else 1) * (blocks[k, lay.END] - blocks[k, lay.START]) + MOST_MARKS
    return size


@part
def _put_code(k: int, fence: int, data: np.ndarray, text: np.ndarray, blocks: np.ndarray, out: np.ndarray, at: int) -> int:
    """Lines of code; `fence`: backticks to put before them, 0 where they go on."""
    if fence:
        at = _put(96, fence, out, at)
        if blocks[k, lay.LANGUAGE_AT]:
            at = _put_language(data, blocks[k, lay.LANGUAGE_AT], out, at)
        at = _put(10, 1, out, at)
    return _copy(text, blocks[k, lay.START], blocks[k, lay.END], out, at)


@part
def _put_marked(k: int, is_first: bool, text: np.ndarray, blocks: np.ndarray, out: np.ndarray, at: int) -> int:
    """A heading, a row of a table or a paragraph, with the marks of markdown; `is_first`: it begins anew."""
    kind, start, end = blocks[k, lay.KIND], blocks[k, lay.START], blocks[k, lay.END]
    if kind & _TABLE_ROW == _TABLE_ROW:
        return _put_row(text, start, end, is_first, out, at)
    if kind & lay.LEVEL:
        at = _put(32, 1, out, _put(35, kind & lay.LEVEL, out, at))
    return _copy(text, start, end, out, _mean_nothing(text, start, out, at))


@part
def join_blocks(data: np.ndarray, text: np.ndarray, blocks: np.ndarray, keep: np.ndarray, markdown: bool) -> np.ndarray:
    """The kept blocks as UTF-8, joined; `data` is the page, which names the languages of its code."""
    out = np.empty(_room(blocks, keep, markdown), np.uint8)
    at = fence = 0  # fence: backticks of the code that is open
    above = -1
    for k in range(len(blocks)):
        if not keep[k]:
            continue
        newlines = _newlines_between(blocks, above, k) if above >= 0 else 0
        is_code = markdown and blocks[k, lay.KIND] & lay.IS_PRE != 0
        if fence and not (is_code and newlines == 1):
            at = _put(96, fence, out, _put(10, 1, out, at))
            fence, newlines = 0, 2
        at = _put(10, newlines, out, at)
        if blocks[k, lay.KIND] & lay.IS_ITEM and not fence:
            at = _put_item_mark(blocks[k, lay.KIND], out, at)
        if is_code:
            begins = 0 if fence else _fence_of_run(k, text, blocks, keep)
            fence = max(fence, begins)
            at = _put_code(k, begins, data, text, blocks, out, at)
        elif markdown:
            at = _put_marked(k, newlines != 1, text, blocks, out, at)
        else:
            at = _copy(text, blocks[k, lay.START], blocks[k, lay.END], out, at)
        above = k
    if fence:
        at = _put(96, fence, out, _put(10, 1, out, at))
    return out[:at]
