"""The text that chosen blocks make together, as plain text or as markdown."""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import BLOCKQUOTE

INDENT = 2  # blanks before an item for each list around its own
MARKDOWN_INDENT = 4  # there it has to stand below the text behind `10. `
MOST_MARKS = 64  # bytes before and behind a block, beyond its own and its fences
LONGEST_LANGUAGE = 20
MOST_QUOTES = 8  # around a block, that its lines are marked with
MOST_ROMAN = 3999
_ROMAN_SIGNS = {
    "m": 1000, "cm": 900, "d": 500, "cd": 400, "c": 100, "xc": 90, "l": 50, "xl": 40, "x": 10, "ix": 9, "v": 5, "iv": 4, "i": 1,
}  # fmt: skip
_ROMAN_VALUES = np.array(list(_ROMAN_SIGNS.values()))
_ROMAN = np.array([list(sign.encode().ljust(2, b"\0")) for sign in _ROMAN_SIGNS], np.uint8)
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
def _put_letters(number: int, first: int, out: np.ndarray, at: int) -> int:
    """a to z, then aa, ab, …: `number` from 1, `first` the letter of 1."""
    size, least = 1, 26
    while number > least:
        number -= least
        least *= 26
        size += 1
    number -= 1
    for k in range(size):
        out[at + size - 1 - k] = first + number % 26
        number //= 26
    return at + size


@part
def _put_roman(number: int, first: int, out: np.ndarray, at: int) -> int:
    """1 to 3999; `first` is the letter a of their case."""
    for k in range(len(_ROMAN_VALUES)):
        while number >= _ROMAN_VALUES[k]:
            for letter in _ROMAN[k]:
                if letter:
                    out[at] = letter - 97 + first
                    at += 1
            number -= _ROMAN_VALUES[k]
    return at


@part
def _put_ordinal(number: int, style: int, out: np.ndarray, at: int) -> int:
    """As its list writes it; a number that has no letters is written in digits (CSS Counter Styles 3, 6.1)."""
    if number > 0 and style in (lay.LOWER_LETTERS, lay.UPPER_LETTERS):
        return _put_letters(number, 97 if style == lay.LOWER_LETTERS else 65, out, at)
    if 0 < number <= MOST_ROMAN and style in (lay.LOWER_ROMAN, lay.UPPER_ROMAN):
        return _put_roman(number, 97 if style == lay.LOWER_ROMAN else 65, out, at)
    return _put_number(number, out, at)


@part
def _put_item_mark(kind: int, indent: int, out: np.ndarray, at: int) -> int:
    """`- `, `3. `, `c. ` or `iii. `, further in for each list around."""
    at = _put(32, indent * ((kind >> lay.LIST_DEPTH) & lay.DEPTH_OF_LIST), out, at)
    number, style = (kind >> lay.ITEM_NUMBER_AT) & lay.ITEM_NUMBER_BITS, kind >> lay.STYLE_AT
    at = _put(46, 1, out, _put_ordinal(number - 1, style, out, at)) if number else _put(45, 1, out, at)
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


@part
def _quotes_around(row: int, elements: np.ndarray) -> int:
    """How many <blockquote> the element at `row` stands in, itself included."""
    quotes = 0
    while row > 0 and quotes < MOST_QUOTES:
        quotes += elements[row, lay.NUMBER] == BLOCKQUOTE
        row = elements[row, lay.PARENT]
    return quotes


@part
def _quoted(plain: np.ndarray, starts: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    """`> ` before each line, for each quotation around its block; blocks begin at `starts`.

    A blank line between two blocks goes on with the quotations that both stand in.
    """
    lines = 1
    for byte in plain:
        lines += byte == 10
    out, at, block = np.empty(len(plain) + 2 * MOST_QUOTES * lines, np.uint8), 0, 0
    for i in range(len(plain)):
        if i == 0 or plain[i - 1] == 10:
            while block + 1 < len(starts) and starts[block + 1] <= i:
                block += 1
            around, blank = quotes[block], plain[i] == 10
            if blank and block + 1 < len(starts) and starts[block + 1] == i + 1:
                around = min(around, quotes[block + 1])
            for _ in range(around):
                at = _put(32, 1, out, _put(62, 1, out, at))
            at -= around > 0 and blank
        out[at] = plain[i]
        at += 1
    return out[:at]


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
def join_blocks(
    data: np.ndarray, text: np.ndarray, blocks: np.ndarray, elements: np.ndarray, keep: np.ndarray, markdown: bool
) -> np.ndarray:
    """The kept blocks as UTF-8, joined; `data` is the page, which names the languages of its code."""
    out = np.empty(_room(blocks, keep, markdown), np.uint8)
    at = fence = 0  # fence: backticks of the code that is open
    above = -1
    begun = deepest = 0  # blocks; quotations around one
    starts, quotes = np.empty(len(blocks), np.int64), np.zeros(len(blocks), np.int64)
    for k in range(len(blocks)):
        if not keep[k]:
            continue
        newlines = _newlines_between(blocks, above, k) if above >= 0 else 0
        is_code = markdown and blocks[k, lay.KIND] & lay.IS_PRE != 0
        if fence and not (is_code and newlines == 1):
            at = _put(96, fence, out, _put(10, 1, out, at))
            fence, newlines = 0, 2
        at = _put(10, newlines, out, at)
        starts[begun] = at
        if markdown:
            quotes[begun] = _quotes_around(blocks[k, lay.ELEMENT_OF], elements)
            deepest = max(deepest, quotes[begun])
        begun += 1
        if blocks[k, lay.KIND] & lay.IS_ITEM and not fence:
            at = _put_item_mark(blocks[k, lay.KIND], MARKDOWN_INDENT if markdown else INDENT, out, at)
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
    return _quoted(out[:at], starts[:begun], quotes) if deepest else out[:at]
