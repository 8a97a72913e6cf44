"""A corpus as it would be with what is staged in its place: links in a temporary folder, to look at before it is decided."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobs.corpus.folder import Corpus, parquet_hashes

WHOLE = ("tokenizer/word_counts", "tokenizer/language_counts", "shards/token_counts")  # folders that take the place of folders


def staged_names(staged: Path, whole: tuple[str, ...] = WHOLE) -> list[str]:
    """What is to be published: files that take the place of files, and folders that take the place of folders; sorted."""
    files = [path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()]
    folders = {folder for name in files for folder in whole if name.startswith(f"{folder}/")}
    return sorted(folders | {name for name in files if not name.startswith(tuple(f"{folder}/" for folder in folders) or ("/",))})


@contextmanager
def as_it_would_be(corpus: Corpus, staged: Path, manifest: dict[str, Any] | None = None) -> Iterator[Corpus]:
    """The corpus with what is staged in its place, made of links; for looking, before anything is decided."""
    with tempfile.TemporaryDirectory(prefix="winnow-takedown-") as scratch:
        root = Path(scratch, Path(corpus.root).name)
        names = staged_names(staged)
        covered = tuple(f"{name}/" for name in names)
        for path in sorted(Path(corpus.root).rglob("*")):
            name = path.relative_to(corpus.root).as_posix()
            hidden = name.startswith((".winnow", "export/", "corpus.json")) or f"{name}/".startswith(covered)
            if path.is_file() and not hidden:
                _link(path, root / name)
        for path in staged.rglob("*"):
            if path.is_file():
                _link(path, root / path.relative_to(staged))
        current = manifest or corpus.read_manifest()
        kept = {name: sha256 for name, sha256 in current["files"].items() if not f"{name}/".startswith(covered)}
        overlay = Corpus(str(root))
        overlay.write_manifest(current | {"files": kept | parquet_hashes(staged, names)})
        yield overlay


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(source)
