"""A corpus on disk: its manifest, its tables, and how a stage's result becomes visible all at once.

A stage writes aside, in `.winnow/staging/STAGE/`. When everything is written, one small file (`publish.json`) says so:
from that moment the stage has happened, and whoever opens the corpus next finishes the renames if the first process
did not live to do it. Before that moment nothing has happened, and what was written is swept away.

    corpus.json                 the manifest
    documents/ rejects/ …       tables
    .winnow/staging/filter/     a stage that is being made
    .winnow/lock                held by the one process that may change the corpus
"""

import hashlib
import json
import os
import posixpath
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from filelock import FileLock, Timeout

from jobs.corpus.opening import file_system_of
from pipeline.errors import CorpusError, EnvironmentProblem
from pipeline.hashing import file_sha256

FORMAT = 2  # of corpus.json and of every table; another number is refused, in both directions
Manifest = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """A folder (local path or URL). Nothing is read before it is asked for."""

    root: str

    @property
    def filesystem(self) -> fsspec.AbstractFileSystem:
        return file_system_of(self.root)[0]

    @property
    def is_local(self) -> bool:
        return "://" not in self.root

    def path(self, *names: str) -> str:
        """A path inside the corpus, in the form that Spark, fsspec and duckdb take."""
        return posixpath.join(self.root, *names)

    def exists(self, *names: str) -> bool:
        return bool(self.filesystem.exists(self.path(*names)))

    def read_manifest(self) -> Manifest:
        """Raises CorpusError when the folder is no corpus, or one of another format."""
        try:
            with self.filesystem.open(self.path("corpus.json"), "rb") as file:
                manifest = json.load(file)
            made_by = manifest["format"]
        except FileNotFoundError:
            raise CorpusError(
                f"{self.root} is not a corpus: it has no corpus.json. `winnow curate INPUT --output {self.root}` makes one"
            ) from None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise CorpusError(
                f"{self.path('corpus.json')} cannot be read ({error}); restore it or make the corpus anew"
            ) from error
        if made_by != FORMAT:
            raise CorpusError(
                f"{self.root} has format {made_by} and this winnow reads format {FORMAT} alone: "
                "`winnow curate INPUT... --output NEW` makes it anew, or use the winnow that made it"
            )
        return dict(manifest)

    def stages(self) -> dict[str, Any]:
        return dict(self.read_manifest()["stages"])

    def require(self, *stages: str) -> None:
        """Raises CorpusError naming the first of `stages` that is not complete."""
        done = self.stages()
        for stage in stages:
            if stage not in done:
                raise CorpusError(
                    f"{self.root} has no finished stage '{stage}'; run `winnow {stage}` first, or `winnow curate` for all"
                )

    def write_manifest(self, manifest: Manifest) -> None:
        self._write_atomically(self.path("corpus.json"), json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False))

    # --- making and publishing a stage ---

    def staging(self, stage: str, *names: str) -> str:
        return self.path(".winnow", "staging", stage, *names)

    def clear_staging(self, stage: str) -> None:
        self._remove(self.staging(stage))
        self.filesystem.makedirs(self.staging(stage), exist_ok=True)

    def publish(self, stage: str, names: list[str], manifest: Manifest) -> None:
        """Makes the staged folders or files `names` (paths in the corpus) and their manifest visible, as one step.

        The manifest gets the sha256 of every Parquet file: its pages have checksums, its footer and bloom filters have none.
        """
        if self.is_local:
            replaced = tuple(f"{name}/" for name in names)
            kept = {path: sha256 for path, sha256 in manifest.get("files", {}).items() if not f"{path}/".startswith(replaced)}
            manifest["files"] = kept | parquet_hashes(Path(self.staging(stage)), names)
        intent = {"names": names, "manifest": manifest}
        self._write_atomically(self.staging(stage, "publish.json"), json.dumps(intent))
        self._finish_publishing(stage)

    def recover(self) -> None:
        """Finishes what a killed process had decided, and sweeps away what it had not."""
        staging = self.path(".winnow", "staging")
        if not self.filesystem.exists(staging):
            return
        for folder in sorted(self.filesystem.ls(staging, detail=False)):
            stage = posixpath.basename(str(folder).rstrip("/"))
            if self.exists(".winnow", "staging", stage, "publish.json"):
                self._finish_publishing(stage)
            else:
                self._remove(self.staging(stage))

    def _finish_publishing(self, stage: str) -> None:
        """Every step may be repeated: a name that is no longer staged has been moved already."""
        with self.filesystem.open(self.staging(stage, "publish.json"), "rb") as file:
            intent = json.load(file)
        for name in intent["names"]:
            if self.filesystem.exists(self.staging(stage, name)):
                self._remove(self.path(name))
                self.filesystem.makedirs(posixpath.dirname(self.path(name)), exist_ok=True)
                self.filesystem.mv(self.staging(stage, name), self.path(name), recursive=True)
        self.write_manifest(intent["manifest"])
        self._remove(self.staging(stage))

    # --- files ---

    def _remove(self, path: str) -> None:
        if self.filesystem.exists(path):
            self.filesystem.rm(path, recursive=True)

    def _write_atomically(self, path: str, text: str) -> None:
        aside = path + ".tmp"
        with self.filesystem.open(aside, "wb") as file:
            file.write(text.encode())
            if self.is_local:
                file.flush()
                os.fsync(file.fileno())
        if self.is_local:
            Path(aside).replace(path)
        else:
            self.filesystem.mv(aside, path)


