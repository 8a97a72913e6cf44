"""The bytes of a WARC file in pieces: as stored, or inflated gzip member by gzip member. Knows gzip, nothing of records.

A member is handed on only after its CRC was checked, unless it inflates to more than one record may hold (a whole file
in one member): then its pieces go out as they come. What inflates before damage is handed on with the problem named, for
the records' own digests to decide about. What does not inflate is a `Gap`, up to the next member that inflates to
`WARC/`: the start of a record is the only thing to hold on to after damage.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from pipeline.errors import RecipeError
from pipeline.read.warc.header import NEWLINES, begins_record
from pipeline.settings import check_settings, setting

GZIP_MAGIC = b"\x1f\x8b\x08"
READ_BYTES = 1 << 20
PADDING = b"\0\r\n"  # what tar, tape blocks and careless joins leave between members
FIRST_FEED_BYTES, MAX_FEED_BYTES = 2048, 65_536  # zlib copies what it was fed beyond the member's end: start small
CUT_MEMBER = "the file ends inside a gzip member"
SALVAGE_FEED_BYTES = 1024
# Bytes gone through a second time after damage, per file: a floor and a share of the file. Past that, reading resumes
# where it stands instead of where the damage began, or a crafted file would cost quadratic time.
REREAD_FLOOR_BYTES, REREAD_SHARE = 1 << 28, 8


@dataclass(frozen=True, kw_only=True)
class WarcLimits:
    """How large a record may be. Whatever is beyond becomes one row in `rejects`, never memory."""

    max_record_bytes: int = setting(16 << 20, "block of a record, inflated", "real pages p99 1.0 MB, max 3.6 MB", minimum=1)
    max_header_bytes: int = setting(64 << 10, "header of a record", "longest in the real files at hand: 1.4 kB", minimum=1)
    max_inflate_ratio: int = setting(
        200,
        "inflated / stored bytes of a gzip member beyond max_record_bytes",
        "real pages: at most 14; deflate can reach 1032",
        minimum=1,
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "warc.")


class Piece(NamedTuple):
    """Readable bytes of [start, end) in the file; `member` is where their gzip member begins, -1 if they are stored plain."""

    data: bytes
    start: int
    end: int
    member: int
    opens_member: bool
    problem: str = ""  # why their member is damaged: any of these bytes may be wrong


class Gap(NamedTuple):
    """Bytes [start, end) that do not inflate."""

    start: int
    end: int
    reason: str  # damaged, bomb
    detail: str


class StoredBytes:
    """Random access to a seekable stream through one buffer; walking forwards reads each byte once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._base = 0
        self._data = b""
        stream.seek(0)

    def at(self, position: int, count: int) -> bytes:
        """`count` bytes from `position`, fewer only at the end of the file."""
        start = position - self._base
        if start < 0 or start + count > len(self._data):
            self._load(position, max(count, READ_BYTES))
            start = 0
        return self._data[start : start + count]

    def _load(self, position: int, count: int) -> None:
        start = position - self._base
        kept = self._data[start:] if 0 <= start <= len(self._data) else b""
        if not 0 <= start <= len(self._data):
            self._stream.seek(position)
        parts = [kept]
        missing = count - len(kept)
        while missing > 0 and (part := self._stream.read(missing)):  # remote files may answer with less than asked
            parts.append(part)
            missing -= len(part)
        self._data, self._base = b"".join(parts), position


def plain_pieces(stored: StoredBytes, start: int) -> Iterator[Piece]:
    """The file from `start` as it is."""
    while data := stored.at(start, READ_BYTES):
        yield Piece(data, start, start + len(data), -1, False)
        start += len(data)


def gzip_pieces(stored: StoredBytes, start: int, limits: WarcLimits) -> Iterator[Piece | Gap]:
    """The members from `start` on. Empty members (BGZF ends in one) and padding between members give nothing."""
    reread = 0
    while (start := _after_padding(stored, start)) >= 0:
        member = _Member(stored, start, limits)
        yield from member.pieces()
        if member.problem:
            reread += member.position - start
            again = member.known if reread <= REREAD_FLOOR_BYTES + REREAD_SHARE * start else member.position
            end = next_member(stored, max(again, start + 1))
            yield from member.remains(end)
            start = end
        else:
            start = member.position


