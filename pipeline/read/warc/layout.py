"""What kind of file this is: a WARC, plain or gzip, or something that is refused by name before anything runs."""

import zlib

from pipeline.errors import InputError
from pipeline.read.warc.header import LOOK_AHEAD_BYTES, NEWLINES, begins_record, find_record
from pipeline.read.warc.members import GZIP_MAGIC, READ_BYTES, StoredBytes, inflated_head, next_member

SEARCHED_BYTES = 64 << 20  # a file may be damaged that far from its first byte on and still be taken for a WARC
ARC = "an ARC file, the format before WARC: convert it first (`warcio recompress in.arc.gz out.warc.gz`)"
RECOMPRESS = "recompress it with gzip, one member per record"
REFUSED = {
    b"\x04\x22\x4d\x18": f"lz4-compressed: {RECOMPRESS} (`lz4 -d in.warc.lz4`, then `warcio recompress in.warc out.warc.gz`)",
    b"\x28\xb5\x2f\xfd": f"zstd-compressed: {RECOMPRESS} (`zstd -d in.warc.zst`, then `warcio recompress in.warc out.warc.gz`)",
    b"\x5d\x2a\x4d\x18": f"zstd-compressed with a dictionary of its own: {RECOMPRESS}",
    b"BZh": f"bzip2-compressed: {RECOMPRESS}",
    b"\xfd7zXZ": f"xz-compressed: {RECOMPRESS}",
    b"PK\x03\x04": "a zip archive: unpack it and name the WARC files inside (in a WACZ: its folder archive/)",
    b"filedesc:": ARC,
}


def is_gzip(stored: StoredBytes, name: str) -> bool:
    """Whether the WARC called `name` is stored in gzip members; InputError where it is no WARC at all."""
    head = stored.at(0, 4096)
    if not head:
        raise InputError(f"{name} is empty: leave it out, or fetch it again")
    for magic, what in REFUSED.items():
        if head.startswith(magic):
            raise InputError(f"{name} is {what}")
    if begins_record(head.lstrip(NEWLINES)):
        return False
    if head.startswith(GZIP_MAGIC):
        inside = inflated_head(head, 64)
        if inside.startswith(b"filedesc:"):
            raise InputError(f"{name} is {ARC}")
        if begins_record(inside.lstrip(NEWLINES)) or _is_empty_member(head):
            return True
    return _is_gzip_after_damage(stored, name)


def _is_empty_member(head: bytes) -> bool:
    inflater = zlib.decompressobj(31)
    try:
        return not inflater.decompress(head, 1) and inflater.eof
    except zlib.error:
        return False


def _is_gzip_after_damage(stored: StoredBytes, name: str) -> bool:
    """Whichever comes first in the file: a member that inflates to a record, or a line that opens one."""
    member = next_member(stored, 0, SEARCHED_BYTES)
    if member >= 0 and stored.at(member, 1):
        return True
    start = 0
    while start < SEARCHED_BYTES and (window := stored.at(start, READ_BYTES)):
        if find_record(window, 0) >= 0:
            return False
        start += max(len(window) - LOOK_AHEAD_BYTES, 1) if len(window) == READ_BYTES else len(window)
    head = stored.at(0, 24).decode("latin-1")
    raise InputError(f"{name} is no WARC file: it begins with {head!a}; inputs are WARC, JSON lines and Parquet")
