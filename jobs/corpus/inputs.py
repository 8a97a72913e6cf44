"""The files a crawl consists of: names, globs, folders and URLs expanded, and checked before anything runs."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jobs.corpus.files.opening import file_system_of
from pipeline.errors import InputError
from pipeline.read import ingest
from pipeline.read.rows.columns import RowLimits

# What a file is, its first bytes say. In a folder these names are a promise: a file that breaks it is an error, any other that is
# no input is skipped. Hidden files are nobody's data.
PROMISES = (".warc", ".warc.gz", ".wet", ".wet.gz", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")
HIDDEN = (".", "_")
READABLE = "WARC, WET, JSON lines and Parquet"


@dataclass(frozen=True)
class InputFile:
    """One file to read. `error` says why it cannot be, which only --skip-bad-inputs lets pass, or that a folder held it too."""

    path: str
    size: int
    changed: str  # last change, as the file system tells it: with the size, enough to notice another file
    error: str | None = None
    skipped: bool = False  # no input, found beside inputs

    @property
    def key(self) -> str:
        """Names the file as it is now: another size or another date is another file."""
        return f"{self.path}\n{self.size}\n{self.changed}\n{self.error}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def list_inputs(names: Iterable[str], *, skip_bad: bool, rows: RowLimits | None = None) -> tuple[InputFile, ...]:
    """Every input file, sorted by path, each once.

    Raises InputError for the first name that matches nothing or file that cannot be read; with `skip_bad` such files
    are listed with their error.
    """
    look = partial(_checked, rows=rows or RowLimits(), skip_bad=skip_bad)
    found = {one.path: one for name in names for one in _expand(name, look, skip_bad=skip_bad)}
    files = tuple(found[path] for path in sorted(found))
    if not files:
        raise InputError(f"no input: name files, folders or URLs of {READABLE}")
    if all(one.error for one in files):
        raise InputError(f"none of {len(files)} inputs can be read; the first: {files[0].error}")
    return files


def _expand(name: str, look: Callable[..., InputFile], *, skip_bad: bool) -> list[InputFile]:
    remote = "://" in name
    is_folder = False
    filesystem, path = file_system_of(name) if remote else file_system_of(str(Path(name).absolute()))
    try:
        is_folder = filesystem.isdir(path)
        if is_folder:
            paths = [one for one in sorted(filesystem.find(path)) if not one.rsplit("/", 1)[-1].startswith(HIDDEN)]
            missing = f"{name} holds no input: no {READABLE} below it"
        elif any(sign in path for sign in "*?[") and not filesystem.exists(path):
            paths = sorted(filesystem.glob(path))
            missing = f"{name} matches no file"
        else:
            paths = [path] if filesystem.exists(path) else []
            missing = f"{name} does not exist"
    except (OSError, ValueError, ImportError) as error:
        paths, missing = [], f"{name} cannot be listed: {error}"
    if not paths:
        if not skip_bad:
            raise InputError(f"input {missing}; check the name")
        return [InputFile(name, 0, "", missing)]
    prefix = name.split("://")[0] + "://" if remote else ""
    full = [one if "://" in one else prefix + one for one in paths]
    listed = [look(filesystem, one, promised=not is_folder or one.lower().endswith(PROMISES)) for one in full]
    if is_folder and all(one.skipped for one in listed) and not skip_bad:
        raise InputError(f"input {missing}; check the name")
    return listed


def _checked(filesystem: Any, path: str, *, promised: bool, rows: RowLimits, skip_bad: bool) -> InputFile:
    """Opens the file and looks at its first bytes: a wrong name is found now, not after an hour."""
    size, changed, error = 0, "", None
    try:
        info = filesystem.info(path)
        size, changed = int(info.get("size") or 0), str(info.get("mtime") or info.get("ETag") or info.get("LastModified") or "")
        with filesystem.open(path, "rb") as stream:
            ingest.check_input(stream, path, rows)
    except InputError as problem:
        if not promised:
            return InputFile(path, size, changed, f"skipped: {problem}", skipped=True)
        error = str(problem)
    except (OSError, ValueError) as problem:
        error = f"{path} cannot be read: {getattr(problem, 'strerror', None) or problem}"
    if error and not skip_bad:
        raise InputError(f"input {error}. --skip-bad-inputs goes on without it and records it in `files`")
    return InputFile(path, size, changed, error)
