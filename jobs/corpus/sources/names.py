"""What people call their inputs, as names of files: folders, globs and prefixes, lists of paths, a Common Crawl dump.

crawl/                      every file below it; what turns out to be no input is skipped with its reason
crawl/*.warc.gz             those that match
s3://BUCKET/crawl-2026-     where no file has the name, those that begin with it
warc.paths.gz               lines that are paths below where the list lies, or below sources.crawl_host
@list.txt                   lines that are names of any of these kinds; # begins a comment
cc:CC-MAIN-2026-42[/wet]    the dump's list of WARCs (or WETs)
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import re2

from jobs.corpus.sources.open_source import open_source
from jobs.corpus.sources.outside import trying
from jobs.corpus.sources.settings import SourceSettings
from jobs.corpus.sources.stores import local_path, opened_store
from pipeline.errors import InputError, UsageError

# What a file is, its first bytes say. In a folder these names are a promise: a file that breaks it is an error, any other that is
# no input is skipped. Hidden files are nobody's data.
PROMISES = (
    ".warc", ".warc.gz", ".warc.zst", ".wet", ".wet.gz", ".wacz", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"
)  # fmt: skip
HIDDEN = (".", "_")
LISTS = (".paths", ".paths.gz")
DUMP = "cc:"
DUMP_NAME = re2.compile(r"(CC-[A-Z0-9-]{4,60})(?:/(warc|wet))?")
MOST_LIST_BYTES = 1 << 28  # inflated; Common Crawl's list of 100,000 paths has 14 MB
MOST_NESTED = 4  # lists that name lists
GLOB_SIGNS = "*?["


class Named(NamedTuple):
    """A file to look at. `missing` says why there is none; `hidden` that nobody looks at it."""

    path: str
    promised: bool = True
    missing: str = ""
    hidden: bool = False


def names_of(name: str, settings: SourceSettings, depth: int = 0) -> Iterator[Named]:
    """The files that `name` means, in the order of their list or by path; one that is missing where it means none.

    Raises InputError where it cannot be found out.
    """
    if depth > MOST_NESTED:
        raise InputError(f"{name}: lists name lists more than {MOST_NESTED} deep; write one")
    if name.startswith(DUMP):
        yield from _of_list(dump_list(name, settings), settings)
    elif name.startswith("@"):
        for one in _lines(name[1:], settings):
            yield from names_of(one if one.startswith(DUMP) else _beside(name[1:], one), settings, depth + 1)
    elif name.lower().endswith(LISTS):
        yield from _of_list(name, settings)
    elif name.startswith(("http://", "https://")):
        yield Named(name)
    else:
        yield from _stored(name, settings)


def dump_list(name: str, settings: SourceSettings) -> str:
    """Where the list of paths of `cc:NAME`, `cc:NAME/wet` lies."""
    said = DUMP_NAME.fullmatch(name.removeprefix(DUMP))
    if said is None:
        raise UsageError(f"{name} names no dump; they are called as in cc:CC-MAIN-2026-42, or cc:CC-MAIN-2026-42/wet")
    return f"{settings.crawl_host.rstrip('/')}/crawl-data/{said[1]}/{said[2] or 'warc'}.paths.gz"


def chosen(names: Iterable[Named], files: int | None, seed: int | None) -> list[Named]:
    """The first `files` of them; with a seed those whose hash with it is smallest: asking for more adds to them."""
    named = list({one.path: one for one in names}.values())
    if files is None:
        return named
    missing = [one for one in named if one.missing]
    there = [one for one in named if one.promised and not one.hidden and not one.missing]
    if seed is not None:
        there.sort(key=lambda one: hashlib.blake2b(f"{seed}\n{_tail(one.path)}".encode(), digest_size=16).digest())
    return missing + there[:files]


def _tail(path: str) -> str:
    """The part of a path that is the same wherever a dump's files lie."""
    return path[path.find("crawl-data/") :] if "crawl-data/" in path else path


# --- lists ---


def _of_list(name: str, settings: SourceSettings) -> Iterator[Named]:
    lines = list(_lines(name, settings))
    if not lines:
        raise InputError(f"{name} lists no path")
    root = _root_of(name, lines[0], settings)
    for line in lines:
        yield Named(_below(root, line, name))


