"""Files of a corpus on this machine's disk, for what is mapped into memory: token shards, their spans, the list of them.

A corpus in a folder is read where it lies. Of one in a store of objects each file is copied once, to ~/.cache/winnow/corpora
(WINNOW_CORPUS_CACHE names another place), and compared with its sha256 when it is copied and when a process first uses it. Names
are never used twice, so a copy is never stale; what the corpus no longer names goes when this machine next uses the corpus.
"""

import hashlib
import os
import uuid
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jobs.corpus.stores.disk import make_folders
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import Store, is_local
from pipeline.errors import CorpusError
from pipeline.hashing import file_sha256

PLACE = "WINNOW_CORPUS_CACHE"
AT_ONCE = 4  # files that are copied at the same time
CHUNK_BYTES = 4 << 20

_compared: set[Path] = set()  # by this process


def folder_of(root: str) -> Path:
    """Where copies of a corpus' files lie, by the names that they have there."""
    base = os.environ.get(PLACE) or os.path.join(  # noqa: PTH118 - the cache of kernels is found in the same way
        os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "winnow", "corpora"
    )
    return Path(base, hashlib.sha256(root.encode()).hexdigest()[:16])


def on_this_machine(root: str, files: Mapping[str, str]) -> str:
    """A folder in which these files (name -> sha256) of a corpus lie. Raises CorpusError where one is missing or another."""
    if is_local(root):
        return root
    folder, store = folder_of(root), store_of(root)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: _bring(store, folder, *one), files.items()))
    return str(folder)


def keep_only(root: str, names: Collection[str]) -> None:
    """Forgets the copies of all other files; nothing happens to a corpus that is read where it lies."""
    if is_local(root):
        return
    folder = folder_of(root)
    for path in [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else ():
        if path.relative_to(folder).as_posix() not in names:
            path.unlink(missing_ok=True)
            _compared.discard(path)


def _bring(store: Store, folder: Path, name: str, sha256: str) -> None:
    target = folder / name
    if target in _compared and target.exists():
        return
    if not target.is_file() or file_sha256(target) != sha256:
        make_folders(str(folder), str(Path(name).parent))
        aside = target.with_name(f".{uuid.uuid4().hex}.tmp")
        try:
            if _copied(store, name, aside) != sha256:
                raise CorpusError(f"{store.root}/{name} is not as it was written; restore it, or make it anew")
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    _compared.add(target)


def _copied(store: Store, name: str, target: Path) -> str:
    """Copies a file; its sha256."""
    digest = hashlib.sha256()
    try:
        with store.open(name) as source, target.open("xb") as file:
            while data := source.read(CHUNK_BYTES):
                digest.update(data)
                file.write(data)
    except FileNotFoundError:
        raise CorpusError(f"{store.root}/{name} is missing; restore it, or make it anew") from None
    return digest.hexdigest()
