"""Scheduler, DAG processor, triggerer and API server of Airflow, each a process of its own on the default database."""

import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest
from parsing import FOLDER

PATIENCE = 300  # seconds; three processes start on a machine that may be busy
WINNOW = """#!/bin/sh
case "$1" in ingest | scan) while [ ! -e "$WINNOW_DATA/$1" ]; do sleep 0.2; done ;; esac
[ "$1" = takedown ] || exit 0
mkdir -p "$2/takedowns/one"
printf '{"request": {"case": "2026-7"}}' > "$2/takedowns/one/certificate.json"
echo "<p>done" > "$2/takedowns/one/certificate.html"
"""


def free_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


class Services:
    """The processes of a throw-away Airflow, and what its commands are run with."""

    def __init__(self, folder, environment):
        self.environment, self._log, self._running = environment, folder / "services.log", {}

    def start(self, *service):
        with open(self._log, "ab") as log:
            command = [sys.executable, "-m", "airflow", *service]
            self._running[service[0]] = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self, name, how=signal.SIGTERM):
        process = self._running.pop(name)
        os.killpg(process.pid, how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)

    def stop_all(self):
        for name in list(self._running):
            self.stop(name)

    def wait_for(self, holds, seconds=1):
        """Until `holds()`; what the services have said where it never does."""
        ends = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < ends, self._log.read_text()[-3000:]
            time.sleep(seconds)

    def begin(self, *trigger):
        """Starts a run once its DAG has been parsed."""
        self.wait_for(lambda: self._airflow("dags", "trigger", *trigger).returncode == 0, 2)

    def states(self, dag):
        """Of the tasks of its one run."""
        with closing(sqlite3.connect(self._log.with_name("airflow.db"), timeout=60)) as database:
            return dict(database.execute("SELECT task_id, state FROM task_instance WHERE dag_id = ?", [dag]))

    def has_triggerer(self):
        """As a worker asks it."""
        server = self.environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].removesuffix("/execution/")
        with urllib.request.urlopen(f"{server}/api/v2/monitor/health", timeout=60) as answer:
            return json.load(answer)["triggerer"]["status"] == "healthy"

    def _airflow(self, *words):
        return subprocess.run([sys.executable, "-m", "airflow", *words], env=self.environment, capture_output=True, check=False)


@pytest.fixture
def airflow(tmp_path):
    """A throw-away Airflow whose scheduler runs, with data and a command of its own, and no triggerer yet."""
    port = free_port()
    command = tmp_path / "winnow"
    command.write_text(WINNOW)
    command.chmod(0o755)
    environment = os.environ | {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(FOLDER),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": f"{tmp_path}/logs",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "PYTHONPATH": str(FOLDER),  # of the triggerer, which looks into no folder of DAGs
        "WINNOW_DATA": str(tmp_path / "data"),
        "WINNOW_COMMAND": str(command),
        "WINNOW_DEFERRABLE": "1",
    }
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=environment, check=True, capture_output=True)
    services = Services(tmp_path, environment)
    services.start("api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    services.start("dag-processor")
    services.start("scheduler")
    yield services
    services.stop_all()


def test_a_stage_holds_no_worker_and_a_triggerer_that_is_killed_goes_on_waiting(airflow, tmp_path):
    """ingest begins while there is no triggerer, so that its worker waits; both run until they may end."""
    data = tmp_path / "data"
    data.mkdir()
    airflow.begin("curate_crawl", "--conf", json.dumps({"inputs": ["crawl"], "corpus": str(data / "corpus")}))
    airflow.wait_for(lambda: airflow.states("curate_crawl").get("ingest") == "running")
    airflow.wait_for(lambda: list((tmp_path / "winnow-jobs").glob("*.ingest.*/process")))
    airflow.start("triggerer")
    airflow.wait_for(airflow.has_triggerer)
    assert airflow.states("curate_crawl")["ingest"] == "running"
    (data / "ingest").touch()
    airflow.wait_for(lambda: airflow.states("curate_crawl").get("scan") in ("deferred", "failed"))
    airflow.stop("triggerer", signal.SIGKILL)
    assert airflow.states("curate_crawl")["scan"] == "deferred"
    (data / "scan").touch()  # it ends while nobody looks
    airflow.start("triggerer")
    airflow.wait_for(lambda: set(airflow.states("curate_crawl").values()) == {"success"})
    assert [path.parent.name.split(".")[-2] for path in (tmp_path / "winnow-jobs").glob("*/exit")].count("scan") == 1


def test_a_request_is_answered_through_a_scheduler(airflow, tmp_path):
    requests = tmp_path / "data" / "requests"
    requests.mkdir(parents=True)
    (tmp_path / "data" / "corpus").mkdir()
    (requests / "2026-7.txt").write_text("http://example.com/\n")
    airflow.begin("takedown_requests")
    airflow.wait_for((requests / "done" / "2026-7.txt").exists)
    answer = json.loads((requests / "answers" / "2026-7" / "certificate.json").read_text())
    assert answer["request"]["case"] == "2026-7"
