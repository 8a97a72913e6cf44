"""Shapes and repetitions of the lines and paragraphs of a text: what Gopher and FineWeb count of them."""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.characters import STARTS_LINE_BREAK, TERMINAL, WHITESPACE, decode, is_line_break

_HASH_START = np.uint64(0xCBF29CE484222325)
_HASH_PRIME = np.uint64(0x100000001B3)
_NEWLINE, _RETURN, _DOT, _HASH_SIGN, _DASH = 0x0A, 0x0D, 0x2E, 0x23, 0x2D
_ELLIPSIS, _BULLET = 0x2026, 0x2022
_SHAPES_LINE = STARTS_LINE_BREAK.copy()  # bytes that count_line_shapes must look at
_SHAPES_LINE[[_DOT, _HASH_SIGN]] = 1
SHORT_LINE_CHARS = 30  # FineWeb's short_line_length


@part
def strip_left(data: np.ndarray, start: int, end: int, table: np.ndarray) -> int:
    """First byte that str.strip would keep, or `end`."""
    while start < end:
        code_point, width = decode(data, start, end)
        if not table[code_point] & WHITESPACE:
            break
        start += width
    return start


@kernel
def previous(data: np.ndarray, start: int, end: int) -> int:
    """Where the character that ends at `end` begins."""
    at = end - 1
    while at > start and at > end - 4 and (data[at] & 0xC0) == 0x80:
        at -= 1
    return at


@part
def strip_right(data: np.ndarray, start: int, end: int, table: np.ndarray) -> int:
    """End of what str.rstrip would keep, or `start`."""
    while end > start:
        at = previous(data, start, end)
        code_point, _ = decode(data, at, end)
        if not table[code_point] & WHITESPACE:
            break
        end = at
    return end


@part
def ends_with_ellipsis(data: np.ndarray, start: int, end: int) -> bool:
    """ "..." or "…" at the very end."""
    if end - start < 3:
        return False
    first, second, third = data[end - 3], data[end - 2], data[end - 1]
    return bool(first == second == third == _DOT or (first == 0xE2 and second == 0x80 and third == 0xA6))


@kernel
def count_line_shapes(data: np.ndarray, offsets: np.ndarray, table: np.ndarray) -> np.ndarray:
    """int64 [rows, 5]: lines (as str.splitlines), with a bullet, ending in an ellipsis; hash signs; ellipses."""
    counts = np.zeros((len(offsets) - 1, 5), dtype=np.int64)
    for row in range(len(counts)):
        end = offsets[row + 1]
        at = start = offsets[row]
        dots = 0
        while at < end:
            if at + 1 < end and not _SHAPES_LINE[data[at]]:
                dots = 0
                at += 1
                continue
            code_point, width = decode(data, at, end)
            dots = dots + 1 if code_point == _DOT else 0
            if code_point == _HASH_SIGN:
                counts[row, 3] += 1
            elif code_point == _ELLIPSIS or dots == 3:
                counts[row, 4] += 1
                dots = 0
            breaks = is_line_break(code_point)
            after = at + width
            if breaks or after >= end:
                content_end = at if breaks else end
                _count_line(data, start, content_end, table, counts[row])
                if code_point == _RETURN and after < end and data[after] == _NEWLINE:
                    after += 1
                start = after
            at = after
    return counts


@part
def _count_line(data: np.ndarray, start: int, end: int, table: np.ndarray, counts: np.ndarray) -> None:
    counts[0] += 1
    left = strip_left(data, start, end, table)
    if left == end:
        return
    code_point, _ = decode(data, left, end)
    counts[1] += code_point in (_DASH, _BULLET)
    counts[2] += ends_with_ellipsis(data, left, strip_right(data, left, end, table))


@part
def _seen_before(value: np.uint64, slots: np.ndarray, mask: int, multiplier: np.uint64, shift: np.uint64) -> bool:
    """Whether `value` is in the table already; it is afterwards. 0 marks a free slot."""
    if value == np.uint64(0):
        value = np.uint64(1)
    place = np.int64((value * multiplier) >> shift)
    while slots[place] != np.uint64(0):
        if slots[place] == value:
            return True
        place = (place + 1) & mask
    slots[place] = value
    return False


