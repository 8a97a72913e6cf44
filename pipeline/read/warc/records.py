"""WARC files, record by record, past any damage: every byte of a file is a record's, a damage's or padding.

The reader holds one record at a time. A *run* is what can be read in one go: the bytes of a gzip member that begins with
`WARC/` and of the members after it that do not (a record may be spread over members), or a whole uncompressed file.
Inside a run Content-Length leads from record to record; where it leads nowhere, or past records, that record is damage
and reading resumes at the next line that opens a plausible record, at the latest with the next run. A block that its
digest denies is still a record if its length leads on: many writers get the digest wrong, so the record says it.
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple, TypeGuard

from pipeline.errors import InputError
from pipeline.read.digests import Digest, agrees
from pipeline.read.warc.header import (
    LOOK_AHEAD_BYTES,
    NEWLINES,
    Header,
    begins_record,
    ends_damaged,
    find_record,
    header_end,
    holds_records,
    is_plausible,
    parse_header,
    record_id,
    target_url,
)
from pipeline.read.warc.layout import WAT, Layout, layout_of
from pipeline.read.warc.members import (
    CUT_MEMBER,
    READ_BYTES,
    Gap,
    StoredBytes,
    WarcLimits,
)
from pipeline.read.warc.window import Run

RECORDS_PER_WINDOW = 1024  # deflate copies from 32 KiB back at most, and no header is shorter than this leaves for each

__all__ = ["Damage", "Record", "WarcLimits", "check_warc", "read_record_at", "read_records"]


class Record(NamedTuple):
    """A readable record; texts are empty where the header lacks them.

    `offset` is the first byte of the record's gzip member, or of the record where nothing is compressed. Further records
    of the same member are numbered on from there (member + 1, member + 2, …), so that (file, offset) names one record.
    `length` counts stored bytes up to where the next record begins, in a shared member by the share of inflated bytes.
    """

    offset: int
    length: int
    version: str  # "1.0"
    record_type: str  # lower case
    record_id: str  # without angle brackets
    url: str  # WARC-Target-URI
    date: str  # as written
    headers: dict[str, str]  # names in lower case, the first of a repeated field
    block: bytes
    truncated: str  # WARC-Truncated: length, time, …
    block_digest: str
    block_digest_ok: bool | None  # null where there is none, or of an algorithm not known here
    payload_digest: str


class Damage(NamedTuple):
    """Bytes that gave no record, one per recognisable record start, and what is known of the record that was there."""

    offset: int
    length: int
    detail: str
    reason: str = "damaged"  # damaged, too_large, bomb
    record_id: str = ""
    record_type: str = ""
    url: str = ""


def check_warc(stream: BinaryIO, name: str) -> None:
    """InputError unless `stream` is a WARC file, plain, gzip or zstd; damage is none of its business."""
    layout = layout_of(StoredBytes(stream), name)
    first = list(islice(Reader(StoredBytes(stream), layout, 0, WarcLimits()).items(), 2))
    if any(isinstance(one, Record) and _is_computed(one) for one in first):
        raise InputError(f"{name} is {WAT}")
    stream.seek(0)


def _is_computed(record: Record) -> bool:
    """Whether it is what WAT files consist of: another record's metadata, as JSON in an Envelope."""
    is_json = record.headers.get("content-type", "").startswith("application/json")
    return record.record_type == "metadata" and is_json and b'"Envelope"' in record.block


def read_records(stream: BinaryIO, limits: WarcLimits) -> Iterator[Record | Damage]:
    """Records and damages of a seekable stream in file order; memory is bounded by `limits`."""
    stored = StoredBytes(stream)
    return merged(Reader(stored, layout_of(stored, "the input"), 0, limits).items())


