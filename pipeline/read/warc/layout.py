"""What kind of file this is: a WARC, plain, gzip or zstd, or something that is refused by name before anything runs."""

from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.read.warc.gzip import GZIP_MAGIC, Gzip, inflated_head, is_empty_member
from pipeline.read.warc.header import LOOK_AHEAD_BYTES, NEWLINES, begins_record, find_record
from pipeline.read.warc.members import READ_BYTES, Codec, StoredBytes, next_member
from pipeline.read.warc.zstd import DICTIONARY_FRAME, MAGIC, Zstd, zstd_of

SEARCHED_BYTES = 64 << 20  # a file may be damaged that far from its first byte on and still be taken for a WARC
WAT = "a WAT file, what was computed of a WARC and no page: name the WARC itself, or its WET"
ARC = "an ARC file, the format before WARC: convert it first (`warcio recompress in.arc.gz out.warc.gz`)"
RECOMPRESS = "recompress it with gzip, one member per record"
REFUSED = {
    b"\x04\x22\x4d\x18": f"lz4-compressed: {RECOMPRESS} (`lz4 -d in.warc.lz4`, then `warcio recompress in.warc out.warc.gz`)",
    b"BZh": f"bzip2-compressed: {RECOMPRESS}",
    b"\xfd7zXZ": f"xz-compressed: {RECOMPRESS}",
    b"PK\x03\x04": "a zip archive: unpack it and name the WARC files inside (those of a WACZ are read as it is)",
    b"filedesc:": ARC,
}


class Layout(NamedTuple):
    """How a WARC is stored: `codec` is null where nothing is packed; the first member begins at `start`."""

    codec: Codec | None
    start: int = 0


def layout_of(stored: StoredBytes, name: str) -> Layout:
    """How the WARC called `name` is stored; InputError where it is no WARC at all."""
    head = stored.at(0, 4096)
    if not head:
        raise InputError(f"{name} is empty: leave it out, or fetch it again")
    for magic, what in REFUSED.items():
        if head.startswith(magic):
            raise InputError(f"{name} is {what}")
    if begins_record(head.lstrip(NEWLINES)):
        return Layout(None)
    if head.startswith((MAGIC, DICTIONARY_FRAME)):
        return _zstd_layout(stored, name)
    if head.startswith(GZIP_MAGIC):
        inside = inflated_head(head, 64)
        if inside.startswith(b"filedesc:"):
            raise InputError(f"{name} is {ARC}")
        if begins_record(inside.lstrip(NEWLINES)) or is_empty_member(head):
            return Layout(Gzip())
    return _layout_after_damage(stored, name)


def _zstd_layout(stored: StoredBytes, name: str) -> Layout:
    codec, start = zstd_of(stored, name)
    member = next_member(stored, codec, start, SEARCHED_BYTES)
    if member < 0 or not stored.at(member, 1):
        raise InputError(f"{name} is zstd-compressed, and no WARC: no frame of it opens a record")
    return Layout(codec, start)


def _layout_after_damage(stored: StoredBytes, name: str) -> Layout:
    """A member that inflates to a record, or else a line that opens one."""
    member = next_member(stored, Gzip(), 0, SEARCHED_BYTES)
    if member >= 0 and stored.at(member, 1):
        return Layout(Gzip())
    frame = next_member(stored, Zstd(None), 0, SEARCHED_BYTES)
    if frame >= 0 and stored.at(frame, 1):
        return Layout(Zstd(None))
    start = 0
    while start < SEARCHED_BYTES and (window := stored.at(start, READ_BYTES)):
        if find_record(window, 0) >= 0:
            return Layout(None)
        start += max(len(window) - LOOK_AHEAD_BYTES, 1) if len(window) == READ_BYTES else len(window)
    head = stored.at(0, 24).decode("latin-1")
    raise InputError(f"{name} is no WARC file: it begins with {head!a}; inputs are WARC, JSON lines and Parquet")
