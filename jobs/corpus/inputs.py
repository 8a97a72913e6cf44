"""The files a crawl consists of: names expanded, and each looked at before anything runs."""

import logging
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from jobs.corpus.sources.names import HIDDEN, Named, chosen, names_of
from jobs.corpus.sources.open_source import open_source
from jobs.corpus.sources.settings import SourceSettings
from jobs.corpus.sources.wacz import members_of
from pipeline.errors import InputError
from pipeline.read import ingest
from pipeline.read.rows.columns import RowLimits

LOG = logging.getLogger(__name__)
READABLE = "WARC, WET, WACZ, JSON lines and Parquet"
HIDES = "is hidden: its name, or that of a folder above it, begins"
SHOWN = 3  # names of files that were skipped, and reasons


@dataclass(frozen=True)
class InputFile:
    """One file to read. `error` says why it cannot be, which only --skip-bad-inputs lets pass, or that a folder held it too."""

    path: str
    size: int
    changed: str  # last change or ETag, as the store tells it: with the size, enough to notice another file
    error: str | None = None
    skipped: bool = False  # no input, found beside inputs

    @property
    def key(self) -> str:
        """Names the file as it is now: another size or another date is another file."""
        return f"{self.path}\n{self.size}\n{self.changed}\n{self.error}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Looking:
    """How inputs are looked at."""

    skip_bad: bool
    rows: RowLimits
    sources: SourceSettings


def list_inputs(
    names: Iterable[str],
    *,
    skip_bad: bool,
    rows: RowLimits | None = None,
    sources: SourceSettings | None = None,
    files: int | None = None,
    sample: int | None = None,
) -> tuple[InputFile, ...]:
    """Every input file, sorted by path, each once; with `files` so many of them, the first or those that the seed `sample` draws.

    Raises InputError for the first name that matches nothing or file that cannot be read; with `skip_bad` such files
    are listed with their error.
    """
    how = Looking(skip_bad=skip_bad, rows=rows or RowLimits(), sources=sources or SourceSettings())
    asked = list(names)
    named = chosen((one for name in asked for one in _named(name, how)), files, sample)
    found: dict[str, InputFile] = {}
    several = ThreadPoolExecutor(how.sources.connections)
    try:
        for some in several.map(partial(_looked_at, how=how), named):
            found |= {one.path: one for one in some}
            for one in some:
                if one.error and not one.skipped and not skip_bad:
                    raise InputError(f"input {one.error}. --skip-bad-inputs goes on without it and records it in `files`")
    finally:
        several.shutdown(cancel_futures=True)
    listed = tuple(found[path] for path in sorted(found))
    _check(asked, listed)
    LOG.debug("%d inputs of %s, %d bytes", len(listed), asked, sum(one.size for one in listed))
    return listed


def _check(names: list[str], listed: tuple[InputFile, ...]) -> None:
    if not listed:
        raise InputError(f"no input: name files, folders or URLs of {READABLE}")
    if all(one.skipped for one in listed):
        raise InputError(f"input {', '.join(names)[:200]} holds no input: no {READABLE} below it; check the name")
    if all(one.error for one in listed):
        first = next(one.error for one in listed if not one.skipped)
        raise InputError(f"none of {len(listed)} inputs can be read; the first: {first}")


def _named(name: str, how: Looking) -> list[Named]:
    try:
        return list(names_of(name, how.sources))
    except InputError as error:
        return [Named(name, missing=str(error))]


def _looked_at(named: Named, how: Looking) -> list[InputFile]:
    """The file, or in a WACZ the files, with what is wrong with it: a wrong name is found now, not after an hour."""
    path, size, version = named.path, 0, ""
    if named.missing:
        return [InputFile(path, 0, "", named.missing)]
    if named.hidden:
        return [InputFile(path, 0, "", f"skipped: {path} {HIDES} with {' or '.join(HIDDEN)}", skipped=True)]
    try:
        source = open_source(path, how.sources)
        with source.stream as stream:
            size, version = source.size, source.version
            if path.lower().endswith(".wacz"):
                inside = members_of(stream, path)
            else:
                ingest.check_input(stream, path, how.rows)
                inside = []
        if inside:
            return [file for one in inside for file in _looked_at(Named(one, promised=_is_promised(one)), how)]
    except InputError as problem:
        if not named.promised:
            return [InputFile(path, size, version, f"skipped: {problem}", skipped=True)]
        return [InputFile(path, size, version, str(problem))]
    return [InputFile(path, size, version)]


def _is_promised(member: str) -> bool:
    """Of what a WACZ has in archive/ anything may be another file, but for WARCs."""
    return ".warc" in member.rpartition("/")[2]


def skipped_line(listed: Iterable[InputFile]) -> str | None:
    """What of the inputs is left aside, in a line: null where nothing is."""
    left = [one for one in listed if one.error]
    if not left:
        return None
    left.sort(key=lambda one: HIDES in (one.error or ""))  # what nobody would miss is not shown first
    shown = ", ".join(one.path.rpartition("/")[2] for one in left[:SHOWN])
    more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    kinds = Counter("skipped" if one.skipped else "refused" for one in left)
    counts = ", ".join(
        f"{count} {'file' if count == 1 else 'files'} {kind}" for kind, count in sorted(kinds.items(), reverse=True)
    )
    return f"{counts}: {shown}{more}; `files` says why of each"
