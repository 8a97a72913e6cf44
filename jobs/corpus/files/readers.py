"""Who reads a corpus: one create-only file each in CORPUS/readers/.

Who reads longer than a moment registers before it opens corpus.json, so that a writer who replaces files knows of it. A run or an
export that was finished stays registered by what it read: a takedown has to reach it, and what it was trained on has to stay.
"""

import hashlib
import json
import os
import platform
import posixpath
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import Entry, Store, is_local
from pipeline.errors import CorpusError, EnvironmentProblem, WinnowError
from pipeline.hashing import with_checksum, without_checksum
from tokenizer.shards.files import manifest_name, tokenizer_name

FOLDER = "readers"
LIVE = f"{FOLDER}/live-"
HEARTBEAT_SECONDS = 30
LAST_BEAT_SECONDS = 10  # that a heartbeat on its way is waited for
STALE_SECONDS = 24 * 3600  # of a reader that has not been heard of since: it keeps nothing any more
RUN, EXPORT, VIEW, COPY = "run", "export", "view", "copy"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Reader:
    """One file of readers/."""

    kind: str  # run, export, view, copy
    folder: str  # of the run, the export or the copy, a corpus with the same pages; of a view the corpus itself
    shards: str | None = None  # fingerprint of the shards.json that it was made from
    format: str | None = None  # of an export
    live: bool = False  # it reads now, and says so every HEARTBEAT_SECONDS
    process: str = ""  # for people
    host: str = ""  # on whose disk the folder lies, where the corpus lies on no disk; "": whoever sees the one sees the other


def register(root: str, reader: Reader) -> None:
    """Keeps a finished run or export on record; what was known of the same folder is replaced.

    A corpus that may only be read keeps none: `reading` has said so.
    """
    if is_read_only(root):
        return
    if not is_local(root) and is_local(reader.folder):
        reader = replace(reader, host=platform.node())
    key = hashlib.sha256(f"{reader.kind}:{reader.folder}{_elsewhere(reader)}".encode()).hexdigest()[:16]
    text = json.dumps(with_checksum(asdict(reader)), indent=1) + "\n"  # another letter would be a run that is passed over
    try:
        store_of(root).put(f"{FOLDER}/{reader.kind}-{key}.json", text.encode())
    except EnvironmentProblem as error:
        if not _is_refused(error):
            raise


def registered(root: str, kind: str | None = None) -> list[Reader]:
    """All that are on record, those that read now among them, sorted by folder. Raises CorpusError where a record is damaged."""
    found, store = [], store_of(root)
    for one in _files(root):
        if not one.name.startswith(LIVE):
            found.append(_on_record(store, one.name))
        elif not is_stale(one, time.time()):
            with suppress(OSError, ValueError, TypeError):  # one that ends or begins at this moment
                found.append(Reader(**json.loads(store.read(one.name))))
    wanted = [reader for reader in found if kind in (None, reader.kind)]
    return sorted(wanted, key=lambda reader: (reader.folder, reader.kind, reader.live))


def _files(root: str) -> list[Entry]:
    """Records, and none that is still being written."""
    found = store_of(root).found(FOLDER)
    return [one for one in found if one.name.endswith(".json") and not posixpath.basename(one.name).startswith(".")]


def _on_record(store: Store, name: str) -> Reader:
    try:
        return Reader(**without_checksum(json.loads(store.read(name))))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise CorpusError(
            f"{store.root}/{name} cannot be read ({error}): it keeps a run or an export on record; remove it, then train the run "
            "on by a step or export once more"
        ) from error


def live(root: str, now: float) -> list[str]:
    """Names of the files of those that read at this moment; `now` in seconds since 1970."""
    return [one.name for one in _files(root) if one.name.startswith(LIVE) and not is_stale(one, now)]


def is_stale(file: Entry, now: float) -> bool:
    return now - file.changed_at > STALE_SECONDS


def is_read_only(root: str) -> bool:
    """Whether this user may not write there; then nobody else is asked to wait for us, and no takedown will know.

    Of a store that is known when it refuses, and not before.
    """
    folder = Path(root, FOLDER)
    return is_local(root) and not os.access(folder if folder.exists() else root, os.W_OK)


@contextmanager
def reading(root: str, kind: str, folder: str, say: Say = lambda _: None) -> Iterator[None]:
    """Registered for the length of the block: open the corpus inside it. A line is said where it can only be read without."""
    reader = Reader(kind, folder, live=True, process=f"{platform.node()} {os.getpid()}")
    name, data = f"{LIVE}{uuid.uuid4().hex}.json", (json.dumps(asdict(reader)) + "\n").encode()
    store = store_of(root)
    try:
        there = store.exists("corpus.json")
        if there:
            store.put_new(name, data)
    except (OSError, EnvironmentProblem) as error:
        if not isinstance(error, OSError) and not _is_refused(error):
            raise
        there = False
        who = "this view" if kind == VIEW else folder
        why = getattr(error, "strerror", None) or error
        say(f"{root} cannot be written ({why}): it is read without being on record, no takedown will know of {who}")
    if not there:
        yield
        return
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(store, name, data, ended), daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join(LAST_BEAT_SECONDS)  # else it might put back what is deleted here
        with suppress(EnvironmentProblem):  # it is old by itself in a day
            store.delete([name])


def _is_refused(error: EnvironmentProblem) -> bool:
    """Whether a store has said that this user may not write there."""
    return isinstance(error.__cause__, PermissionError)


def _beat(store: Store, name: str, data: bytes, ended: threading.Event) -> None:
    while not ended.wait(HEARTBEAT_SECONDS):
        with suppress(OSError, WinnowError):
            store.touch(name, data)


def copies(root: str) -> list[str]:
    """Folders of corpora that were made of this one's files and still stand, as far as this machine can see."""
    return [one.folder for one in registered(root, COPY) if is_elsewhere(one) or Path(one.folder, "corpus.json").exists()]


def trained_on(root: str) -> set[str]:
    """Fingerprints of the shards of every registered run that still lies where it was trained, as far as this machine can see."""
    return {run.shards for run in registered(root, RUN) if run.shards and _still_lies(run)}


def _still_lies(run: Reader) -> bool:
    return is_elsewhere(run) or Path(run.folder, "run.json").exists()


def is_elsewhere(reader: Reader) -> bool:
    """Whether its folder lies on another machine's disk, where nobody here can look."""
    return reader.host not in ("", platform.node())


def _elsewhere(reader: Reader) -> str:
    return f"@{reader.host}" if reader.host else ""


def files_of_shards(root: str, fingerprint: str) -> list[str]:
    """Files in the corpus that a run on these shards needs: the shards, their spans, the tokenizer and the list of them.

    None where the list is gone. Raises CorpusError where it cannot be read: what it names would be taken for nobody's.
    """
    listing = f"shards/{manifest_name(fingerprint)}"
    try:
        data = store_of(root).read(listing)
        if hashlib.sha256(data).hexdigest() != fingerprint:
            raise ValueError("it is not as it was written")
        content = json.loads(data)
        shards = [f"shards/{one['file']}" for one in content["shards"]]
        spans = [one["spans"]["file"] for one in content["shards"] if one["spans"]]
        return [listing, *shards, *spans, f"tokenizer/{tokenizer_name(content['tokenizer_sha256'])}"]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorpusError(
            f"{root}/{listing} cannot be read ({error!r}): a run on record was trained on what it lists; restore it, or "
            "remove it together with that run"
        ) from error
