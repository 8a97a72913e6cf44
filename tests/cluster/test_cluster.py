"""All of `curate` on a real cluster: the bytes are those of one machine, whatever is killed, slow or short of memory there.

Minutes: `make test-cluster`.
"""

import json
import subprocess
import sys
import tarfile
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.plugins import allow
from jobs.corpus.recipe import build_recipe
from jobs.corpus.stages import NAMES
from tests.cluster.shipping import as_archive, build_wheel, kernel_archive
from tests.cluster.standalone import SPARK_HOME, Cluster, standalone
from tests.crawls import write_crawl
from tests.jobs.running import SMALL_TOML, WINNOW, curate, promised_bytes
from tests.jobs.stored import table
from tests.paths import PROJECT

pytestmark = [pytest.mark.cluster, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to find what to kill")]

FEW = {"spark.sql.shuffle.partitions": "4", "spark.default.parallelism": "2"}  # as little data has
EAGER = {  # a second attempt of whatever takes longer than the others
    "spark.speculation": "true", "spark.speculation.interval": "20ms", "spark.speculation.quantile": "0.1",
    "spark.speculation.multiplier": "1.01", "spark.speculation.minTaskRuntime": "0ms",
    "spark.speculation.efficiency.enabled": "false",
}  # fmt: skip
PLUGGED = """
[plugins]
measures = ["vowel_share"]
[rules.own.no_vowels]
measure = "vowel_share"
minimum = 0.05
[detectors]
functions = ["capitals"]
[detected.by.capitals]
action = "mask"
"""
PLUGIN = '''
from pathlib import Path
import pyarrow as pa

FILES = ["vowels.txt"]
VOWELS = frozenset(Path(__file__).with_name("vowels.txt").read_text())

def vowel_share(text: pa.Array) -> pa.Array:
    """Of the characters, those that are vowels."""
    return pa.array([sum(one in VOWELS for one in page) / max(1, len(page)) for page in text.to_pylist()])

def capitals(text: pa.Array) -> pa.Array:
    """The letter that a page begins with, where it is a capital."""
    return pa.array([[{"start": 0, "end": 1, "kind": "capital"}] if page[:1].isupper() else [] for page in text.to_pylist()])
'''
WITH_TASKS = NAMES[: NAMES.index("report")]
SHORT_OF_MEMORY = "WINNOW_TEST_SHORT_OF_MEMORY"
RUN_SECONDS = 1500


@pytest.fixture(scope="module")
def case(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Corpus]:
    """What to give `curate`, and what this machine alone makes of it."""
    folder = tmp_path_factory.mktemp("case")
    inputs, _ = write_crawl(folder / "crawl", files=3, pages=12)
    recipe, plugin = folder / "recipe.toml", folder / "vowels.py"
    recipe.write_text(SMALL_TOML + PLUGGED + "[ingest]\nsplit_bytes = 9000\n")
    plugin.write_text(PLUGIN)
    (folder / "vowels.txt").write_text("aeiou")
    allow([plugin])
    local = curate(spark, inputs, folder / "local", build_recipe(tomllib.loads(SMALL_TOML + PLUGGED)))[0]
    return [*map(str, inputs), "--recipe", str(recipe), "--plugin", str(plugin)], local


def bytes_of(corpus: Corpus) -> dict[str, str]:
    """What the law of determinism speaks of, and what plug-ins have measured and found."""
    own = ("own_measures", "own_findings", "own_edits")
    return promised_bytes(corpus) | {one.file: one.sha256 for name in own for one in corpus.files(name)}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with standalone(tmp_path_factory.mktemp("cluster") / "standalone") as one:
        yield one


def options(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("--spark", f"{name}={value}")]


def started(cluster: Cluster, command: str, given: list[str], output: Path, **settings: str) -> subprocess.Popen[str]:
    asked = [*WINNOW, command, *given, "--output", str(output), "--master", cluster.url, *options(FEW | settings)]
    return subprocess.Popen(asked, env=cluster.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def events(cluster: Cluster, kind: str) -> list[dict[str, Any]]:
    """Of the newest application, of one kind."""
    newest = max(cluster.events.iterdir(), key=lambda one: one.stat().st_mtime)
    lines = [line for file in sorted(newest.glob("events_*")) for line in file.read_text().splitlines()]
    return [json.loads(line) for line in lines if f'"Event":"{kind}"' in line and line.endswith("}")]


def jobs_begun(cluster: Cluster, after: float) -> int:
    """Of applications since `after`: Spark writes each to its log at once."""
    logs = [file for one in cluster.events.iterdir() for file in one.glob("events_*") if file.stat().st_mtime >= after]
    return sum(file.read_text(errors="replace").count('"Event":"SparkListenerJobStart"') for file in logs)


def test_every_stage_on_a_cluster_gives_the_bytes_of_one_machine(
    case: tuple[list[str], Corpus], cluster: Cluster, tmp_path: Path
) -> None:
    """With speculation: some tasks run twice, at the same time."""
    given, local = case
    process = started(cluster, "curate", given, tmp_path / "C", **EAGER)
    said, _ = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, said
    assert bytes_of(open_corpus(str(tmp_path / "C"))) == bytes_of(local)
    tasks = events(cluster, "SparkListenerTaskStart")
    assert sum(one["Task Info"]["Speculative"] for one in tasks) > 0, "no task ran twice: the setting does nothing here"
    assert len({one["Task Info"]["Executor ID"] for one in tasks}) == 2, "all tasks were on one executor"


def test_a_submitted_run_uses_the_wheel_and_the_kernels_that_it_ships(
    case: tuple[list[str], Corpus], cluster: Cluster, tmp_path: Path
) -> None:
    given, local = case
    wheel, kernels = as_archive(build_wheel(tmp_path)), kernel_archive(tmp_path)
    settings = FEW | {
        "spark.archives": f"{wheel}#winnow,{kernels}#kernels",
        "spark.executorEnv.PYTHONPATH": "./winnow",
        "spark.executorEnv.WINNOW_KERNEL_CACHE": "./kernels",
    }
    submit = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", cluster.url]
    submit += [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    command = [*submit, str(PROJECT / "jobs" / "submit" / "winnow.py"), "curate", *given, "--output", str(tmp_path / "C")]
    before = set(cluster.folder.glob("worker-*/app-*"))
    ended = subprocess.run(command, env=cluster.environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert bytes_of(open_corpus(str(tmp_path / "C"))) == bytes_of(local)
    with tarfile.open(kernels) as tar:
        shipped = sum(name.endswith(".nbc") for name in tar.getnames())
    executors = [one for app in set(cluster.folder.glob("worker-*/app-*")) - before for one in app.iterdir()]
    assert len(executors) >= 2
    for executor in executors:
        assert list((executor / "winnow" / "pipeline" / "read" / "__pycache__").glob("ingest.*")), "imported from elsewhere"
        assert len(list((executor / "kernels").rglob("*.nbc"))) == shipped > 0, "compiled there"


def test_a_worker_killed_in_each_stage_changes_no_byte(case: tuple[list[str], Corpus], cluster: Cluster, tmp_path: Path) -> None:
    given, local = case
    begun = time.time()
    process = started(cluster, "curate", given, tmp_path / "C")
    lines: list[str] = []
    reading = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")))
    reading.start()
    killed: dict[str, bool] = {}  # by stage, whether it had not ended
    jobs = 0
    while process.poll() is None:
        stage = next((line.partition(":")[0] for line in reversed(lines) if line.endswith(": started\n")), None)
        if stage is not None and stage not in killed and jobs_begun(cluster, begun) > jobs:
            cluster.kill_worker(0)
            killed[stage] = not any(line.startswith(f"{stage}: ") and " in " in line for line in lines)
            cluster.add_worker()
            jobs = jobs_begun(cluster, begun)
        time.sleep(0.05)
    reading.join()
    assert process.returncode == 0, "".join(lines)
    assert bytes_of(open_corpus(str(tmp_path / "C"))) == bytes_of(local)
    assert [stage for stage in WITH_TASKS if killed.get(stage)] == list(WITH_TASKS)
    assert len(events(cluster, "SparkListenerExecutorRemoved")) >= len(WITH_TASKS)


def test_an_executor_short_of_memory_is_passed_over(case: tuple[list[str], Corpus], cluster: Cluster, tmp_path: Path) -> None:
    """On one machine Python may have too little memory to read anything. Its tasks fail there and are done elsewhere."""
    given, local = case
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\n[ -n "${SHORT_OF_MEMORY}" ] && ulimit -v 700000\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    cluster.kill_worker(0)
    cluster.add_worker(**{SHORT_OF_MEMORY: "1"})
    settings = {
        "spark.pyspark.python": str(python),
        "spark.task.maxFailures": "8",
        "spark.excludeOnFailure.enabled": "true",
        "spark.excludeOnFailure.application.maxFailedTasksPerExecutor": "1",
    }
    process = started(cluster, "ingest", given, tmp_path / "C", **settings)
    said, _ = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, said
    corpus = open_corpus(str(tmp_path / "C"))
    for name in ("documents", "measures", "rejects", "files"):
        assert sorted(table(corpus, name), key=str) == sorted(table(local, name), key=str)
    reasons = [one["Task End Reason"] for one in events(cluster, "SparkListenerTaskEnd")]
    failed = [json.dumps(one) for one in reasons if one["Reason"] != "Success"]
    assert failed and all("emory" in one or "crashed" in one for one in failed), failed[:1]