def read_record_at(stream: BinaryIO, offset: int, limits: WarcLimits) -> Record:
    """The record to which `read_records` gave this offset. Quick, but for records that share a member: those are counted out."""
    stored = StoredBytes(stream)
    layout = layout_of(stored, "the input")
    codec = layout.codec
    opens = codec.opens_record(stored.at(offset, codec.head_bytes)) if codec else begins_record(stored.at(offset, 5))
    for item in Reader(stored, layout, offset if opens else 0, limits).items():
        if item.offset == offset and isinstance(item, Record):
            return item
        if item.offset >= offset:
            detail = item.detail if isinstance(item, Damage) else "no record begins there"
            raise InputError(f"byte {offset}: {detail}; is this the file that the corpus was made from?")
    raise InputError(f"byte {offset}: the file ends before it; is this the file that the corpus was made from?")


class Reader:
    """Walks one file, item by item: `_run` stands at the first byte of the next one.

    `opened` is the stored place where the run of the latest item begins, if it is the run's first item, else -1. Nothing is
    carried from one run into the next but how much may be read again: what a run gives is the same whoever begins there.
    """

    def __init__(self, stored: StoredBytes, layout: Layout, start: int, limits: WarcLimits) -> None:
        self._run = Run(stored, layout.codec, max(start, layout.start), limits)
        self.rereads, self.opened = self._run.rereads, -1
        self._limits = limits
        self._member, self._number = -1, 0  # the compressed member of the latest item, and the item's number in it
        self._latest: deque[str] = deque(maxlen=RECORDS_PER_WINDOW)  # ids of the records that the run gave
        self._unclosed = False  # whether the line ends are missing behind the latest of them

    def items(self) -> Iterator[Record | Damage]:
        run = self._run
        while (opened := run.open_next()) is not None:
            self.opened = -1
            if isinstance(opened, Gap):
                yield _damage_of_gap(opened)
                continue
            self._latest.clear()
            begin = run.span().stored_start
            while run.skip_any(NEWLINES):
                self.opened, begin = begin, -1
                yield self._item()
            if self._unclosed and run.span().member < 0:
                yield Damage(run.span().stored_end, 0, "the file ends without the empty line that closes a record")

    def _item(self) -> Record | Damage:
        """From the first byte of what should be a record to the first byte of the next."""
        run = self._run
        run.begin_item()
        self._unclosed = False
        offset = self._offset()
        if offset < 0:
            return self._too_many()
        if not run.has(5) or not begins_record(run.data, run.at):
            self._find_next()
            return Damage(offset, run.item_length(), run.doubt(run.left()) or "no record begins here")
        header, size = self._header()
        end = size + header.content_length
        if header.problem is not None:
            return self._lost(offset, header, header.problem)
        if header.content_length > self._limits.max_record_bytes:
            return self._too_large(offset, header, end)
        if not run.has(end):
            left = run.left() - size
            return self._lost(offset, header, f"Content-Length is {header.content_length}, but only {left} bytes follow")
        block, intact = self._block(size, end, header)
        if block is None:
            return self._lost(offset, header, f"Content-Length is {header.content_length}, but no record ends there")
        if self._swallowed(block, intact):
            return self._lost(offset, header, f"Content-Length is {header.content_length} and counts in records that follow")
        if (doubt := run.doubt(end)) and not (intact and self._vouched(end, header, doubt)):
            return self._lost(offset, header, doubt)
        if self._is_copy(header):
            return self._lost(offset, header, "the record stands twice in a damaged member")
        self._latest.append(header.fields.get("warc-record-id", ""))
        run.has(end)
        run.at += end
        self._unclosed = not run.data.startswith((b"\r\n\r\n", b"\n\n"), run.at)
        run.skip_any(NEWLINES)
        return _record(offset, run.item_length(), header, block, intact)

    def _offset(self) -> int:
        """Name of the item that begins here, see `Record`; -1 where the member has no bytes left to number items with."""
        span = self._run.span()
        if span.member < 0:
            return self._run.stored_place()
        self._number = self._number + 1 if span.member == self._member else 0
        self._member = span.member
        offset = span.member + self._number
        return offset if offset < span.stored_end - 1 else -1

    def _header(self) -> tuple[Header, int]:
        """The header that begins here and its size."""
        run, most = self._run, self._limits.max_header_bytes
        run.has(LOOK_AHEAD_BYTES)
        end = header_end(run.data, run.at, run.at + LOOK_AHEAD_BYTES)
        if end < 0:
            run.has(most)
            inner = run.data.find(b"\nWARC/", run.at, run.at + most)  # no header goes further, or lines would be read often
            stop = run.at + most if inner < 0 else inner + 1
            end = header_end(run.data, run.at, stop)
            if end < 0:
                problem = f"header is longer than {most} bytes" if inner < 0 and run.left() > most else "the header has no end"
                return parse_header(run.data[run.at : stop])._replace(problem=problem), 0
        return parse_header(run.data[run.at : end]), end - run.at

    def _block(self, size: int, end: int, header: Header) -> tuple[bytes | None, bool | None]:
        """The block at [size, end) from here, null if no record may end there, and whether its digest agrees.

        A record ends where the run does, before another record, or else where the block's digest says so. Without one an
        empty line is enough, though a cut block can be followed by an empty line of its own.
        """
        run = self._run
        digest = header.fields.get("warc-block-digest", "")
        closes = self._closes(end)
        if not closes and not (digest and self._may_reread(end)):
            empty_line = run.data.startswith((b"\r\n\r\n", b"\n\n"), run.at + end)
            closes = empty_line and (not digest or size == end)
            if not closes:
                return None, None
        block = run.data[run.at + size : run.at + end]
        intact = agrees(digest, block) if digest else None
        return (block if closes or intact else None), intact

    def _closes(self, end: int) -> bool:
        """Whether the run ends there or a record follows; one damaged byte among the line ends between does not matter."""
        run = self._run
        run.has(end + LOOK_AHEAD_BYTES)
        after = run.data[run.at + end : run.at + end + LOOK_AHEAD_BYTES]
        rest = after.lstrip(NEWLINES)
        return not rest or begins_record(rest) or ends_damaged(after)

    def _swallowed(self, block: bytes, intact: bool | None) -> bool:
        """Whether the block holds the records that follow: to be read they have to be gone through once more.

        Where its digest agrees it does not, and where it does not any start of a record in it is one.
        """
        if intact or b"\nWARC/" not in block:
            return False
        within = find_record(block, 0) >= 0 if intact is False else holds_records(block)
        return within and self._may_reread(len(block))

    def _vouched(self, end: int, header: Header, problem: str) -> bool:
        """Whether a block whose digest agrees is enough to take the record out of a damaged member.

        Not where the member holds nothing else: then the fault may be in the record's header, for which its checksum stands.
        Nor where the record was met before: zeroed bytes inflate to copies of what came before them.
        """
        run = self._run
        if header.fields.get("warc-record-id", "") in self._latest:
            return False
        more = run.data[run.at + end : run.at + end + LOOK_AHEAD_BYTES].strip(NEWLINES)
        return problem == CUT_MEMBER or self._number > 0 or bool(more)

    def _is_copy(self, header: Header) -> bool:
        """Whether a member's record was met before and the member is damaged further on, which only its end can tell."""
        run = self._run
        if self._number == 0 or header.fields.get("warc-record-id", "") not in self._latest or not self._may_reread(0):
            return False
        span, place = run.span(), run.place()
        while run.skip(run.left() + 1):
            pass
        damaged = bool(run.span().problem)
        self._may_reread(run.place() - place)
        run.go_back(span, place)
        return damaged

    def _may_reread(self, count: int) -> bool:
        """Whether bytes may be gone through once more for the sake of damage."""
        return self.rereads.allow(count, self._run.stored_place())

    # What gives no record

    def _lost(self, offset: int, header: Header, detail: str, reason: str = "damaged") -> Damage:
        """The record that begins here; moves on to the next, which may begin before this one's Content-Length says."""
        doubt = self._run.doubt(self._run.left())
        self._find_next()
        return _damage(offset, self._run.item_length(), doubt or detail, reason, header.fields)

    def _find_next(self) -> None:
        """To the next line that opens a plausible record, or to the end of the run."""
        run = self._run
        if run.data.startswith(b"WARC/", run.at + 1) and is_plausible(run.data[run.at + 1 : run.at + 1 + LOOK_AHEAD_BYTES]):
            run.at += 1  # the line end before it was damaged, see `ends_damaged`
            return
        while True:
            found = find_record(run.data, run.at)
            last = len(run.data) - LOOK_AHEAD_BYTES - 1  # what begins later is judged with more bytes in the window
            if 0 <= found <= last:
                run.at = found
                return
            run.at = max(run.at, last)
            if not run.has(run.left() + READ_BYTES):
                found = find_record(run.data, run.at)
                run.at = len(run.data) if found < 0 else found
                return

    def _too_large(self, offset: int, header: Header, end: int) -> Damage:
        """Steps over the block if it is as large as it says, else looks for the next record inside."""
        run = self._run
        span, place = run.span(), run.place()
        digest = Digest(header.fields.get("warc-block-digest", ""))
        ends = run.skip(end - header.content_length) and run.skip(header.content_length, digest.update)
        if ends and self._closes(0) and digest.agrees() is not False:
            run.skip_any(NEWLINES)
            detail = f"block of {header.content_length} bytes; max_record_bytes is {self._limits.max_record_bytes}"
            return _damage(offset, run.item_length(), detail, "too_large", header.fields)
        if self._may_reread(run.place() - place):
            run.go_back(span, place)
        return self._lost(offset, header, f"Content-Length is {header.content_length}, but no record ends there")

    def _too_many(self) -> Damage:
        """Gives up the rest of a run: (file, offset) could no longer tell its records apart."""
        run = self._run
        while run.skip(run.left() + 1):
            pass
        offset = self._member + self._number
        return Damage(offset, run.item_length(), "compressed member holds more records than bytes", "bomb")


