"""`make bench`: winnow and its peer on the same WARC and the same core, in one go.

    .venv/bin/python -m tests.bench [--warc FILE]... [--core N] [--output docs/bench.json]

Speeds are pages a second of processor time on one core, so that a busy machine does not change them much; a page is an HTML
answer, and a file's requests and other records are read but not counted. Spark and Java are apart, in the last table.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.bench.growth import bench_growth
from tests.bench.show import show
from tests.bench.sides import machine, peer_python, run_side, run_winnow
from tests.paths import PROJECT

SAMPLE = PROJECT / "demo" / "crawl"


def main() -> None:
    options = _options()
    core = sorted(os.sched_getaffinity(0))[-1] if options.core is None else options.core
    warcs = [warc.resolve() for warc in options.warc] or _sample(core)
    result = bench(warcs, core, with_growth=not options.no_growth)
    show(Console(width=None if sys.stdout.isatty() else 130), result)
    if options.output:
        options.output.write_text(json.dumps(result, indent=1) + "\n")
        print(f"written to {options.output}")


def bench(warcs: list[Path], core: int, with_growth: bool) -> dict[str, Any]:
    python = peer_python()
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        texts = Path(folder) / "texts.jsonl"
        result: dict[str, Any] = {
            "machine": machine(),
            "input": {"files": [warc.name for warc in warcs], "bytes": sum(warc.stat().st_size for warc in warcs)},
        }
        for name, run in (
            ("peer", lambda: run_side("bench_peer", texts, *warcs, core=core, python=python)),
            ("floor", lambda: run_side("bench_floor", *warcs, core=core)),
            ("winnow", lambda: run_side("bench_winnow", *warcs, core=core)),
            ("kernels", lambda: run_side("bench_kernels", texts, core=core)),
            ("growth", lambda: bench_growth(warcs, core) if with_growth else []),
        ):
            print(f"running {name}", file=sys.stderr, flush=True)
            result[name] = run()
    return result


def _sample(core: int) -> list[Path]:
    """The project's own small crawl, made when it is not there yet."""
    if not any(SAMPLE.glob("*.warc.gz")):
        run_winnow("sample", SAMPLE, core=core)
    return sorted(SAMPLE.glob("*.warc.gz"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--warc", type=Path, action="append", default=[], help="may be repeated; default: the sample crawl")
    parser.add_argument("--core", type=int, help="the core that everything is held to; default: the last one")
    parser.add_argument("--no-growth", action="store_true", help="leave out the runs with Spark")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "bench.json", help="where the figures go as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
