"""Data files that ship are opened by one function and a literal name, so that jobs/corpus/code.py sees what is read."""

import ast
from pathlib import Path

import pytest

from jobs.corpus.code import files_opened_by
from tests.house.source import name_of, sources
from tests.paths import PROJECT


def where_code_lies(file: Path) -> list[int]:
    """Lines that ask it."""
    tree = ast.parse(file.read_text("utf-8"))
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "__file__"]


def hidden_data_files(file: Path) -> list[int]:
    """Lines that use shipped() without saying, in a literal, which file there is read."""
    nodes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.expr | ast.stmt)]
    plain = [node.func for node in nodes if isinstance(node, ast.Call) and names_a_file(node)]
    named = [node for node in nodes if "shipped" in (getattr(node, "id", None), getattr(node, "attr", None))]
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) and "shipped" in ast.unparse(node)]
    renamed = [node for node in imports if ast.unparse(node) != "from pipeline.shipped import shipped"]
    return [node.lineno for node in (*renamed, *named) if node not in plain]


def names_a_file(call: ast.Call) -> bool:
    name = call.args[0].value if len(call.args) == 1 and isinstance(call.args[0], ast.Constant) else None
    called = ast.unparse(call.func) == "shipped" and not call.keywords
    return called and isinstance(name, str) and name.startswith(("pipeline/", "jobs/")) and (PROJECT / name).is_file()


def test_data_that_ships_is_opened_by_one_function_and_its_literal_name() -> None:
    pure = [file for file in sources() if file.relative_to(PROJECT).parts[0] in ("pipeline", "tokenizer")]
    know = {"pipeline/shipped.py", "pipeline/kernels/cache.py"}  # the second reads our source, to name what it compiled of it
    others = [file for file in pure if name_of(file) not in know]
    assert {file.name: found for file in others if (found := where_code_lies(file) + hidden_data_files(file))} == {}


def test_what_ships_is_opened_by_the_package_that_it_ships_with() -> None:
    foreign = {
        f"{file.relative_to(PROJECT)}: {name}"
        for file in sources()
        for name in files_opened_by(file)
        if name.split("/")[0] != file.relative_to(PROJECT).parts[0]
    }
    assert foreign == set()


@pytest.mark.parametrize(
    "line",
    [
        'shipped("pipeline/models/no_such_model.npz")',
        'shipped("README.md")',
        'shipped("pipeline/models/" + name)',
        "shipped(name)",
        'shipped(name="pipeline/models/langid.npz")',
        "map(shipped, names)",
        "from pipeline.shipped import shipped as opened",
        "import pipeline.shipped",
        'pipeline.shipped.shipped("pipeline/models/langid.npz")',
    ],
)
def test_a_data_file_that_the_source_does_not_name_is_seen(line: str, tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(line)
    assert hidden_data_files(probe)
    probe.write_text('from pipeline.shipped import shipped\nMODEL = shipped("pipeline/models/langid.npz")\n')
    assert hidden_data_files(probe) == []
    probe.write_text("HERE = Path(__file__)")
    assert where_code_lies(probe) == [1]
