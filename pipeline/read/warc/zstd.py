"""WARC in zstd frames, one a record, as the IIPC describes it: a dictionary for all of them may lie in a first frame of its own.

A frame says where its blocks end, and a block gives 128 KiB at most: inflated block by block, memory stays bounded.
"""

from typing import Any

import zstandard

from pipeline.errors import InputError
from pipeline.read.warc.header import NEWLINES, begins_record
from pipeline.read.warc.members import CUT_MEMBER, Codec, StoredBytes, Unsound

MAGIC = b"\x28\xb5\x2f\xfd"
DICTIONARY_FRAME = b"\x5d\x2a\x4d\x18"  # the skippable frame that holds a dictionary
DICTIONARY_MAGIC = b"\x37\xa4\x30\xec"
SKIPPABLE = b"\x2a\x4d\x18"  # behind 0x50 to 0x5f: a frame that holds no data, as the table of seekable files
MOST_DICTIONARY_BYTES = 16 << 20
MOST_BLOCK_BYTES = 1 << 17
MAX_WINDOW_BYTES = 1 << 27
RESERVED, RLE = 3, 1  # types of a block
HEAD_BYTES = 18  # of a frame: magic, descriptor, window, dictionary, size


class Zstd(Codec):
    """Frames, with the dictionary that they need."""

    magic = MAGIC

    def __init__(self, dictionary: bytes | None) -> None:
        self._dictionary = None if dictionary is None else zstandard.ZstdCompressionDict(dictionary)

    def unpacker(self) -> "Frame":
        return Frame(self._dictionary)

    def opens_record(self, member: bytes) -> bool:
        """The first block may be longer than what there is of it: a decoder gives what it has."""
        try:
            size = _head_size(member)
            decoder = _decoder(self._dictionary)
            return begins_record(decoder.decompress(member[: size + 3 + MOST_BLOCK_BYTES])[:64].lstrip(NEWLINES))
        except (Unsound, zstandard.ZstdError, IndexError):
            return False

    head_bytes = HEAD_BYTES + 3 + MOST_BLOCK_BYTES


class Frame:
    """One frame, a block a step."""

    def __init__(self, dictionary: zstandard.ZstdCompressionDict | None) -> None:
        self.eof = False
        self._decoder = _decoder(dictionary)
        self._checksum = False
        self._began = False

    def step(self, stored: StoredBytes, position: int, most: int) -> tuple[bytes, int]:  # noqa: ARG002 - a block is small enough
        """(what the next block inflates to, the stored bytes it took). Raises Unsound."""
        if not self._began:
            head = stored.at(position, HEAD_BYTES)
            if head[1:4] == SKIPPABLE and head[0] >> 4 == 5 and len(head) >= 8:
                self.eof = True
                return b"", 8 + int.from_bytes(head[4:8], "little")
            size = _head_size(head)
            self._checksum, self._began = bool(head[4] & 4), True
            return self._fed(stored, position, size), size
        head = stored.at(position, 3)
        if len(head) < 3:
            raise Unsound(CUT_MEMBER)
        word = int.from_bytes(head, "little")
        last, kind, size = word & 1, word >> 1 & 3, word >> 3
        if kind == RESERVED or size > MOST_BLOCK_BYTES:
            raise Unsound("zstd frame does not inflate: no such block")
        size = 3 + (1 if kind == RLE else size) + (4 if last and self._checksum else 0)
        data = self._fed(stored, position, size)
        self.eof = bool(last)
        return data, size

    def _fed(self, stored: StoredBytes, position: int, size: int) -> bytes:
        fed = stored.at(position, size)
        if len(fed) < size:
            raise Unsound(CUT_MEMBER)
        try:
            data: bytes = self._decoder.decompress(fed)
        except zstandard.ZstdError as error:
            raise Unsound(f"zstd frame does not inflate: {str(error).rpartition(': ')[2]}") from error
        return data


def _decoder(dictionary: zstandard.ZstdCompressionDict | None) -> Any:
    return zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=MAX_WINDOW_BYTES).decompressobj()


def _head_size(head: bytes) -> int:
    """Bytes before the first block (RFC 8878, 3.1.1.1)."""
    if not head.startswith(MAGIC) or len(head) < 6:
        raise Unsound("no zstd frame begins here" if not head.startswith(MAGIC[: len(head)]) else CUT_MEMBER)
    descriptor = head[4]
    single = descriptor >> 5 & 1
    size_bytes = (single, 2, 4, 8)[descriptor >> 6]
    return 5 + (0 if single else 1) + (0, 1, 2, 4)[descriptor & 3] + size_bytes


def zstd_of(stored: StoredBytes, name: str) -> tuple[Zstd, int]:
    """(how this file is packed, where its first frame begins). Raises InputError where its dictionary cannot be used."""
    head = stored.at(0, 8)
    if not head.startswith(DICTIONARY_FRAME):
        return Zstd(None), 0
    size = int.from_bytes(head[4:8], "little")
    data = stored.at(8, size) if size <= MOST_DICTIONARY_BYTES else b""
    if len(data) != size or not data:
        raise InputError(f"{name} begins with a zstd dictionary of {size:,} bytes, which is not there whole, or too large")
    if data.startswith(MAGIC):
        try:
            data = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).decompressobj().decompress(data)
        except zstandard.ZstdError as error:
            raise InputError(f"{name} begins with a zstd dictionary that does not inflate: {error}; fetch it again") from error
    if not data.startswith(DICTIONARY_MAGIC) or len(data) > MOST_DICTIONARY_BYTES:
        raise InputError(f"{name} begins with a zstd dictionary that is none; fetch it again")
    return Zstd(data), 8 + size
