"""WACZ, a zip of WARC files and their index: each WARC in it is an input of its own, `crawl.wacz!/archive/data.warc.gz`."""

import io
import struct
import zipfile
import zlib
from typing import Any, BinaryIO

from pipeline.blocks import Positioned
from pipeline.errors import InputError

ARCHIVE = "archive/"
LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, then lengths of the name and of what else stands before the data
MOST_ENTRIES = 100_000


def members_of(stream: BinaryIO, name: str) -> list[str]:
    """Names of the inputs in a WACZ. Raises InputError where it is no zip, or holds none."""
    archive = _zip(stream, name)
    found = [one.filename for one in archive.infolist() if one.filename.startswith(ARCHIVE) and not one.is_dir()]
    if not found or len(found) > MOST_ENTRIES:
        raise InputError(f"{name} holds {len(found)} files in {ARCHIVE}, where a WACZ has its WARCs")
    return [f"{name}!/{one}" for one in sorted(found)]


def open_member(stream: BinaryIO, name: str, member: str) -> tuple[BinaryIO, int]:
    """(one file of the zip, its size). Closing it closes `stream`."""
    archive = _zip(stream, name)
    try:
        entry = archive.getinfo(member)
    except KeyError:
        raise InputError(f"{name} does not exist: the zip holds no {member}") from None
    if entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & 1:
        stream.seek(entry.header_offset)
        signature, names, extra = LOCAL_HEADER.unpack(stream.read(LOCAL_HEADER.size).ljust(LOCAL_HEADER.size, b"\0"))
        if signature != b"PK\x03\x04":
            raise InputError(f"{name} is damaged: its zip points to no file")
        start = entry.header_offset + LOCAL_HEADER.size + names + extra
        return io.BufferedReader(_Part(stream, start, entry.file_size)), entry.file_size
    try:
        return io.BufferedReader(_Inflated(archive.open(entry), stream, name)), entry.file_size
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{name} cannot be unpacked: {error}") from error


def _zip(stream: BinaryIO, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InputError(f"{name} is no readable zip: {error}; fetch it again") from error


class _Part(Positioned):
    """Bytes [start, start + size) of a stream: what the zip stores as it is."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream, self._start, self.size = stream, start, size

    def readinto(self, buffer: Any) -> int:
        count = max(0, min(len(buffer), self.size - self._at))
        self._stream.seek(self._start + self._at)
        data = self._stream.read(count)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


class _Inflated(io.RawIOBase):
    """A deflated entry, which is read anew from its beginning for each step back."""

    def __init__(self, entry: Any, stream: BinaryIO, name: str) -> None:
        self._entry, self._stream, self._name = entry, stream, name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._calm(lambda: self._entry.seek(offset, whence)))

    def readinto(self, buffer: Any) -> int:
        data: bytes = self._calm(lambda: self._entry.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def _calm(self, call: Any) -> Any:
        try:
            return call()
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise InputError(f"{self._name} does not unpack: {error}; fetch it again") from error

    def close(self) -> None:
        if not self.closed:
            self._entry.close()
            self._stream.close()
        super().close()
