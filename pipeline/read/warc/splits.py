"""Parts of a file that are read apart, so that a large file feeds many cores; together they give what reading it whole gives.

A split owns the runs (records.py) whose first member begins in its range, and reads the last of them to its end, wherever that
is. It looks for its first member as reading after damage does, which knows nothing of what stands before: so it may take for a
member what lies inside one, such as a WARC that was itself archived. Hence each split tells where its first run began and where
the run begins that it left to the next. Where these do not meet, what the later one gave counts for nothing, and its range is
read again from where the earlier one ended.

    range      0 … 100     100 … 200              200 … 300
    told       0 → 131     113 → 207  (wrong)     207 → 300
    again                  131 → 207
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from pipeline.read.warc.layout import Layout, layout_of
from pipeline.read.warc.members import REREAD_FLOOR_BYTES, StoredBytes, WarcLimits, next_member
from pipeline.read.warc.records import Damage, Reader, Record, is_nameless, merged

MOST_SPLITS = 1 << 14  # of a file: each is a row on its way to a task


class Split(NamedTuple):
    """The range [begin, end) of a file. `from_member`: a run is known to begin at `begin`, so none is looked for."""

    begin: int
    end: int
    from_member: bool


class Reach(NamedTuple):
    """What of the file a split's rows are."""

    first: int | None  # where its first run begins; null: none does in its range
    end: int  # where the run begins that the next split has to begin with, or the file's end
    reread: int  # bytes gone through a second time after damage


def splits_of(size: int, split_bytes: int) -> list[Split]:
    """A file of `size` bytes in parts of about `split_bytes`, none of them much smaller than that, and MOST_SPLITS in all."""
    count = min(max(1, size // split_bytes), MOST_SPLITS)
    borders = [size * number // count for number in range(count + 1)]
    return [Split(begin, end, begin == 0) for begin, end in pairwise(borders)]


class SplitRead:
    """A split while it is read. `reach` is there when its items have been gone through."""

    def __init__(self, split: Split) -> None:
        self.split = split
        self.reach: Reach | None = None

    def records(self, stream: BinaryIO, limits: WarcLimits) -> Iterator[Record | Damage]:
        """What the split owns, as `read_records` gives it."""
        stored = StoredBytes(stream)
        layout = layout_of(stored, "the input")
        start = self._start(stored, layout)
        if start is None:
            self.owns_nothing()
            return
        yield from merged(self._owned(Reader(stored, layout, start, limits), stream))

    def owns_nothing(self) -> None:
        self.reach = Reach(None, self.split.end, 0)

    def owns_all(self, stream: BinaryIO) -> None:
        """To the file's end: it cannot be split."""
        self.reach = Reach(self.split.begin, _size(stream), 0)

    def _start(self, stored: StoredBytes, layout: Layout) -> int | None:
        """Where reading begins; null where no member does in the range, or the file has none."""
        begin, end, from_member = self.split
        if from_member:
            return begin
        if layout.codec is None:
            return None
        start = next_member(stored, layout.codec, max(begin, layout.start), end)
        return start if 0 <= start < end else None

    def _owned(self, reader: Reader, stream: BinaryIO) -> Iterator[Record | Damage]:
        """From the first run in the range to the first behind it. A run that begins with nameless damage opens nothing: that
        belongs to the damage before it, which may be an earlier split's.
        """
        first = self.split.begin if self.split.from_member else None
        for item in reader.items():
            opens = -1 if is_nameless(item) else reader.opened
            if opens >= self.split.end:
                self.reach = Reach(first, opens, reader.rereads.bytes)
                return
            if first is None and opens >= 0:
                first = opens
            if first is not None:
                yield item
        self.reach = Reach(first, _size(stream), reader.rereads.bytes)


def joined(splits: Sequence[Split], known: Mapping[Split, Reach]) -> list[Split] | Split:
    """The splits whose rows are the file's, in order; or one that has to be read before that can be told.

    `splits` cover the file. How much may be gone through again depends on all of the file that was read before: where that
    could have decided anything, the file is read whole.
    """
    whole = Split(0, splits[-1].end, True)
    if whole in known:
        return [whole]
    used: list[Split] = []
    reached = reread = 0
    for split in splits:
        if reached >= split.end:
            continue  # the split before read past it
        if split not in known:
            return split
        if known[split].first != reached:
            split = Split(reached, split.end, True)
            if split not in known:
                return split
        used.append(split)
        reached, reread = known[split].end, reread + known[split].reread
    return used if reread <= REREAD_FLOOR_BYTES else whole


def _size(stream: BinaryIO) -> int:
    return stream.seek(0, 2)
