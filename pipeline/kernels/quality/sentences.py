"""How many sentences a line holds, counted by rule for every script; C4 asks for five on a page."""

import numpy as np

from pipeline.kernels.cache import part
from pipeline.kernels.characters import CLASS_BITS, CLOSER, LETTER, LOWER, TERMINAL, WHITESPACE, decode
from pipeline.kernels.quality.lines import previous, strip_left

_DOT, _ELLIPSIS = 0x2E, 0x2026
_FULL_WIDTH = 0x3000  # terminals from here on (。！？) need no space after them
_IS_PLAIN = np.zeros(256, dtype=np.uint8)  # ASCII that neither ends a sentence nor is white space
_IS_PLAIN[0x22:0x7F] = 1
_IS_PLAIN[[0x2E, 0x3F]] = 0


@part
def _is_break(data: np.ndarray, start: int, first: int, marks: int, at: int, end: int, table: np.ndarray) -> bool:
    """Whether the `marks` terminals from `first` on, closers included up to `at`, end a sentence of the line."""
    if at >= end:
        return True
    terminal, _ = decode(data, first, end)
    if terminal >= _FULL_WIDTH:
        return True
    following, _ = decode(data, at, end)
    if not table[following] & WHITESPACE:
        return False
    if terminal != _DOT and terminal != _ELLIPSIS:
        return True
    next_word = strip_left(data, at, end, table)
    if next_word < end and table[decode(data, next_word, end)[0]] & LOWER:
        return False
    before = previous(data, start, first)
    if marks > 1 or before >= first or (table[decode(data, before, end)[0]] & CLASS_BITS) != LETTER:
        return True
    if before == start:  # a lone letter is an initial: J. Smith
        return False
    return not table[decode(data, previous(data, start, before), end)[0]] & WHITESPACE


@part
def count_sentences(data: np.ndarray, start: int, end: int, table: np.ndarray) -> int:
    """Sentences of one line; a line with anything visible has at least one."""
    sentences = 0
    visible = is_open = False
    at = start
    while at < end:
        if _IS_PLAIN[data[at]]:
            visible = is_open = True
            at += 1
            continue
        code_point, width = decode(data, at, end)
        flags = table[code_point]
        if flags & TERMINAL:
            first, marks = at, 0
            while at < end:
                code_point, width = decode(data, at, end)
                if table[code_point] & TERMINAL:
                    marks += 1
                elif not table[code_point] & CLOSER:
                    break
                at += width
            visible = True
            if is_open and _is_break(data, start, first, marks, at, end, table):
                sentences += 1
                is_open = False
            continue
        if not flags & WHITESPACE:
            visible = is_open = True
        at += width
    sentences += is_open
    return max(sentences, 1) if visible else 0
