"""Files of a corpus: each is written once, under a name that carries a hash of its content, and read through its checksums.

A name is never used for other bytes. So whoever holds the manifest that names a file can never read another one in its place:
it is the file that was written, or it is missing, or it is damaged, and the last two are errors.
"""

import io
import os
import posixpath
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from jobs.corpus.stores.disk import make_folders
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import is_local
from pipeline.blocks import BlockMismatch, CheckedFile, Digests, StoredFile
from pipeline.errors import CorpusError, EnvironmentProblem

HASH_DIGITS = 16  # of SHA-256, in names


class NewFile(io.RawIOBase):
    """A file on its way into a corpus: written aside and hashed as it passes; it has its name once it is whole and durable.

    Where two attempts of a task write the same rows, both give the same file.
    """

    def __init__(self, root: str, name: str) -> None:
        """`name` is a path in the corpus with `HASH` where the hash goes: "curated/part-00003-HASH.parquet"."""
        self._root, self._name, self._digests = root, name, Digests()
        folder = posixpath.dirname(name)
        if is_local(root):
            make_folders(root, folder)
            self._aside = Path(root, folder, f".{uuid.uuid4().hex}.tmp")
            self._file: BinaryIO = self._aside.open("xb")
        else:
            descriptor, path = tempfile.mkstemp(prefix="winnow-", suffix=".tmp")  # for this user alone
            self._aside, self._file = Path(path), os.fdopen(descriptor, "wb")

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._digests.bytes

    def write(self, data: Any) -> int:
        self._digests.update(data)
        self._file.write(data)
        return len(data)

    def finish(self, rows: int = 0, inputs: Iterable[str] = ()) -> StoredFile:
        """Makes the file durable, gives it its name and closes it."""
        found = self._digests
        stored = StoredFile(
            self._name.replace("HASH", found.sha256[:HASH_DIGITS]), found.bytes, found.sha256, found.blocks, rows, tuple(inputs)
        )
        self._file.flush()
        if is_local(self._root):
            os.fsync(self._file.fileno())
            self._file.close()
            self._aside.replace(Path(self._root, stored.file))
        else:
            self._file.close()
            store_of(self._root).put_file(stored.file, str(self._aside))
        self.close()
        return stored

    def close(self) -> None:
        """Leaves nothing behind unless the file was finished."""
        if not self.closed:
            self._file.close()
            self._aside.unlink(missing_ok=True)
        super().close()


def store(root: str, name: str, data: bytes) -> StoredFile:
    """A small file, whole."""
    with NewFile(root, name) as file:
        file.write(data)
        return file.finish()


def open_stored(root: str, stored: StoredFile, advice: str = "") -> CheckedFile:
    """Raises BlockMismatch where the file is missing, or, from the file itself, where it is not the one that was written.

    `advice` ends the message of that.
    """
    path = f"{root}/{stored.file}"
    try:
        opened = store_of(root).open(stored.file)
    except FileNotFoundError:
        raise BlockMismatch(f"{path} is missing{advice}") from None
    try:
        return CheckedFile(opened, stored.bytes, stored.blocks, path, advice)
    except BaseException:
        opened.close()
        raise


def damage_in(error: BaseException) -> str | None:
    """What a damaged file or a failing store makes readers say, without what duckdb or Spark put around it; else null."""
    if isinstance(error, BlockMismatch):
        return str(error)
    for line in str(error).splitlines():
        for kind in (BlockMismatch, CorpusError, EnvironmentProblem):
            _, found, text = line.partition(f"{kind.__name__}: ")
            if found:
                return text
    return None


def make_durable(root: str, folders: Iterable[str]) -> None:
    """Makes the names in these folders survive a power cut, where the store is a local one: POSIX wants an fsync of each."""
    if not is_local(root):
        return
    for folder in sorted({Path(root, name) for name in (*folders, "")}):
        if folder.is_dir():
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
