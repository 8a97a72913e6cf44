"""A command apart from its task: its end is told, whatever was restarted; and a worker waits where nobody else can."""

import asyncio
import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import winnow_deferred
import winnow_jobs
from airflow.sdk.exceptions import TaskDeferralTimeout, TaskDeferred
from parsing import STAGES, dag_of
from winnow_deferred import DeferredOperator, job_of
from winnow_jobs import GONE, JobTrigger, begin, ended, stop

PATIENCE = 30


def waited_for(job):
    deadline = time.monotonic() + PATIENCE
    while (status := ended(job)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return status


def await_file(path):
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.1)


def group_of(job):
    return int((job / "process").read_text().split()[1])


def test_words_stay_words_and_the_exit_status_is_told(tmp_path):
    words = ["/bin/sh", "-c", 'printf "%s|" "$@"; printf %s "$KNOWN"; exit 7', "sh", "a b", "$(touch owned)", "';"]
    begin(tmp_path / "job", words, {"KNOWN": "yes"})
    assert waited_for(tmp_path / "job") == 7
    assert (tmp_path / "job" / "log").read_text() == "a b|$(touch owned)|';|yes" and not (tmp_path / "owned").exists()


def test_what_was_killed_is_gone_and_what_never_began_too(tmp_path):
    assert ended(tmp_path / "never") == GONE
    begin(tmp_path / "job", ["sleep", "60"], {})
    assert ended(tmp_path / "job") is None
    os.killpg(group_of(tmp_path / "job"), signal.SIGKILL)
    assert waited_for(tmp_path / "job") == GONE
    begin(tmp_path / "job", ["true"], {})
    assert waited_for(tmp_path / "job") == 0, "begun anew, nothing is left of the one before"


def test_of_another_machine_nothing_but_the_end_is_known(tmp_path):
    (tmp_path / "process").write_text("elsewhere 1 then")
    assert ended(tmp_path) is None
    stop(tmp_path)  # is left alone
    (tmp_path / "exit").write_text("0")
    assert ended(tmp_path) == 0


def test_a_later_process_of_the_same_number_is_neither_waited_for_nor_stopped(tmp_path):
    """After a restart of the machine, say: numbers of processes come again."""
    begin(tmp_path / "job", ["sleep", "60"], {})
    machine, process, start = (tmp_path / "job" / "process").read_text().split()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "process").write_text(f"{machine} {process} {start}0")
    assert ended(tmp_path / "old") == GONE
    stop(tmp_path / "old")
    assert ended(tmp_path / "job") is None, "it runs on"
    stop(tmp_path / "job")
    assert ended(tmp_path / "job") is not None


def test_stopped_it_has_time_to_end_and_leaves_its_status(tmp_path):
    begin(tmp_path / "job", ["/bin/sh", "-c", f"trap 'sleep 0.3; exit 130' TERM; touch {tmp_path}/up; sleep 60 & wait"], {})
    await_file(tmp_path / "up")
    stop(tmp_path / "job")
    assert ended(tmp_path / "job") == 130


