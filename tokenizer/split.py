"""Where one word ends and the next begins: GPT-2's pre-tokenisation, with every digit a word of its own.

`PATTERN` is the definition, as a tokenizer.json carries it. The kernel below gives the same words in one pass over the
UTF-8, without a regular expression: an engine that backtracks can be made slow by a page (a million spaces), this cannot.

    "It's 25 °C" -> It 's ␠ 2 5 ␠° C

Against GPT-2 only digits differ: ` ?\\p{N}+` is `\\p{N}` here, so a number is always spelled with the same ten tokens.
"""

import numpy as np
from numba import njit

from tokenizer.characters import CLASSES, LETTER, NUMBER, OTHER, SPACE

PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

# The same words for tiktoken, whose engine gives up on long runs unless they are possessive (`++`, no way back).
TIKTOKEN_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++|\p{N}| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"

_APOSTROPHE, _BLANK = ord("'"), ord(" ")
_ONE_LETTER_SUFFIXES = (ord("s"), ord("d"), ord("m"), ord("t"))
_L, _V, _R, _E = ord("l"), ord("v"), ord("r"), ord("e")


@njit(cache=True, inline="always")
def character(data: np.ndarray, start: int, end: int) -> tuple[int, int]:
    """(code point, bytes) of the UTF-8 character at `start`; a byte that begins none is a character of class OTHER."""
    first = data[start]
    if first < 0x80:
        return np.int64(first), 1
    if 0xC2 <= first < 0xE0:
        size, code = 2, np.int64(first & 0x1F)
    elif 0xE0 <= first < 0xF0:
        size, code = 3, np.int64(first & 0x0F)
    elif 0xF0 <= first < 0xF5:
        size, code = 4, np.int64(first & 0x07)
    else:
        return 0, 1
    if start + size > end:
        return 0, 1
    for at in range(start + 1, start + size):
        if data[at] & 0xC0 != 0x80:
            return 0, 1
        code = (code << 6) | np.int64(data[at] & 0x3F)
    return min(code, 0x10FFFF), size


@njit(cache=True)
def _run_end(data: np.ndarray, start: int, end: int, classes: np.ndarray, character_class: int) -> int:
    """First byte after the characters of one class that begin at `start`."""
    at = start
    while at < end:
        if data[at] < 0x80:  # most of most pages, three times as fast
            if classes[data[at]] != character_class:
                break
            at += 1
            continue
        code, size = character(data, at, end)
        if classes[code] != character_class:
            break
        at += size
    return at


@njit(cache=True)
def _spaces_end(data: np.ndarray, start: int, end: int, classes: np.ndarray) -> int:
    r"""`\s+(?!\S)|\s+`: all white space at the end of the text, else all but the last, which belongs to what follows."""
    at, last = start, start
    while at < end:
        code, size = character(data, at, end)
        if classes[code] != SPACE:
            break
        last = at
        at += size
    return at if at == end or last == start else last


@njit(cache=True)
def _suffix_end(data: np.ndarray, start: int, end: int) -> int:
    """End of an English suffix such as 's or 'll whose apostrophe stands at `start`; `start` if there is none."""
    if start + 1 < end and data[start + 1] in _ONE_LETTER_SUFFIXES:
        return start + 2
    if start + 2 < end:
        second, third = data[start + 1], data[start + 2]
        if (second == _L and third == _L) or (third == _E and second in (_V, _R)):
            return start + 3
    return start


@njit(cache=True)
def next_word(data: np.ndarray, start: int, end: int, classes: np.ndarray) -> int:
    """End of the word that begins at byte `start` of a text that ends at byte `end`; always greater than `start`."""
    if data[start] == _APOSTROPHE:
        suffix = _suffix_end(data, start, end)
        if suffix > start:
            return suffix
    code, size = character(data, start, end)
    character_class = classes[code]
    if code == _BLANK and start + 1 < end:
        code, _ = character(data, start + 1, end)
        after = classes[code]
        if after in (LETTER, OTHER):
            return _run_end(data, start + 1, end, classes, after)
    if character_class == SPACE:
        return _spaces_end(data, start, end, classes)
    if character_class == NUMBER:
        return start + size
    return _run_end(data, start, end, classes, character_class)


@njit(cache=True)
def _word_ends(data: np.ndarray, classes: np.ndarray) -> np.ndarray:
    ends = np.empty(data.size, np.int64)
    at, words = 0, 0
    while at < data.size:
        at = next_word(data, at, data.size, classes)
        ends[words] = at
        words += 1
    return ends[:words].copy()


def split(text: str) -> list[str]:
    """The words of one text; joined they give it back. For looking, not for bulk: count and encode split as they go."""
    data = np.frombuffer(text.encode(), np.uint8)
    start, words = 0, []
    for end in _word_ends(data, CLASSES):
        words.append(bytes(data[start:end]).decode())
        start = end
    return words
