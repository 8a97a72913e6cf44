"""Documents into rows of a fixed number of tokens: nothing cropped, almost nothing padded.

A document longer than a row fills as many rows as it can alone; what is left of it, and every shorter one, goes whole into the
row where it leaves the least room (best fit, longest first). Rows that stay emptier than 1 % are then given up and what they
held is laid end to end, cut where a row ends: a document in two pieces is read whole all the same, padding never is.

    row of 8:  |a a a a a b b b|c c c c c c c c|c c d d d d e .|      c had ten tokens, . is padding

A piece is seen by the model as a text of its own: positions begin at 0, and no piece sees another.
"""

from typing import NamedTuple

import numpy as np

_ROOM_LEFT = 0.01  # share of a row that may stay empty; half of the 2 % that users were promised


class Rows(NamedTuple):
    """Rows of pieces. Row r holds the pieces first_piece[r] … first_piece[r + 1] - 1, side by side, padding after them."""

    first_piece: np.ndarray  # int64 [rows + 1]
    starts: np.ndarray  # int64 [pieces], index of a piece's first token in the shard
    lengths: np.ndarray  # int32 [pieces], in tokens

    def __len__(self) -> int:
        return len(self.first_piece) - 1


def best_fit(sizes: np.ndarray, room: int) -> np.ndarray:
    """The row of each item, rows numbered from 0: longest first, each into the fullest row that still takes it. [items], int64.

    Items of one size are placed together: the fullest row that takes one of them takes as many as it can, then the next.
    """
    rows = np.empty(len(sizes), np.int64)
    order = stable_order(room - sizes.astype(np.int64), room)
    ends = np.flatnonzero(np.diff(sizes[order], append=-1)) + 1
    open_rows: dict[int, np.ndarray] = {}  # room left -> rows
    opened = start = 0
    for end in ends.tolist():
        items, size, start = order[start:end], int(sizes[order[start]]), end
        for left in sorted(key for key in open_rows if key >= size):
            if not len(items):
                break
            items = _fill(items, size, left, open_rows.pop(left), rows, open_rows)
        if len(items):
            new = np.arange(opened, opened + -(-len(items) // (room // size)))
            opened += len(new)
            _fill(items, size, room, new, rows, open_rows)
    return rows


def stable_order(values: np.ndarray, most: int) -> np.ndarray:
    """`np.argsort(values, kind="stable")` of numbers from 0 to `most`, 16 bits at a time: numpy sorts those by radix."""
    order = np.argsort((values & 0xFFFF).astype(np.uint16), kind="stable")
    for shift in range(16, int(most).bit_length(), 16):
        order = order[np.argsort((values[order] >> shift & 0xFFFF).astype(np.uint16), kind="stable")]
    return order


def _fill(
    items: np.ndarray, size: int, left: int, takers: np.ndarray, rows: np.ndarray, open_rows: dict[int, np.ndarray]
) -> np.ndarray:
    """Puts items of one size into rows that all have `left` room; what did not fit."""
    each = left // size
    placed = min(len(items), each * len(takers))
    full, partly = divmod(placed, each)
    rows[items[:placed]] = np.repeat(takers, each)[:placed]
    _leave(open_rows, left - each * size, takers[:full])
    _leave(open_rows, left - partly * size, takers[full : full + (partly > 0)])
    _leave(open_rows, left, takers[full + (partly > 0) :])
    return items[placed:]


def _leave(open_rows: dict[int, np.ndarray], room: int, rows: np.ndarray) -> None:
    if room and len(rows):
        open_rows[room] = np.concatenate([open_rows[room], rows]) if room in open_rows else rows


def pack(starts: np.ndarray, lengths: np.ndarray, row_tokens: int) -> Rows:
    """Rows of the documents of a shard. Shapes: starts, lengths [documents], int64. Depends on nothing but these numbers."""
    whole_starts = _cut(starts, lengths // row_tokens, row_tokens)
    rest = lengths % row_tokens
    starts, lengths = (starts + lengths - rest)[rest > 0], rest[rest > 0]

    row_of = best_fit(lengths, row_tokens)
    filled = np.bincount(row_of, weights=lengths).astype(np.int64) if len(row_of) else np.zeros(0, np.int64)
    emptier = filled < row_tokens - int(_ROOM_LEFT * row_tokens)
    kept = ~emptier[row_of]
    row_of = (np.cumsum(~emptier) - 1)[row_of[kept]] + len(whole_starts)
    tail_rows, tail_starts, tail_lengths = _end_to_end(starts[~kept], lengths[~kept], row_tokens)

    piece_rows = np.concatenate([np.arange(len(whole_starts)), row_of, tail_rows + len(whole_starts) + int((~emptier).sum())])
    piece_starts = np.concatenate([whole_starts, starts[kept], tail_starts])
    piece_lengths = np.concatenate([np.full(len(whole_starts), row_tokens), lengths[kept], tail_lengths])
    order = stable_order(piece_rows, len(starts) + len(whole_starts))  # the pieces of a row stand in their order already
    first_piece = np.concatenate([[0], np.cumsum(np.bincount(piece_rows))]).astype(np.int64)
    return Rows(first_piece, piece_starts[order].astype(np.int64), piece_lengths[order].astype(np.int32))


def _cut(starts: np.ndarray, counts: np.ndarray, row_tokens: int) -> np.ndarray:
    """Starts of the full rows that long documents fill alone."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before * row_tokens, counts) + np.arange(int(counts.sum())) * row_tokens


def _end_to_end(starts: np.ndarray, lengths: np.ndarray, row_tokens: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(row, start, length) of the pieces that these make when laid one after another and cut at every row's end."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    cuts = np.sort(np.concatenate([[0], ends, np.arange(0, total, row_tokens)]), kind="stable")  # merges what is sorted
    cuts = cuts[np.diff(cuts, prepend=-1) > 0]
    begins, sizes = cuts[:-1], np.diff(cuts)
    item = np.searchsorted(ends, begins, side="right")
    return begins // row_tokens, starts[item] + begins - (ends - lengths)[item], sizes