def _root_of(name: str, line: str, settings: SourceSettings) -> str:
    """What a list's paths stand below.

    Where the list lies on such a path itself, what is before it (Common Crawl's own layout, also in a copy of it); else the
    list's folder, if the first file is there; else sources.crawl_host.
    """
    first = line.partition("/")[0]
    whole = name if "://" in name else local_path(name)
    before, found, _ = whole.rpartition(f"/{first}/")
    if found and ("://" in name or Path(before, line).exists()):
        return before
    folder = whole.rpartition("/")[0]
    return folder if "://" in name or Path(folder, line).exists() else settings.crawl_host.rstrip("/")


def _below(root: str, line: str, name: str) -> str:
    """A path of a list may not leave the list's root: it comes from elsewhere."""
    parts = PurePosixPath(line).parts
    if line.startswith("/") or ".." in parts or "://" in line or not line.isprintable() or "\\" in line:
        raise InputError(f"{name} lists {line!a:.100}, which is no path below {root}")
    return f"{root}/{line}"


def _beside(name: str, line: str) -> str:
    """A name on a list, as it is meant: a relative path is one beside the list."""
    if "://" in line or line.startswith(("/", "@/")):
        return line
    sign = "@" if line.startswith("@") else ""
    folder = name.rpartition("/")[0] if "://" in name else local_path(name).rpartition("/")[0]
    return f"{sign}{folder}/{line.removeprefix('@')}"


def _lines(name: str, settings: SourceSettings) -> Iterator[str]:
    """Lines of a list that say something."""
    with open_source(name, settings).stream as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        try:
            text = _bounded(gzip.GzipFile(fileobj=stream) if packed else stream, name)
            lines = text.decode("utf-8").splitlines()
        except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError) as error:
            raise InputError(f"{name} is no list of paths: {error}; fetch it again") from error
    for line in lines:
        if (stripped := line.strip()) and not stripped.startswith("#"):
            yield stripped


def _bounded(stream: Any, name: str) -> bytes:
    kept = io.BytesIO()
    while data := stream.read(1 << 20):
        kept.write(data)
        if kept.tell() > MOST_LIST_BYTES:
            raise InputError(f"{name} has more than {MOST_LIST_BYTES:,} bytes; is it a list of paths?")
    return kept.getvalue()


# --- folders, globs, prefixes ---


def _stored(name: str, settings: SourceSettings) -> Iterator[Named]:
    remote = "://" in name
    filesystem, path = _opened(name, settings)
    prefix = f"{name.partition('://')[0]}://" if remote else ""
    paths, folder, missing = trying(lambda: _listed(filesystem, path, name, remote=remote), settings, name)
    if not paths:
        yield Named(name, missing=missing)
    for one in paths:
        full = one if "://" in one else prefix + one
        inside = one[len(path.rstrip("/")) :].lstrip("/") if folder else ""
        hidden = any(part.startswith(HIDDEN) for part in inside.split("/"))
        yield Named(full, promised=not folder or one.lower().endswith(PROMISES), hidden=hidden)


def _opened(name: str, settings: SourceSettings) -> tuple[Any, str]:
    return trying(lambda: opened_store(name if "://" in name else local_path(name)), settings, name)


def _listed(filesystem: Any, path: str, name: str, *, remote: bool) -> tuple[list[str], bool, str]:
    """(paths, whether they are those of a folder, why there are none)"""
    if remote:
        filesystem.invalidate_cache()  # what was listed before an error is no answer
    if filesystem.isdir(path):
        return sorted(map(str, filesystem.find(path))), True, f"{name} holds no input: there is no file in it"
    if any(sign in path for sign in GLOB_SIGNS) and not filesystem.exists(path):
        matched = sorted(map(str, filesystem.glob(path)))
        below = [[one] if not filesystem.isdir(one) else sorted(map(str, filesystem.find(one))) for one in matched]
        return [one for some in below for one in some], False, f"{name} matches no file"
    if ".wacz!/" in path or filesystem.exists(path):
        return [path], False, ""
    folder, _, beginning = path.rpartition("/")
    if remote and beginning and filesystem.isdir(folder):
        return sorted(one for one in map(str, filesystem.find(folder)) if one.startswith(path)), False, f"{name} does not exist"
    return [], False, f"{name} does not exist"
