"""What a stage is made of, and in what two makings of it differ. A stage is made again when this changed, and only then."""

import dataclasses
import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from jobs.corpus.code import decides
from jobs.corpus.files.opening import listed_files
from jobs.corpus.folder import Manifest, contents_sha256, is_corpus
from jobs.corpus.inputs import InputFile
from jobs.corpus.plugins import DETECTORS, MEASURES, find
from jobs.corpus.recipe import Recipe
from jobs.corpus.sources.open_source import open_source
from pipeline.errors import InputError, RecipeError
from pipeline.hashing import stream_sha256
from pipeline.tables import TABLES

Parts = dict[str, Any]  # JSON values
SHOWN = 3  # names of one kind in a reason
NAMES = {"code": "", "libraries": "library ", "settings": "setting ", "reads": "", "schemas": "columns of ", "inputs": "input "}


def made_of(
    module: str, sections: Iterable[str], after: Iterable[str], publishes: Iterable[str], recipe: Recipe, manifest: Manifest,
    inputs: Iterable[InputFile],
) -> Parts:  # fmt: skip
    """Everything that decides the result of a stage whose work is done by `module`.

    What it reads of an earlier stage is that stage's fingerprint: takedowns since have changed both alike.
    """
    code, stages = decides(module), manifest["stages"]
    tables = [*publishes, *(table for name in after for table in stages[name]["publishes"])]
    return {
        "code": code.files,
        "libraries": {**code.libraries, "python": platform.python_version()},
        "settings": {f"{name}.{key}": value for name in sections for key, value in _values(getattr(recipe, name)).items()},
        "schemas": {table: hash_of(str(TABLES[table])) for table in sorted(tables) if table in TABLES},
        "reads": {name: stages[name]["fingerprint"] for name in after},
        "inputs": {one.path: hash_of(one.as_json()) for one in inputs if not one.skipped} if not after else {},
    }


def hash_of(value: Any) -> str:
    """Hash of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _values(section: Any) -> dict[str, Any]:
    """Settings by name as JSON values; a path that names content is told as the content's hash, since a path says little."""
    found: dict[str, Any] = dict(_flat("", dataclasses.asdict(section)))
    for one in dataclasses.fields(section):
        if content := one.metadata.get("content"):
            value = getattr(section, one.name)
            paths = value if isinstance(value, tuple) else () if value is None else (value,)
            found[one.name] = {path: _CONTENTS[content](path) for path in paths}
    return {name.rstrip("_"): value for name, value in json.loads(json.dumps(found)).items()}  # as recipes call them


def _flat(prefix: str, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


@cache
def _file_sha256(path: str) -> str:
    try:
        with open_source(path).stream as file:
            return stream_sha256(file)
    except InputError as error:
        raise RecipeError(f"recipe: {error}") from error


def _list_sha256(path: str) -> str:
    """Of a list in one file, or of all files in a folder of some."""
    names = listed_files(path)
    return hash_of({name: _file_sha256(f"{path.rstrip('/')}/{name}") for name in names}) if names else _file_sha256(path)


_CONTENTS: dict[str, Callable[[str], str]] = {
    "file": _file_sha256,
    "model": lambda name: name if name in ("default", "none") else _file_sha256(name),  # what ships is part of the code
    "list": _list_sha256,
    "measure": lambda name: find(name, MEASURES).sha256,
    "detector": lambda name: find(name, DETECTORS).sha256,
    "documents": lambda path: contents_sha256(path, "documents"),
    "curated": lambda path: contents_sha256(path, "curated"),
    "tokenizer": lambda path: contents_sha256(path, "tokenizer") if is_corpus(path) else _file_sha256(path),
}


def differences(before: Parts, now: Parts) -> list[str]:
    """Why the two are not the same, a line each: "setting rules.gopher_short_doc.minimum: 50 → 30"."""
    return [line for kind in NAMES for line in _of_kind(kind, before.get(kind, {}), now[kind])]


def _of_kind(kind: str, before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    changed = sorted(name for name in {*before, *now} if name not in before or name not in now or before[name] != now[name])
    lines = [f"{NAMES[kind]}{name}: {_change(kind, name, before, now)}" for name in changed[:SHOWN]]
    return lines + ([f"and {len(changed) - SHOWN} more of this kind"] if len(changed) > SHOWN else [])


def _change(kind: str, name: str, before: dict[str, Any], now: dict[str, Any]) -> str:
    if name not in before or name not in now:
        return "new" if name in now else "gone"
    if kind in ("libraries", "settings") and not isinstance(now[name], dict):
        return f"{before[name]} → {now[name]}"
    return "made anew" if kind == "reads" else "changed"
