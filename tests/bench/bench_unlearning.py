"""`make bench-unlearning`: pages out of a trained run, against training it from scratch without them.

    python -m tests.bench.bench_unlearning [--corpus demo/corpus] [--sizes tiny small] [--output docs/bench-unlearning.json]

For each size one run is trained on a corpus that `winnow curate` made. Then pages first read at once, half way and at the end are
taken out, each of a copy: how many steps that trains again, what they cost beside all steps from scratch, how fast they are, and
whether weights and optimizer are those of an oracle from a process of its own. Times are CPU seconds of this process, which a
busy machine changes least; the oracle's are not used. A last request takes out 5 % of all documents.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jobs.corpus import changing, open_corpus
from jobs.runs.folder import read_run
from jobs.runs.oracle import train_oracle
from jobs.runs.replay import bring_up_to_date, hashes
from jobs.runs.train_model import Measured, train_run
from jobs.takedown.carry_out import remove
from jobs.takedown.request import Request
from model.parallel import Team
from model.plan import TrainPlan, plan_of
from tests.bench.sides import machine
from tests.paths import PROJECT
from tokenizer.loader import open_loader

# Small steps, so that a run has enough of them to go back among; one thread, so that other work on the machine changes least.
PLANS = {"tiny": {"steps": 60, "threads": 1}, "small": {"steps": 24, "batch_rows": 4, "micro_rows": 4, "threads": 1}}
CHECKPOINTS = 12
SHARE = 0.05


def plan_for(size: str) -> TrainPlan:
    given = PLANS[size]
    every = given["steps"] // CHECKPOINTS
    return plan_of(size, save_every=every, keep_every=every, **given)


def trained(corpus: Path, run: Path, plan: TrainPlan) -> dict[str, Any]:
    """A run from scratch: CPU seconds and median tokens a second of its steps."""
    started, speeds = time.process_time(), []
    for measured in train_run(corpus, run, plan, Team()):
        speeds.append(measured.tokens_per_second)
    return {"seconds": time.process_time() - started, "tokens_per_second": statistics.median(speeds)}


def pages_by_first_read(corpus: Path, plan: TrainPlan) -> list[tuple[int, str]]:
    loader = open_loader(str(corpus), plan.loader)
    first: dict[str, int] = {}
    for step in reversed(range(plan.steps)):
        for row in loader.rows_of_step(step).tolist():
            first |= {span.doc_id: step for span in loader.spans(row)}
    return sorted((step, doc_id) for doc_id, step in first.items())


def requests(pages: list[tuple[int, str]], steps: int) -> dict[str, list[str]]:
    wanted = {"in the first step": 0, "half way": steps // 2, "at the end": steps}
    single = {name: [min(pages, key=lambda page: (abs(page[0] - step), page))[1]] for name, step in wanted.items()}
    every = max(1, round(1 / SHARE))
    return single | {f"{SHARE:.0%} of all pages": sorted(doc_id for _, doc_id in pages)[::every]}


def take_out(folder: Path, corpus: Path, run: Path, doc_ids: list[str], whole: dict[str, Any]) -> dict[str, Any]:
    """One takedown on a copy of corpus and run, and its oracle."""
    for name, source in (("corpus", corpus), ("run", run)):
        shutil.copytree(source, folder / name)
    with changing(str(folder / "corpus")) as held:
        remove(held, Request(doc_ids=tuple(doc_ids)), None, lambda _: None)
    speeds: list[Measured] = []
    started = time.process_time()
    bring_up_to_date(open_corpus(str(folder / "corpus")), folder / "run", Team(), speeds.append, print)
    seconds = time.process_time() - started
    record = read_run(folder / "run")
    entry, steps = record.takedowns[-1], record.train_plan.steps
    train_oracle(folder / "run", folder / "oracle", steps)
    speed = statistics.median(one.tokens_per_second for one in speeds)
    bound = (steps - entry["rollback"]) / steps
    return {
        "pages": len(doc_ids), "first_read": entry["first_read"], "reads": entry["reads"], "rollback": entry["rollback"],
        "equal_to_oracle": hashes(folder / "run", steps) == hashes(folder / "oracle", steps),
        "replay_seconds": seconds, "replay_over_training": seconds / whole["seconds"], "steps_over_all_steps": bound,
        "within_5_percent": seconds / whole["seconds"] <= bound + 0.05,
        "speed_over_training": speed / whole["tokens_per_second"],
    }  # fmt: skip


def measure(corpus: Path, size: str, folder: Path) -> dict[str, Any]:
    plan = plan_for(size)
    trained(corpus, folder / "warm", plan_of(size, **PLANS[size] | {"steps": 3}))  # what only the first steps of a process cost
    whole = trained(corpus, folder / "run", plan)
    print(f"{size}: {plan.steps} steps, {whole}", flush=True)
    told = {}
    for name, doc_ids in requests(pages_by_first_read(corpus, plan), plan.steps).items():
        with tempfile.TemporaryDirectory(dir=folder) as one:
            told[name] = take_out(Path(one), corpus, folder / "run", doc_ids, whole)
        print(name, told[name], flush=True)
    return {"plan": asdict(plan), "training": whole, "takedowns": told}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, default=PROJECT / "demo" / "corpus")
    parser.add_argument("--sizes", nargs="+", default=list(PLANS))
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "bench-unlearning.json")
    chosen = parser.parse_args()
    results = {"machine": machine(), "sizes": {}}
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            results["sizes"][size] = measure(chosen.corpus.resolve(), size, Path(folder))
    chosen.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
