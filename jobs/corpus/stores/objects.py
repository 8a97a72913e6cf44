"""A corpus in a store of objects, by fsspec: an object is put whole, and there are no folders to make and nothing to rename.

What passes is asked for again (jobs/corpus/sources/outside.py). A request whose answer was lost may have been carried out, so a
conditional write that finds another's first looks whether that is its own.
"""

import io
import os
import posixpath
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO, ClassVar, TypeVar

import fsspec

from jobs.corpus.sources.outside import EndsEarly, meaning, persisting
from jobs.corpus.sources.settings import SourceSettings
from jobs.corpus.stores.store import Conflict, Entry
from pipeline.blocks import Positioned
from pipeline.errors import EnvironmentProblem, WinnowError

Result = TypeVar("Result")
READ_AHEAD_BYTES = 4 << 20  # of a file that is read in MiBs: one request for four of them
READ, WRITTEN = "read", "written"
PATIENCE = SourceSettings()


class Objects:
    """See jobs/corpus/stores/store.py.

    Of a store whose conditional writes are not known here, `put_over` compares and then writes: but for the moment between, the
    lease keeps two writers apart.
    """

    _at_once: ClassVar[dict[str, Any]] = {}  # has the store be asked for a whole object by one request

    def __init__(self, root: str, patience: SourceSettings = PATIENCE) -> None:
        self.root, self._patience = root, patience
        self._opened: tuple[Any, str] | None = None
        self._process = 0  # that has opened it

    def __reduce__(self) -> Any:
        """Goes to other processes without its connections."""
        return type(self), (self.root, self._patience)

    @property
    def _filesystem(self) -> Any:
        return self._open()[0]

    def _open(self) -> tuple[Any, str]:
        if self._opened is None or self._process != os.getpid():  # connections do not survive a fork
            try:
                self._process = os.getpid()
                self._opened = fsspec.core.url_to_fs(self.root, use_listings_cache=False)  # others write there too
            except ValueError as error:
                line = f"{self.root} is in no store that is known here ({error}); check the part before ://"
                raise EnvironmentProblem(line) from error
            except ImportError as error:
                raise EnvironmentProblem(str(meaning(error, self.root))) from error
        return self._opened

    def _path(self, name: str) -> str:
        return f"{self._open()[1]}/{name}" if name else self._open()[1]

    def _asked(self, call: Callable[[], Result], name: str, doing: str = READ) -> Result:
        """What a request gives. Raises EnvironmentProblem, but FileNotFoundError and Conflict as they are."""
        where = f"{self.root}/{name}" if name else self.root
        self._open()
        try:
            return persisting(call, self._patience, where)
        except (FileNotFoundError, Conflict, WinnowError):
            raise
        except Exception as error:
            meant = meaning(error, where, self._patience.attempts, doing)
            if meant is None:
                raise
            raise EnvironmentProblem(meant) from error

    # --- reading ---

    def exists(self, name: str) -> bool:
        return bool(self._asked(lambda: self._filesystem.exists(self._path(name)), name))

    def is_empty(self) -> bool:
        try:
            return not self._asked(lambda: self._filesystem.ls(self._path(""), detail=False), "")
        except FileNotFoundError:
            return True

    def found(self, folder: str = "") -> list[Entry]:
        try:
            listed = self._asked(lambda: self._filesystem.find(self._path(folder), detail=True), folder)
        except FileNotFoundError:
            return []
        entries = (self._entry(info) for info in listed.values())
        return sorted(
            one for one in entries if one.name and not one.name.endswith("/")
        )  # consoles put marks where folders would be

    def entry(self, name: str) -> Entry | None:
        try:
            return self._entry(self._info(name))
        except FileNotFoundError:
            return None

    def _info(self, name: str) -> dict[str, Any]:
        info = self._asked(lambda: self._filesystem.info(self._path(name)), name)
        if info["type"] == "directory":
            raise FileNotFoundError(name)
        return dict(info)

    def _entry(self, info: dict[str, Any]) -> Entry:
        changed = info.get("LastModified") or info.get("mtime") or info.get("created") or 0.0
        moment = changed.timestamp() if hasattr(changed, "timestamp") else float(changed)
        return Entry(str(info["name"])[len(self._path("")) + 1 :], int(info.get("size") or 0), moment)

    def open(self, name: str) -> BinaryIO:
        size = int(self._info(name).get("size") or 0)
        if size <= READ_AHEAD_BYTES:  # a footer, then what it names: one request is enough for both
            return io.BytesIO(self.read_part(name, 0, size) if size else b"")
        return io.BufferedReader(_ObjectFile(self, name, size), READ_AHEAD_BYTES)

    def read(self, name: str) -> bytes:
        return bytes(self._asked(lambda: self._filesystem.cat_file(self._path(name), **self._at_once), name))

    def read_part(self, name: str, start: int, stop: int) -> bytes:
        def part() -> bytes:
            data = bytes(self._filesystem.cat_file(self._path(name), start=start, end=stop))
            if len(data) != stop - start:
                raise EndsEarly(f"{len(data):,} bytes came of {stop - start:,}, from byte {start:,} on")
            return data

        return self._asked(part, name)

    def read_with_version(self, name: str) -> tuple[bytes, str]:
        while True:  # until nobody has written meanwhile
            version, data = self._version(name), self.read(name)
            if self._version(name) == version:
                return data, version

    def _version(self, name: str) -> str:
        info = self._info(name)
        return str(info.get("ETag") or info.get("etag") or self._entry(info).changed_at)

    # --- writing ---

    def _written(self, call: Callable[[], Result], name: str) -> Result:
        """Where its folder is there or is none, what is missing is the bucket."""
        try:
            self._asked(partial(self._make_folder, posixpath.dirname(self._path(name))), name, WRITTEN)
            return self._asked(call, name, WRITTEN)
        except FileNotFoundError as error:
            line = f"{self.root}/{name} cannot be written: {error}; make the bucket first, or name another place"
            raise EnvironmentProblem(line) from error

    def put(self, name: str, data: bytes) -> None:
        self._written(lambda: self._filesystem.pipe_file(self._path(name), data), name)

    def _make_folder(self, path: str) -> None:
        self._filesystem.makedirs(path, exist_ok=True)

    def put_new(self, name: str, data: bytes) -> str:
        return self._conditional(name, data, lambda: self._put_if(name, data, None))

    def put_over(self, name: str, data: bytes, version: str | None) -> str:
        return self._conditional(name, data, lambda: self._put_if(name, data, version))

    def _conditional(self, name: str, data: bytes, put: Callable[[], str]) -> str:
        try:
            return self._written(put, name)
        except Conflict:
            with suppress(FileNotFoundError):
                stands, version = self.read_with_version(name)
                if stands == data:  # our own: its answer was lost, and we asked again
                    return version
            raise

    def _put_if(self, name: str, data: bytes, version: str | None) -> str:
        """One attempt. Raises Conflict where another version stands; null: any."""
        if version is not None:
            if self._version(name) != version:
                raise Conflict(name)
            self._filesystem.pipe_file(self._path(name), data)
        else:
            try:
                self._filesystem.pipe_file(self._path(name), data, mode="create")
            except FileExistsError:
                raise Conflict(name) from None
        return self._version(name)

    def put_file(self, name: str, path: str) -> None:
        self._written(lambda: self._filesystem.put_file(path, self._path(name)), name)

    def touch(self, name: str, data: bytes) -> None:
        self.put(name, data)

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            try:
                self._asked(partial(self._filesystem.rm_file, self._path(name)), name, WRITTEN)
            except FileNotFoundError:  # by somebody else
                continue

    def delete_folder(self, folder: str) -> None:
        self.delete(one.name for one in self.found(folder))

    def versions(self) -> list[str]:
        return []

    def forget_versions(self) -> None:
        """None are known of."""


class _ObjectFile(Positioned):
    """An object whose reads are requests for ranges."""

    def __init__(self, store: Objects, name: str, size: int) -> None:
        self._store, self._name, self.size = store, name, size

    def readinto(self, buffer: Any) -> int:
        stop = min(self._at + len(buffer), self.size)
        if stop <= self._at:
            return 0
        data = self._store.read_part(self._name, self._at, stop)
        buffer[: len(data)] = data
        self._at = stop
        return len(data)
