"""The bytes of a WARC file in pieces: as stored, or inflated member by member (a gzip member, a zstd frame).

A member is handed on only after its checksum was compared, unless it inflates to more than one record may hold (a whole file
in one member): then its pieces go out as they come. What inflates before damage is handed on with the problem named, for
the records' own digests to decide about. What does not inflate is a `Gap`, up to the next member that inflates to
`WARC/`: the start of a record is the only thing to hold on to after damage.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar, NamedTuple, Protocol

from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting

READ_BYTES = 1 << 20
PADDING = b"\0\r\n"  # what tar, tape blocks and careless joins leave between members
CUT_MEMBER = "the file ends inside a compressed member"
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


class Rereads:
    """Bytes gone through a second time after damage, per file: a floor and a share of the file may be.

    Past that, reading resumes where it stands instead of where the damage began, or a crafted file would cost quadratic time.
    """

    def __init__(self) -> None:
        self.bytes = 0

    def allow(self, count: int, place: int) -> bool:
        """Whether so many more may be, with the file read up to `place`."""
        self.bytes += count
        return self.bytes <= REREAD_FLOOR_BYTES + REREAD_SHARE * place


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


class Unsound(Exception):
    """A member does not inflate further; the message says why."""


class Unpacker(Protocol):
    """Inflates one member, step by step."""

    @property
    def eof(self) -> bool: ...

    def step(self, stored: StoredBytes, position: int, most: int) -> tuple[bytes, int]:
        """(bytes that inflate next, `most` or a block of them; how many stored bytes they took). Raises Unsound."""
        ...


class Codec(ABC):
    """A way of packing members."""

    magic: ClassVar[bytes]  # a member begins with it
    head_bytes: ClassVar[int]  # that tell whether a member opens a record

    @abstractmethod
    def unpacker(self) -> Unpacker: ...

    @abstractmethod
    def opens_record(self, member: bytes) -> bool:
        """Whether these first bytes of a member inflate to the start of a WARC record."""

    def salvaged(self, stored: StoredBytes, start: int, skip: int, most: int) -> tuple[bytes, int]:
        """(what of a damaged member inflates behind its first `skip` bytes, where in the file that ends)."""
        unpacker, position, size, parts = self.unpacker(), start, 0, [b""]
        while size < most and not unpacker.eof:
            try:
                part, took = unpacker.step(stored, position, most - size)
            except Unsound:
                break
            position += took
            parts.append(part[max(0, skip - size) :])
            size += len(part)
        return b"".join(parts), position


def plain_pieces(stored: StoredBytes, start: int) -> Iterator[Piece]:
    """The file from `start` as it is."""
    while data := stored.at(start, READ_BYTES):
        yield Piece(data, start, start + len(data), -1, False)
        start += len(data)


def member_pieces(stored: StoredBytes, codec: Codec, start: int, limits: WarcLimits, rereads: Rereads) -> Iterator[Piece | Gap]:
    """The members from `start` on. Empty members (BGZF ends in one) and padding between members give nothing."""
    while (start := _after_padding(stored, codec, start)) >= 0:
        member = _Member(stored, codec, start, limits)
        yield from member.pieces()
        if member.problem:
            again = member.known if rereads.allow(member.position - start, start) else member.position
            end = next_member(stored, codec, max(again, start + 1))
            yield from member.remains(end)
            start = end
        else:
            start = member.position


class _Member:
    """Inflates one member; afterwards `problem` says why it could not, and `position` how far it read."""

    def __init__(self, stored: StoredBytes, codec: Codec, start: int, limits: WarcLimits) -> None:
        self.start = self.position = self.known = start  # known: the bytes before it were handed on
        self.reason, self.problem = "damaged", ""
        self._stored, self._codec, self._limits = stored, codec, limits
        self._unpacker = codec.unpacker()
        self._given = 0  # inflated bytes that were handed on

    def pieces(self) -> Iterator[Piece]:
        data = self._inflate(self._limits.max_record_bytes + self._limits.max_header_bytes)
        while data and not self.problem:
            yield Piece(data, self.known, self.position, self.start, self._given == 0)
            self.known = self.position
            self._given += len(data)
            if self._unpacker.eof:
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
        """(what inflates before the problem and was not handed on, where in the file that ends)."""
        most = self._given + max(self._limits.max_record_bytes + self._limits.max_header_bytes, READ_BYTES)
        return self._codec.salvaged(self._stored, self.start, self._given, most)

    def _inflate(self, count: int) -> bytes:
        """Up to `count` bytes more; fewer at the member's end or where a problem stops it."""
        parts: list[bytes] = []
        while count > 0 and not self._unpacker.eof:
            try:
                part, took = self._unpacker.step(self._stored, self.position, count)
            except Unsound as problem:
                self.problem = str(problem)
                break
            self.position += took
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def next_member(stored: StoredBytes, codec: Codec, start: int, stop: int | None = None) -> int:
    """Offset of the first member from `start` on that inflates to `WARC/`; if there is none -1 past `stop`, or the file's end."""
    overlap = len(codec.magic) - 1
    while window := stored.at(start, READ_BYTES):
        at = -1
        while (at := window.find(codec.magic, at + 1)) >= 0:
            if codec.opens_record(stored.at(start + at, codec.head_bytes)):
                return start + at
        if stop is not None and start >= stop:
            return -1
        start += len(window) - overlap if len(window) == READ_BYTES else len(window)
    return start


def _after_padding(stored: StoredBytes, codec: Codec, start: int) -> int:
    """First byte from `start` that is no padding, -1 at the end of the file."""
    if stored.at(start, 1) == codec.magic[:1]:
        return start
    while window := stored.at(start, READ_BYTES):
        if rest := window.lstrip(PADDING):
            return start + len(window) - len(rest)
        start += len(window)
    return -1
