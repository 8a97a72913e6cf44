"""What a corpus in a store of objects costs beside one in a folder, and what becomes of records when the store fails.

    python -m tests.bench.reach.stores [--parts beside faults] [--repeats 2]

`beside`: the sample crawl, curated into both in turns. `faults`: once more from S3 into S3, while one request in ten goes wrong.

S3 is moto on loopback, in this process; its CPU is told apart. What a network adds, delays above all, is in none of these
figures: the requests are counted, so that a reader can put a delay to them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import fsspec

from jobs.corpus.folder import open_corpus
from jobs.sample import make_sample
from tests.bench.sides import machine
from tests.jobs.running import promised_bytes
from tests.jobs.stored import table
from tests.s3 import environment, serving

CORES = 2


def beside_folder(folder: Path, repeats: int = 2) -> dict[str, Any]:
    """{"folder" and "s3": {wall, cpu, stages}, "requests", "cpu_of_moto"}; seconds, medians of the repeats."""
    make_sample(folder / "crawl")
    inputs = [str(path) for path in sorted((folder / "crawl").glob("*.warc.gz"))]
    with serving() as s3:
        os.environ.update(environment(s3))
        fsspec.filesystem("s3").mkdir("bench")
        _curated(folder / "warm", inputs)  # compiles what is not compiled yet
        found: dict[str, list[dict[str, Any]]] = {"folder": [], "s3": []}
        requests: Counter[str] = Counter()
        of_moto = list[float]()
        for number in range(repeats):
            found["folder"].append(_curated(f"{folder}/corpus-{number}", inputs))
            s3.asked.clear()
            before = time.process_time()
            found["s3"].append(_curated(f"s3://bench/corpus-{number}", inputs))
            of_moto.append(time.process_time() - before)
            requests = Counter(method for method, _ in s3.asked)
        same = promised_bytes(open_corpus(f"{folder}/corpus-0")) == promised_bytes(open_corpus("s3://bench/corpus-0"))
    if not same:
        raise RuntimeError("the corpus in S3 is not the one in the folder: there is nothing to compare")
    told: dict[str, Any] = {name: _median(runs) for name, runs in found.items()}
    ratios = {what: round(told["s3"][what] / told["folder"][what], 3) for what in ("wall", "cpu")}
    return told | {"s3_over_folder": ratios, "requests": dict(requests), "cpu_of_moto": round(statistics.median(of_moto), 2)}


def with_faults(folder: Path, rate: float = 0.1) -> dict[str, Any]:
    """Requests, faults by kind, and how many rows of `outcomes` are missing or there twice, beside a curation without faults."""
    make_sample(folder / "crawl")
    with serving() as s3:
        os.environ.update(environment(s3) | {"AWS_MAX_ATTEMPTS": "1"})  # as few as can be below our own
        filesystem = fsspec.filesystem("s3")
        filesystem.mkdir("bench")
        inputs = []
        for path in sorted((folder / "crawl").glob("*.warc.gz")):
            filesystem.put_file(str(path), f"bench/crawl/{path.name}")
            inputs.append(f"s3://bench/crawl/{path.name}")
        _curated(folder / "corpus", inputs)
        s3.asked.clear()
        s3.rate = rate
        _curated("s3://bench/corpus", inputs)
        s3.rate, requests = 0.0, len(s3.asked)
        here, there = (open_corpus(root) for root in (str(folder / "corpus"), "s3://bench/corpus"))
        same = promised_bytes(here) == promised_bytes(there)
        expected, found = (Counter(map(str, table(corpus, "outcomes"))) for corpus in (here, there))
    told = {"requests": requests, "faults": s3.happened.total(), "by_kind": dict(s3.happened), "records": expected.total()}
    return told | {"lost": (expected - found).total(), "twice": (found - expected).total(), "same_bytes": same}


def _curated(root: Path | str, inputs: list[str]) -> dict[str, Any]:
    """Seconds by the wall and by the processor: Java, its workers and the driver, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.scale.curate_once", str(root), str(CORES), *inputs]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    stages = json.loads(done.stdout.splitlines()[-1])["stages"]
    cpu = {name: sum(one[kind] for kind in ("java", "workers", "driver")) for name, one in stages.items()}
    return {"wall": sum(one["wall"] for one in stages.values()), "cpu": sum(cpu.values()), "stages": cpu}


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    stages = {name: round(statistics.median(run["stages"][name] for run in runs), 2) for name in runs[0]["stages"]}
    return {what: round(statistics.median(run[what] for run in runs), 2) for what in ("wall", "cpu")} | {"cpu_by_stage": stages}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--parts", nargs="+", choices=["beside", "faults"], default=["beside", "faults"])
    options = parser.parse_args()
    for part in options.parts:
        with tempfile.TemporaryDirectory(prefix="winnow-store-") as folder:
            found = beside_folder(Path(folder), options.repeats) if part == "beside" else with_faults(Path(folder))
        print(json.dumps({part: {"machine": machine(), **found}}, indent=1), flush=True)


if __name__ == "__main__":
    main()
