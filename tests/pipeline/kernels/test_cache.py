"""Where machine code is kept: by content, found by every process, never stale."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.kernels import cache
from tests.paths import PROJECT

CALLER = """
from pipeline.kernels.cache import kernel
from pipeline.kernels.callee import step
from pipeline.kernels.cache import part

@kernel
def total(count):
    found = 0
    for number in range(count):
        found += step(0) + step(number)
    return found
"""
CALLEE = """
from pipeline.kernels.cache import part

@part
def step(number):
    return number + ONE
"""
PROGRAM = """
import sys
from pipeline.kernels.callee import step
from pipeline.kernels.caller import total
print(total(3), sum(total.stats.cache_hits.values()), len(step.signatures))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project of two kernels, one of which calls the other."""
    kernels = tmp_path / "project" / "pipeline" / "kernels"
    kernels.mkdir(parents=True)
    shutil.copy(PROJECT / "pipeline" / "kernels" / "cache.py", kernels)
    for folder in (kernels, kernels.parent):
        (folder / "__init__.py").touch()
    (kernels / "caller.py").write_text(CALLER)
    (kernels / "callee.py").write_text(CALLEE.replace("ONE", "1"))
    return tmp_path / "project"


def started(copy: Path, kept: Path, **environment: str) -> subprocess.Popen[str]:
    variables = os.environ | {cache.PLACE: str(kept), "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    return subprocess.Popen([sys.executable, "-c", PROGRAM], env=variables, cwd=copy, stdout=subprocess.PIPE, text=True)


def run(copy: Path, kept: Path, **environment: str) -> tuple[int, int, int]:
    """(the result, kernels that were found, types for which the callee was compiled)."""
    process = started(copy, kept, **environment)
    said, _ = process.communicate()
    assert process.returncode == 0
    result, found, compiled = map(int, said.split())
    return result, found, compiled


def files(kept: Path) -> set[str]:
    return {file.relative_to(kept).as_posix() for file in kept.rglob("*") if file.is_file()}


def test_an_edit_in_a_callee_is_seen_and_a_second_process_compiles_nothing(copy: Path, tmp_path: Path) -> None:
    """Numba's own cache looks at the caller's file alone: until 2026-11 the old result came back after an edit beside it."""
    kept = tmp_path / "kept"
    assert run(copy, kept) == (2 * 3 + 3, 0, 1)  # step(0) and step(number) are one kernel
    compiled = files(kept)
    assert run(copy, kept) == (9, 1, 0)
    assert files(kept) == compiled
    (copy / "pipeline" / "kernels" / "callee.py").write_text(CALLEE.replace("ONE", "10"))
    assert run(copy, kept) == (2 * 30 + 3, 0, 1)
    assert compiled < files(kept)


def test_a_copy_elsewhere_finds_what_was_compiled_here(copy: Path, tmp_path: Path) -> None:
    """No path and no time is part of a name: what an executor is given must be found."""
    assert run(copy, tmp_path / "kept")[1] == 0
    moved, given = tmp_path / "moved", tmp_path / "given"
    shutil.copytree(copy, moved, copy_function=shutil.copyfile)
    shutil.copytree(tmp_path / "kept", given, copy_function=shutil.copyfile)
    assert run(moved, given)[1] == 1


def test_another_kind_of_cpu_has_a_folder_of_its_own(copy: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert run(copy, kept)[0] == run(copy, kept, NUMBA_CPU_NAME="generic")[0]
    assert len(list(kept.iterdir())) == 2


def test_of_two_processes_at_once_one_compiles(copy: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    both = [started(copy, kept) for _ in range(2)]
    said = sorted(process.communicate()[0].split()[:2] for process in both)
    assert said == [["9", "0"], ["9", "1"]]
    assert {Path(name).suffix for name in files(kept)} == {".nbc"}  # no claim and no half of a file is left


def test_a_kernel_that_does_not_compile_fails_and_waits_for_nobody(copy: Path, tmp_path: Path) -> None:
    """Numba asks twice for what it failed to compile, and the second time waited for the first one's claim (2026-11-30)."""
    (copy / "pipeline" / "kernels" / "callee.py").write_text(CALLEE.replace("ONE", "missing"))
    process = started(copy, tmp_path / "kept")
    try:
        process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 1


def test_without_a_place_to_keep_them_kernels_still_run(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run(copy, tmp_path / "file" / "below")[:2] == (9, 0)


def test_a_key_takes_in_what_is_imported_through_others() -> None:
    reached = {file.relative_to(PROJECT).as_posix() for file in cache._reached("tokenizer.bpe.count")}
    assert {"tokenizer/bpe/count.py", "tokenizer/bpe/split.py", "pipeline/kernels/cache.py"} <= reached


def kernels_of(tree: ast.Module) -> dict[ast.FunctionDef, str]:
    """Functions with one of our decorators, and its name."""
    return {
        node: decorator.id
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Name) and decorator.id in ("kernel", "part", "inlined")
    }


def python_names(tree: ast.Module) -> set[str]:
    """Names that are used outside kernels."""
    kernels = kernels_of(tree)
    outside = [node for node in tree.body if node not in kernels]
    return {one.id for node in outside for one in ast.walk(node) if isinstance(one, ast.Name)}


def test_parts_are_called_by_kernels_only() -> None:
    """They have no way in from Python: such a call would end the process."""
    trees = {
        file.relative_to(PROJECT).with_suffix("").as_posix().replace("/", "."): ast.parse(file.read_text("utf-8"))
        for folder in ("pipeline", "tokenizer", "tests")
        for file in (PROJECT / folder).rglob("*.py")
    }
    parts = {
        (module, node.name)
        for module, tree in trees.items()
        for node, kind in kernels_of(tree).items()
        if kind in ("part", "inlined")
    }
    assert len(parts) > 100
    called = set()
    for module, tree in trees.items():
        names = python_names(tree)
        called |= {(module, name) for name in names}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                called |= {(node.module, alias.name) for alias in node.names if (alias.asname or alias.name) in names}
    assert parts & called == set()
