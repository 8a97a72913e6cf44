"""The same curation by Spark's local mode and by a standalone cluster on the same two cores, and what starting alone costs."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

from jobs.corpus.folder import open_corpus
from tests.bench.clock import TreeSeconds
from tests.bench.scale.crawl import write_crawl
from tests.cluster.standalone import standalone
from tests.jobs.running import SMALL_TOML, WINNOW, promised_bytes

FEW = ("--spark", "spark.sql.shuffle.partitions=4", "--spark", "spark.default.parallelism=2")


def beside_local(folder: Path, pages: int) -> dict[str, Any]:
    """CPU of everything that was started, master and workers too, but for starting those."""
    inputs = [*map(str, write_crawl(folder / "crawl", pages))]
    recipe = folder / "recipe.toml"
    recipe.write_text(SMALL_TOML)
    processor = TreeSeconds()
    given = ("curate", *inputs, "--recipe", str(recipe))
    local = _run(processor, (*given, "--output", str(folder / "local"), "--master", "local[2]"), dict(os.environ))
    with standalone(folder / "cluster") as cluster:
        there = (*given, "--output", str(folder / "there"), "--master", cluster.url, *FEW)
        remote = _run(processor, there, cluster.environment)
        idle = _run(processor, there, cluster.environment)
    equal = promised_bytes(open_corpus(str(folder / "local"))) == promised_bytes(open_corpus(str(folder / "there")))
    return {
        "pages": pages, "local": local, "standalone": remote, "nothing_to_do": idle, "equal_bytes": equal,
        "cpu_ratio": round(remote["cpu_seconds"] / local["cpu_seconds"], 2),
    }  # fmt: skip


def starting(folder: Path) -> dict[str, Any]:
    """A crawl of twelve pages: nearly all is starting Java, Spark and Python."""
    inputs = [*map(str, write_crawl(folder / "crawl", 12))]
    recipe = folder / "recipe.toml"
    recipe.write_text(SMALL_TOML)
    processor = TreeSeconds()
    arguments = (*inputs, "--output", str(folder / "corpus"), "--recipe", str(recipe), "--master", "local[2]")
    made = {name: _run(processor, (name, *arguments), dict(os.environ)) for name in ("ingest", "curate")}
    return made | {"curate_again": _run(processor, ("curate", *arguments), dict(os.environ))}


def _run(processor: TreeSeconds, arguments: tuple[str, ...], environment: dict[str, str]) -> dict[str, float]:
    before, started = processor(), time.perf_counter()
    done = subprocess.run([*WINNOW, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"winnow {arguments[0]} failed:\n{done.stderr[-2000:]}")
    return {"cpu_seconds": round(processor() - before, 1), "wall_seconds": round(time.perf_counter() - started, 1)}
