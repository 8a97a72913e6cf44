"""A corpus in a folder of this machine, or of one that it mounts: every file is durable before it has its name."""

import os
import posixpath
import shutil
import stat
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from jobs.corpus.stores.store import Conflict, Entry

FOLDER_MODE = 0o750  # the user's umask may make it narrower; page texts lie here


class Disk:
    """See jobs/corpus/stores/store.py. A lock keeps writers apart, so `put_over` takes any version for the one that stands."""

    def __init__(self, root: str) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        return Path(self.root, name)

    def exists(self, name: str) -> bool:
        return self.path(name).exists()

    def is_empty(self) -> bool:
        folder = Path(self.root)
        return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))

    def found(self, folder: str = "") -> list[Entry]:
        paths = (Path(where, name) for where, _, names in os.walk(self.path(folder)) for name in names)
        entries = (self._entry(path) for path in paths)
        return sorted(one for one in entries if one is not None)

    def entry(self, name: str) -> Entry | None:
        return self._entry(self.path(name))

    def _entry(self, path: Path) -> Entry | None:
        try:
            status = path.stat() if path.exists() else path.lstat()  # a link that leads nowhere is a name too
        except FileNotFoundError:  # gone between a listing and now
            return None
        return Entry(path.relative_to(self.root).as_posix(), status.st_size, status.st_mtime)

    def open(self, name: str) -> BinaryIO:
        return self.path(name).open("rb")

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()

    def read_with_version(self, name: str) -> tuple[bytes, str]:
        return self.read(name), ""

    def put(self, name: str, data: bytes) -> None:
        make_folders(self.root, posixpath.dirname(name))
        replace_file(self.path(name), data)

    def put_new(self, name: str, data: bytes) -> str:
        make_folders(self.root, posixpath.dirname(name))
        try:
            with self.path(name).open("xb") as file:
                file.write(data)
        except FileExistsError:
            raise Conflict(name) from None
        return ""

    def put_over(self, name: str, data: bytes, version: str | None) -> str:  # noqa: ARG002 - the lock has seen to it
        self.put(name, data)
        return ""

    def put_file(self, name: str, path: str) -> None:
        make_folders(self.root, posixpath.dirname(name))
        aside = self.path(name).with_name(f".{uuid.uuid4().hex}.tmp")
        try:
            with aside.open("xb") as target, Path(path).open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                os.fsync(target.fileno())
            aside.replace(self.path(name))
        finally:
            aside.unlink(missing_ok=True)

    def touch(self, name: str, data: bytes) -> None:  # noqa: ARG002 - it holds them
        os.utime(self.path(name))

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def delete_folder(self, folder: str) -> None:
        shutil.rmtree(self.path(folder), ignore_errors=True)

    def versions(self) -> list[str]:
        return []

    def forget_versions(self) -> None:
        """A disk keeps none."""


def make_folders(root: str, folder: str) -> None:
    """A folder of a corpus, at `root` joined with `folder`; it may be there."""
    path = Path(root)
    for name in ("", *Path(folder).parts):
        path = path / name
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def replace_file(target: Path, data: bytes) -> None:
    """The file has these bytes, or those of before; never some of both."""
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            aside.chmod(stat.S_IMODE(target.stat().st_mode))
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
