r"""Where one word ends and the next begins, in one pass over the UTF-8 and without a regular expression.

tokenizer/bpe/patterns.py defines the words; an engine that backtracks can be made slow by a page (a million spaces), these
kernels cannot. `gpt2` is GPT-2's pre-tokenisation, with every digit a word of its own unless the recipe allows more:

    "It's 25 °C" -> It 's ␠ 2 5 ␠° C

`gpt4` is cl100k_base's: a word takes in the sign before it, signs take in the line ends behind them.

    "(It's 2025)\n" -> (It 's ␠ 202 5 )\n
"""

from itertools import chain
from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from tokenizer.bpe.characters import CLASSES, LETTER, NUMBER, OTHER, SPACE
from tokenizer.bpe.patterns import DEFAULT, GPT2, GPT4, OWN, WordPattern, compiled

_APOSTROPHE, _BLANK, _LINE_FEED, _RETURN = ord("'"), ord(" "), ord("\n"), ord("\r")
_ONE_LETTER_SUFFIXES = (ord("s"), ord("d"), ord("m"), ord("t"))
_L, _V, _R, _E = ord("l"), ord("v"), ord("r"), ord("e")
_LONG_S = (0xC5, 0xBF)  # ſ, to engines a small form of S
_TO_LOWER = 0x20


class Splitter(NamedTuple):
    """What the kernels need to find words. Shapes: classes [0x110000]; begins [bytes + 1], or [0] where the kernels find them."""

    classes: np.ndarray  # uint8, see tokenizer/bpe/characters.py
    begins: np.ndarray  # uint8, 1 where an own pattern begins a word
    style: int
    digits: int


def splitter_of(words: WordPattern, data: np.ndarray, offsets: np.ndarray) -> Splitter:
    """For these texts; an own pattern is applied to them here, by RE2, a few hundred thousand words a second."""
    begins = np.zeros(data.size + 1 if words.style == OWN else 0, np.uint8)
    if words.style == OWN:
        pattern = compiled(words.own)
        for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
            matches = pattern.finditer(data[start:end].tobytes())
            begins[start + np.fromiter(chain.from_iterable(match.span() for match in matches), np.int64)] = 1
    return Splitter(CLASSES, begins, words.style, words.digits)


@inlined
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


@part
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


@part
def _spaces_end(data: np.ndarray, start: int, end: int, classes: np.ndarray, lines: bool) -> int:
    r"""`\s+(?!\S)|\s+`: all white space at the end of the text, else all but the last, which belongs to what follows.

    With `lines` it is `\s+\z|\s*[\r\n]|\s+(?!\S)|\s+`: up to and with the last line end, if there is one.
    """
    at, last, line_end = start, start, start
    while at < end:
        code, size = character(data, at, end)
        if classes[code] != SPACE:
            break
        last = at
        at += size
        if code in (_LINE_FEED, _RETURN):
            line_end = at
    if at == end:
        return at
    if lines and line_end > start:
        return line_end
    return at if last == start else last


@part
def _suffix_end(data: np.ndarray, start: int, end: int, capitals: bool) -> int:
    """End of an English suffix such as 's or 'll whose apostrophe stands at `start`; `start` if there is none."""
    if start + 1 >= end:
        return start
    second = data[start + 1] | _TO_LOWER if capitals else data[start + 1]
    if second in _ONE_LETTER_SUFFIXES:
        return start + 2
    if start + 2 < end:
        if capitals and data[start + 1] == _LONG_S[0] and data[start + 2] == _LONG_S[1]:
            return start + 3
        third = data[start + 2] | _TO_LOWER if capitals else data[start + 2]
        if (second == _L and third == _L) or (third == _E and second in (_V, _R)):
            return start + 3
    return start


@part
def _digits_end(data: np.ndarray, start: int, end: int, classes: np.ndarray, most_digits: int) -> int:
    at, digits = start, 0
    while at < end and (digits < most_digits or most_digits == 0):
        code, size = character(data, at, end)
        if classes[code] != NUMBER:
            break
        at += size
        digits += 1
    return at


@part
def _signs_end(data: np.ndarray, start: int, end: int, classes: np.ndarray) -> int:
    r"""`[^\s\p{L}\p{N}]+[\r\n]*`"""
    at = _run_end(data, start, end, classes, OTHER)
    while at < end and data[at] in (_LINE_FEED, _RETURN):
        at += 1
    return at


@part
def _gpt2_end(data: np.ndarray, start: int, end: int, classes: np.ndarray, most_digits: int) -> int:
    if data[start] == _APOSTROPHE:
        suffix = _suffix_end(data, start, end, False)
        if suffix > start:
            return suffix
    code, size = character(data, start, end)
    character_class = classes[code]
    if code == _BLANK and start + 1 < end:
        code, _ = character(data, start + 1, end)
        after = classes[code]
        if after in (LETTER, OTHER) or (after == NUMBER and most_digits == 0):
            return _run_end(data, start + 1, end, classes, after)
    if character_class == SPACE:
        return _spaces_end(data, start, end, classes, False)
    if character_class == NUMBER:
        return start + size if most_digits == 1 else _digits_end(data, start, end, classes, most_digits)
    return _run_end(data, start, end, classes, character_class)


@part
def _gpt4_end(data: np.ndarray, start: int, end: int, classes: np.ndarray, most_digits: int) -> int:
    if data[start] == _APOSTROPHE:
        suffix = _suffix_end(data, start, end, True)
        if suffix > start:
            return suffix
    code, size = character(data, start, end)
    character_class = classes[code]
    if character_class == LETTER:
        return _run_end(data, start, end, classes, LETTER)
    if character_class == NUMBER:
        return start + size if most_digits == 1 else _digits_end(data, start, end, classes, most_digits)
    if start + size < end:
        following, _ = character(data, start + size, end)
        after = classes[following]
        if after == LETTER and code not in (_LINE_FEED, _RETURN):
            return _run_end(data, start + size, end, classes, LETTER)
        if after == OTHER and code == _BLANK:
            return _signs_end(data, start + 1, end, classes)
    return _spaces_end(data, start, end, classes, True) if character_class == SPACE else _signs_end(data, start, end, classes)


@part
def _own_end(start: int, end: int, begins: np.ndarray) -> int:
    at = start + 1
    while at < end and begins[at] == 0:
        at += 1
    return at


@inlined
def next_word(data: np.ndarray, start: int, end: int, splitter: Splitter) -> int:
    """End of the word that begins at byte `start` of a text that ends at byte `end`; always greater than `start`."""
    if splitter.style == GPT2:
        return _gpt2_end(data, start, end, splitter.classes, splitter.digits)
    if splitter.style == GPT4:
        return _gpt4_end(data, start, end, splitter.classes, splitter.digits)
    return _own_end(start, end, splitter.begins)


@kernel
def word_ends(data: np.ndarray, splitter: Splitter) -> np.ndarray:
    """Where the words of one text end, int64 [words]."""
    ends = np.empty(data.size, np.int64)
    at, words = 0, 0
    while at < data.size:
        at = next_word(data, at, data.size, splitter)
        ends[words] = at
        words += 1
    return ends[:words].copy()


def split(text: str, words: WordPattern = DEFAULT) -> list[str]:
    """The words of one text; joined they give it back. For looking, not for bulk: count and encode split as they go."""
    data = np.frombuffer(text.encode(), np.uint8)
    ends = word_ends(data, splitter_of(words, data, np.array([0, data.size]))).tolist()
    return [bytes(data[start:end]).decode() for start, end in zip([0, *ends], ends, strict=False)]
