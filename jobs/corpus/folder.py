"""A corpus on disk: `corpus.json` is the one pointer to everything else.

It names the files of every table, each with its rows, bytes and hashes. Publishing is: write new files beside the old (their
names are never used twice, see jobs/corpus/files/stored.py), make them durable, replace `corpus.json` in one atomic step.
Whoever has opened it sees one whole corpus, whatever happens meanwhile; a kill leaves files that nobody names, which the next
writer sweeps (jobs/corpus/files/sweep.py).

    corpus.json                 the manifest
    documents/ rejects/ …       tables
    readers/                    who reads for long, and what was trained or exported from here (jobs/corpus/files/readers.py)
    .winnow/journal/            what a stage that was stopped had done, and what was taken of pages that is not taken again
    .winnow/lock                held by the one process that may change the corpus; in a store of objects a lease
"""

import hashlib
import json
import logging
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from jobs.corpus.files.stored import make_durable, open_stored
from jobs.corpus.files.sweep import sweep
from jobs.corpus.files.tables import BESIDE, COPIES
from jobs.corpus.stores.disk import make_folders
from jobs.corpus.stores.lease import Lease
from jobs.corpus.stores.opened import store_of
from jobs.corpus.stores.store import Conflict, Store, is_local
from pipeline.blocks import CheckedFile, StoredFile, stored_file
from pipeline.errors import CorpusError, EnvironmentProblem
from pipeline.hashing import checksum_of, with_checksum

FORMAT = 5  # of corpus.json and of every table; another number is refused, in both directions
MANIFEST = "corpus.json"
LOG = logging.getLogger(__name__)
Manifest = dict[str, Any]
Tables = dict[str, list[StoredFile]]


class Corpus:
    """A folder (local path or URL), as its manifest stood when it was first asked for."""

    def __init__(self, root: str, manifest: Manifest | None = None) -> None:
        """`manifest`: what the folder shall be taken for, in place of what its corpus.json says."""
        self.root, self._manifest = root, manifest
        self._version: str | None = None  # of the corpus.json that was read
        self._lease: Lease | None = None  # of whoever changes it, where there is no lock

    @property
    def store(self) -> Store:
        return store_of(self.root)

    @property
    def is_local(self) -> bool:
        return is_local(self.root)

    def path(self, *names: str) -> str:
        """A path inside the corpus, in the form that Spark and fsspec take."""
        return posixpath.join(self.root, *names)

    def exists(self, *names: str) -> bool:
        return self.store.exists(posixpath.join("", *names))

    @property
    def manifest(self) -> Manifest:
        """Raises CorpusError when the folder is no corpus, or one of another format."""
        if self._manifest is None:
            self._manifest = self._read_manifest()
        return self._manifest

    def as_of(self, manifest: Manifest) -> "Corpus":
        """The same folder with another manifest: to look at what it would be."""
        return Corpus(self.root, manifest)

    def _read_manifest(self) -> Manifest:
        path = self.path(MANIFEST)
        try:
            text, self._version = self.store.read_with_version(MANIFEST)
            manifest = json.loads(text)
            made_by = manifest["format"]
        except FileNotFoundError:
            raise CorpusError(
                f"{self.root} is not a corpus: it has no corpus.json. `winnow curate INPUT --output {self.root}` makes one"
            ) from None
        except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
            raise CorpusError(f"{path} cannot be read ({error}); restore it or make the corpus anew") from error
        if made_by != FORMAT:
            raise CorpusError(
                f"{path} has format {made_by} and this winnow reads format {FORMAT} alone: "
                "`winnow curate INPUT... --output NEW` makes it anew, or use the winnow that made it"
            )
        if checksum_of(manifest) != manifest.get("checksum") or not {"tables", "stages"} <= manifest.keys():
            raise CorpusError(f"{path} is not as it was written, its checksum differs; restore it or make the corpus anew")
        return dict(manifest)

    @property
    def stages(self) -> dict[str, Any]:
        return dict(self.manifest["stages"])

    def require(self, *stages: str) -> None:
        """Raises CorpusError naming the first of `stages` that is not complete."""
        for stage in stages:
            if stage not in self.manifest["stages"]:
                raise CorpusError(
                    f"{self.root} has no finished stage '{stage}'; run `winnow {stage}` first, or `winnow curate` for all"
                )

    # --- its tables ---

    def has(self, table: str) -> bool:
        return table in self.manifest["tables"]

    def files(self, table: str) -> tuple[StoredFile, ...]:
        """The files of a table in their order; none where the table has no rows, or is not made."""
        return tuple(stored_file(one) for one in self.manifest["tables"].get(table, ()))

    def missing(self, table: str) -> list[StoredFile]:
        """Files of a table that are gone, by a listing of where they lie."""
        files = self.files(table)
        lying = {one.name for folder in {posixpath.dirname(one.file) for one in files} for one in self.store.found(folder)}
        return [one for one in files if one.file not in lying]

    def rows(self, table: str) -> int:
        return sum(one.rows for one in self.files(table))

    def bytes_of(self, *tables: str) -> int:
        """As stored; of all tables where none is named."""
        return sum(one.bytes for table in tables or self.manifest["tables"] for one in self.files(table))

    @property
    def records(self) -> int:
        """Rows of `outcomes`, once there are any: documents and rejects."""
        return self.rows("documents") + self.rows("rejects")

    def open(self, stored: StoredFile) -> CheckedFile:
        """Raises CorpusError where the file is missing; so does reading it where it is damaged."""
        return open_stored(self.root, stored, self.advice(stored.file))

    def read(self, stored: StoredFile) -> bytes:
        """A whole small file."""
        with self.open(stored) as file:
            return bytes(file.read())

    def text(self, table: str) -> str:
        """The first file of a table that is a text: tokenizer, shards, report."""
        files = self.files(table)
        if not files:
            raise CorpusError(f"{self.root} has no {table}; `{self._maker(table)}` makes it")
        return self.read(files[0]).decode()

    def advice(self, file: str) -> str:
        """What follows a word about a file that is not the one that was written."""
        of = [name for name, files in self.manifest["tables"].items() if any(one["file"] == file for one in files)]
        named = f" (table {of[0]})" if of else ""
        return f"{named}; `{self._maker(of[0] if of else '')}` makes it anew, or ask again if the corpus was changed meanwhile"

    def _maker(self, table: str) -> str:
        made_by = [name for name, stage in self.manifest["stages"].items() if table in stage["publishes"]]
        return f"winnow {made_by[-1] if made_by else 'curate'} {self.root}"

    # --- publishing, by whoever holds the lock ---

    def publish(self, tables: Tables, manifest: Manifest, *, at_once: bool = False) -> None:
        """Has the corpus be `manifest` with these tables in the place of its own, as one step."""
        make_durable(self.root, {posixpath.dirname(one.file) for files in tables.values() for one in files})
        self.replace_manifest(with_tables(manifest, tables))
        self.finish(at_once=at_once)

    def replace_manifest(self, manifest: Manifest) -> None:
        """Raises CorpusError where another writer has come between, and nothing is changed."""
        self._check_lease()
        manifest = with_checksum(manifest)
        try:
            self._version = self.store.put_over(MANIFEST, as_text(manifest).encode(), self._version)
        except Conflict:
            raise CorpusError(
                f"{self.root} was changed by another writer meanwhile, and this one publishes nothing: run the same command again"
            ) from None
        make_durable(self.root, ())
        self._manifest = manifest

    def finish(self, *, at_once: bool = False) -> None:
        """What follows a publication and may be repeated: copies for other tools, and nothing left that nobody names.

        `at_once`: also what somebody reads who began before.
        """
        for table, copy in COPIES.items():
            for stored in self.files(table)[:1]:
                self._copy(stored, copy)
        for table, (name, text) in BESIDE.items():
            if self.has(table):
                with suppress(OSError):  # a folder that lies in its way
                    self._put_beside(name, text.encode())
        self._check_lease()
        sweep(self.root, self.manifest, at_once=at_once)

    def _check_lease(self) -> None:
        if self._lease is not None:
            self._lease.check()

    def _copy(self, stored: StoredFile, copy: str) -> None:
        try:
            self._put_beside(copy, self.read(stored))
        except (CorpusError, OSError):  # a damaged file is told of by whoever needs it
            return

    def _put_beside(self, name: str, content: bytes) -> None:
        if self.store.entry(name) is None or self.store.read(name) != content:
            self.store.put(name, content)


