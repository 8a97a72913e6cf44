"""What a corpus asks of the place it lies in. Names are paths below its root, with `/` between their parts.

A file is there whole or not at all, whoever looks and whatever stops. Two of the ways to write are conditional: `put_new` where
nothing is there yet, `put_over` where nothing has changed since. On them rest the manifest, the lease and the readers' records.
"""

from collections.abc import Iterable
from typing import BinaryIO, NamedTuple, Protocol


class Conflict(Exception):
    """A conditional write found that somebody else has written."""


class Entry(NamedTuple):
    """A file as a listing tells of it."""

    name: str
    bytes: int
    changed_at: float  # seconds since 1970, by the store's clock


class Store(Protocol):
    """A place for one corpus. What goes wrong is an EnvironmentProblem, but FileNotFoundError where a name is not there."""

    root: str

    def exists(self, name: str) -> bool:
        """A file, or a folder with any."""

    def is_empty(self) -> bool:
        """Whether nothing lies below the root."""

    def found(self, folder: str = "") -> list[Entry]:
        """Every file below a folder, sorted by name; none where there is no such folder."""

    def entry(self, name: str) -> Entry | None:
        """A single file; null where it is not there."""

    def open(self, name: str) -> BinaryIO:
        """For reading, seekable."""

    def read(self, name: str) -> bytes:
        """All of a small file."""

    def read_with_version(self, name: str) -> tuple[bytes, str]:
        """All of a small file, and what `put_over` takes to know it by."""

    def put(self, name: str, data: bytes) -> None:
        """Writes a small file, in the place of what is there."""

    def put_new(self, name: str, data: bytes) -> str:
        """Writes a small file where there is none; its version. Raises Conflict."""

    def put_over(self, name: str, data: bytes, version: str | None) -> str:
        """Writes a small file where this version stands (null: none); its version. Raises Conflict."""

    def put_file(self, name: str, path: str) -> None:
        """Copies a file of this machine, of any size."""

    def touch(self, name: str, data: bytes) -> None:
        """Has a file that holds `data` be changed now."""

    def delete(self, names: Iterable[str]) -> None:
        """What is not there is no error."""

    def delete_folder(self, folder: str) -> None:
        """With all below it."""

    def versions(self) -> list[str]:
        """Names of which a store still holds content that a listing does not show: earlier versions, uploads never ended."""

    def forget_versions(self) -> None:
        """Deletes those for good."""


def is_local(root: str) -> bool:
    """Whether a corpus there is a folder of this machine."""
    return "://" not in root
