"""Who may import whom: one folder, one heavy dependency; no circle; no room of jobs imports one above it."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from jobs.corpus.code import file_of, reached
from tests.house.source import imports_of, module_of, name_of, sources
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
    "starlette",
    "uvicorn",
}

# folder -> (our modules it may import, heavy libraries it may import); the longest matching folder counts
MAY_IMPORT: dict[str, tuple[set[str], set[str]]] = {
    "pipeline/kernels": ({"pipeline.kernels"}, {"numba"}),
    "pipeline": ({"pipeline"}, {"pyarrow", "resiliparse", "pydantic"}),
    "tokenizer": (
        {
            "tokenizer",
            "pipeline.kernels",
            "pipeline.arrays",
            "pipeline.blocks",
            "pipeline.errors",
            "pipeline.hashing",
            "pipeline.settings",
            "pipeline.tables",
        },
        {"pyarrow", "numba", "tokenizers", "tiktoken"},
    ),
    "model": (
        {
            "model",
            "tokenizer.shards.loader",
            "tokenizer.shards.files",
            "tokenizer.shards.mixture",
            "tokenizer.shards.turns",
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
    "jobs/runs/serve": (
        {"jobs", "pipeline", "tokenizer", "model"},
        {"torch", "starlette", "pydantic"},
    ),
    "jobs/loopback": ({"jobs", "pipeline"}, {"uvicorn"}),
    "jobs/api": ({"jobs", "pipeline", "tokenizer"}, {"pyarrow", "duckdb", "torch"}),
    "jobs/inspect": (
        {"jobs", "pipeline", "tokenizer"},
        {"starlette", "pyarrow", "duckdb", "jinja2"},
    ),
    "jobs": (
        {"jobs", "pipeline", "tokenizer"},
        {"pyspark", "pyarrow", "duckdb", "altair", "jinja2", "typer", "rich", "warcio", "pydantic"},
    ),
    "airflow_dags": (set(), {"airflow", "jinja2"}),
}

# The rooms of jobs, from the ground up: a room imports those below it, and none beside it.
FLOORS = (
    {"stopping"},
    {"corpus"},
    {"kernels", "sample", "loopback"},
    {"spark"},
    {"report"},
    {"stages", "ask", "export", "quality", "card"},
    {"takedown", "runs", "api"},
    {"inspect"},
    {"commands"},
    {"cli"},
    {"submit"},
)

# What these load by no way at all, however long: a JVM or a GPU is not waited for by who only looks.
NEVER_LOADS = {
    "jobs/ask": {"pyspark", "torch"},
    "jobs/export": {"pyspark", "torch"},
    "jobs/card": {"pyspark", "torch"},
    "jobs/api": {"pyspark"},
    "jobs/inspect": {"pyspark", "torch"},
    "jobs/loopback": {"pyspark", "torch"},
    "jobs/report": {"pyspark", "torch"},
    "jobs/takedown": {"pyspark", "torch"},
    "jobs/corpus": {"pyspark", "torch"},
    "jobs/stages": {"torch"},
    "jobs/runs": {"pyspark"},
    "model": {"pyspark"},
    "tokenizer": {"pyspark", "torch"},
    "pipeline": {"pyspark", "torch", "duckdb"},
}


def rule_for(place: str) -> tuple[set[str], set[str]]:
    return MAY_IMPORT[max((folder for folder in MAY_IMPORT if place.startswith(folder + "/")), key=len)]


def broken_imports(place: str, names: frozenset[str]) -> list[str]:
    """Imports that a file at `place` may not have; those for types alone count elsewhere."""
    ours, heavy = rule_for(place)
    broken = []
    for name in sorted(names):
        top = name.split(".")[0]
        foreign = top in OURS and not any(f"{name}.".startswith(f"{one}.") or f"{one}.".startswith(f"{name}.") for one in ours)
        if foreign or (top in HEAVY and top not in heavy):
            broken.append(name)
    return broken


@pytest.mark.parametrize("file", sources(), ids=name_of)
def test_a_file_imports_only_what_its_folder_may(file: Path) -> None:
    assert broken_imports(name_of(file), imports_of(file)) == []


def test_imports_are_absolute() -> None:
    relative = [
        name_of(file)
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_the_import_rule_sees_a_forbidden_import(tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text("def f():\n    from pyspark.sql import DataFrame\n    import pipeline.quality.measures\n")
    found = broken_imports("pipeline/kernels/never_written.py", imports_of(probe))
    assert found == ["pipeline.quality.measures", "pyspark.sql", "pyspark.sql.DataFrame"]


def test_nothing_imports_in_a_circle() -> None:
    graph = {
        module_of(file): {name for name in imports_of(file) if file_of(name) not in (None, file)}
        for file in sources()
        if file.name != "__init__.py" and name_of(file).split("/")[0] != "airflow_dags"
    }
    modules = {module: names & set(graph) for module, names in graph.items()}
    try:
        assert list(TopologicalSorter(modules).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


def climbs(module: str, imported: str) -> bool:
    """Whether one room of jobs imports one that is not below it."""
    rooms = [name.split(".")[1] for name in (module, imported) if name.startswith("jobs.")]
    if len(rooms) < 2 or rooms[0] == rooms[1]:
        return False
    mine, other = ([room in floor for floor in FLOORS].index(True) for room in rooms)
    return other >= mine


def test_no_room_of_jobs_imports_one_above_or_beside_it() -> None:
    jobs = [file for file in sources() if name_of(file).startswith("jobs/") and file != PROJECT / "jobs" / "__init__.py"]
    found = [
        f"{name_of(file)} imports {name}" for file in jobs for name in sorted(imports_of(file)) if climbs(module_of(file), name)
    ]
    assert found == []
    assert climbs("jobs.stages.stage", "jobs.runs.record") and climbs("jobs.takedown.redact.redact", "jobs.runs.record")


@pytest.mark.parametrize("folder", NEVER_LOADS)
def test_what_a_folder_never_loads_is_not_loaded_by_a_detour(folder: str) -> None:
    """Over the closure of imports: until 2026-11 a takedown loaded Spark, through the stage that selects."""
    found = []
    for file in [file for file in sources() if name_of(file).startswith(folder + "/")]:
        for name, other in reached(module_of(file), without=()).items():
            loaded = {imported.split(".")[0] for imported in imports_of(other)} & NEVER_LOADS[folder]
            found += [f"{name_of(file)} reaches {', '.join(sorted(loaded))} by {name}"] if loaded else []
    assert found == []


def test_nothing_that_runs_imports_what_teaches() -> None:
    running = [file for file in sources() if "teach" not in file.parts and not name_of(file).startswith("airflow_dags/")]
    found = [name_of(file) for file in running if any(name.startswith("pipeline.teach") for name in imports_of(file))]
    assert found == []
