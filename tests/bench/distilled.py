"""What distilling gains: a student that goes on with passages of novels, by their own words or by what a larger run would say.

Both read the same examples in the same order, so as many tokens; the distilled one also costs what the larger run computes.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from jobs.runs.ablate import interval
from jobs.runs.experiments.corpus import write_corpus
from jobs.runs.train.train_model import train_run
from jobs.runs.tune.begin import Wanted
from jobs.runs.tune.finetune import finetune_run
from model.post.settings import tune_settings
from model.training.parallel import Team
from model.training.plan import plan_of
from tests.bench.bench_post import documents

SEEDS = 3
LARGER = {"width": 96, "heads": 6, "kv_heads": 6, "hidden": 256, "learning_rate": 0.007, "embedding_rate": 0.007}
STEPS = {"student": 400, "teacher": 1600, "tuning": 160}  # of a share of 1
BEGINS, ENDS = 100, 700  # letters of a passage: the first are the prompt, so that all of it fits a row


class Distilling:
    """Runs in one folder: all begin with every second piece of the novels, and no passage is of these."""

    def __init__(self, folder: Path, share: float) -> None:
        self._folder, self._share, found = folder, share, documents()
        write_corpus(folder / "corpus", found[::2], found[1:40:2], 2048)
        self._data = folder / "passages.jsonl"
        rows = [{"id": one.doc_id, "prompt": one.text[:BEGINS], "response": one.text[BEGINS:ENDS]} for one in found[1::2]]
        self._data.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def measured(self) -> dict[str, Any]:
        """Nats a token of held-out passages: of the larger run, and by seed of a student before, alone and distilled."""
        larger = self._trained("larger", "teacher", 0, **LARGER)
        tuned, teacher = self._tuned(larger, "sft", 0)
        found: dict[str, Any] = {"seeds": SEEDS, "steps": {of: self._steps(of) for of in STEPS}, "teacher": teacher}
        found |= {"alone": [], "distilled": []}
        for seed in range(SEEDS):
            student = self._trained(f"student-{seed}", "student", seed)
            found["alone"].append(self._tuned(student, "sft", seed)[1])
            found["distilled"].append(self._tuned(student, "distil", seed, tuned)[1])
        gain = np.array(found["distilled"]) - np.array(found["alone"])
        mean, half = float(gain.mean()), interval(gain) or 0.0
        return found | {"difference": round(mean, 4), "low": round(mean - half, 4), "high": round(mean + half, 4)}

    def _steps(self, of: str) -> int:
        return max(4, round(STEPS[of] * self._share))

    def _trained(self, name: str, steps: str, seed: int, **changes: Any) -> Path:
        common = {"row_tokens": 256, "batch_rows": 4, "micro_batch_rows": 4, "threads": 1, "save_every": 10_000}
        plan = plan_of("tiny", steps=self._steps(steps), seed=seed, **common, **changes)
        for _ in train_run(self._folder / "corpus", self._folder / name, plan, Team(), workers=0):
            pass
        return self._folder / name

    def _tuned(self, parent: Path, method: str, seed: int, teacher: Path | None = None) -> tuple[Path, float]:
        run = self._folder / f"{parent.name}-{method}"
        settings = tune_settings(method, held_out=60, rate_share=0.3, examples=8)
        plan = {"steps": self._steps("tuning"), "seed": seed, "threads": 1, "save_every": 10_000}
        *_, last = finetune_run(run, Wanted(parent, None, self._data, settings, plan, None, teacher), Team())
        assert last.validation_loss is not None
        return run, round(last.validation_loss, 4)
