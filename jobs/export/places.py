"""Where an export goes: a folder of this machine, or one in a store of objects. Either has it whole, or says that it has not."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from jobs.corpus.stores.disk import make_folders
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import is_local
from pipeline.errors import UsageError

RECORD = "export.json"


class Place(Protocol):
    """A folder for one export."""

    name: str  # absolute path, or URL

    def record(self) -> dict[str, Any] | None:
        """export.json; null where no export of ours stands there."""

    def is_free(self) -> bool:
        """Whether nothing lies there that no export of ours put there."""

    def aside(self) -> Any:
        """A block with a folder of this machine to fill, which goes with the block."""

    def take(self, filled: Path) -> None:
        """Has the filled folder be the export, in the place of an earlier one."""

    def remove(self) -> None:
        """Leaves nothing of the export."""

    def forget_earlier(self) -> None:
        """No version of an earlier export stays, where a store keeps some."""


class Folder:
    """On this machine: filled beside the earlier one, which stands until it is replaced in one step."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self.name = str(self._path)

    def record(self) -> dict[str, Any] | None:
        path = self._path / RECORD
        return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else None

    def is_free(self) -> bool:
        path = self._path
        return not path.exists() or (path / RECORD).is_file() or (path.is_dir() and not any(path.iterdir()))

    @contextmanager
    def aside(self) -> Iterator[Path]:
        folder, earlier = (self._path.with_name(f".{self._path.name}.{what}") for what in ("part", "earlier"))
        for leftover in (folder, earlier):
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            make_folders(folder.anchor, str(folder.relative_to(folder.anchor)))
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def take(self, filled: Path) -> None:
        earlier = self._path.with_name(f".{self._path.name}.earlier")
        if self._path.exists():
            self._path.rename(earlier)
        filled.rename(self._path)
        shutil.rmtree(earlier, ignore_errors=True)

    def remove(self) -> None:
        shutil.rmtree(self._path)

    def forget_earlier(self) -> None:
        """A disk keeps none."""


class Prefix:
    """In a store: filled on this machine, then put there file by file. Its export.json says `unfinished` until all are."""

    def __init__(self, url: str) -> None:
        self.name = url.rstrip("/")
        self._store = store_of(self.name)

    def record(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads(self._store.read(RECORD)))
        except FileNotFoundError:
            return None

    def is_free(self) -> bool:
        return self._store.is_empty() or self.record() is not None

    @contextmanager
    def aside(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch, "export")
            folder.mkdir()
            yield folder

    def take(self, filled: Path) -> None:
        finished = (filled / RECORD).read_bytes()
        files = {path.relative_to(filled).as_posix(): path for path in filled.rglob("*") if path.is_file()}
        told = json.loads(finished)  # what a takedown needs, to make it anew
        kept = {name: told[name] for name in ("format", "mixture", "corpora") if name in told}
        self._store.put(RECORD, json.dumps(kept | {"unfinished": True}).encode())
        self._store.delete(one.name for one in self._store.found() if one.name not in files)
        for name in sorted(files.keys() - {RECORD}):
            self._store.put_file(name, str(files[name]))
        self._store.put(RECORD, finished)

    def remove(self) -> None:
        self._store.delete(one.name for one in self._store.found())

    def forget_earlier(self) -> None:
        self._store.forget_versions()


def place_of(folder: str | Path) -> Place:
    """By its path or URL."""
    return Folder(Path(folder)) if is_local(str(folder)) else Prefix(str(folder))


def check_free(place: Place) -> None:
    """Raises UsageError where a folder holds anything that no export of ours put there."""
    if not place.is_free():
        raise UsageError(f"{place.name} exists and is no export of winnow: name a new folder")
