"""The files of airflow_dags as Airflow parses them."""

import json
import sys
import warnings
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "airflow_dags"
DAGS = {file.stem: file for file in sorted(FOLDER.glob("*.py")) if not file.stem.startswith("winnow_")}
STAGES = [*json.loads((FOLDER / "stages.json").read_text()), "verify"]  # docs/generate.py writes it from the list of stages


def parsed(file: Path) -> DagBag:
    """The file as Airflow parses it, every warning collected; what it imports beside it is read anew."""
    for name in ("winnow_params", "winnow_tasks", "winnow_deferred", "winnow_jobs"):
        sys.modules.pop(name, None)
    sys.path.insert(0, str(file.parent))  # Airflow puts the folder of a bundle there
    try:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            return DagBag(file, safe_mode=False)
    finally:
        sys.path.remove(str(file.parent))


def dag_of(name: str):
    """The one DAG of a file, which parses without error or warning."""
    bag = parsed(DAGS[name])
    assert (bag.import_errors, bag.captured_warnings) == ({}, {})
    assert list(bag.dags) == [name]
    return bag.dags[name]
