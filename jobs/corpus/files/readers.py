"""Who reads a corpus: one create-only file each in CORPUS/readers/.

Who reads longer than a moment registers before it opens corpus.json, so that a writer who replaces files knows of it. A run or an
export that was finished stays registered by what it read: a takedown has to reach it, and what it was trained on has to stay.
"""

import hashlib
import json
import os
import platform
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from jobs.corpus.files.stored import is_local, make_folder, replace_atomically
from pipeline.errors import CorpusError
from pipeline.hashing import with_checksum, without_checksum
from tokenizer.shards.files import manifest_name, tokenizer_name

FOLDER = "readers"
HEARTBEAT_SECONDS = 30
STALE_SECONDS = 24 * 3600  # of a reader that has not been heard of since: it keeps nothing any more
RUN, EXPORT, VIEW = "run", "export", "view"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Reader:
    """One file of readers/."""

    kind: str  # run, export, view
    folder: str  # of the run or the export; of a view the corpus itself
    shards: str | None = None  # fingerprint of the shards.json that it was made from
    format: str | None = None  # of an export
    live: bool = False  # it reads now, and says so every HEARTBEAT_SECONDS
    process: str = ""  # for people


def register(root: str, reader: Reader) -> None:
    """Keeps a finished run or export on record; what was known of the same folder is replaced.

    A corpus that may only be read keeps none: `reading` has said so.
    """
    if not is_local(root) or is_read_only(root):
        return
    make_folder(root, FOLDER)
    key = hashlib.sha256(f"{reader.kind}:{reader.folder}".encode()).hexdigest()[:16]
    text = json.dumps(with_checksum(asdict(reader)), indent=1) + "\n"  # another letter would be a run that is passed over
    replace_atomically(f"{root}/{FOLDER}/{reader.kind}-{key}.json", text.encode())


def registered(root: str, kind: str | None = None) -> list[Reader]:
    """All that are on record, those that read now among them, sorted by folder. Raises CorpusError where a record is damaged."""
    found = [_on_record(path) for path in _files(root) if not path.name.startswith("live-")]
    for path in (path for path in _files(root) if path.name.startswith("live-") and not is_stale(path, time.time())):
        with suppress(OSError, ValueError, TypeError):  # one that ends or begins at this moment
            found.append(Reader(**json.loads(path.read_text("utf-8"))))
    wanted = [reader for reader in found if kind in (None, reader.kind)]
    return sorted(wanted, key=lambda reader: (reader.folder, reader.kind, reader.live))


def _files(root: str) -> list[Path]:
    return sorted(Path(root, FOLDER).glob("*.json")) if is_local(root) else []


def _on_record(path: Path) -> Reader:
    try:
        return Reader(**without_checksum(json.loads(path.read_text("utf-8"))))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise CorpusError(
            f"{path} cannot be read ({error}): it keeps a run or an export on record; remove it, then train the run on "
            "by a step or export once more"
        ) from error


def live(root: str, now: float) -> list[Path]:
    """Files of those that read at this moment; `now` in seconds since 1970."""
    if not is_local(root):
        return []
    return [path for path in Path(root, FOLDER).glob("live-*.json") if not is_stale(path, now)]


def is_stale(path: Path, now: float) -> bool:
    try:
        return now - path.stat().st_mtime > STALE_SECONDS
    except OSError:
        return True


def is_read_only(root: str) -> bool:
    """Whether this user may not write there; then nobody else is asked to wait for us, and no takedown will know."""
    return not os.access(Path(root, FOLDER) if Path(root, FOLDER).exists() else root, os.W_OK)


@contextmanager
def reading(root: str, kind: str, folder: str, say: Say = lambda _: None) -> Iterator[None]:
    """Registered for the length of the block: open the corpus inside it. A line is said where it can only be read without."""
    try:
        path = _announce(root, Reader(kind, folder, live=True, process=f"{platform.node()} {os.getpid()}"))
    except OSError as error:
        path = None
        reader = "this view" if kind == VIEW else folder
        say(f"{root} cannot be written ({error.strerror}): it is read without being on record, no takedown will know of {reader}")
    if path is None:
        yield
        return
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(path, ended), daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        path.unlink(missing_ok=True)


def _announce(root: str, reader: Reader) -> Path | None:
    if not is_local(root) or not Path(root, "corpus.json").exists():
        return None
    make_folder(root, FOLDER)
    path = Path(root, FOLDER, f"live-{uuid.uuid4().hex}.json")
    with path.open("x") as file:
        file.write(json.dumps(asdict(reader)) + "\n")
    return path


def _beat(path: Path, ended: threading.Event) -> None:
    while not ended.wait(HEARTBEAT_SECONDS):
        with suppress(OSError):
            os.utime(path)


def trained_on(root: str) -> set[str]:
    """Fingerprints of the shards of every registered run that still lies where it was trained."""
    return {run.shards for run in registered(root, RUN) if run.shards and Path(run.folder, "run.json").exists()}


def files_of_shards(root: str, fingerprint: str) -> list[str]:
    """Files in the corpus that a run on these shards needs: the shards, their spans, the tokenizer and the list of them.

    None where the list is gone. Raises CorpusError where it cannot be read: what it names would be taken for nobody's.
    """
    listing = f"shards/{manifest_name(fingerprint)}"
    try:
        data = Path(root, listing).read_bytes()
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
            f"{Path(root, listing)} cannot be read ({error!r}): a run on record was trained on what it lists; restore it, or "
            "remove it together with that run"
        ) from error
