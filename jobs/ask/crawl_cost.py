"""What curating a crawl will cost, from what curating others has cost: a line for each stage, drawn out to the pages asked for.

One corpus is one point: its fixed costs (Java, compiling, planning) are spread over its pages, so for a larger crawl it says too
much. Corpora of several sizes are a line, least squares over pages. Both are proportion, and no number here was measured at the
size that is asked about: what that leaves out is named with the answer.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from jobs.corpus.folder import Corpus, open_corpus
from jobs.corpus.stages import NAMES
from pipeline.errors import CorpusError, UsageError

PAGES_OF_A_DUMP = 3e9  # what a Common Crawl dump has had of late, rounded up
KINDS = ("java", "workers", "driver")  # of processes, as tests/bench/scale tells them apart
AMOUNTS = ("core_seconds", "shuffled_bytes", "stored_bytes")


@dataclass(frozen=True)
class Point:
    """A crawl that was curated. Amounts by stage; a stage that has none of a kind was not measured so."""

    source: str
    pages: int  # documents that were read out of it
    stages: dict[str, dict[str, float]]
    worker_bytes: int | None  # the largest a worker grew
    input_bytes: int
    unsure: tuple[str, ...] = ()  # what makes its amounts too small
    of_processes: bool = False  # CPU seconds of every process, Java's own threads with them; else seconds that tasks held cores


class Line(NamedTuple):
    """amount = fixed + each · pages"""

    fixed: float
    each: float

    def at(self, pages: float) -> float:
        return self.fixed + self.each * pages


def point_of(corpus: Corpus) -> Point:
    """Raises CorpusError where its stages were made before costs were kept."""
    corpus.require("ingest")
    stages = {name: _amounts(corpus, record) for name, record in corpus.stages.items()}
    if not any("core_seconds" in one for one in stages.values()):
        raise CorpusError(
            f"{corpus.root} keeps no costs of its stages, as an earlier winnow made it: curate part of it anew, elsewhere"
        )
    resumed = [name for name, record in corpus.stages.items() if record.get("cost", {}).get("resumed")]
    peaks = [record["peak_memory_bytes"] for record in corpus.stages.values() if record.get("peak_memory_bytes")]
    unsure = tuple(f"{name} of {corpus.root} went on with what was made before: its cost is that of the rest" for name in resumed)
    stored = sum(one.get("size", 0) for one in corpus.manifest.get("inputs", []))
    return Point(corpus.root, corpus.rows("documents"), stages, max(peaks, default=None), stored, unsure)


def _amounts(corpus: Corpus, record: dict[str, Any]) -> dict[str, float]:
    cost = record.get("cost", {})
    known = {name: float(cost[name]) for name in AMOUNTS if name in cost}
    return known | {"stored_bytes": float(sum(corpus.bytes_of(table) for table in record["publishes"] if corpus.has(table)))}


def points_of_bench(path: Path) -> list[Point]:
    """Of what `make bench-scale` wrote: CPU seconds, by stage. Raises UsageError where the file is none of these."""
    try:
        runs = json.loads(path.read_text("utf-8"))["runs"]
        return [
            Point(
                str(path), int(run["documents"]),
                {name: {"core_seconds": sum(one[kind] for kind in KINDS)} for name, one in run["stages"].items()},
                int(run["worker_peak_bytes"]), int(run["input_bytes"]), of_processes=True,
            )
            for run in runs
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"--crawl {path} is no corpus and nothing that `make bench-scale` wrote: {error!r}") from error


def points(names: Iterable[str]) -> list[Point]:
    """Of corpora, or of files that `make bench-scale` wrote, by pages. Raises UsageError where the two are mixed."""
    benches = [name for name in names if name.endswith(".json")]
    corpora = [name for name in names if not name.endswith(".json")]
    if benches and corpora:
        raise UsageError(f"--crawl {benches[0]} counts CPU seconds and {corpora[0]} seconds that cores were held: name one kind")
    found = [point for name in benches for point in points_of_bench(Path(name))]
    found += [point_of(open_corpus(name)) for name in corpora]
    if empty := [one.source for one in found if not one.pages]:
        raise UsageError(f"--crawl {empty[0]}: no page was read out of that crawl, so a page's cost cannot be told")
    return sorted(found, key=lambda one: one.pages)


def crawl_cost(found: list[Point], pages: float, price: float | None, currency: str) -> dict[str, Any]:
    """What so many pages cost, by stage and in all; JSON values. Bytes, core-hours, `price` of one of these."""
    names = [name for name in NAMES if any(name in one.stages for one in found)]
    stages = {name: _of_stage(name, found, pages) for name in names}
    whole = {key: sum(one[key] or 0 for one in stages.values()) for key in ("core_hours", "shuffled_bytes", "stored_bytes")}
    return {
        "pages": pages,
        "measured": [{**asdict(one), "stages": list(one.stages)} for one in found],
        "times_the_largest": pages / found[-1].pages,
        "extrapolated": pages > found[-1].pages,
        "at_most": len({one.pages for one in found}) == 1,  # fixed costs are spread over few pages, and counted for each of many
        "stages": stages,
        "all": {
            **whole,
            "input_bytes": fmean(one.input_bytes / one.pages for one in found) * pages,
            "worker_bytes": max((one.worker_bytes for one in found if one.worker_bytes), default=None),
        },
        "price": price,
        "currency": currency,
        "cost": None if price is None else whole["core_hours"] * price,
        "not_measured": _not_measured(found, stages),
    }


def _of_stage(name: str, found: list[Point], pages: float) -> dict[str, Any]:
    lines = {amount: _line(name, amount, found) for amount in AMOUNTS}
    seconds, shuffled, stored = (lines[amount] for amount in AMOUNTS)
    return {
        "fixed_core_seconds": seconds.fixed if seconds and len({one.pages for one in found}) > 1 else None,
        "core_milliseconds_a_page": 1000 * seconds.each if seconds else None,
        "core_hours": seconds.at(pages) / 3600 if seconds else None,
        "shuffled_bytes": shuffled.at(pages) if shuffled else None,
        "stored_bytes": stored.at(pages) if stored else None,
    }


def _line(stage: str, amount: str, found: list[Point]) -> Line | None:
    known = [(one.pages, one.stages[stage][amount]) for one in found if amount in one.stages.get(stage, {})]
    return fitted(known) if known else None


def fitted(known: list[tuple[int, float]]) -> Line:
    """Least squares over (pages, amount), ascending by pages.

    Through nothing and the largest where that is all there is, or where noise would have more pages cost less.
    """
    largest, amount = known[-1]
    pages_mean, amount_mean = fmean(pages for pages, _ in known), fmean(amount for _, amount in known)
    spread = sum((pages - pages_mean) ** 2 for pages, _ in known)
    each = sum((pages - pages_mean) * (one - amount_mean) for pages, one in known) / spread if spread else 0.0
    if each <= 0:
        return Line(0.0, amount / largest)
    return Line(max(0.0, amount_mean - each * pages_mean), each)


def _not_measured(found: list[Point], stages: dict[str, Any]) -> list[str]:
    """By name, what the figures leave out."""
    several = len({one.pages for one in found}) > 1
    fixed = [] if several else [f"the fixed part of each stage: {found[-1].source} is one size, so these are bounds from above"]
    missing = [name for name, one in stages.items() if one["core_hours"] is None]
    shuffles = [name for name, one in stages.items() if one["shuffled_bytes"] is None]
    stored = [name for name, one in stages.items() if one["stored_bytes"] is None]
    return [
        *fixed,
        *(line for one in found for line in one.unsure),
        *([f"core-hours of {', '.join(missing)}"] if missing else []),
        *([f"shuffle of {', '.join(shuffles)}"] if shuffles else []),
        *([f"disk of {', '.join(stored)}"] if stored else []),
        f"anything above {found[-1].pages:,} pages: growth in proportion is assumed, also of copies and of hosts",
        "download of the crawl, the network between machines, requests to a store, tasks that are run twice",
        "Java's memory, which comes on top of each machine's workers",
        *([] if found[0].of_processes else ["Java's own threads (compiler, garbage collection); a busy machine costs more"]),
    ]