class _Member:
    """Inflates one member; afterwards `problem` says why it could not, and `position` how far it read."""

    def __init__(self, stored: StoredBytes, start: int, limits: WarcLimits) -> None:
        self.start = self.position = self.known = start  # known: the bytes before it were handed on
        self.reason, self.problem = "damaged", ""
        self._stored, self._limits = stored, limits
        self._inflater = zlib.decompressobj(31)
        self._given = 0  # inflated bytes that were handed on

    def pieces(self) -> Iterator[Piece]:
        data = self._inflate(self._limits.max_record_bytes + self._limits.max_header_bytes)
        while data and not self.problem:
            yield Piece(data, self.known, self.position, self.start, self._given == 0)
            self.known = self.position
            self._given += len(data)
            if self._inflater.eof:
                return
            if self._given > self._limits.max_inflate_ratio * (self.position - self.start):
                self.reason = "bomb"
                self.problem = f"inflates to more than {self._limits.max_inflate_ratio} times its size"
                return
            data = self._inflate(READ_BYTES)

    def remains(self, end: int) -> Iterator[Piece | Gap]:
        """What there is after the last sound piece: the bytes that still inflate, and the gap up to `end`."""
        data, position = self._salvaged() if self.reason == "damaged" else (b"", self.known)
        break_at = max(self.known, min(position, end - 1))
        if data and break_at > self.known:
            yield Piece(data, self.known, break_at, self.start, self._given == 0, self.problem)
        else:
            break_at = self.known
        yield Gap(break_at, end, self.reason, self.problem)

    def _salvaged(self) -> tuple[bytes, int]:
        """(what inflates before the problem and was not handed on, where in the file that ends).

        An error takes the output of the whole call with it, so the last stretch is fed byte by byte.
        """
        most = self._given + max(self._limits.max_record_bytes + self._limits.max_header_bytes, READ_BYTES)
        inflater, position, size, parts = zlib.decompressobj(31), self.start, 0, [b""]
        feed = SALVAGE_FEED_BYTES
        while size < most and not inflater.eof and (fed := self._stored.at(position, feed)):
            before = inflater.copy()
            try:
                part = inflater.decompress(fed, most - size)
            except zlib.error:
                if feed == 1:
                    break
                inflater, feed = before, 1
                continue
            position += len(fed) - len(inflater.unused_data)
            parts.append(part[max(0, self._given - size) :])
            size += len(part)
        return b"".join(parts), position

    def _inflate(self, count: int) -> bytes:
        """Up to `count` bytes more; fewer at the member's end or where a problem stops it."""
        parts: list[bytes] = []
        feed = FIRST_FEED_BYTES
        while count > 0 and not self._inflater.eof:
            fed = self._stored.at(self.position, feed)
            if not fed:
                self.problem = CUT_MEMBER
                break
            try:
                part = self._inflater.decompress(fed, count)
            except zlib.error as error:
                self.problem = f"gzip member does not inflate: {str(error).rpartition(': ')[2]}"
                break
            self.position += len(fed) - len(self._inflater.unconsumed_tail) - len(self._inflater.unused_data)
            parts.append(part)
            count -= len(part)
            feed = min(feed * 4, MAX_FEED_BYTES)
        return b"".join(parts)


def next_member(stored: StoredBytes, start: int, stop: int | None = None) -> int:
    """Offset of the first member from `start` on that inflates to `WARC/`; if there is none -1 past `stop`, or the file's end."""
    while window := stored.at(start, READ_BYTES):
        at = -1
        while (at := window.find(GZIP_MAGIC, at + 1)) >= 0:
            if opens_record(stored.at(start + at, 1024)):
                return start + at
        if stop is not None and start >= stop:
            return -1
        start += len(window) - 2 if len(window) == READ_BYTES else len(window)
    return start


def opens_record(member: bytes) -> bool:
    """Whether these first bytes of a gzip member inflate to the start of a WARC record."""
    try:
        return begins_record(zlib.decompressobj(31).decompress(member, 64).lstrip(NEWLINES))
    except zlib.error:
        return False


def inflated_head(member: bytes, count: int) -> bytes:
    """As much of the first `count` inflated bytes as can be had."""
    inflater = zlib.decompressobj(31)
    head = b""
    for start in range(0, len(member), 64):  # an error takes the whole call's output with it
        try:
            head += inflater.decompress(member[start : start + 64], count - len(head))
        except zlib.error:
            break
        if len(head) >= count or inflater.eof:
            break
    return head


def _after_padding(stored: StoredBytes, start: int) -> int:
    """First byte from `start` that is no padding, -1 at the end of the file."""
    if stored.at(start, 1) == GZIP_MAGIC[:1]:
        return start
    while window := stored.at(start, READ_BYTES):
        if rest := window.lstrip(PADDING):
            return start + len(window) - len(rest)
        start += len(window)
    return -1
