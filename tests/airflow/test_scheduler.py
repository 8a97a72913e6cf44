"""Scheduler, DAG processor and API server of Airflow answer a request, each a process of its own on the default database."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest
from parsing import FOLDER

PATIENCE = 300  # seconds; three processes start on a machine that may be busy
WINNOW = """#!/bin/sh
mkdir -p "$2/takedowns/one"
printf '{"request": {"case": "2026-7"}}' > "$2/takedowns/one/certificate.json"
echo "<p>done" > "$2/takedowns/one/certificate.html"
"""


def free_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@pytest.fixture
def airflow(tmp_path):
    """The environment of a throw-away Airflow whose scheduler runs, with data and a command of its own."""
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
        "WINNOW_DATA": str(tmp_path / "data"),
        "WINNOW_COMMAND": str(command),
    }
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=environment, check=True, capture_output=True)
    services = [["api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"], ["dag-processor"], ["scheduler"]]
    with open(tmp_path / "services.log", "wb") as log:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "airflow", *service], env=environment, stdout=log, stderr=log, start_new_session=True
            )
            for service in services
        ]
        yield environment
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def test_a_request_is_answered_through_a_scheduler(airflow, tmp_path):
    requests = tmp_path / "data" / "requests"
    requests.mkdir(parents=True)
    (tmp_path / "data" / "corpus").mkdir()
    (requests / "2026-7.txt").write_text("http://example.com/\n")
    ends = time.monotonic() + PATIENCE
    trigger = [sys.executable, "-m", "airflow", "dags", "trigger", "takedown_requests"]
    while subprocess.run(trigger, env=airflow, capture_output=True, check=False).returncode:  # until the DAG has been parsed
        assert time.monotonic() < ends, (tmp_path / "services.log").read_text()[-3000:]
        time.sleep(2)
    while not (requests / "done" / "2026-7.txt").exists():
        assert time.monotonic() < ends, (tmp_path / "services.log").read_text()[-3000:]
        time.sleep(1)
    answer = json.loads((requests / "answers" / "2026-7" / "certificate.json").read_text())
    assert answer["request"]["case"] == "2026-7"
