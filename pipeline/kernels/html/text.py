"""Runs of text: white space, character references, and the weight of what was copied."""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.html.entities import decode_entity

TAGS, REFERENCES, VERBATIM = 1, 2, 4  # bits of a mode: `<` and `&` mean something, white space is kept

ORDINARY, BLANK, MARKUP, REFERENCE, RARE_BLANK = 0, 1, 2, 3, 4
_CLASS = np.zeros(256, np.uint8)
_CLASS[:33] = BLANK  # control characters too: a reader sees nothing of them
_CLASS[127] = BLANK
_CLASS[ord("<")] = MARKUP
_CLASS[ord("&")] = REFERENCE
_CLASS[[0xC2, 0xE2]] = RARE_BLANK  # lead bytes of U+0085, U+00A0, U+2028, U+2029: all become a blank, so that a line is a line

# How much a character says: kana, Han and Hangul (lead bytes E3-ED) count two, continuation bytes and blanks nothing.
_WEIGHT = np.ones(256, np.uint8)
_WEIGHT[:33] = 0
_WEIGHT[0x80:0xC0] = 0
_WEIGHT[0xE3:0xEE] = 2


@kernel
def begins_markup(data: np.ndarray, i: int, end: int) -> bool:
    """Whether the `<` at `i` is one: a letter, `/`, `!` or `?` follows."""
    if i + 1 >= end:
        return False
    c = data[i + 1]
    return (97 <= (c | 32) <= 122) or c == 33 or c == 63 or (c == 47 and i + 2 < end)


@part
def _rare_blank(data: np.ndarray, i: int, end: int) -> int:
    """Length of the blank outside ASCII at `i`, 0 if there is none."""
    if data[i] == 0xC2:
        return 2 if i + 1 < end and (data[i + 1] == 0xA0 or data[i + 1] == 0x85) else 0
    return 3 if i + 2 < end and data[i + 1] == 0x80 and (data[i + 2] == 0xA8 or data[i + 2] == 0xA9) else 0


@part
def _is_blank(out: np.ndarray, at: int, size: int) -> bool:
    """Whether the decoded reference at out[at:at + size] is a blank or a control character."""
    kind = _CLASS[out[at]]
    return kind == BLANK if size == 1 else kind == RARE_BLANK and _rare_blank(out, at, at + size) == size


@part
def skip_blanks(data: np.ndarray, i: int, end: int, mode: int, out: np.ndarray, at: int) -> int:
    """The first position from `i` that shows something, or is markup, or is the end; out[at:] is free to try a reference."""
    while i < end:
        kind = _CLASS[data[i]]
        if kind == BLANK:
            i += 1
        elif kind == RARE_BLANK:
            size = _rare_blank(data, i, end)
            if size == 0:
                return i
            i += size
        elif kind == REFERENCE and mode & REFERENCES:
            read, size = decode_entity(data, i, end, out, at)
            if read == 0 or not _is_blank(out, at, size):
                return i
            i += read
        elif data[i] == 0xE3 and i + 2 < end and data[i + 1] == 0x80 and data[i + 2] == 0x80:
            i += 3  # U+3000, as which Chinese and Japanese pages indent
        else:
            return i
    return i


@part
def copy_run(
    data: np.ndarray,
    i: int,
    end: int,
    mode: int,
    out: np.ndarray,
    at: int,
    line_start: int,
    gap: int,
) -> tuple[int, int, int, int]:
    """Copies text up to the next tag or the end: (next position, next free byte, pending blank, weight).

    White space becomes one blank between words, unless the mode says VERBATIM.
    """
    pre = mode & VERBATIM != 0
    weight = 0
    while i < end:
        c = data[i]
        kind = _CLASS[c]
        read = size = blank = 0
        if kind == BLANK:
            blank = 1
            if c == 13:
                c = 10
                blank = 2 if i + 1 < end and data[i + 1] == 10 else 1
        elif kind == MARKUP:
            if mode & TAGS and begins_markup(data, i, end):
                break
        elif kind == REFERENCE and mode & REFERENCES:
            read, size = decode_entity(data, i, end, out, at + 1)  # leaves room for the pending blank
            if read and _is_blank(out, at + 1, size):
                blank = read
                c = out[at + 1]
        elif kind == RARE_BLANK:
            blank = _rare_blank(data, i, end)
        if blank:
            i += blank
            if pre:
                out[at] = c if c == 10 or c == 9 else 32
                at += 1
            else:
                gap = 1
            continue
        if gap:
            gap = 0
            if at > line_start:
                out[at] = 32
                at += 1
        if read:
            read, size = decode_entity(data, i, end, out, at)
            weight += _WEIGHT[out[at]]
            i += read
            at += size
            continue
        c = data[i]
        while True:
            out[at] = c
            at += 1
            weight += _WEIGHT[c]
            i += 1
            if i >= end:
                break
            c = data[i]
            if _CLASS[c] != ORDINARY:
                break
    return i, at, gap, weight
