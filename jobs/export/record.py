"""An export appears whole or not at all, says what it was made from, and the corpus knows where it is.

`export.json` in its folder names the corpus' fingerprint, the shards and every file with its sha256. Exports lie in
CORPUS/export/FORMAT; the folders of others are listed in CORPUS/export/elsewhere.json, so that a takedown finds them all.
"""

import json
import posixpath
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jobs.corpus.folder import Corpus
from pipeline.errors import CorpusError, EnvironmentProblem, UsageError
from pipeline.hashing import stream_sha256
from tokenizer.shards.files import MANIFEST, read_manifest

RECORD = "export.json"
ELSEWHERE = "elsewhere.json"


def write_export(corpus: Corpus, form: str, stage: str, folder: Path, write: Callable[[Path], int]) -> int:
    """Has `write` fill a folder beside `folder` (absolute), which takes its place once it is complete; the number of documents.

    An earlier export in the same folder stands until then. `stage` is the one whose result is exported.
    """
    check_replaceable(folder)
    aside, earlier = (folder.with_name(f".{folder.name}.{what}") for what in ("part", "earlier"))
    made_from = _made_from(corpus, stage)
    try:
        for leftover in (aside, earlier):
            shutil.rmtree(leftover, ignore_errors=True)
        aside.mkdir(parents=True)
        documents = write(aside)
        record = {"format": form, "documents": documents, **made_from, "files": _files(aside)}
        if _made_from(corpus, stage) != made_from:
            raise CorpusError(f"{corpus.root} was made again while it was exported: export once more")
        (aside / RECORD).write_text(json.dumps(record, indent=2) + "\n")
        _note_elsewhere(corpus, form, folder)
        if folder.exists():
            folder.rename(earlier)
        aside.rename(folder)
        shutil.rmtree(earlier, ignore_errors=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"export to {folder} failed: {error.strerror or error}; name a folder that can be written"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return documents


def known_exports(corpus: Corpus) -> list[Path]:
    """Folders of all exports that still stand, those inside the corpus first."""
    inside = sorted(Path(corpus.path("export")).glob(f"*/{RECORD}")) if corpus.is_local else []
    elsewhere = [Path(row["folder"]) / RECORD for row in _elsewhere(corpus)]
    return [path.parent for path in [*inside, *elsewhere] if path.is_file()]


def check_replaceable(folder: Path) -> None:
    """Raises UsageError where `folder` holds anything that no export of ours put there."""
    if folder.exists() and not (folder / RECORD).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists and is no export of winnow: name a new folder")


def _made_from(corpus: Corpus, stage: str) -> dict[str, Any]:
    corpus.require(stage)
    made_from: dict[str, Any] = {"stage": stage, "fingerprint": corpus.stages()[stage]["fingerprint"]}
    if stage == "shard":
        with corpus.filesystem.open(corpus.path("shards", MANIFEST), "rb") as file:
            manifest = read_manifest(file.read().decode())
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


def _elsewhere(corpus: Corpus) -> list[dict[str, str]]:
    if not corpus.exists("export", ELSEWHERE):
        return []
    with corpus.filesystem.open(corpus.path("export", ELSEWHERE), "rb") as file:
        return list(json.load(file))


def _note_elsewhere(corpus: Corpus, form: str, folder: Path) -> None:
    row = {"format": form, "folder": str(folder)}
    rows = _elsewhere(corpus)
    if row in rows or (corpus.is_local and folder.parent == Path(corpus.path("export")).resolve()):
        return
    path = corpus.path("export", ELSEWHERE)
    corpus.filesystem.makedirs(posixpath.dirname(path), exist_ok=True)
    with corpus.filesystem.open(path + ".tmp", "wb") as file:
        file.write((json.dumps([*rows, row], indent=2) + "\n").encode())
    corpus.filesystem.mv(path + ".tmp", path)
