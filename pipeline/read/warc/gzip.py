"""WARC in gzip members, one a record or many, or the whole file in one."""

import zlib

from pipeline.read.warc.header import NEWLINES, begins_record
from pipeline.read.warc.members import CUT_MEMBER, Codec, StoredBytes, Unsound

GZIP_MAGIC = b"\x1f\x8b\x08"
FIRST_FEED_BYTES, MAX_FEED_BYTES = 2048, 65_536  # zlib copies what it was fed beyond the member's end: start small
SALVAGE_FEED_BYTES = 1024


class Gzip(Codec):
    """Members whose CRC is checked at their end."""

    magic = GZIP_MAGIC
    head_bytes = 1024

    def unpacker(self) -> "Member":
        return Member()

    def opens_record(self, member: bytes) -> bool:
        try:
            return begins_record(zlib.decompressobj(31).decompress(member, 64).lstrip(NEWLINES))
        except zlib.error:
            return False

    def salvaged(self, stored: StoredBytes, start: int, skip: int, most: int) -> tuple[bytes, int]:
        """An error takes the output of the whole call with it, so the last stretch is fed byte by byte."""
        inflater, position, size, parts = zlib.decompressobj(31), start, 0, [b""]
        feed = SALVAGE_FEED_BYTES
        while size < most and not inflater.eof and (fed := stored.at(position, feed)):
            before = inflater.copy()
            try:
                part = inflater.decompress(fed, most - size)
            except zlib.error:
                if feed == 1:
                    break
                inflater, feed = before, 1
                continue
            position += len(fed) - len(inflater.unused_data)
            parts.append(part[max(0, skip - size) :])
            size += len(part)
        return b"".join(parts), position


class Member:
    """One member, some of it a step."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(31)
        self._feed = FIRST_FEED_BYTES

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    def step(self, stored: StoredBytes, position: int, most: int) -> tuple[bytes, int]:
        """(up to `most` bytes more, the stored bytes they took). Raises Unsound."""
        fed = stored.at(position, self._feed)
        if not fed:
            raise Unsound(CUT_MEMBER)
        try:
            part = self._inflater.decompress(fed, most)
        except zlib.error as error:
            raise Unsound(f"gzip member does not inflate: {str(error).rpartition(': ')[2]}") from error
        self._feed = min(self._feed * 4, MAX_FEED_BYTES)
        return part, len(fed) - len(self._inflater.unconsumed_tail) - len(self._inflater.unused_data)


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


def is_empty_member(head: bytes) -> bool:
    inflater = zlib.decompressobj(31)
    try:
        return not inflater.decompress(head, 1) and inflater.eof
    except zlib.error:
        return False
