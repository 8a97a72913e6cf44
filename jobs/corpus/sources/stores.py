"""A file on this machine, or of a store that fsspec knows (S3, …), whose errors are one line that names it."""

import io
import os
from pathlib import Path
from typing import Any

from jobs.corpus.files.opening import file_system_of
from jobs.corpus.sources.outside import EndsEarly, IsAnother, meaning, trying
from jobs.corpus.sources.settings import SourceSettings
from pipeline.blocks import Positioned
from pipeline.errors import InputError


class LocalFile(io.FileIO):
    """A file of this machine."""

    def __init__(self, path: str) -> None:
        try:
            super().__init__(path, "rb")
            status = os.fstat(self.fileno())
        except OSError as error:
            raise InputError(meaning(error, path)) from error
        self.path, self.size, self.version = path, status.st_size, str(status.st_mtime)

    def readinto(self, buffer: Any) -> int:
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            raise InputError(meaning(error, self.path)) from error


def version_in(info: dict[str, Any]) -> str:
    """What tells one state of a stored file from another, as its store says it."""
    return str(info.get("mtime") or info.get("ETag") or info.get("LastModified") or info.get("created") or "")


class StoreFile(Positioned):
    """Seekable bytes of a file in a store: each read is one request, repeated where its error passes."""

    def __init__(self, name: str, settings: SourceSettings) -> None:
        """Raises InputError when the store does not give it."""
        self._name, self._settings = name, settings
        self._file: Any = None
        self.size, self.version = trying(self._connect, settings, name)

    def _connect(self) -> tuple[int, str]:
        filesystem, path = opened_store(self._name)
        info = filesystem.info(path)
        if info.get("type") == "directory":
            raise IsADirectoryError(self._name)
        self._file = filesystem.open(path, "rb", cache_type="none")
        return int(info.get("size") or 0), version_in(info)

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self.size - self._at)
        if count <= 0:
            return 0
        data = trying(lambda: self._fetched(count), self._settings, self._name)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _fetched(self, count: int) -> bytes:
        try:
            if self._file is None and (now := self._connect()) != (self.size, self.version):
                raise IsAnother(f"it had {self.size:,} bytes of {self.version}, and now {now[0]:,} of {now[1]}")
            self._file.seek(self._at)
            data: bytes = self._file.read(count)
            if not data:
                raise EndsEarly(f"the store gives nothing after byte {self._at:,} of {self.size:,}")
        except BaseException:
            self._hang_up()
            raise
        return data

    def _hang_up(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()

    def close(self) -> None:
        if not self.closed:
            self._hang_up()
        super().close()


def opened_store(name: str) -> tuple[Any, str]:
    """The store behind a URL, and the path in it. Raises InputError where it is of no kind that is known."""
    try:
        return file_system_of(name)
    except ValueError as error:
        raise InputError(f"{name} is in no store that is known here ({error}); check the part before ://") from error


def local_path(name: str) -> str:
    """Absolute, as rows carry it."""
    return str(Path(name).absolute())
