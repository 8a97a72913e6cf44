"""Files that are read in part and never wrong: a checksum of every MiB, compared before a byte of it is handed on.

SHA-256 says whether a file is the one that was written, but only to whoever reads all of it. CRC-32 (ITU-T V.42) of each block
tells it of a part: it finds every change of up to three bits, and every burst of up to 32, in a block of this size.
"""

import hashlib
import io
import zlib
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from pipeline.errors import CorpusError

BLOCK_BYTES = 1 << 20
_DIGITS = 8  # hexadecimal, of one checksum


class BlockMismatch(CorpusError, OSError):
    """Bytes that are not those that were written, or are not there; an OSError too, for libraries that read through us."""


class Digests:
    """SHA-256 of a stream of bytes and CRC-32 of each of its blocks, taken in one pass."""

    def __init__(self) -> None:
        self.bytes = 0
        self._sha256, self._current, self._blocks = hashlib.sha256(), 0, list[int]()

    def update(self, data: bytes | memoryview) -> None:
        view = memoryview(data).cast("B")
        self._sha256.update(view)
        while len(view):
            room = BLOCK_BYTES - self.bytes % BLOCK_BYTES
            part = view[:room]
            self._current = zlib.crc32(part, self._current)
            self.bytes += len(part)
            if self.bytes % BLOCK_BYTES == 0:
                self._blocks.append(self._current)
                self._current = 0
            view = view[room:]

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def blocks(self) -> str:
        """Eight hexadecimal digits a block, the last one mostly shorter than the others."""
        rest = [self._current] if self.bytes % BLOCK_BYTES else []
        return "".join(f"{one:08x}" for one in (*self._blocks, *rest))


def digests_of(file: BinaryIO) -> Digests:
    """Of what is left of an open file."""
    found = Digests()
    while data := file.read(BLOCK_BYTES):
        found.update(data)
    return found


def block_holds(data: bytes | memoryview, number: int, blocks: str) -> bool:
    """Whether `data` is block `number` of the file with these checksums."""
    return f"{zlib.crc32(data):08x}" == blocks[number * _DIGITS : (number + 1) * _DIGITS]


@dataclass(frozen=True)
class StoredFile:
    """One file of a corpus, as it was written."""

    file: str  # path in the corpus
    bytes: int
    sha256: str
    blocks: str  # CRC-32 of each block
    rows: int = 0
    inputs: tuple[str, ...] = ()  # files of the crawl that it was made from, where these alone decide it; else none

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def stored_file(values: dict[str, Any]) -> StoredFile:
    """From `StoredFile.as_json`."""
    return StoredFile(**values | {"inputs": tuple(values["inputs"])})


class Positioned(io.RawIOBase):
    """A readable file of `size` bytes whose place, `_at`, is a number that its readinto() starts from and moves."""

    _at = 0
    size: int

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at


class CheckedFile(Positioned):
    """A binary file, read through its checksums.

    Raises BlockMismatch, which names `what` and ends in `advice`, where a block is not the one that was written, or the file is
    longer or shorter.
    """

    def __init__(self, file: BinaryIO, size: int, blocks: str, what: str, advice: str = "") -> None:
        self._file, self.size, self._blocks, self._what, self._advice = file, size, blocks, what, advice
        self._number, self._block = -1, b""
        if file.seek(0, io.SEEK_END) != size or len(blocks) != -(-size // BLOCK_BYTES) * _DIGITS:
            raise BlockMismatch(f"{what} is {file.tell():,} bytes long, {size:,} were written{advice}")

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        number, start = divmod(self._at, BLOCK_BYTES)
        if self._at >= self.size:
            return 0
        part = memoryview(self._checked(number))[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def read(self, size: int = -1) -> bytes:
        """As many bytes as were asked for, or as there are: readers of Parquet do not ask twice."""
        left = max(0, self.size - self._at)
        wanted = left if size < 0 else min(size, left)
        parts = []
        while wanted:
            number, start = divmod(self._at, BLOCK_BYTES)
            parts.append(self._checked(number)[start : start + wanted])
            self._at += len(parts[-1])
            wanted -= len(parts[-1])
        return b"".join(parts)

    def _checked(self, number: int) -> bytes:
        if self._number != number:
            data = self._read(number * BLOCK_BYTES, min(BLOCK_BYTES, self.size - number * BLOCK_BYTES))
            if not block_holds(data, number, self._blocks):
                raise BlockMismatch(f"{self._what} is not as it was written: MiB {number} differs{self._advice}")
            self._number, self._block = number, data
        return self._block

    def _read(self, start: int, wanted: int) -> bytes:
        """Stores give what they have, so a read may have to be asked for again. A broken disk does not say which file it was."""
        try:
            self._file.seek(start)
            parts = []
            while wanted > 0 and (some := self._file.read(wanted)):
                parts.append(some)
                wanted -= len(some)
            return b"".join(parts)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BlockMismatch(
                f"{self._what} cannot be read: {reason}; see to its disk, then run the same command again"
            ) from error

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
