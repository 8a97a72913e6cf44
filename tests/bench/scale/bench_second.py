"""What a second crawl costs whose pages are compared with a first corpus, beside the same crawl by itself.

    python -m tests.bench.scale.bench_second [--first 6000] [--second 6000] [--cores 2] [--output docs/bench-second.json]

A file of the first crawl is met again in the second. `duplicates.against` sends the keys of what the first corpus keeps through a
shuffle and reads its texts for candidates alone.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.scale.bench_scale import KINDS, cpu_seconds, curated
from tests.bench.scale.crawl import write_crawl
from tests.bench.sides import machine


def measured(folder: Path, first: int, second: int, cores: int) -> dict[str, Any]:
    """CPU seconds of both crawls, of the second with and without the first."""
    before = write_crawl(folder / "first", first, seed=1)
    inputs = [*write_crawl(folder / "second", second, seed=2), before[0]]
    runs = {
        "first": curated(folder / "earlier", before, cores),
        "second": curated(folder / "alone", inputs, cores),
        "second against first": curated(folder / "against", inputs, cores, "--against", folder / "earlier"),
    }
    stages = {name: {kind: run["stages"]["dedup"][kind] for kind in (*KINDS, "wall", "jobs")} for name, run in runs.items()}
    told = {name: {"cpu_seconds": cpu_seconds(run), "dedup": stages[name], "kept": run["curated"]} for name, run in runs.items()}
    with_first, alone, one = (told[name]["cpu_seconds"] for name in ("second against first", "second", "first"))
    return {
        "first_pages": first, "second_pages": second, "runs": told,
        "second_against_first_to_first": with_first / one, "second_against_first_to_alone": with_first / alone,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=6000)
    parser.add_argument("--second", type=int, default=6000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        result = {"machine": machine(), **measured(Path(folder), options.first, options.second, options.cores)}
    for name, run in result["runs"].items():
        dedup = " ".join(f"{kind} {seconds:.1f}" for kind, seconds in run["dedup"].items())
        print(f"{name:22} {run['cpu_seconds']:7.1f} CPU s, {run['kept']:,} kept; dedup: {dedup}")
    print(f"second against first ÷ first {result['second_against_first_to_first']:.2f}, "
          f"÷ second alone {result['second_against_first_to_alone']:.2f}")  # fmt: skip
    if options.output:
        options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