def is_nameless(item: Record | Damage) -> TypeGuard[Damage]:
    """Whether it is damage that names no record."""
    return isinstance(item, Damage) and not (item.record_id or item.record_type or item.url)


def merged(items: Iterator[Record | Damage]) -> Iterator[Record | Damage]:
    """Damage that names no record joins the damage before it."""
    last: Damage | None = None
    for item in items:
        if last is not None and is_nameless(item):
            worse = item if item.reason == "bomb" else last
            last = last._replace(length=last.length + item.length, reason=worse.reason, detail=worse.detail)
            continue
        if last is not None:
            yield last
        last = item if isinstance(item, Damage) else None
        if last is None:
            yield item
    if last is not None:
        yield last


def _record(offset: int, length: int, header: Header, block: bytes, intact: bool | None) -> Record:
    fields = header.fields
    return Record(
        offset=offset,
        length=length,
        version=header.version,
        record_type=fields.get("warc-type", "").lower(),
        record_id=record_id(fields),
        url=target_url(fields),
        date=fields.get("warc-date", ""),
        headers=fields,
        block=block,
        truncated=fields.get("warc-truncated", ""),
        block_digest=fields.get("warc-block-digest", ""),
        block_digest_ok=intact,
        payload_digest=fields.get("warc-payload-digest", ""),
    )


def _damage(offset: int, length: int, detail: str, reason: str, fields: dict[str, str]) -> Damage:
    return Damage(offset, length, detail, reason, record_id(fields), fields.get("warc-type", "").lower(), target_url(fields))


def _damage_of_gap(gap: Gap) -> Damage:
    return Damage(gap.start, gap.end - gap.start, gap.detail, gap.reason)
