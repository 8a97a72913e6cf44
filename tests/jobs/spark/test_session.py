"""Starting Spark: behind loopback, with retries, and with one clear line when the machine lacks something."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.spark.session import check_version, session, with_retries
from pipeline.errors import EnvironmentProblem
from tests.jobs.running import descendants

FORKED = """
import gc, runpy, pyspark.daemon
from jobs.spark.arrow_map import keep_what_is_loaded

def worker():
    of_daemon, own = gc.get_freeze_count(), [[] for _ in range(1000)]
    keep_what_is_loaded()
    print(of_daemon > 1000, gc.get_freeze_count() >= of_daemon + len(own))

pyspark.daemon.manager = worker
runpy.run_module("jobs.spark.daemon", run_name="__main__")
"""


def test_what_daemon_and_worker_load_is_walked_by_no_collection_of_garbage() -> None:
    """A worker is forked from the daemon, and keeps what it loads itself too: for a day it did not, as the daemon had by then."""
    told = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "True"]


@pytest.mark.parametrize(
    ("master", "expected"),
    [
        ("local", "local[1,4]"),
        ("local[3]", "local[3,4]"),
        ("local[*]", "local[*,4]"),
        ("local[2,9]", "local[2,9]"),
        ("spark://a:7077", "spark://a:7077"),
    ],
)
def test_local_masters_retry_failed_tasks(master: str, expected: str) -> None:
    assert with_retries(master) == expected


@pytest.mark.parametrize(
    ("version", "is_old"), [("3.5.6", True), ("4.0.2-amzn-0", True), ("4.1.0", False), ("4.10.1", False), ("5.0", False)]
)
def test_a_cluster_with_an_old_spark_is_one_clear_line(version: str, is_old: bool) -> None:
    with (
        pytest.raises(EnvironmentProblem, match=f"has Spark {version}, and winnow needs 4.1 or newer")
        if is_old
        else nullcontext()
    ):
        check_version(version)


def test_the_python_of_executors_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark's own name for it: PySpark itself looks at nothing but the variable."""
    asked: list[str | None] = []
    builder = SparkSession.builder

    def refused() -> SparkSession:
        asked.append(os.environ.get("PYSPARK_PYTHON"))
        raise OSError("not started")

    monkeypatch.setattr(type(builder), "getOrCreate", lambda _: refused())
    monkeypatch.setenv("PYSPARK_PYTHON", "/usr/bin/another")
    for settings in ({}, {"spark.pyspark.python": "./environment/bin/python"}):
        with pytest.raises(EnvironmentProblem), session("spark://a:7077", settings):
            pass
    assert asked == ["/usr/bin/another", "./environment/bin/python"]


def listening_sockets() -> dict[str, str]:
    """Socket inode to the local address (hex) of everything that listens on TCP here."""
    found = {}
    for family in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{family}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":  # LISTEN
                found[fields[9]] = fields[1].rsplit(":", 1)[0]
    return found


def addresses_of(process: int) -> Iterator[str]:
    """Addresses on which a process or what it has started listens."""
    sockets = listening_sockets()
    for number in (process, *descendants(process)):
        with contextlib.suppress(OSError):  # it ended while we looked
            for descriptor in Path(f"/proc/{number}/fd").iterdir():
                inode = os.readlink(descriptor).removeprefix("socket:[").removesuffix("]")
                if inode in sockets:
                    yield sockets[inode]


LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/net/tcp")
def test_a_run_listens_on_loopback_only(spark: SparkSession) -> None:
    assert os.environ["SPARK_LOCAL_IP"] == "127.0.0.1"
    rows = spark.range(100, numPartitions=4).mapInArrow(lambda batches: batches, "id long")
    seen, job = set[str](), threading.Thread(target=rows.toArrow)
    job.start()
    while job.is_alive():
        seen |= set(addresses_of(os.getpid()))
        time.sleep(0.05)
    seen |= set(addresses_of(os.getpid()))
    assert seen, "Spark's own sockets were never seen: the scan is blind"
    assert seen <= LOOPBACK


def test_a_scratch_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path / "missing"))
    with pytest.raises(EnvironmentProblem, match=r"temporary folder .* cannot be written"), session("local[1]"):
        pass