def parquet_hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """path in `folder` -> sha256 of every Parquet file among these files and folders of it."""
    files = sorted(file for name in names for file in [folder / name, *(folder / name).rglob("*")] if file.suffix == ".parquet")
    return {file.relative_to(folder).as_posix(): file_sha256(file) for file in files}


def corpus_at(root: str) -> Corpus:
    """The corpus that is, or would be, at this path or URL."""
    return Corpus(_absolute(root))


def open_corpus(root: str) -> Corpus:
    """A corpus that exists; raises CorpusError otherwise."""
    corpus = corpus_at(root)
    corpus.read_manifest()
    return corpus


def contents_sha256(root: str, stage: str, table: str) -> str:
    """Of what another corpus has in a table, by its manifest: what made the table, and its files' hashes where it is local."""
    manifest = open_corpus(root).read_manifest()
    files = {path: sha256 for path, sha256 in manifest.get("files", {}).items() if path.startswith(f"{table}/")}
    made_by = manifest["stages"].get(stage, {}).get("fingerprint")
    return hashlib.sha256(json.dumps([made_by, files], sort_keys=True).encode()).hexdigest()


@contextmanager
def changing(root: str) -> Iterator[Corpus]:
    """The corpus at `root`, made if need be, locked against other writers for the length of the block."""
    corpus = Corpus(_absolute(root))
    try:
        if (
            corpus.exists()
            and not corpus.exists("corpus.json")
            and corpus.filesystem.ls(corpus.root)
            and not corpus.exists(".winnow")
        ):
            raise CorpusError(f"{corpus.root} exists, is not empty and is not a corpus; name a new folder, or empty this one")
        if corpus.exists("corpus.json"):
            corpus.read_manifest()
        corpus.filesystem.makedirs(corpus.path(".winnow"), exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(f"{corpus.root} cannot be written: {error.strerror or error}; name another --output") from error
    if not corpus.is_local:
        corpus.recover()
        yield corpus
        return
    lock = FileLock(corpus.path(".winnow", "lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise CorpusError(f"another winnow is working on {corpus.root}; wait for it, or name another --output") from None
    try:
        corpus.recover()
        yield corpus
    finally:
        lock.release()


def _absolute(root: str) -> str:
    return root.rstrip("/") if "://" in root else str(Path(root).resolve())
