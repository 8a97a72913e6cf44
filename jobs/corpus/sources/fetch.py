"""Files of a dump copied to this machine, one after another, in the dump's own layout; a copy that was stopped goes on."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jobs.corpus.sources.http import download
from jobs.corpus.sources.names import Named, chosen, dump_list, names_of
from jobs.corpus.sources.outside import IsAnother, trying
from jobs.corpus.sources.settings import SourceSettings
from pipeline.errors import EnvironmentProblem


class Fetched(NamedTuple):
    """One file that is there now."""

    path: Path
    bytes: int
    new: bool  # false: it was there before


def files_of_dump(dump: str, directory: Path, settings: SourceSettings, files: int | None, seed: int | None) -> list[Named]:
    """The URLs that are to be fetched. The dump's list is fetched for it, and stays. Raises InputError, UsageError."""
    url = dump_list(dump, settings)
    fetch_file(url, _target(directory, url), settings)
    return chosen(names_of(url, settings), files, seed)


def fetch_all(named: list[Named], directory: Path, settings: SourceSettings) -> Iterator[Fetched]:
    """Each file once it is there whole. Raises InputError for the first that cannot be had."""
    for one in named:
        yield fetch_file(one.path, _target(directory, one.path), settings)


def _target(directory: Path, url: str) -> Path:
    """Lists were read by names_of, which lets no path leave its root."""
    return directory / url[url.index("crawl-data/") :]


def fetch_file(url: str, target: Path, settings: SourceSettings) -> Fetched:
    """`target` as a copy of `url`: it has its name once it is whole. What an earlier call left is gone on with."""
    if target.exists():
        return Fetched(target, target.stat().st_size, new=False)
    part = target.with_name(f".{target.name}.part")
    note = target.with_name(f".{target.name}.version")  # of what `part` holds
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        known = [note.read_text("utf-8") if part.exists() and note.exists() else None]
        with part.open("r+b" if known[0] is not None else "w+b") as file:

            def begins(version: str) -> None:
                note.write_text(version, "utf-8")
                known[0] = version

            def once() -> int:
                try:
                    return download(url, file, settings, known[0], begins)
                except IsAnother:
                    known[0] = None  # another file by now: from its beginning
                    return download(url, file, settings, None, begins)

            size = trying(once, settings, url)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        note.unlink(missing_ok=True)
    except PermissionError as error:
        raise EnvironmentProblem(f"{error.filename} cannot be written: {error.strerror}; choose another folder") from error
    return Fetched(target, size, new=True)
