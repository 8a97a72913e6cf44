"""Files of a corpus that nobody names: what a stopped writer left, and what has been superseded."""

import json
import posixpath
import time
from collections.abc import Iterable, Iterator
from typing import Any

from jobs.corpus.files import readers
from jobs.corpus.files.tables import BESIDE, COPIES
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import Entry
from pipeline.errors import CorpusError

SPARED = ("readers/", "takedowns/", "export/", ".winnow/", "corpus.json")  # folders and files that are no files of tables
JOURNAL = ".winnow/journal"


def sweep(root: str, manifest: dict[str, Any], *, at_once: bool = False) -> None:
    """Deletes what nobody names. While somebody reads, what has been superseded stays, unless `at_once`.

    `at_once` leaves no earlier version of anything either, where the store keeps some.

    Nothing goes where a list of what somebody needs is damaged: whoever reads that list is told.
    """
    if not at_once and readers.live(root, time.time()):
        return
    try:
        kept = _kept(root, manifest)
    except CorpusError:
        return
    store = store_of(root)
    lying = store.found()
    store.delete(sorted(_nobodys({one.name for one in lying}, kept) | _left_aside(lying)))
    if at_once:
        store.forget_versions()


def _left_aside(lying: list[Entry]) -> set[str]:
    """What was being written under another name where no table lies, by whoever was stopped at it; and readers that are gone.

    Only the holder of the lock writes to takedowns and journals; readers come and go, and theirs goes once it is old.
    """
    aside = {one.name for one in lying if posixpath.basename(one.name).startswith(".") and one.name.endswith(".tmp")}
    in_readers = {name for name in aside if name.startswith(f"{readers.FOLDER}/")}
    of_readers = [one for one in lying if one.name.startswith(readers.LIVE) or one.name in in_readers]
    old = {one.name for one in of_readers if readers.is_stale(one, time.time())}
    return old | {name for name in aside if name.startswith(("takedowns/", f"{JOURNAL}/"))}


def unnamed(root: str, manifest: dict[str, Any]) -> set[str]:
    """Files of tables that lie in the corpus and that nobody names."""
    return _nobodys(listed(root), _kept(root, manifest))


def _kept(root: str, manifest: dict[str, Any]) -> set[str]:
    return named(root, manifest) | set(COPIES.values()) | {name for name, _ in BESIDE.values()}


def _nobodys(lying: set[str], kept: set[str]) -> set[str]:
    return {name for name in lying - kept if not name.startswith(SPARED)}


def hidden_versions(root: str) -> set[str]:
    """Files of tables and exports of which the store keeps content that no listing shows, although nobody can name it."""
    return {name for name in store_of(root).versions() if name.startswith("export/") or not name.startswith(SPARED)}


def named(root: str, manifest: dict[str, Any]) -> set[str]:
    """Every file that the manifest, a registered run or a journal names."""
    found = {one["file"] for files in manifest["tables"].values() for one in files}
    for fingerprint in readers.trained_on(root):
        found |= set(readers.files_of_shards(root, redacted(fingerprint, manifest)))
    return found | set(_journalled(root))


def redacted(fingerprint: str, manifest: dict[str, Any]) -> str:
    """What has taken the place of the shards with this fingerprint, since takedowns wrote over some of their tokens."""
    replaced = manifest.get("redacted_shards", {})
    while fingerprint in replaced:
        fingerprint = replaced[fingerprint]
    return str(fingerprint)


def listed(root: str) -> set[str]:
    """Paths in the corpus of every file that lies in it."""
    return {one.name for one in store_of(root).found()}


def _journalled(root: str) -> Iterator[str]:
    store = store_of(root)
    for one in store.found(JOURNAL):
        if one.name.endswith(".json"):
            yield from _files_in(store.read(one.name))


def _files_in(entry: bytes) -> Iterable[str]:
    """None where the entry is damaged: it counts for nothing, and its work is done again."""
    try:
        return [one["file"] for files in json.loads(entry)["tables"].values() for one in files]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
