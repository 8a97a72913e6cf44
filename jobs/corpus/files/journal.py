"""What a stage has done so far, so that a stopped one goes on: CORPUS/.winnow/journal/STAGE-FINGERPRINT/KEY.json.

Each entry names the files that one piece of work gave (an input file, say), and is written once these are durable. A stage that
is made of something else has another fingerprint, and so a journal of its own; the entries of the old one are forgotten.

What a stage takes of each page alone has a journal that outlives it (KEPT.STAGE-FINGERPRINT): inputs that are added cost their
own pages. A takedown forgets both kinds.
"""

import hashlib
import json
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from jobs.corpus.files.sweep import JOURNAL
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import Store
from pipeline.blocks import StoredFile, stored_file
from pipeline.hashing import with_checksum, without_checksum

KEPT = "kept"
AT_ONCE = 16  # entries that are looked at: in a store of objects each is a wait, and little work


@dataclass(frozen=True)
class Done:
    """One piece of work: its files by table, and what it tells beside."""

    key: str
    tables: dict[str, list[StoredFile]]
    told: dict[str, Any]  # JSON values

    @property
    def files(self) -> list[StoredFile]:
        return [one for files in self.tables.values() for one in files]

    def as_json(self) -> dict[str, Any]:
        tables = {name: [one.as_json() for one in files] for name, files in self.tables.items()}
        return {"key": self.key, "tables": tables, "told": self.told}


def done_from_json(values: dict[str, Any]) -> Done:
    tables = {name: [stored_file(one) for one in files] for name, files in values["tables"].items()}
    return Done(values["key"], tables, values["told"])


@dataclass(frozen=True)
class Journal:
    """The entries of one stage as it is to be made now. Goes to the tasks that write them."""

    root: str  # of the corpus
    stage: str
    fingerprint: str

    @property
    def folder(self) -> str:
        return f"{JOURNAL}/{self.stage}-{self.fingerprint[:16]}"

    def note(self, done: Done) -> None:
        store_of(self.root).put(self._name_of(done.key), json.dumps(with_checksum(done.as_json())).encode())

    def _name_of(self, key: str) -> str:
        return f"{self.folder}/{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"

    def entries(self) -> dict[str, Done]:
        """What was done before, by key; entries that are damaged, or whose files are not all there, count for nothing."""
        store = store_of(self.root)
        names = [one.name for one in store.found(self.folder) if one.name.endswith(".json")]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            read = [done for done in pool.map(lambda name: _read(store.read(name)), names) if done is not None]
            whole = pool.map(lambda done: all(_is_there(store, file) for file in done.files), read)
            return {one.key: one for one, is_whole in zip(read, whole, strict=True) if is_whole}

    def keep_only(self, keys: Collection[str]) -> None:
        """Forgets the other entries, and the files of theirs that lie in the journal itself."""
        store = store_of(self.root)
        wanted = {self._name_of(key) for key in keys}
        entries = [one.name for one in store.found(self.folder) if one.name.endswith(".json") and one.name not in wanted]
        files = [file.file for name in entries if (done := _read(store.read(name))) is not None for file in done.files]
        store.delete([*entries, *(file for file in files if file.startswith(f"{self.folder}/"))])

    def forget_others(self) -> None:
        """Entries of the same stage made of something else."""
        _remove(self.root, [name for name in self._own() if not self.folder.endswith(f"/{name}")])

    def forget(self) -> None:
        """Everything of this stage: it is published."""
        _remove(self.root, self._own())

    def _own(self) -> list[str]:
        return [name for name in _journals(self.root) if name.startswith(f"{self.stage}-")]


def _is_there(store: Store, stored: StoredFile) -> bool:
    found = store.entry(stored.file)
    return found is not None and found.bytes == stored.bytes


def _read(data: bytes) -> Done | None:
    try:
        return done_from_json(without_checksum(json.loads(data)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def forget_all(root: str) -> None:
    """Everything of every stage: what a takedown removes may be in it."""
    _remove(root, _journals(root))


def _journals(root: str) -> list[str]:
    return sorted({one.name[len(JOURNAL) + 1 :].partition("/")[0] for one in store_of(root).found(JOURNAL)})


def _remove(root: str, names: list[str]) -> None:
    for name in names:
        store_of(root).delete_folder(f"{JOURNAL}/{name}")
