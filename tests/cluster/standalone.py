"""Spark's standalone cluster from the installed PySpark: one master, two workers, on loopback, each message signed."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

from jobs.spark.java import find_java
from tests.jobs.running import descendants

SPARK_HOME = Path(pyspark.__file__).parent
START_SECONDS = 120.0
DEFAULTS = """spark.authenticate true
spark.authenticate.secret {secret}
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.memory 1g
spark.executor.memory 1g
spark.executor.cores 1
spark.ui.port 0
spark.eventLog.enabled true
spark.eventLog.dir file://{events}
spark.eventLog.compress false
"""


class NotStarted(Exception):
    """A process of the cluster has not come up."""


@dataclass
class Cluster:
    """Where it runs, and the processes it consists of. `environment` is what commands need to reach it."""

    folder: Path
    environment: dict[str, str]
    url: str = ""
    master: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0  # workers so far

    @property
    def events(self) -> Path:
        """Spark's own account of each application."""
        return self.folder / "events"

    def start(self) -> None:
        port = free_port()
        self.url = f"spark://127.0.0.1:{port}"
        self.master = self._spawn("master", "master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        self._wait("master", r"I have been elected leader|Running Spark version")
        wait_for_port(port)
        for _ in range(2):
            self.add_worker()

    def add_worker(self, **environment: str) -> None:
        """One more, of one core. Each has an address of its own, else Spark takes them for one machine."""
        self.started += 1
        name, address = f"worker-{self.started}", f"127.0.0.{self.started + 1}"
        arguments = (
            "--host",
            address,
            "--cores",
            "1",
            "--memory",
            "1200m",
            "--webui-port",
            "0",
            "--work-dir",
            str(self.folder / name),
        )
        self.workers.append(self._spawn(name, "worker.Worker", *arguments, self.url, SPARK_LOCAL_IP=address, **environment))
        self._wait(name, r"Successfully registered with master")

    def kill_worker(self, number: int) -> None:
        """`kill -9` of a worker, its executors and their Python, as when a machine is taken away."""
        worker = self.workers.pop(number)
        for process in [worker.pid, *descendants(worker.pid)]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        worker.wait()

    def stop(self) -> None:
        while self.workers:
            self.kill_worker(0)
        if self.master is not None:
            self.master.kill()
            self.master.wait()

    def _spawn(self, name: str, main: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [str(SPARK_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{main}", *arguments]
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(command, env=self.environment | environment, stdout=log, stderr=log)

    def _wait(self, name: str, said: str) -> None:
        log, until = self.folder / f"{name}.log", time.monotonic() + START_SECONDS
        while not re.search(said, log.read_text(errors="replace")):
            if time.monotonic() > until:
                raise NotStarted(f"{name}: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for_port(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise NotStarted(f"nothing listens on port {port}")


@contextmanager
def standalone(folder: Path) -> Iterator[Cluster]:
    """A cluster that ends with the block; its logs and Spark's events stay in `folder`."""
    (folder / "conf").mkdir(parents=True)
    (folder / "events").mkdir()
    (folder / "scratch").mkdir()
    defaults = folder / "conf" / "spark-defaults.conf"
    defaults.touch(mode=0o600)
    defaults.write_text(DEFAULTS.format(secret=secrets.token_hex(16), events=folder / "events"))
    environment = os.environ | {
        "JAVA_HOME": str(find_java()),
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what executors import is told by what they compile
    cluster = Cluster(folder, environment)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
