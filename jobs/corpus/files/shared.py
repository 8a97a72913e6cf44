"""One open file for several threads, each at a place of its own."""

import threading
from typing import BinaryIO

from pipeline.blocks import Positioned


class SharedFile(Positioned):
    """A readable file whose place is each thread's own.

    duckdb seeks and reads in two calls, and its threads may share a handle (2.0.1's do): with one place for all of them, the seek
    of another comes between, and what is read are the bytes of somewhere else.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self.size = file, size
        self._one_reads, self._places = threading.Lock(), threading.local()

    @property
    def _at(self) -> int:
        return getattr(self._places, "at", 0)

    @_at.setter
    def _at(self, place: int) -> None:
        self._places.at = place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def read(self, size: int = -1) -> bytes:
        """As many bytes as were asked for, or as there are."""
        with self._one_reads:
            self._file.seek(self._at)
            found = self._file.read(size)
        self._at += len(found)
        return found

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
