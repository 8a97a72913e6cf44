"""A throw-away Airflow: its home in a temporary folder, SQLite, no server, no examples. Set before Airflow is imported."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

DAGS = Path(__file__).resolve().parents[2] / "airflow_dags"

if find_spec("airflow"):
    HOME = tempfile.mkdtemp(prefix="winnow-airflow-")
    os.environ |= {
        "AIRFLOW_HOME": HOME,
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": f"{HOME}/logs",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
else:
    collect_ignore_glob = ["*"]  # `make test` has no Airflow; `make test-airflow` runs these


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    """The tables that a run is written to."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    yield
    shutil.rmtree(HOME)
