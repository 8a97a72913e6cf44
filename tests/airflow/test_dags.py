"""Every DAG parses without a warning and within a second, starts nothing while it is parsed, and refuses bad parameters."""

import ast
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import ParamValidationError
from airflow.serialization.serialized_objects import DagSerialization
from parsing import DAGS, FOLDER, PROJECT, dag_of, parsed

DAY = SimpleNamespace(logical_date=datetime(2026, 2, 3, tzinfo=UTC), run_after=datetime(2026, 9, 9, tzinfo=UTC))


def test_there_is_a_dag_for_each_task_of_a_schedule():
    assert set(DAGS) == {"curate_crawl", "refresh_corpus", "takedown_requests", "train_on_shards"}


@pytest.mark.parametrize("name", DAGS)
def test_a_dag_is_serialized_and_its_defaults_are_valid(name):
    dag = dag_of(name)
    dag.params.validate()
    assert DagSerialization.serialize_dag(dag)
    assert (dag.catchup, dag.max_active_runs) == (False, 1)
    assert all(task.execution_timeout and task.pool == "default_pool" for task in dag.tasks)


def test_the_picture_in_the_docs_has_every_task():
    """`make pictures-dags` draws it."""
    drawn = re.findall(r"<text[^>]*>([^<]+)</text>", (PROJECT / "docs" / "dags.svg").read_text())
    tasks = [task for name in DAGS for task in dag_of(name).tasks]
    expected = [*DAGS, *(task.task_id + (" × n" if task.is_mapped else "") for task in tasks)]
    expected += ["winnow corpus"] * sum(len(task.inlets) + len(task.outlets) for task in tasks) + [
        "winnow corpus"
    ]  # it starts one
    assert sorted(drawn) == sorted(expected)


