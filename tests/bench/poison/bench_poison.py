"""`make bench-poison`: the scanner measured on planted attacks, beside the model-free peers; one harness, one table.

    python -m tests.bench.poison.bench_poison [--parts recall escape …] [--per-class 500] [--pages 100000] [--quick]

recall     every class planted in single pages, in families of the test half: recall at the recipe's one threshold with 95 %
           intervals (Wilson), false positives on every page as it was and on benign look-alikes
           (tests/bench/poison/benign_sets.py), localisation (character IoU of 0.5 or more), CPU a page
blind     documents that nobody looked at (tests/bench/poison/blind.py)
escape     plants in WARC files, `winnow curate` over them: what of each is left in the token shards, what stopped the others
campaigns  campaigns and triggers among generated and real pages (tests/bench/poison/bench_campaigns.py)
backdoor   a model trained on what the scanner let through (tests/bench/poison/bench_backdoor.py)

Pages are those of ../shared/crawl where it is there, else of the sample crawl. Each part goes to --output when it is done and
leaves there what other parts wrote before; tables of it all stand beside it in Markdown. --quick makes everything small:
minutes, and figures that only show that it runs.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from jobs.sample import make_sample
from jobs.spark.session import session
from tests.bench.poison.bench_backdoor import bench_backdoor
from tests.bench.poison.bench_campaigns import bench_campaigns
from tests.bench.poison.blind import bench_blind
from tests.bench.poison.escape import bench_escape
from tests.bench.poison.poison_table import tables
from tests.bench.poison.recall import bench_recall
from tests.bench.sides import machine
from tests.paths import PROJECT, SHARED

PARTS = ("recall", "blind", "escape", "campaigns", "backdoor")
Result = dict[str, Any]


def run_part(part: str, chosen: argparse.Namespace, folder: Path) -> Any:
    warcs = chosen.warc or crawl_files(folder)
    if part == "recall":
        return bench_recall(warcs, chosen.per_class)
    if part == "blind":
        return bench_blind()
    if part == "campaigns":
        return bench_campaigns(chosen.pages, chosen.sizes, chosen.master, tuple(chosen.growth), chosen.world)
    if part == "backdoor":
        return bench_backdoor(folder / "backdoor", chosen.master, chosen.documents, chosen.backdoors, chosen.steps)
    with session(chosen.master) as spark:
        return bench_escape(spark, warcs, folder / "escape", chosen.per_class)


def crawl_files(folder: Path) -> list[Path]:
    if SHARED is not None and (SHARED / "crawl").is_dir():
        return sorted((SHARED / "crawl").glob("*.warc.gz"))
    print("../shared/crawl is not there: the pages are those of `winnow sample`")
    return list(make_sample(folder / "sample").files)


def main() -> None:
    chosen = options()
    result: Result = json.loads(chosen.output.read_text()) if chosen.output.exists() else {}
    for part in chosen.parts:
        with tempfile.TemporaryDirectory(prefix="winnow-poison-") as folder:
            print(f"running {part}", flush=True)
            result["machine"] = machine()
            result[part] = run_part(part, chosen, Path(folder))
            chosen.output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    written = tables(result)
    chosen.output.with_suffix(".md").write_text(written)
    print(f"{written}\nwritten to {chosen.output} and {chosen.output.with_suffix('.md').name}")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=PARTS)
    parser.add_argument("--warc", nargs="+", type=Path, help="of pages to plant in; default: the real crawl, else the sample")
    parser.add_argument("--per-class", type=int, default=500, help="plants; fewer in WARC files where pages run out")
    parser.add_argument("--pages", type=int, default=100_000, help="of the campaigns' world")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 25, 50, 100, 250], help="pages of a campaign")
    parser.add_argument("--growth", type=int, nargs="*", default=[], help="parts of the campaigns' world to measure too")
    parser.add_argument("--world", type=Path, help="Parquet that the campaigns' world is kept in")
    parser.add_argument("--documents", type=int, default=6000, help="of the backdoor's corpus")
    parser.add_argument("--backdoors", type=int, default=250, help="documents with the trigger")
    parser.add_argument("--steps", type=int, default=600, help="of each training")
    parser.add_argument("--master", default="local[*]")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "bench-poison.json")
    parser.add_argument("--quick", action="store_true", help="20 plants a class, 5,000 pages, one size, 100 steps")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.per_class, chosen.pages, chosen.sizes = 20, 5000, [50]
        chosen.documents, chosen.backdoors, chosen.steps = 800, 100, 100
    return chosen


if __name__ == "__main__":
    main()
