"""curate_crawl curates the sample, refresh_corpus a part of it against that, train_on_shards trains on it; or Spark does."""

import itertools
import json
import os
import subprocess

import pytest
from parsing import DAGS, STAGES, dag_of, parsed


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    crawl = tmp_path_factory.mktemp("sample") / "crawl"
    subprocess.run([os.environ["WINNOW_COMMAND"], "sample", str(crawl)], check=True, capture_output=True)
    return crawl


@pytest.fixture(scope="module")
def corpus(database, sample):
    corpus = sample.with_name("corpus")
    recipe = sample / "recipe.toml"
    run = dag_of("curate_crawl").test(run_conf={"inputs": [str(sample)], "corpus": str(corpus), "recipe": str(recipe)})
    assert run.state == "success"
    assert {instance.task_id: instance.state for instance in run.get_task_instances()} == dict.fromkeys(STAGES, "success")
    return corpus


def test_stages_follow_each_other():
    dag = dag_of("curate_crawl")
    assert [task.task_id for task in dag.topological_sort()] == STAGES
    for earlier, later in itertools.pairwise(STAGES):
        assert dag.get_task(later).upstream_task_ids == {earlier}


def test_the_sample_crawl_runs_through(corpus):
    manifest = json.loads((corpus / "corpus.json").read_text())
    assert set(manifest["stages"]) >= set(STAGES[:-1])
    assert (corpus / "report.html").stat().st_size > 0


def test_the_same_crawl_again_keeps_nothing_that_the_first_corpus_keeps(corpus, sample):
    """One of its files, as far as copies are found: the stages after that are those of curate_crawl."""
    part, new = min(sample.glob("*.warc.gz"), key=lambda file: file.stat().st_size), corpus.with_name("new-{{ ds_nodash }}")
    conf = {"inputs": [str(part)], "corpus": str(new), "earlier": [str(corpus)]}
    carried_out = STAGES[: STAGES.index("dedup") + 1]  # a stage that lacks one before it waits for ever
    run = dag_of("refresh_corpus").test(run_conf=conf, mark_success_pattern=f"(?!({'|'.join(carried_out)})$).*")
    assert run.state == "success"
    [made] = corpus.parent.glob("new-2*")
    counts = json.loads((made / "corpus.json").read_text())["stages"]["dedup"]["counts"]
    assert counts["earlier"] > 0.8 * counts["duplicates"] > 0


def test_a_run_is_trained_and_evaluated(corpus):
    run_folder = corpus.with_name("run")
    settings = ["batch_rows=2", "save_every=2"]
    conf = {"corpus": str(corpus), "run": str(run_folder), "model": "tiny", "steps": 2, "settings": settings}
    run = dag_of("train_on_shards").test(run_conf=conf)
    assert run.state == "success"
    assert json.loads((run_folder / "run.json").read_text())["plan"]["steps"] == 2


def test_a_request_is_carried_out_by_the_command_itself(corpus):
    """tests/airflow/test_takedown_requests.py has the command fail as it likes; here it is winnow's own."""
    requests, page = corpus.with_name("requests"), "http://fieldnotes.example/gears.html"
    requests.mkdir()
    (requests / "2026-9.txt").write_text(f"{page}\n")
    run = dag_of("takedown_requests").test(run_conf={"requests": str(requests), "corpus": str(corpus)})
    assert run.state == "success"
    certificate = json.loads((requests / "answers" / "2026-9" / "certificate.json").read_text())
    assert certificate["request"]["case"] == "2026-9" and page in [one["url"] for one in certificate["documents"]]
    assert (requests / "done" / "2026-9.txt").exists() and (requests / "answers" / "2026-9" / "certificate.html").exists()


def test_a_spark_connection_makes_every_stage_a_spark_job(monkeypatch):
    monkeypatch.setenv("WINNOW_SPARK_CONNECTION", "cluster")
    monkeypatch.setenv("WINNOW_APPLICATION", "/apps/winnow.py")
    dag = dag_of("curate_crawl")
    kinds = {task.task_id: type(task).__name__ for task in dag.tasks}
    assert kinds == dict.fromkeys(STAGES, "SparkSubmitOperator") | {"verify": "BashOperator"}  # verify starts no Spark
    assert {task.application for task in dag.tasks if task.task_id != "verify"} == {"/apps/winnow.py"}
    assert "master" not in dag.params  # the connection has it


@pytest.mark.parametrize("connection", ["", "cluster"])
def test_deferrable_stages_are_of_another_kind(monkeypatch, connection):
    monkeypatch.setenv("WINNOW_SPARK_CONNECTION", connection)
    monkeypatch.setenv("WINNOW_DEFERRABLE", "1")
    kinds = {task.task_id: type(task).__name__ for task in dag_of("curate_crawl").tasks}
    assert kinds == dict.fromkeys(STAGES, "DeferredOperator") | {"verify": "BashOperator"}


SPARK_SUBMIT = """#!/bin/sh
printf '%s\\n' "$@" > {log}
"""


@pytest.mark.parametrize("deferrable", ["0", "1"])
@pytest.mark.usefixtures("database")
def test_a_submitted_stage_names_master_application_and_arguments(monkeypatch, tmp_path, deferrable):
    monkeypatch.setenv("WINNOW_DEFERRABLE", deferrable)
    monkeypatch.setenv("WINNOW_JOBS", str(tmp_path / "jobs"))
    log, program = tmp_path / "log", tmp_path / "spark-submit"
    program.write_text(SPARK_SUBMIT.format(log=log))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("WINNOW_SPARK_CONNECTION", "cluster")
    monkeypatch.setenv("WINNOW_APPLICATION", "/apps/winnow.py")
    monkeypatch.setenv("AIRFLOW_CONN_CLUSTER", '{"conn_type": "spark", "host": "spark://head", "port": 7077}')
    dag = parsed(DAGS["curate_crawl"]).dags["curate_crawl"]
    run = dag.test(run_conf={"inputs": ["one", "t w o"], "corpus": "c", "recipe": "r.toml"}, mark_success_pattern="(?!ingest).*")
    assert run.state == "success"
    words = log.read_text().splitlines()
    assert words[words.index("--master") + 1] == "spark://head:7077"
    after = words[words.index("/apps/winnow.py") + 1 :]
    assert after == ["ingest", "one", "t w o", "--output", "c", "--recipe", "r.toml", "--yes"]