def test_a_warning_while_parsing_would_be_seen(tmp_path):
    for file in (*FOLDER.glob("*.py"), FOLDER / "stages.json"):
        shutil.copy(file, tmp_path)
    outdated = tmp_path / "outdated.py"
    outdated.write_text("from airflow.operators.bash import BashOperator\n" + DAGS["curate_crawl"].read_text())
    assert "deprecated" in str(parsed(outdated).captured_warnings)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_the_files_import_nothing_of_ours_but_what_lies_beside_them(file):
    tree = ast.parse(file.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    beside = {"winnow_params", "winnow_tasks", "winnow_deferred", "winnow_jobs"}
    assert {name.partition(".")[0] for name in names} <= {"airflow", "jinja2", *beside, *sys.stdlib_module_names}


PROBE = """
import runpy, sys, time; import airflow.sdk, airflow.providers.standard.operators.bash
sys.path.insert(0, sys.argv[2])
def stop(event, _):
    if event.startswith(('subprocess.', 'os.system', 'os.exec', 'os.posix_spawn', 'os.fork', 'socket.', 'sqlite3.')):
        raise RuntimeError(event)
sys.addaudithook(stop)
started = time.process_time(); found = runpy.run_path(sys.argv[1]); print(found['dag'].dag_id, time.process_time() - started)
"""


@pytest.mark.parametrize("deferrable", ["0", "1"])
@pytest.mark.parametrize("name", DAGS)
def test_parsing_starts_no_program_opens_no_connection_and_takes_less_than_a_second(name, deferrable):
    """An audit hook stops the interpreter at the first process, socket or database that parsing the file would open."""
    command = [sys.executable, "-c", PROBE, str(DAGS[name]), str(FOLDER)]
    environment = os.environ | {"WINNOW_DEFERRABLE": deferrable}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found, seconds = done.stdout.split()[-2:]
    assert found == name and float(seconds) < 1


WRONG = [
    ("curate_crawl", "inputs", "crawl"), ("curate_crawl", "inputs", ["--master=evil"]), ("curate_crawl", "inputs", ["a\nb"]),
    ("curate_crawl", "inputs", [7]), ("curate_crawl", "corpus", "-rf"), ("curate_crawl", "corpus", None),
    ("curate_crawl", "dump", "CC-MAIN-2026-42; id"), ("curate_crawl", "dump", "../x"), ("curate_crawl", "files", 0),
    ("curate_crawl", "recipe", "recipe.sh"), ("curate_crawl", "settings", ["--yes"]), ("curate_crawl", "settings", ["a=b\nc"]),
    ("curate_crawl", "skip_bad_inputs", "yes"), ("curate_crawl", "master", "local; rm -rf"), ("curate_crawl", "master", "$(id)"),
    ("refresh_corpus", "earlier", ["-x"]), ("refresh_corpus", "last", 0), ("train_on_shards", "model", "huge"),
    ("train_on_shards", "steps", 0), ("train_on_shards", "run", "-o"), ("takedown_requests", "requests", "a\nb"),
    ("takedown_requests", "oracle", "no"),
]  # fmt: skip


@pytest.mark.parametrize(("dag", "name", "value"), WRONG)
def test_wrong_parameters_are_refused(dag, name, value):
    with pytest.raises(ParamValidationError):
        dag_of(dag).params.get_param(name).resolve(value)


def line(name, task_id, params, **context):
    """What a task of a DAG would run, words as a shell has them."""
    dag = dag_of(name)
    known = {key: dag.params[key] for key in dag.params} | params
    macro = dag.user_defined_macros["winnow_line"]
    text = macro({"task": dag.get_task(task_id), "params": known, "dag_run": DAY, **context})
    done = subprocess.run(["bash", "-c", f"printf '%s\\n' {text}"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_no_parameter_leaves_its_place_in_the_shell():
    inputs = ["$(touch owned)", "a b", "';exit 1;'", "{% raw %}"]
    hostile = {"inputs": inputs, "corpus": "`id`", "recipe": "r;s.toml", "skip_bad_inputs": True, "settings": ["a.b=$(id)"]}
    expected = ["ingest", *inputs, "--output", "`id`", "--recipe", "r;s.toml", "--yes", "--set", "a.b=$(id)", "--skip-bad-inputs"]
    assert line("curate_crawl", "ingest", hostile) == expected


def test_a_backfill_makes_a_corpus_a_date():
    dated = {"inputs": ["s3://crawl/{{ ds }}/"], "dump": "CC-MAIN-{{year}}-{{ week }}", "files": 8, "sample": 0}
    words = line("curate_crawl", "ingest", dated | {"corpus": "s3://corpora/{{ ds_nodash }}"})
    assert words[1:5] == ["s3://crawl/2026-02-03/", "cc:CC-MAIN-2026-06", "--output", "s3://corpora/20260203"]
    assert words[5:] == ["--files", "8", "--sample", "0"]
    assert line("curate_crawl", "dedup", {"corpus": "c-{{ month }}"}) == ["dedup", "c-02"]


@pytest.mark.parametrize("text", ["{{ dag_run }}", "{{ ds.__class__ }}", "{{ 7*7 }}", "{{ds"])
def test_nothing_but_a_date_is_filled_in(text):
    with pytest.raises(ValueError, match="names no date"):
        line("curate_crawl", "ingest", {"inputs": ["a"], "corpus": text})


def test_a_crawl_of_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing to read"):
        line("curate_crawl", "ingest", {})


def told(*corpora):
    return [SimpleNamespace(timestamp=number, extra={"corpus": name}) for number, name in enumerate(corpora)]


def test_a_refresh_is_held_against_the_corpora_that_were_made_last():
    from winnow_tasks import CORPUS

    events = {CORPUS: told("one", "two", "three", "two", "new")}
    words = line("refresh_corpus", "ingest", {"inputs": ["i"], "corpus": "new", "last": 2}, inlet_events=events)
    assert words[-4:] == ["--set", 'duplicates.against=["two", "three"]', "--set", 'provenance.earlier=["two", "three"]']
    words = line("refresh_corpus", "ingest", {"inputs": ["i"], "earlier": ["a b"]}, inlet_events=events)
    assert words[-1] == 'provenance.earlier=["a b"]'


def test_a_run_trains_on_the_corpus_that_started_it():
    from winnow_tasks import CORPUS

    started = {CORPUS: told("old", "new")}
    words = line("train_on_shards", "train", {"steps": 7, "settings": ["batch_rows=8"]}, triggering_asset_events=started)
    run = ["--output", "/data/runs/20260203", "--model", "small", "--steps", "7", "--set", "batch_rows=8"]
    assert words == ["train", "new", *run]
    assert line("train_on_shards", "train", {"corpus": "named"}, triggering_asset_events=started)[1] == "named"
    with pytest.raises(ValueError, match="no corpus is named"):
        line("train_on_shards", "train", {})


def test_what_failed_is_told_to_whom_one_names(monkeypatch, tmp_path):
    (tmp_path / "pager.py").write_text("called = []\ndef page(context):\n    called.append(context)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("WINNOW_ON_FAILURE", "pager.page")
    monkeypatch.setenv("WINNOW_POOL", "writers")
    monkeypatch.setenv("WINNOW_TASK_HOURS", "1.5")
    task = dag_of("curate_crawl").get_task("scan")
    assert (task.pool, task.execution_timeout.total_seconds()) == ("writers", 5400)
    [callback] = task.on_failure_callback
    callback({"task": "scan"})
    import pager

    assert pager.called == [{"task": "scan"}]
