"""Where the code of a function lies that a recipe names: in an installed package, or in a file that the command line names.

A recipe gives names alone and never brings code to run: what --plugin does not name and no installed package offers as an entry
point is refused. Nothing is imported here; what code there is decides a fingerprint by its bytes.
"""

import ast
import importlib.metadata
import importlib.util
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import RecipeError
from pipeline.hashing import checksum_of, file_sha256, stream_sha256

BESIDE = "FILES"  # of a file: the list of what it opens, by names beside it
MOST_FILES, MOST_BYTES = 10_000, 2 << 30  # of the code of one function, data included

_files: dict[str, Path] = {}  # function -> the file that --plugin names


class Kind(NamedTuple):
    """What functions of others are for."""

    key: str  # of the recipe, which names them
    group: str  # of entry points


MEASURES = Kind("plugins.measures", "winnow.measures")
DETECTORS = Kind("detectors.functions", "winnow.detectors")


class Plugin(NamedTuple):
    """A function that others bring, and everything that is sent with it."""

    name: str  # of the function, and of its measure or detector
    module: str  # that has it, as it is imported below `root`
    function: str
    root: Path
    files: dict[str, str]  # below `root`, with their sha256
    version: str  # of the package; "" for a file

    @property
    def code_sha256(self) -> str:
        """Of what is sent: functions of one file, or of one package, have it in common."""
        return checksum_of({"version": self.version, "files": self.files})

    @property
    def sha256(self) -> str:
        """Of all that decides what it gives."""
        return checksum_of({"function": f"{self.module}:{self.function}", "code": self.code_sha256})


def allow(files: Iterable[Path]) -> None:
    """Functions of these files may be named from now on. Raises RecipeError where one is no file of Python."""
    for file in files:
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, ValueError, SyntaxError) as error:
            raise RecipeError(f"--plugin {file} cannot be read: {error}") from error
        found = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
        if not found:
            raise RecipeError(f"--plugin {file} has no function: a measure or a detector is one, docs/extending.md shows some")
        for name in found:
            if _files.setdefault(name, file.resolve()) != file.resolve():
                raise RecipeError(f"--plugin {file} has a function {name}, and so has {_files[name]}: rename one of them")


def find(name: str, kind: Kind) -> Plugin:
    """Raises RecipeError where nobody offers it."""
    if name in _files:
        return _of_file(name, _files[name])
    points = list(importlib.metadata.entry_points(group=kind.group, name=name))
    if len(points) == 1:
        return _of_package(points[0])
    if points:
        told = " and ".join(sorted(point.value for point in points))
        raise RecipeError(f"{kind.key} names {name!r}, which several installed packages offer ({told}): remove all but one")
    raise RecipeError(
        f"{kind.key} names {name!r}, and neither --plugin FILE nor an installed package (entry point {kind.group}) has it"
    )


def _of_file(name: str, file: Path) -> Plugin:
    files = (file.name, *_beside(file))
    return _plugin(name, file.stem, name, file.parent, files, "")


def _beside(file: Path) -> list[str]:
    """What FILES of the file lists, by names that lie beside it."""
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, ast.Assign) and [getattr(one, "id", None) for one in node.targets] == [BESIDE]:
            try:
                listed = [str(one) for one in ast.literal_eval(node.value)]
            except (ValueError, TypeError) as error:
                raise RecipeError(f"--plugin {file}: {BESIDE} has to be a list of names, written out") from error
            if strange := [one for one in listed if Path(one).name != one or not (file.parent / one).is_file()]:
                raise RecipeError(f"--plugin {file}: {BESIDE} names {strange[0]}, which is no file beside it")
            return listed
    return []


def _of_package(point: importlib.metadata.EntryPoint) -> Plugin:
    top = point.module.partition(".")[0]
    spec = importlib.util.find_spec(top)
    if spec is None or spec.origin is None:
        raise RecipeError(
            f"the entry point {point.name} of {point.group} names {point.module}, which cannot be found: install it anew"
        )
    place = Path(spec.origin)
    root = place.parent.parent if spec.submodule_search_locations else place.parent
    files = _tree(place.parent, root) if spec.submodule_search_locations else (place.name,)
    version = point.dist.version if point.dist is not None else ""
    return _plugin(point.name, point.module, point.attr, root, files, version)


def _tree(folder: Path, root: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(root).as_posix()


def _plugin(name: str, module: str, function: str, root: Path, files: Iterable[str], version: str) -> Plugin:
    listed = tuple(sorted(files))
    size = sum((root / one).stat().st_size for one in listed)
    if len(listed) > MOST_FILES or size > MOST_BYTES:
        raise RecipeError(
            f"plug-in {name}: {len(listed):,} files of {size:,} bytes; at most {MOST_FILES:,} and {MOST_BYTES:,} are sent"
        )
    return Plugin(name, module, function, root, {one: file_sha256(root / one) for one in listed}, version)


def write_archive(plugin: Plugin, path: Path) -> None:
    """All that is sent, as a zip file. Raises RecipeError where a file is no longer what it was when it was found."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in plugin.files:
            archive.write(plugin.root / name, name)
    with zipfile.ZipFile(path) as archive:
        for name, sha256 in plugin.files.items():
            with archive.open(name) as file:
                if stream_sha256(file) != sha256:
                    path.unlink()
                    raise changed(plugin)


def changed(plugin: Plugin) -> RecipeError:
    return RecipeError(f"plug-in {plugin.name}: {plugin.root} was changed while it was read; run the same command again")