@part
def _clear_slots(slots: np.ndarray, segments: int) -> int:
    """Empties a table of at least twice as many places as segments; log2 of its size."""
    bits = 4
    while (1 << bits) < 2 * segments:
        bits += 1
    slots[: 1 << bits] = 0
    return bits


@part
def _count_newlines(data: np.ndarray, start: int, end: int) -> int:
    newlines = 0
    for i in range(start, end):
        newlines += data[i] == _NEWLINE
    return newlines


@part
def _repeated_segments(
    data: np.ndarray, start: int, end: int, min_newlines: int, slots: np.ndarray, multiplier: np.uint64
) -> tuple[int, int, int]:
    """(segments, repeated ones, characters of those) between runs of at least `min_newlines` newlines."""
    bits = _clear_slots(slots, _count_newlines(data, start, end) + 1)
    mask, shift = (1 << bits) - 1, np.uint64(64 - bits)
    segments = repeated = repeated_chars = 0
    at = start
    while True:
        value, chars = _HASH_START, 0
        newlines = 0
        while at < end:
            byte = data[at]
            if byte == _NEWLINE:
                newlines = 1
                while at + newlines < end and data[at + newlines] == _NEWLINE:
                    newlines += 1
                if newlines >= min_newlines:
                    break
            value = (value ^ np.uint64(byte)) * _HASH_PRIME
            chars += (byte & 0xC0) != 0x80
            at += 1
        segments += 1
        if _seen_before(value, slots, mask, multiplier, shift):
            repeated += 1
            repeated_chars += chars
        if at >= end:
            return segments, repeated, repeated_chars
        at += newlines


@part
def _room_for_segments(data: np.ndarray, offsets: np.ndarray) -> int:
    most = 0
    for row in range(len(offsets) - 1):
        most = max(most, _count_newlines(data, offsets[row], offsets[row + 1]) + 1)
    return 4 * most + 16


@kernel
def count_repeated_segments(data: np.ndarray, offsets: np.ndarray, table: np.ndarray, multiplier: np.uint64) -> np.ndarray:
    """int64 [rows, 6]: paragraphs, repeated ones, their characters; lines, repeated ones, their characters.

    Paragraphs: the stripped text split at two or more newlines. Lines: the text as it is, split at one or more.
    """
    counts = np.zeros((len(offsets) - 1, 6), dtype=np.int64)
    slots = np.empty(_room_for_segments(data, offsets), dtype=np.uint64)
    for row in range(len(counts)):
        start, end = offsets[row], offsets[row + 1]
        left = strip_left(data, start, end, table)
        right = strip_right(data, left, end, table)
        counts[row, 0], counts[row, 1], counts[row, 2] = _repeated_segments(data, left, right, 2, slots, multiplier)
        counts[row, 3], counts[row, 4], counts[row, 5] = _repeated_segments(data, start, end, 1, slots, multiplier)
    return counts


@kernel
def count_kept_lines(data: np.ndarray, offsets: np.ndarray, table: np.ndarray, multiplier: np.uint64) -> np.ndarray:
    """FineWeb's counts over text that C4's line rules left. A blank line is no line here.

    int64 [rows, 6]: lines, ending in a terminal mark, of at most SHORT_LINE_CHARS, characters of repeated lines, characters
    without newlines, newlines.
    """
    counts = np.zeros((len(offsets) - 1, 6), dtype=np.int64)
    slots = np.empty(_room_for_segments(data, offsets), dtype=np.uint64)
    for row in range(len(counts)):
        end = offsets[row + 1]
        start = offsets[row]
        bits = _clear_slots(slots, _count_newlines(data, start, end) + 1)
        mask, shift = (1 << bits) - 1, np.uint64(64 - bits)
        while start < end:
            value, chars = _HASH_START, 0
            stop = start
            while stop < end and data[stop] != _NEWLINE:
                value = (value ^ np.uint64(data[stop])) * _HASH_PRIME
                chars += (data[stop] & 0xC0) != 0x80
                stop += 1
            counts[row, 4] += chars
            counts[row, 5] += stop < end
            if strip_left(data, start, stop, table) < stop:
                last, _ = decode(data, previous(data, start, stop), stop)
                counts[row, 0] += 1
                counts[row, 1] += (table[last] & TERMINAL) != 0
                counts[row, 2] += chars <= SHORT_LINE_CHARS
                if _seen_before(value, slots, mask, multiplier, shift):
                    counts[row, 3] += chars
            start = stop + 1
    return counts