def with_tables(manifest: Manifest, tables: Tables) -> Manifest:
    """A manifest with these tables in the place of its own."""
    named = {name: [one.as_json() for one in files] for name, files in tables.items()}
    return manifest | {"tables": manifest.get("tables", {}) | named}


def as_text(manifest: Manifest) -> str:
    return json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)


def corpus_at(root: str) -> Corpus:
    """The corpus that is, or would be, at this path or URL."""
    return Corpus(_absolute(root))


def open_corpus(root: str) -> Corpus:
    """A corpus that exists, pinned as it stands now; raises CorpusError otherwise."""
    corpus = corpus_at(root)
    corpus.manifest  # noqa: B018 - read now
    return corpus


def is_corpus(root: str) -> bool:
    """Whether a corpus stands there, of whatever format."""
    return corpus_at(root).exists(MANIFEST)


def contents_sha256(root: str, table: str) -> str:
    """Of what another corpus has in a table."""
    hashes = [one.sha256 for one in open_corpus(root).files(table)]
    return hashlib.sha256(json.dumps(hashes).encode()).hexdigest()


@contextmanager
def changing(root: str) -> Iterator[Corpus]:
    """The corpus at `root`, made if need be, locked against other writers for the length of the block."""
    corpus = corpus_at(root)
    try:
        if not corpus.exists(MANIFEST) and not corpus.exists(".winnow") and not corpus.store.is_empty():
            raise CorpusError(f"{corpus.root} exists, is not empty and is not a corpus; name a new folder, or empty this one")
        if corpus.exists(MANIFEST):
            corpus.manifest  # noqa: B018 - another format is refused before anything is changed
        if corpus.is_local:
            make_folders(corpus.root, ".winnow")
    except OSError as error:
        raise EnvironmentProblem(f"{corpus.root} cannot be written: {error.strerror or error}; name another --output") from error
    with _lock(corpus):
        LOG.debug("%s is locked", corpus.root)
        corpus._manifest, corpus._version = None, None  # what another writer has published since
        if corpus.exists(MANIFEST):
            corpus.finish()
        yield corpus


@contextmanager
def _lock(corpus: Corpus) -> Iterator[None]:
    if not corpus.is_local:
        with Lease(corpus.store) as corpus._lease:
            yield
        return
    lock = FileLock(corpus.path(".winnow", "lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise CorpusError(f"another winnow is working on {corpus.root}; wait for it, or name another --output") from None
    try:
        yield
    finally:
        lock.release()


def _absolute(root: str) -> str:
    root = root.removeprefix("file://")
    return str(Path(root).resolve()) if is_local(root) else root.rstrip("/")
