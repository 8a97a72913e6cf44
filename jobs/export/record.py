"""An export appears whole or not at all, says what it was made from, and the corpus knows where it is.

`export.json` in its folder names the corpus' fingerprint, the shards and every file with its sha256. Exports lie in
CORPUS/export/FORMAT or elsewhere; each is on record in CORPUS/readers/, so that a takedown finds them all.
"""

import errno
import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jobs.corpus.files import readers
from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.shards import shards_of
from jobs.export.places import RECORD, Place, check_free, place_of
from pipeline.errors import CorpusError, EnvironmentProblem
from pipeline.hashing import stream_sha256


def write_export(corpus: Corpus, form: str, stage: str, place: Place, write: Callable[[Path], int]) -> int:
    """Has `write` fill a folder, which takes its place once it is complete; the number of documents.

    An earlier export in the same place stands until then. `stage` is the one whose result is exported. Raises CorpusError where
    the corpus is another one at the end: an export never holds what a takedown has removed meanwhile.
    """
    return _write_together([corpus], form, stage, place, write, lambda made_from: made_from[0])


def write_mixture(
    corpora: Sequence[Corpus], form: str, mixture: dict[str, Any], place: Place, write: Callable[[Path], int]
) -> int:
    """The same of several corpora by turns: each has the export on record, and it says what it was made from of each."""

    def told(made_from: list[dict[str, Any]]) -> dict[str, Any]:
        named = [{"corpus": one.root, **of_it} for one, of_it in zip(corpora, made_from, strict=True)]
        return {"mixture": mixture, "corpora": named}

    return _write_together(corpora, form, "shard", place, write, told)


def _write_together(
    corpora: Sequence[Corpus],
    form: str,
    stage: str,
    place: Place,
    write: Callable[[Path], int],
    told: Callable[[list[dict[str, Any]]], dict[str, Any]],
) -> int:
    check_free(place)
    made_from = [_made_from(one, stage) for one in corpora]
    try:
        with place.aside() as aside:
            documents = write(aside)
            record = {"format": form, "documents": documents, **told(made_from), "files": _files(aside)}
            (aside / RECORD).write_text(json.dumps(record, indent=2) + "\n")
            for one in corpora:
                readers.register(one.root, readers.Reader(readers.EXPORT, place.name, format=form))
            place.take(aside)
        # A takedown lists the exports on record after it has committed: it finds this one, or this one finds the takedown.
        for one, before in zip(corpora, made_from, strict=True):
            if _made_from(open_corpus(one.root), stage) != before:
                place.remove()
                raise CorpusError(f"{one.root} was changed while it was exported: export once more")
    except CorpusError:
        raise
    except OSError as error:
        needed = sum(one.bytes_of("curated" if stage == "select" else "shards") for one in corpora)
        raise failed(Path(place.name), error, needed) from error
    return documents


def failed(folder: Path, error: OSError, needed_bytes: int) -> EnvironmentProblem:
    """What a disk said, of a file that was read or written."""
    where = "" if error.filename is None else f" at {error.filename}"
    room = ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        free = shutil.disk_usage(next(one for one in folder.absolute().parents if one.is_dir())).free
        room = f" (about {needed_bytes:,} bytes are needed, {free:,} bytes are free)"
    return EnvironmentProblem(
        f"export to {folder} failed{where}: {error.strerror or error}{room}; see to that disk, or name another folder"
    )


def known_exports(corpus: Corpus) -> list[Place]:
    """All exports that still stand where they were written, as far as this machine can see, sorted."""
    places = [place_of(one.folder) for one in _on_record(corpus) if not readers.is_elsewhere(one)]
    return [place for place in places if place.record() is not None]


def exports_elsewhere(corpus: Corpus) -> list[str]:
    """Folders on disks of other machines, with the names of these."""
    return [f"{one.folder} on {one.host}" for one in _on_record(corpus) if readers.is_elsewhere(one)]


def _on_record(corpus: Corpus) -> list[readers.Reader]:
    return [one for one in readers.registered(corpus.root, readers.EXPORT) if not one.live]


def check_replaceable(folder: Path) -> None:
    """Raises UsageError where `folder` holds anything that no export of ours put there."""
    check_free(place_of(folder))


def _made_from(corpus: Corpus, stage: str) -> dict[str, Any]:
    """What an export is of: the stage by its fingerprint, and the files themselves, which a takedown replaces."""
    corpus.require(stage)
    read = {table: [one.sha256 for one in corpus.files(table)] for table in corpus.stages[stage]["publishes"]}
    contents = hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()
    made_from: dict[str, Any] = {"stage": stage, "fingerprint": corpus.stages[stage]["fingerprint"], "contents": contents}
    if stage == "shard":
        manifest = shards_of(corpus)
        made_from |= {"dtype": manifest.dtype, "vocabulary_size": manifest.vocabulary_size, "end_of_text": manifest.end_of_text}
        made_from |= {"tokenizer_sha256": manifest.tokenizer_sha256}
        made_from |= {"shards": [{"file": shard.file, "sha256": shard.sha256} for shard in manifest.shards]}
    return made_from


def _files(folder: Path) -> list[dict[str, Any]]:
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = stream_sha256(file)
        found.append({"file": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": digest})
    return found
