"""The DAG parses without a warning, refuses bad parameters, and curates the sample crawl."""

import ast
import itertools
import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import ParamValidationError
from airflow.serialization.serialized_objects import DagSerialization

PROJECT = Path(__file__).resolve().parents[2]
FILE = PROJECT / "airflow_dags" / "curate_crawl.py"
STAGES = [*json.loads(FILE.with_name("stages.json").read_text()), "verify"]  # docs/generate.py writes it from the list of stages


def parsed(file: Path) -> DagBag:
    """The file as Airflow parses it, every warning collected."""
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        return DagBag(file, safe_mode=False)


@pytest.fixture
def dag():
    bag = parsed(FILE)
    assert (bag.import_errors, bag.captured_warnings) == ({}, {})
    return bag.dags["curate_crawl"]


def test_a_warning_while_parsing_would_be_seen(tmp_path):
    outdated = tmp_path / "outdated.py"
    outdated.write_text("from airflow.operators.bash import BashOperator\n" + FILE.read_text())
    shutil.copy(FILE.with_name("stages.json"), tmp_path)
    assert "deprecated" in str(parsed(outdated).captured_warnings)


def test_stages_follow_each_other(dag):
    assert [task.task_id for task in dag.topological_sort()] == STAGES
    for earlier, later in itertools.pairwise(STAGES):
        assert dag.get_task(later).upstream_task_ids == {earlier}
    assert not dag.catchup
    assert dag.max_active_runs == 1


def test_the_file_imports_nothing_of_ours():
    tree = ast.parse(FILE.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= {"airflow", *sys.stdlib_module_names}


def test_parsing_starts_no_program_and_opens_no_connection():
    """An audit hook stops the interpreter at the first process, socket or database that parsing the file would open."""
    program = (
        "import runpy, sys; import airflow.sdk, airflow.providers.standard.operators.bash\n"
        "def stop(event, _):\n"
        "    if event.startswith(('subprocess.', 'os.system', 'os.exec', 'os.posix_spawn', 'os.fork', 'socket.', 'sqlite3.')):\n"
        "        raise RuntimeError(event)\n"
        "sys.addaudithook(stop)\n"
        "found = runpy.run_path(sys.argv[1]); print(found['dag'].dag_id)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(FILE)], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "curate_crawl"


@pytest.mark.parametrize(
    "wrong",
    [
        {"inputs": []},
        {"inputs": "crawl"},
        {"inputs": ["--master=evil"]},
        {"inputs": ["a\nb"]},
        {"inputs": [7]},
        {"corpus": "-rf"},
        {"corpus": None},
        {"recipe": "recipe.sh"},
        {"skip_bad_inputs": "yes"},
        {"master": "local; rm -rf /"},
        {"master": "$(id)"},
    ],
)
def test_wrong_parameters_are_refused(dag, wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ParamValidationError):
        dag.params.get_param(name).resolve(value)


def test_all_defaults_are_valid(dag):
    dag.params.validate()


def test_no_parameter_leaves_its_place_in_the_shell(dag):
    inputs = ["$(touch owned)", "a b", "';exit 1;'"]
    hostile = {"inputs": inputs, "corpus": "`id`", "recipe": "r;s.toml", "skip_bad_inputs": True, "master": None}
    line = dag.user_defined_macros["quoted_arguments"]("ingest", hostile)
    done = subprocess.run(["bash", "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "ingest",
        *inputs,
        "--output",
        "`id`",
        "--recipe",
        "r;s.toml",
        "--yes",
        "--skip-bad-inputs",
    ]


def test_a_spark_connection_makes_every_stage_a_spark_job(monkeypatch):
    monkeypatch.setenv("WINNOW_SPARK_CONNECTION", "cluster")
    monkeypatch.setenv("WINNOW_APPLICATION", "/apps/winnow.py")
    bag = parsed(FILE)
    assert (bag.import_errors, bag.captured_warnings) == ({}, {})
    dag = bag.dags["curate_crawl"]
    assert {type(task).__name__ for task in dag.tasks} == {"SparkSubmitOperator"}
    assert {task.application for task in dag.tasks} == {"/apps/winnow.py"}
    assert "master" not in dag.params  # the connection has it
    assert DagSerialization.serialize_dag(dag)


@pytest.mark.usefixtures("database")
def test_the_sample_crawl_runs_through(dag, tmp_path):
    command = os.environ["WINNOW_COMMAND"]
    subprocess.run([command, "sample", str(tmp_path / "crawl")], check=True, capture_output=True)
    corpus = tmp_path / "corpus"
    run = dag.test(run_conf={"inputs": [str(tmp_path / "crawl")], "corpus": str(corpus)})
    assert run.state == "success"
    assert {instance.task_id: instance.state for instance in run.get_task_instances()} == dict.fromkeys(STAGES, "success")
    manifest = json.loads((corpus / "corpus.json").read_text())
    assert set(manifest["stages"]) >= set(STAGES[:-1])
    assert (corpus / "report.html").stat().st_size > 0


SPARK_SUBMIT = """#!/bin/sh
printf '%s\\n' "$@" > {log}
"""


@pytest.mark.usefixtures("database")
def test_a_submitted_stage_names_master_application_and_arguments(monkeypatch, tmp_path):
    log, program = tmp_path / "log", tmp_path / "spark-submit"
    program.write_text(SPARK_SUBMIT.format(log=log))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("WINNOW_SPARK_CONNECTION", "cluster")
    monkeypatch.setenv("WINNOW_APPLICATION", "/apps/winnow.py")
    monkeypatch.setenv("AIRFLOW_CONN_CLUSTER", '{"conn_type": "spark", "host": "spark://head", "port": 7077}')
    dag = parsed(FILE).dags["curate_crawl"]
    run = dag.test(run_conf={"inputs": ["one", "t w o"], "corpus": "c", "recipe": "r.toml"}, mark_success_pattern="(?!ingest).*")
    assert run.state == "success"
    words = log.read_text().splitlines()
    assert words[words.index("--master") + 1] == "spark://head:7077"
    after = words[words.index("/apps/winnow.py") + 1 :]
    assert after == ["ingest", "one", "t w o", "--output", "c", "--recipe", "r.toml", "--yes"]
