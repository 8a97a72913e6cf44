"""Files of a corpus that nobody names: what a stopped writer left, and what has been superseded."""

import json
import posixpath
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import fsspec

from jobs.corpus.files import readers
from jobs.corpus.files.tables import BESIDE, COPIES
from pipeline.errors import CorpusError

SPARED = ("readers/", "takedowns/", "export/", ".winnow/", "corpus.json")  # folders and files that are no files of tables
JOURNAL = ".winnow/journal"


def sweep(root: str, manifest: dict[str, Any], filesystem: fsspec.AbstractFileSystem, *, at_once: bool = False) -> None:
    """Deletes what nobody names. While somebody reads, what has been superseded stays, unless `at_once`.

    Nothing goes where a list of what somebody needs is damaged: whoever reads that list is told.
    """
    if not at_once and readers.live(root, time.time()):
        return
    try:
        nobodys = unnamed(root, manifest, filesystem)
    except CorpusError:
        return
    for name in sorted(nobodys | _left_aside(root, filesystem)):
        filesystem.rm_file(f"{root}/{name}")


def _left_aside(root: str, filesystem: fsspec.AbstractFileSystem) -> set[str]:
    """What was being written under another name where no table lies, by whoever was stopped at it; and readers that are gone.

    Only the holder of the lock writes to takedowns and journals; readers come and go, and theirs goes once it is old.
    """
    lying = listed(root, filesystem)
    aside = {name for name in lying if posixpath.basename(name).startswith(".") and name.endswith(".tmp")}
    of_readers = {name for name in lying if name.startswith("readers/live-") or (name in aside and name.startswith("readers/"))}
    old = {name for name in of_readers if readers.is_stale(Path(root, name), time.time())}
    return old | {name for name in aside if name.startswith(("takedowns/", f"{JOURNAL}/"))}


def unnamed(root: str, manifest: dict[str, Any], filesystem: fsspec.AbstractFileSystem) -> set[str]:
    """Files of tables that lie in the corpus and that nobody names."""
    kept = named(root, manifest, filesystem) | set(COPIES.values()) | {name for name, _ in BESIDE.values()}
    return {name for name in listed(root, filesystem) - kept if not name.startswith(SPARED)}


def named(root: str, manifest: dict[str, Any], filesystem: fsspec.AbstractFileSystem) -> set[str]:
    """Every file that the manifest, a registered run or a journal names."""
    found = {one["file"] for files in manifest["tables"].values() for one in files}
    for fingerprint in readers.trained_on(root):
        found |= set(readers.files_of_shards(root, redacted(fingerprint, manifest)))
    return found | set(_journalled(root, filesystem))


def redacted(fingerprint: str, manifest: dict[str, Any]) -> str:
    """What has taken the place of the shards with this fingerprint, since takedowns wrote over some of their tokens."""
    replaced = manifest.get("redacted_shards", {})
    while fingerprint in replaced:
        fingerprint = replaced[fingerprint]
    return str(fingerprint)


def listed(root: str, filesystem: fsspec.AbstractFileSystem) -> set[str]:
    """Paths in the corpus of every file that lies in it."""
    start = filesystem._strip_protocol(root)
    return {posixpath.relpath(str(path), start) for path in filesystem.find(root)}


def _journalled(root: str, filesystem: fsspec.AbstractFileSystem) -> Iterator[str]:
    folder = f"{root}/{JOURNAL}"
    if filesystem.exists(folder):
        for path in filesystem.find(folder):
            if str(path).endswith(".json"):
                yield from _files_in(filesystem.cat_file(path))


def _files_in(entry: bytes) -> Iterable[str]:
    """None where the entry is damaged: it counts for nothing, and its work is done again."""
    try:
        return [one["file"] for files in json.loads(entry)["tables"].values() for one in files]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
