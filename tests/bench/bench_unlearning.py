"""`make bench-unlearning`: pages out of a trained run, against training it from scratch without them.

    python -m tests.bench.bench_unlearning [--corpus demo/corpus] [--sizes tiny small] [--output docs/bench-unlearning.json]

For each size one run is trained on a corpus that `winnow curate` made. Then pages first read at once, half way and at the
end, 5 % of all documents at once, and three pages one request after the other are taken out, each time of a copy: how many
steps that trains again, what they cost beside all steps from scratch, how fast they are, and whether weights and optimizer
are those of an oracle from a process of its own. Each size goes to --output when it is done, and leaves there what others
wrote before. Times are CPU seconds of this process, which a busy machine changes least; the oracle's are not used. Steps of
replay and of training are compared by their medians.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from jobs.corpus.folder import changing, open_corpus
from jobs.runs.record import read_run
from jobs.runs.train.metrics import Measured
from jobs.runs.train.train_model import train_run
from jobs.runs.unlearn.oracle import train_oracle
from jobs.runs.unlearn.replay import bring_up_to_date, hashes
from jobs.takedown.reach.request import Request
from jobs.takedown.redact.carry_out import remove
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of
from tests.bench.sides import machine
from tests.paths import PROJECT
from tokenizer.shards.loader import open_loader

# Small steps, so that a run has enough of them to go back among; one thread, so that other work on the machine changes least.
# `small` has AdamW: the products that Muon makes in bfloat16 take a CPU longer than such a step's forward and backward pass.
PLANS: dict[str, dict[str, Any]] = {
    "tiny": {"steps": 60, "threads": 1},
    "small": {"steps": 12, "batch_rows": 4, "micro_batch_rows": 4, "threads": 1, "optimizer": "adamw"},
}
CHECKPOINTS = 12
SHARE = 0.05


def plan_for(size: str) -> TrainPlan:
    given = PLANS[size]
    every = given["steps"] // CHECKPOINTS
    return plan_of(size, save_every=every, keep_every=every, **given)


class Clock:
    """CPU seconds of this process, read after every step."""

    def __init__(self) -> None:
        self._read = [time.process_time()]

    def __call__(self, _: Measured) -> None:
        self._read.append(time.process_time())

    @property
    def seconds(self) -> float:
        return time.process_time() - self._read[0]

    def speed(self, plan: TrainPlan) -> float:
        """Tokens a second of the median step; the first also waits for what comes before it."""
        return plan.step_tokens / statistics.median(later - earlier for earlier, later in pairwise(self._read[1:]))


def trained(corpus: Path, run: Path, plan: TrainPlan) -> dict[str, Any]:
    """A run from scratch: CPU seconds, and tokens a CPU second of its median step."""
    clock = Clock()
    for measured in train_run(corpus, run, plan, Team()):
        clock(measured)
    return {"seconds": clock.seconds, "tokens_per_second": clock.speed(plan)}


def pages_by_first_read(corpus: Path, plan: TrainPlan) -> list[tuple[int, str]]:
    loader = open_loader(str(corpus), plan.loader)
    first: dict[str, int] = {}
    for step in reversed(range(plan.steps)):
        for row in loader.rows_of_step(step).tolist():
            first |= {span.doc_id: step for span in loader.spans(row)}
    return sorted((step, doc_id) for doc_id, step in first.items())


def requests(pages: list[tuple[int, str]], steps: int) -> dict[str, list[list[str]]]:
    """Documents of each request, one or several after one another, by what is asked of them."""
    wanted = {"in the first step": 0, "half way": steps // 2, "at the end": steps}
    single = {name: [min(pages, key=lambda page: (abs(page[0] - step), page))[1]] for name, step in wanted.items()}
    everything = sorted(doc_id for _, doc_id in pages)
    later = [doc_id for step, doc_id in pages if step >= steps // 2]
    return {
        **{name: [doc_ids] for name, doc_ids in single.items()},
        f"{SHARE:.0%} of all pages": [everything[:: max(1, round(1 / SHARE))]],
        "three of the second half, one after the other": [[doc_id] for doc_id in later[:: max(1, len(later) // 3)][:3]],
    }


def take_out(folder: Path, corpus: Path, run: Path, asked: list[list[str]], whole: dict[str, Any]) -> dict[str, Any]:
    """Takedowns on a copy of corpus and run, and the oracle of the last one."""
    for name, source in (("corpus", corpus), ("run", run)):
        shutil.copytree(source, folder / name)
    plan, seconds, speeds = read_run(folder / "run").train_plan, 0.0, []
    for doc_ids in asked:
        with changing(str(folder / "corpus")) as locked:
            remove(locked, Request(doc_ids=tuple(doc_ids)), None, lambda _: None)
        clock = Clock()
        bring_up_to_date(open_corpus(str(folder / "corpus")), folder / "run", Team(), clock, print)
        seconds += clock.seconds
        speeds.append(clock.speed(plan))
    entries, steps = read_run(folder / "run").takedowns, plan.steps
    train_oracle(folder / "run", folder / "oracle", steps)
    bound = sum((steps - entry["rollback"]) / steps for entry in entries)
    return {
        "pages": sum(map(len, asked)), "first_read": [entry["first_read"] for entry in entries],
        "rollback": [entry["rollback"] for entry in entries], "reads": sum(entry["reads"] for entry in entries),
        "equal_to_oracle": hashes(folder / "run", steps) == hashes(folder / "oracle", steps),
        "replay_seconds": seconds, "replay_over_training": seconds / whole["seconds"], "steps_over_all_steps": bound,
        "within_5_percent": seconds / whole["seconds"] <= bound + 0.05 * len(asked),
        "speed_over_training": statistics.median(speeds) / whole["tokens_per_second"],
    }  # fmt: skip


def measure(corpus: Path, size: str, folder: Path) -> dict[str, Any]:
    plan = plan_for(size)
    trained(corpus, folder / "warm", plan_of(size, **PLANS[size] | {"steps": 3}))  # what only the first steps of a process cost
    whole = trained(corpus, folder / "run", plan)
    print(f"{size}: {plan.steps} steps, {whole}", flush=True)
    takedowns = {}
    for name, asked in requests(pages_by_first_read(corpus, plan), plan.steps).items():
        with tempfile.TemporaryDirectory(dir=folder) as one:
            takedowns[name] = take_out(Path(one), corpus, folder / "run", asked, whole)
        print(name, takedowns[name], flush=True)
    return {"plan": asdict(plan), "training": whole, "takedowns": takedowns}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, default=PROJECT / "demo" / "corpus")
    parser.add_argument("--sizes", nargs="+", default=list(PLANS))
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "bench-unlearning.json")
    chosen = parser.parse_args()
    results = json.loads(chosen.output.read_text()) if chosen.output.exists() else {"sizes": {}}
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            results["sizes"][size] = measure(chosen.corpus.resolve(), size, Path(folder)) | {"machine": machine()}
        chosen.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
