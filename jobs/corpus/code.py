"""The code that decides a result: what a module reaches by imports, computed from the source and never listed by hand.

    decides("jobs.stages.filter_documents")  ->  Code({"pipeline/quality/rules.py": "3f…", …}, {"numpy": "2.4.6", …})

Read from syntax trees, so comments, docstrings and the meanings of settings count for nothing. What is imported only for types
does not count either; an import inside a function does. Data files count that the code opens by `shipped("literal name")`.

The engine room (ENGINE) would draw everything into everything. It enters a fingerprint by values: the recipe's settings, schemas,
versions of libraries. tests/jobs/corpus/test_code.py holds it to handing on values only.
"""

import ast
import hashlib
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
OURS = ("pipeline", "tokenizer", "model", "jobs")
ENGINE = (
    "jobs.corpus",
    "jobs.stopping",
    "jobs.spark",
    "jobs.kernels",
    "jobs.stages.stage",
    "jobs.runs.record",
    "jobs.runs.train.metrics",
    "pipeline.tables",
)
SHORT = 16  # hex digits of a hash that only has to tell two versions of one file apart


class Code(NamedTuple):
    """What decides a result, beside settings and inputs."""

    files: dict[str, str]  # path from the folder that holds pipeline/ -> hash of what counts in it
    libraries: dict[str, str]  # distribution -> version, of all that these files import

    def changed(self, before: "Code") -> list[str]:
        """What differs from `before`, by name, sorted."""
        mine, theirs = {**self.files, **self.libraries}, {**before.files, **before.libraries}
        return sorted(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name))


@cache
def decides(module: str) -> Code:
    """The code that `module` reaches by imports, without the engine room; the module itself included."""
    modules = reached(module)
    sources = {file: _read(file.read_text("utf-8")) for file in modules.values()}
    files = {_name(file): source.hash for file, source in sources.items()}
    files |= {name: _data_hash(ROOT / name) for source in sources.values() for name in source.data_files}
    return Code(dict(sorted(files.items())), _libraries(tuple(modules.values())))


def reached(module: str, without: tuple[str, ...] = ENGINE) -> dict[str, Path]:
    """Module name -> file, of all of our modules that `module` imports, directly or through others; packages on the way included.

    Modules named in `without`, and those below them, are neither included nor followed.
    """
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or any(f"{name}.".startswith(f"{one}.") for one in without):
            continue
        file = file_of(name)
        if file is None:
            continue
        found[name] = file
        waiting += [*_parents(name), *imports_of(file)]
    return found


def file_of(module: str) -> Path | None:
    """The source of one of our modules; null where the name is none of ours."""
    if module.split(".")[0] not in OURS:
        return None
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def imports_of(file: Path) -> frozenset[str]:
    """Full names that a file imports at run time: `from a import b` gives a and a.b, whichever of them are modules."""
    return _read(file.read_text("utf-8")).imports


def files_opened_by(file: Path) -> tuple[str, ...]:
    """Names of the data files that the code opens by `shipped("…")`."""
    return _read(file.read_text("utf-8")).data_files


class Source(NamedTuple):
    """What a file of source says, for these questions."""

    imports: frozenset[str]
    data_files: tuple[str, ...]  # names that it opens by `shipped("…")`
    hash: str  # of all that counts


@cache
def _read(text: str) -> Source:
    tree = ast.parse(text)
    imports, data_files = frozenset(_imported(tree)), tuple(_opened(tree))
    return Source(imports, data_files, hashlib.sha256(ast.dump(_WithoutWords().visit(tree)).encode()).hexdigest()[:SHORT])


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in _run_time(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def _opened(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "shipped" and node.args:
            yield from (str(name.value) for name in node.args[:1] if isinstance(name, ast.Constant))


def _run_time(node: ast.AST) -> list[ast.AST]:
    """All nodes below, without those in `if TYPE_CHECKING:`."""
    found = [node]
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            found += [inner for other in child.orelse for inner in _run_time(other)]
        else:
            found += _run_time(child)
    return found


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:size]) for size in range(1, len(parts))]


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


class _WithoutWords(ast.NodeTransformer):
    """Takes out docstrings, and what settings say of themselves (pipeline/settings.py: meaning and source)."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        body = getattr(node, "body", None)
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if documented and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            node.body = body[1:]  # type: ignore[attr-defined]
        return super().generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "setting":
            node.args = node.args[:1]
        return self.generic_visit(node)


def _data_hash(file: Path) -> str:
    """Of a file's bytes; of a style sheet without its comments and blanks."""
    data = file.read_bytes()
    if file.suffix == ".css":
        data = b" ".join(re.sub(rb"/\*.*?\*/", b" ", data, flags=re.DOTALL).split())
    return hashlib.sha256(data).hexdigest()[:SHORT]


def _libraries(files: tuple[Path, ...]) -> dict[str, str]:
    imported = {name.split(".")[0] for file in files for name in imports_of(file)} - sys.stdlib_module_names - {*OURS}
    owners = _distributions()
    names = sorted({owner for name in imported for owner in owners.get(name, ())})
    return {name: importlib.metadata.version(name) for name in names}


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())
