"""Where the code of a measure lies that a recipe names: in an installed package, or in a file that the command line names.

A recipe gives names alone and never brings code to run: what --plugin does not name and no installed package offers as an entry
point `winnow.measures` is refused. Nothing is imported here; what code there is decides a fingerprint by its bytes.
"""

import ast
import importlib.metadata
import importlib.util
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import RecipeError
from pipeline.hashing import checksum_of, file_sha256

GROUP = "winnow.measures"
BESIDE = "FILES"  # of a file: the list of what it opens, by names beside it
MOST_FILES, MOST_BYTES = 10_000, 2 << 30  # of the code of one measure, data included

_files: dict[str, Path] = {}  # function -> the file that --plugin names


class Plugin(NamedTuple):
    """A function that others bring, and everything that is sent with it."""

    name: str  # of the function, and of its measure
    module: str  # that has it, as it is imported below `root`
    function: str
    root: Path
    files: tuple[str, ...]  # below `root`, sorted
    sha256: str  # of all of these, their names, and the version of the package


def allow(files: Iterable[Path]) -> None:
    """Functions of these files may be named from now on. Raises RecipeError where one is no file of Python."""
    for file in files:
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, ValueError, SyntaxError) as error:
            raise RecipeError(f"--plugin {file} cannot be read: {error}") from error
        found = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
        if not found:
            raise RecipeError(f"--plugin {file} has no function: a measure is one, docs/extending.md shows three")
        _files.update(dict.fromkeys(found, file.resolve()))


def find(name: str) -> Plugin:
    """Raises RecipeError where nobody offers it."""
    if name in _files:
        return _of_file(name, _files[name])
    for point in importlib.metadata.entry_points(group=GROUP, name=name):
        return _of_package(point)
    raise RecipeError(
        f"plugins.measures names {name!r}, and neither --plugin FILE nor an installed package (entry point {GROUP}) has it"
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
        raise RecipeError(f"the entry point {point.name} of {GROUP} names {point.module}, which cannot be found: install it anew")
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
    told = {"function": f"{module}:{function}", "version": version, "files": {one: file_sha256(root / one) for one in listed}}
    return Plugin(name, module, function, root, listed, checksum_of(told))


def write_archive(plugin: Plugin, path: Path) -> None:
    """All that is sent, as a zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in plugin.files:
            archive.write(plugin.root / name, name)
