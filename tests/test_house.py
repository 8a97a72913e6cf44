"""Who may import whom (one folder, one heavy dependency), and that the README's map shows the folders there are."""

import ast
from pathlib import Path

import pytest

from jobs.corpus.code import _read
from tests.paths import PROJECT

OURS = {"pipeline", "jobs", "tokenizer", "model", "airflow_dags", "tests"}
HEAVY = {
    "numba",
    "pyarrow",
    "pyspark",
    "torch",
    "airflow",
    "duckdb",
    "altair",
    "jinja2",
    "typer",
    "rich",
    "fasttext",
    "resiliparse",
    "tokenizers",
    "tiktoken",
    "warcio",
    "pydantic",
    "safetensors",
    "tensorboardX",
    "transformers",
}

# folder -> (our modules it may import, heavy libraries it may import); the longest matching folder counts
MAY_IMPORT: dict[str, tuple[set[str], set[str]]] = {
    "pipeline/kernels": ({"pipeline.kernels"}, {"numba"}),
    "pipeline": ({"pipeline"}, {"pyarrow", "fasttext", "resiliparse", "pydantic"}),
    "tokenizer": (
        {"tokenizer", "pipeline.kernels", "pipeline.arrays", "pipeline.errors", "pipeline.hashing", "pipeline.settings"},
        {"pyarrow", "numba", "tokenizers", "tiktoken"},
    ),
    "model": (
        {
            "model",
            "tokenizer.shards.loader",
            "tokenizer.shards.files",
            "pipeline.errors",
            "pipeline.hashing",
            "pipeline.settings",
        },
        {"torch", "safetensors"},
    ),
    "jobs/commands": (
        {"jobs", "pipeline", "tokenizer", "model"},
        {"typer", "rich", "pyarrow", "duckdb", "jinja2"},
    ),
    "jobs/runs": (
        {"jobs", "pipeline", "tokenizer", "model"},
        {"torch", "pyarrow", "altair", "jinja2", "typer", "rich", "tensorboardX"},
    ),
    "jobs": (
        {"jobs", "pipeline", "tokenizer"},
        {"pyspark", "pyarrow", "duckdb", "altair", "jinja2", "typer", "rich", "warcio", "pydantic"},
    ),
    "airflow_dags": (set(), {"airflow"}),
}


def imports_of(file: Path) -> set[str]:
    """Full names of the modules a file imports, wherever the import stands; `from a import b` counts as a.b and a."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def sources() -> list[Path]:
    return [
        file
        for folder in ("pipeline", "jobs", "tokenizer", "model", "airflow_dags")
        for file in sorted((PROJECT / folder).rglob("*.py"))
    ]


def rule_for(file: Path) -> tuple[set[str], set[str]]:
    place = file.relative_to(PROJECT).as_posix()
    return MAY_IMPORT[max((folder for folder in MAY_IMPORT if place.startswith(folder + "/")), key=len)]


def broken_imports(file: Path) -> list[str]:
    ours, heavy = rule_for(file)
    broken = []
    for name in imports_of(file):
        top = name.split(".")[0]
        if top in OURS and not any(name == allowed or name.startswith(allowed + ".") for allowed in ours):
            broken.append(name)
        if top in HEAVY and top not in heavy:
            broken.append(name)
    return broken


@pytest.mark.parametrize("file", sources(), ids=lambda file: file.relative_to(PROJECT).as_posix())
def test_a_file_imports_only_what_its_folder_may(file: Path) -> None:
    assert broken_imports(file) == []


def test_the_import_rule_sees_a_forbidden_import(tmp_path: Path) -> None:
    file = PROJECT / "pipeline" / "kernels" / "_never_written.py"
    tree = tmp_path / "probe.py"
    tree.write_text("def f():\n    from pyspark.sql import DataFrame\n    import pipeline.quality.measures\n")
    names = imports_of(tree)
    ours, heavy = rule_for(file)
    assert {"pyspark.sql.DataFrame", "pipeline.quality.measures"} <= names
    assert "pyspark" not in heavy and "pipeline" not in ours


def test_no_file_uses_python_regular_expressions_on_page_text() -> None:
    offenders = [file.name for file in sources() if "pipeline" in file.parts and imports_of(file) & {"re", "regex"}]
    assert offenders == []


def test_nothing_is_unpickled() -> None:
    forbidden = {"pickle", "joblib", "shelve", "marshal", "cloudpickle", "dill"}
    assert [file.name for file in sources() if {name.split(".")[0] for name in imports_of(file)} & forbidden] == []


def where_code_lies(file: Path) -> list[int]:
    """Lines that ask it."""
    tree = ast.parse(file.read_text("utf-8"))
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "__file__"]


def hidden_data_files(file: Path) -> list[int]:
    """Lines that use shipped() without saying, in a literal, which file there is read."""
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
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
    others = [file for file in pure if file != PROJECT / "pipeline" / "shipped.py"]
    assert {file.name: found for file in others if (found := where_code_lies(file) + hidden_data_files(file))} == {}


def test_what_ships_is_opened_by_the_package_that_it_ships_with() -> None:
    foreign = {
        f"{file.relative_to(PROJECT)}: {name}"
        for file in sources()
        for name in _read(file.read_text("utf-8")).data_files
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
        'shipped(name="pipeline/models/langid.ftz")',
        "map(shipped, names)",
        "from pipeline.shipped import shipped as opened",
        "import pipeline.shipped",
        'pipeline.shipped.shipped("pipeline/models/langid.ftz")',
    ],
)
def test_a_data_file_that_the_source_does_not_name_is_seen(line: str, tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(line)
    assert hidden_data_files(probe)
    probe.write_text('from pipeline.shipped import shipped\nMODEL = shipped("pipeline/models/langid.ftz")\n')
    assert hidden_data_files(probe) == []
    probe.write_text("HERE = Path(__file__)")
    assert where_code_lies(probe) == [1]


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


def test_the_readme_map_names_every_folder_and_nothing_else() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    drawn = readme.split("<!-- map -->")[1].split("<!-- /map -->")[0]
    named = {line.split()[0].rstrip("/") for line in drawn.splitlines() if line[:1].isalpha() and line.split()[0].endswith("/")}
    tracked = {
        path.name for path in PROJECT.iterdir() if path.is_dir() and not path.name.startswith(".") and any(path.rglob("*.*"))
    }
    assert named == tracked & (OURS | {"docs"})
