"""What our source does not do, whatever it is about."""

import ast
import subprocess

import pytest

from tests.house.source import imports_of, sources
from tests.paths import PROJECT


def test_no_file_uses_python_regular_expressions_on_page_text() -> None:
    offenders = [file.name for file in sources() if "pipeline" in file.parts and imports_of(file) & {"re", "regex"}]
    assert offenders == []


def test_nothing_is_unpickled() -> None:
    forbidden = {"pickle", "joblib", "shelve", "marshal", "cloudpickle", "dill"}
    assert [file.name for file in sources() if {name.split(".")[0] for name in imports_of(file)} & forbidden] == []


def test_parameters_of_tests_are_the_same_in_every_process() -> None:
    """gzip writes the second it runs in: until 2026-11, two processes that collected at a border of seconds refused to begin."""
    decorators = [
        (file.name, node)
        for file in sorted((PROJECT / "tests").rglob("test_*.py"))
        for function in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        for node in ast.walk(decorator)
    ]
    timed = [
        f"{name}:{node.lineno}"
        for name, node in decorators
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "gzip.compress"
        if "mtime" not in {keyword.arg for keyword in node.keywords}
    ]
    assert timed == []


def test_the_top_level_holds_what_it_should() -> None:
    """A path of the machine it was made on, written by a misdirected command, stood there for one change in 2026-11."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed}
    rooms = {"pipeline", "jobs", "tokenizer", "model", "tests", "airflow_dags", "docs"}
    pages = {"README.md", "pyproject.toml", "Makefile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}
    assert {name for name in top if not name.startswith(".")} == rooms | pages