def test_what_does_not_end_is_killed_with_all_that_it_has_started(monkeypatch, tmp_path):
    monkeypatch.setattr(winnow_jobs, "STOPPING_SECONDS", 0.5)
    begin(tmp_path / "job", ["/bin/sh", "-c", "trap '' TERM; sleep 60 & echo $! > $0; wait", str(tmp_path / "child")], {})
    await_file(tmp_path / "child")
    stop(tmp_path / "job")
    assert waited_for(tmp_path / "job") == GONE
    stat = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_trigger_made_again_from_what_airflow_keeps_of_it_fires_with_the_end(tmp_path):
    """As after a restart: the first one is dropped while it waits."""
    begin(tmp_path / "job", ["/bin/sh", "-c", f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; exit 3"], {})
    name, kept = JobTrigger(str(tmp_path / "job"), 0.05).serialize()
    assert name == f"{JobTrigger.__module__}.JobTrigger" == "winnow_jobs.JobTrigger"

    async def first(trigger, seconds):
        return await asyncio.wait_for(anext(trigger.run()), seconds)

    with pytest.raises(TimeoutError):
        asyncio.run(first(JobTrigger(**kept), 0.3))
    (tmp_path / "go").touch()
    assert asyncio.run(first(JobTrigger(**kept), PATIENCE)).payload == 3


@pytest.fixture
def context(monkeypatch, tmp_path):
    monkeypatch.setattr(winnow_deferred, "JOBS", tmp_path)
    monkeypatch.setattr(winnow_deferred, "LOOK_SECONDS", 0.05)
    return {"ti": SimpleNamespace(dag_id="d", run_id="manual__2026-01-01T00:00:00+00:00/..", task_id="t", map_index=-1)}


def stage(*words, **options):
    return DeferredOperator(task_id="t", command=lambda _: (list(words), {}), **options)


def test_the_folder_of_a_job_lies_among_the_others_whatever_a_run_is_called(context, tmp_path):
    assert job_of(context).parent == tmp_path


def test_with_a_triggerer_the_task_defers_and_a_second_try_finds_the_same_command(monkeypatch, context, tmp_path):
    monkeypatch.setattr(winnow_deferred, "triggerer_runs", lambda: True)
    task = stage("/bin/sh", "-c", f"echo begun >> {tmp_path}/begun; exec sleep 60", execution_timeout=timedelta(hours=1))
    with pytest.raises(TaskDeferred) as deferred:
        task.execute(context)
    assert deferred.value.method_name == "finish" and timedelta(minutes=59) < deferred.value.timeout <= timedelta(hours=1)
    with pytest.raises(TaskDeferred):
        task.execute(context)
    await_file(tmp_path / "begun")
    stop(job_of(context))
    assert (tmp_path / "begun").read_text() == "begun\n"
    with pytest.raises(RuntimeError, match="ended with status 143"):
        task.finish(context, ended(job_of(context)))


def test_a_stage_that_fails_fails_its_task_and_shows_what_it_said(monkeypatch, context, capsys):
    monkeypatch.setattr(winnow_deferred, "triggerer_runs", lambda: False)
    with pytest.raises(RuntimeError, match="ended with status 2"):
        stage("/bin/sh", "-c", "echo what, where, what to do; exit 2").execute(context)
    assert "what, where, what to do" in capsys.readouterr().out


def test_where_the_trigger_fails_the_worker_waits_and_too_late_it_stops(monkeypatch, context):
    monkeypatch.setattr(winnow_deferred, "triggerer_runs", lambda: True)
    for error, expected in [("Trigger failure", "success"), ("Trigger timeout", "stopped")]:
        task = stage("sleep", "0.5" if expected == "success" else "60")
        with pytest.raises(TaskDeferred):
            task.execute(context)
        if expected == "success":
            task.resume_execution("__fail__", {"error": error, "traceback": ["no module named winnow_jobs"]}, context)
            assert ended(job_of(context)) == 0
        else:
            with pytest.raises(TaskDeferralTimeout):
                task.resume_execution("__fail__", {"error": error}, context)
            assert ended(job_of(context)) not in (None, 0)


def test_a_worker_that_waits_too_long_ends_the_command(monkeypatch, context):
    monkeypatch.setattr(winnow_deferred, "triggerer_runs", lambda: False)
    monkeypatch.setattr(winnow_deferred, "_waited_for", lambda _: (_ for _ in ()).throw(TimeoutError))
    task = stage("sleep", "60")
    task.on_kill()  # before anything has begun
    with pytest.raises(TimeoutError):
        task.execute(context)
    assert ended(job_of(context)) is None
    task.on_kill()
    assert ended(job_of(context)) not in (None, 0)


@pytest.mark.usefixtures("database")
def test_without_a_triggerer_every_stage_runs_all_the_same(monkeypatch, tmp_path):
    command = tmp_path / "winnow"
    command.write_text('#!/bin/sh\necho "$@" >> "${0%/*}/said"\n')
    command.chmod(0o755)
    for name, value in {"COMMAND": str(command), "DEFERRABLE": "1", "JOBS": str(tmp_path / "jobs")}.items():
        monkeypatch.setenv(f"WINNOW_{name}", value)
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:9/execution/")  # nobody answers there
    run = dag_of("curate_crawl").test(run_conf={"inputs": ["a b"], "corpus": "c", "master": "local[1]"})
    assert run.state == "success"
    said = (tmp_path / "said").read_text().splitlines()
    assert said == [
        "ingest a b --output c --master local[1]",
        *(f"{name} c --master local[1]" for name in STAGES[1:-1]),
        "verify c",
    ]
