"""C4's line rules as edits of the text: spans to delete, so that what was taken can be counted, shown and undone."""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.quality.line_rules import BLANK, KEPT, POLICY, Lines, citation_bytes

CITATION = POLICY + 1  # an edit's reason: the fate of the line, or this
_BRACKET = 0x5B
_NONE = -1


class Edits(NamedTuple):
    """One deletion each, ascending and disjoint within a row."""

    rows: np.ndarray  # int32 [edits]
    starts: np.ndarray  # int32 [edits], code points
    ends: np.ndarray  # int32 [edits], code points, exclusive
    reasons: np.ndarray  # uint8 [edits]


@part
def _blank_to_keep(fates: np.ndarray, first: int, last: int) -> int:
    """First blank line of `[first, last)`, so that two paragraphs stay two; `_NONE` without one."""
    for line in range(first, last):
        if fates[line] == BLANK:
            return line
    return _NONE


@part
def _delete_gap(
    bounds: np.ndarray, fates: np.ndarray, first: int, last: int, lines: tuple[int, int], drop_blank_lines: bool,
    spans: np.ndarray, reasons: np.ndarray, count: int,
) -> int:  # fmt: skip
    """Deletes the lines `[first, last)` between two kept ones (or the row's `lines` ends) as far as they go; the new count.

    A gap of blank lines alone is the author's and stays. After the last kept line its newline goes too.
    """
    drops = drop_blank_lines and last > first
    for line in range(first, last):
        drops = drops or fates[line] != BLANK
    if not drops:
        return count
    stays = _NONE
    if not drop_blank_lines and first > lines[0] and last < lines[1]:
        stays = _blank_to_keep(fates, first, last)
    for line in range(first, last):
        if line == stays:
            continue
        is_tail = line == first and first > lines[0] and last == lines[1]
        spans[count, 0] = bounds[line - 1, 1] if is_tail else bounds[line, 0]
        spans[count, 1] = bounds[line, 2]
        reasons[count] = fates[line]
        count += 1
    return count


@part
def _delete_citations(
    data: np.ndarray, start: int, end: int, table: np.ndarray, spans: np.ndarray, reasons: np.ndarray, count: int
) -> int:
    at = start
    while at < end:
        length = citation_bytes(data, at, end, table) if data[at] == _BRACKET else 0
        if length:
            spans[count, 0], spans[count, 1] = at, at + length
            reasons[count] = CITATION
            count += 1
        at += max(length, 1)
    return count


@part
def _to_code_points(data: np.ndarray, row_start: int, spans: np.ndarray, first: int, last: int) -> None:
    """Byte positions of ascending spans to code points of their row, in place."""
    at, chars = row_start, 0
    for edit in range(first, last):
        for side in range(2):
            while at < spans[edit, side]:
                chars += (data[at] & 0xC0) != 0x80
                at += 1
            spans[edit, side] = chars


@kernel
def _edits(
    data: np.ndarray, offsets: np.ndarray, line_offsets: np.ndarray, bounds: np.ndarray, fates: np.ndarray, table: np.ndarray,
    citations: bool, drop_blank_lines: bool, rows: np.ndarray, spans: np.ndarray, reasons: np.ndarray,
) -> int:  # fmt: skip
    count = 0
    for row in range(len(offsets) - 1):
        before = count
        first, last = line_offsets[row], line_offsets[row + 1]
        gap = first
        for line in range(first, last):
            if fates[line] != KEPT:
                continue
            count = _delete_gap(bounds, fates, gap, line, (first, last), drop_blank_lines, spans, reasons, count)
            if citations:
                count = _delete_citations(data, bounds[line, 0], bounds[line, 1], table, spans, reasons, count)
            gap = line + 1
        count = _delete_gap(bounds, fates, gap, last, (first, last), drop_blank_lines, spans, reasons, count)
        _to_code_points(data, offsets[row], spans, before, count)
        for edit in range(before, count):
            rows[edit] = row
    return count


def line_edits(
    data: np.ndarray, offsets: np.ndarray, lines: Lines, table: np.ndarray, remove_citations: bool, drop_blank_lines: bool
) -> Edits:
    """The deletions that turn each row into its kept lines, lines and fates as `line_rules.keep_lines` left them."""
    used = data[offsets[0] : offsets[-1]]
    room = len(lines.fates) + int(np.count_nonzero(used == _BRACKET))
    rows, spans, reasons = np.empty(room, np.int32), np.empty((room, 2), np.int64), np.empty(room, np.uint8)
    count = _edits(data, offsets, *lines, table, remove_citations, drop_blank_lines, rows, spans, reasons)
    starts, ends = spans[:count].T.astype(np.int32)
    return Edits(rows[:count], starts, ends, reasons[:count])
