"""`kill -9` of the driver, of a worker: the same command then gives the same bytes, and nothing finished is made again."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.ask.verify import verify
from jobs.corpus.folder import Corpus
from tests.crawls import write_crawl
from tests.examples import deep
from tests.jobs.running import SMALL_TOML, WINNOW, curate, descendants, promised_bytes
from tests.short_lived import FEW_TASKS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to find the processes to kill")
SEED = int(os.environ.get("WINNOW_TEST_SEED", "20261122"))
# With Spark's adaptive execution, as people run it: what is compared to was made without.
SPARK = FEW_TASKS | {"spark.sql.adaptive.enabled": "true"}
KILLS = 5 if deep() else 2


@pytest.fixture(scope="module")
def case(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Path, dict[str, str]]:
    """A crawl, the recipe as a file, and what an undisturbed run makes of them."""
    folder = tmp_path_factory.mktemp("killed")
    inputs, _ = write_crawl(folder / "crawl", files=2, pages=12)
    recipe = folder / "recipe.toml"
    recipe.write_text(SMALL_TOML)
    corpus, _ = curate(spark, inputs, folder / "undisturbed")
    return inputs, recipe, promised_bytes(corpus)


def start(inputs: list[Path], recipe: Path, output: Path) -> subprocess.Popen[str]:
    command = [*WINNOW, "curate", *map(str, inputs), "--output", str(output), "--recipe", str(recipe), "--master", "local[2]"]
    command += [part for name, value in SPARK.items() for part in ("--spark", f"{name}={value}")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def processes_of(process: subprocess.Popen[str]) -> Iterator[tuple[int, bytes]]:
    """(pid, command line) of a run: everything in its session, for workers leave their parent's process group."""
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and os.getsid(int(folder.name)) == process.pid:
                yield int(folder.name), (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked


def kill_all(process: subprocess.Popen[str]) -> None:
    """The driver, its Java and every worker, as when a machine is taken away."""
    for pid, _ in list(processes_of(process)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate()


def finished_stages(output: Path) -> dict[str, str]:
    """Stage name to the moment its tables were published."""
    corpus = Corpus(str(output))
    return {name: record["fingerprint"] for name, record in corpus.stages.items()} if corpus.exists("corpus.json") else {}


def test_a_driver_killed_at_random_points_changes_no_byte(case: tuple[list[Path], Path, dict[str, str]], tmp_path: Path) -> None:
    inputs, recipe, expected = case
    rng = random.Random(SEED)
    output = tmp_path / "C"
    kills, stood = 0, {}
    while kills < KILLS:
        lying = set(output.rglob("*"))
        process = start(inputs, recipe, output)
        before = len(finished_stages(output))
        # Wait until Spark is at work on a stage, then kill after a random while, so that kills fall into all stages.
        deadline = rng.uniform(0.0, 4.0)
        while {path for path in output.rglob("*") if path.is_file()} <= lying and process.poll() is None:
            time.sleep(0.05)
        time.sleep(deadline)
        if process.poll() is not None:
            output_text = process.communicate()[0]
            assert process.returncode == 0, f"seed {SEED}: {output_text}"
            break
        kill_all(process)
        kills += 1
        now = finished_stages(output)
        assert len(now) >= before
        assert stood.items() <= now.items(), f"seed {SEED}: a finished stage was lost or made again"
        stood = now
    process = start(inputs, recipe, output)
    text = process.communicate()[0]
    assert process.returncode == 0, f"seed {SEED}: {text}"
    for stage in stood:
        assert f"{stage}: unchanged" in text, f"seed {SEED}: {stage} had finished and was made again"
    assert promised_bytes(Corpus(str(output))) == expected, f"seed {SEED}"
    assert [check for check in verify(Corpus(str(output))) if not check.holds] == []


def workers() -> list[int]:
    """Processes of Python that this one's Spark has started: the daemon first, then those at a task."""
    return sorted(
        one for one in descendants(os.getpid()) if b"-m\0jobs.spark.daemon" in Path(f"/proc/{one}/cmdline").read_bytes()
    )


def kill_workers(killed: list[int], ended: threading.Event) -> None:
    while len(killed) < 3 and not ended.wait(0.02):
        with contextlib.suppress(OSError):  # it ended while we looked
            for worker in workers()[1:][-1:]:
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)
                ended.wait(1.0)


def test_a_worker_killed_in_mid_task_loses_and_repeats_nothing(
    spark: SparkSession, case: tuple[list[Path], Path, dict[str, str]], tmp_path: Path
) -> None:
    inputs, _, expected = case
    killed, ended = list[int](), threading.Event()
    killer = threading.Thread(target=kill_workers, args=(killed, ended))
    killer.start()
    try:
        corpus, _ = curate(spark, inputs, tmp_path / "C")
    finally:
        ended.set()
        killer.join()
    assert killed, "no worker was met"
    assert promised_bytes(corpus) == expected
    assert [check for check in verify(corpus) if not check.holds] == []
