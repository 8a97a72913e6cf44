"""`make bench-scale`: what `winnow curate` costs on 6,000, 24,000 and 96,000 generated pages, by stage and kind of process.

    python -m tests.bench.scale.bench_scale [--pages 6000 24000 96000] [--cores 2] [--times 1] [--output docs/bench-scale.json]

CPU seconds, so that a busy machine does not change them much. What the next page costs is the slope between two sizes; the fixed
cost is what is left at none.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from jobs.corpus.stages import NAMES
from tests.bench.scale.crawl import write_crawl
from tests.bench.sides import machine
from tests.paths import PROJECT

KINDS = ("java", "workers", "driver")
PAGES_OF_A_DUMP = 3_000_000_000


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="winnow-bench-", dir=options.folder) as folder:
        runs = [measured(Path(folder), pages, options.cores, options.times) for pages in options.pages]
    result = {"machine": machine(), "cores": options.cores, "runs": runs, "marginal": [marginal(*two) for two in pairwise(runs)]}
    print("\n".join(lines(result)))
    if options.output:
        options.output.write_text(json.dumps(result, indent=1) + "\n")


def measured(folder: Path, pages: int, cores: int, times: int) -> dict[str, Any]:
    """The run in the middle of `times`, by its CPU seconds."""
    inputs = write_crawl(folder / f"crawl-{pages}", pages)
    runs = [_curated(folder / "corpus", inputs, cores) for _ in range(times)]
    middle = median(map(cpu_seconds, runs)) if times % 2 else max(map(cpu_seconds, runs))
    return {"pages": pages, **next(run for run in runs if cpu_seconds(run) == middle)}


def _curated(corpus: Path, inputs: list[Path], cores: int) -> dict[str, Any]:
    told = curated(corpus, inputs, cores)
    shutil.rmtree(corpus)
    return told


def curated(corpus: Path, inputs: list[Path], cores: int, *options: str | Path) -> dict[str, Any]:
    """What a curation in a process of its own tells."""
    command = [sys.executable, "-m", "tests.bench.scale.curate_once", corpus, str(cores), *inputs, *options]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"curating {len(inputs)} files failed:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def cpu_seconds(run: dict[str, Any], kinds: tuple[str, ...] = KINDS, stages: tuple[str, ...] = NAMES) -> float:
    return sum(run["stages"][stage][kind] for stage in stages if stage in run["stages"] for kind in kinds)


def marginal(less: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds of CPU for each further page, and the exponent of growth."""
    pages = more["pages"] - less["pages"]
    every = 1000 * (cpu_seconds(more) - cpu_seconds(less)) / pages
    stages = {
        name: 1000 * (cpu_seconds(more, stages=(name,)) - cpu_seconds(less, stages=(name,))) / pages for name in more["stages"]
    }
    return {
        "from": less["pages"], "to": more["pages"], "milliseconds": every, "stages": stages,
        "java_milliseconds": 1000 * (cpu_seconds(more, ("java",)) - cpu_seconds(less, ("java",))) / pages,
        "fixed_seconds": cpu_seconds(less) - every * less["pages"] / 1000,
        "exponent": math.log(cpu_seconds(more) / cpu_seconds(less)) / math.log(more["pages"] / less["pages"]),
        "core_hours_a_dump": PAGES_OF_A_DUMP * every / 3_600_000,
    }  # fmt: skip


def lines(result: dict[str, Any]) -> list[str]:
    """Tables for people."""
    return [line for run in result["runs"] for line in _of_run(run)] + [
        line for one in result["marginal"] for line in _of_step(one)
    ]


def _of_run(run: dict[str, Any]) -> list[str]:
    shown = [f"{run['pages']:,} pages", f"{'stage':12}{'wall s':>9}{'java':>9}{'workers':>9}{'driver':>9}{'jobs':>6}"]
    for name, one in run["stages"].items():
        shown.append(f"{name:12}{one['wall']:9.1f}{one['java']:9.1f}{one['workers']:9.1f}{one['driver']:9.1f}{one['jobs']:6d}")
    wall, jobs = (sum(one[part] for one in run["stages"].values()) for part in ("wall", "jobs"))
    shown.append(f"{'all':12}{wall:9.1f}{''.join(f'{cpu_seconds(run, (kind,)):9.1f}' for kind in KINDS)}{jobs:6d}")
    sizes = {
        "largest worker": "worker_peak_bytes", "Java": "java_peak_bytes", "shuffled": "shuffled_bytes",
        "documents as stored": "documents_bytes",
    }  # fmt: skip
    shown.append(", ".join(f"{name} {run[key] / 1e6:.0f} MB" for name, key in sizes.items()))
    return [*shown, f"{run['documents']:,} read, {run['curated']:,} kept", ""]


def _of_step(one: dict[str, Any]) -> list[str]:
    return [
        f"{one['from']:,} to {one['to']:,} pages: {one['milliseconds']:.2f} ms a page, of it Java {one['java_milliseconds']:.2f}",
        " · ".join(f"{name} {value:.2f}" for name, value in one["stages"].items()),
        f"fixed {one['fixed_seconds']:.0f} CPU s, exponent {one['exponent']:.2f}",
        f"a dump of {PAGES_OF_A_DUMP:,} such pages: {one['core_hours_a_dump']:,.0f} core-hours",
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[6000, 24000, 96000])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--times", type=int, default=1, help="runs of each size, of which the middle one counts")
    parser.add_argument("--folder", type=Path, help="where crawls and corpora are made, for a while")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
