"""What tuning does to a small model: each method before and after, on held-out examples. Needs ../shared/text.

make bench-post                     a base on novels, then instructions, GSM8K, preferences, sums; docs/bench-post.json
make bench-post ARGS="--share 0.2"  a fifth of the steps
"""

import argparse
import gzip
import json
import random
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from jobs.runs.experiments.corpus import Document, write_corpus
from jobs.runs.generate_text import load_run
from jobs.runs.record import read_run
from jobs.runs.train.train_model import train_run
from jobs.runs.tune.begin import Wanted
from jobs.runs.tune.chat import USER, Message, asked
from jobs.runs.tune.finetune import finetune_run, measured_examples, stage_of
from jobs.runs.tune.rewards import arithmetic
from jobs.runs.tune.tuned_model import tuned_model
from model.generate import SamplingSettings, generate
from model.post.settings import tune_settings
from model.training.optimizer import trainable
from model.training.parallel import Team
from model.training.plan import plan_of
from tests.paths import PROJECT

TEXT = PROJECT.parent / "shared" / "text"
OUT = PROJECT / "docs" / "bench-post.json"
Rows = list[dict[str, Any]]


def lines(name: str) -> Rows:
    path = TEXT / name
    with gzip.open(path, "rt") if name.endswith(".gz") else path.open() as file:
        return [json.loads(line) for line in file]


def documents() -> list[Document]:
    """Novels in pieces of 2,000 letters, so that a row holds about half of one."""
    pieces = []
    for path in sorted((TEXT / "novels").glob("*.gz"))[:12]:
        with gzip.open(path, "rt") as file:
            text = file.read(200_000)
        pieces += [text[at : at + 2000] for at in range(0, len(text), 2000)]
    return [Document(f"piece-{number}", piece) for number, piece in enumerate(pieces)]


def instructions() -> Rows:
    tasks = lines("instructions.seed_tasks.jsonl")
    return [{"id": one["id"], "instruction": one["instruction"], **one["instances"][0]} for one in tasks]


def sums(count: int, seed: int) -> Rows:
    """Two-digit sums; none of one seed's is of the other's, since each takes the pairs of one parity."""
    rng = random.Random(seed)
    pairs = [(a, b) for a in range(10, 100) for b in range(10, 100) if (a * 7 + b) % 10 != 3] if seed == 0 else [
        (a, b) for a in range(10, 100) for b in range(10, 100) if (a * 7 + b) % 10 == 3
    ]  # fmt: skip
    chosen = rng.sample(pairs, count)
    return [{"id": f"{a}+{b}", "prompt": f"{a}+{b}", "response": _steps(a, b), "answer": str(a + b)} for a, b in chosen]


def _steps(a: int, b: int) -> str:
    """Digit by digit from the right, as one adds on paper, then the sum."""
    ones = a % 10 + b % 10
    tens = a // 10 + b // 10 + ones // 10
    return f"{' '.join(str(ones).zfill(2))} , {' '.join(str(tens).zfill(2))} = {' '.join(str(a + b))}"


class Bench:
    """Runs in one folder, and what was measured of them."""

    def __init__(self, folder: Path, share: float) -> None:
        self.folder, self.share, self.results = folder, share, dict[str, Any]()

    def steps(self, count: int) -> int:
        return max(2, round(count * self.share))

    def base(self) -> Path:
        found = documents()
        write_corpus(self.folder / "corpus", found[20:], found[:20], 2048)
        plan = plan_of("tiny", steps=self.steps(400), threads=1, batch_rows=8)
        started = time.process_time()
        for one in train_run(self.folder / "corpus", self.folder / "base", plan, Team(), workers=0):
            last = one
        self.results["base"] = {
            "steps": plan.steps, "held_out_loss": last.validation_loss, "cpu_seconds": round(time.process_time() - started, 1),
        }  # fmt: skip
        return self.folder / "base"

    def tune(
        self, name: str, parent: Path, rows: Rows, method: str, steps: int, reward: str | None = None, **changes: Any
    ) -> Path:
        """Tunes, and notes losses and measures of held-out examples before and after."""
        data = self.folder / f"{name}.jsonl"
        data.write_text("".join(json.dumps(row) + "\n" for row in rows))
        run, settings = self.folder / name, tune_settings(method, **changes)
        asked_for = Wanted(parent, None, data, settings, {"steps": self.steps(steps), "threads": 1, "save_every": 10_000}, reward)
        started, reports = time.process_time(), []
        steps_made = finetune_run(run, asked_for, Team())
        reports.append(next(steps_made))
        before = self.looked_at(run, before=True)
        reports += steps_made
        seconds, after = time.process_time() - started, self.looked_at(run, before=False)
        weights = tuned_model(run, read_run(run), torch.device("cpu"))
        trained = sum(weight.numel() for weight in trainable(weights).values())
        self.results[name] = {
            "steps": len(reports), "examples": len(rows), "trained_share": trained / sum(w.numel() for w in weights.parameters()),
            "before": before, "after": after, "cpu_seconds": round(seconds, 1),
        }  # fmt: skip
        if method == "grpo":
            rewards = [one.measures["reward"] for one in reports]
            tenth = max(1, len(rewards) // 10)
            curve = [sum(rewards[at : at + tenth]) / len(rewards[at : at + tenth]) for at in range(0, len(rewards), tenth)]
            self.results[name] |= {"reward": [round(one, 3) for one in curve], "divergence": reports[-1].measures["divergence"]}
        self.write()
        return run

    def write(self) -> None:
        """What there is so far."""
        OUT.write_text(json.dumps({"share": self.share, **self.results}, indent=1) + "\n")

    def looked_at(self, run: Path, *, before: bool) -> dict[str, float]:
        """Held-out examples by the tuning's own loss, with the weights it began with or the newest."""
        record, device = read_run(run), torch.device("cpu")
        model = tuned_model(run, record, device) if before else load_run(run).model
        looks = measured_examples(run, record, stage_of(run, record, model, device), Team())
        if looks is None:
            return {}
        found = looks.look(model)
        return {"loss": round(found["validation_loss"], 4)} | {n: round(v, 4) for n, v in found["validation_measures"].items()}

    def exact(self, run: Path, rows: Rows, judge: Callable[[str, str], bool], tokens: int = 24) -> float:
        """Share of greedy answers that are right."""
        loaded, right = load_run(run), 0
        for at in range(0, len(rows), 50):
            part = rows[at : at + 50]
            prompts = [asked([Message(USER, row["prompt"])], loaded.encoder).tokens.tolist() for row in part]
            said: list[list[int]] = [[] for _ in part]
            for step in generate(loaded.model, prompts, SamplingSettings(max_tokens=tokens, temperature=0), context=256, end=0):
                for answer, token in zip(said, step, strict=True):
                    if token is not None:
                        answer.append(token)
            texts = [b"".join(map(loaded.decoded, answer)).decode(errors="replace") for answer in said]
            right += sum(judge(text, row["answer"]) for text, row in zip(texts, part, strict=True))
        return right / len(rows)


def summed(said: str, answer: str) -> bool:
    return said.rpartition("=")[2].replace(" ", "") == answer


def sum_reward(prompt: str, answer: str, expected: str | None) -> float:
    """1 where what stands behind the equals sign is the sum."""
    return float(summed(answer, expected or ""))


def step_reward(prompt: str, answer: str, expected: str | None) -> float:
    """Half for the digits at their places on the way, half for the sum: where no answer is right, some are still better."""
    a, b = map(int, re.findall(r"\d+", prompt)[-2:])
    said, wanted = answer.split(), _steps(a, b).split()
    right = sum(one == other for one, other in zip(said, wanted, strict=False))
    return 0.5 * right / max(len(said), len(wanted)) + 0.5 * summed(answer, expected or "")


def main(share: float) -> None:
    torch.set_num_threads(1)
    folder = Path(tempfile.mkdtemp(prefix="bench-post-"))
    bench = Bench(folder, share)
    base = bench.base()
    sft = bench.tune("sft", base, instructions(), "sft", 60, held_out=25, rate_share=0.1)
    bench.tune("sft_lora", base, instructions(), "sft", 60, held_out=25, adapter="lora")
    bench.tune("sft_prefix", base, instructions(), "sft", 60, held_out=25, adapter="prefix")
    bench.tune("sft_bottleneck", base, instructions(), "sft", 60, held_out=25, adapter="bottleneck")
    pairs = lines("hh-rlhf.harmless.test.jsonl.gz")[:600]
    for preference in ("dpo", "ipo"):
        bench.tune(preference, sft, pairs, "dpo", 40, held_out=100, preference=preference, rate_share=0.02)
    bench.tune("reward", sft, pairs, "reward", 40, held_out=100)
    problems = [{"prompt": one["question"], "response": one["answer"]} for one in lines("gsm8k.train.jsonl.gz")[:600]]
    gsm8k = bench.tune("gsm8k", base, problems, "sft", 60, held_out=50)
    asked_of = [{"prompt": one["question"], "answer": one["answer"]} for one in lines("gsm8k.test.jsonl.gz")[:50]]
    bench.results["gsm8k"]["exact"] = bench.exact(gsm8k, asked_of, lambda said, answer: arithmetic("", said, answer) > 0, 96)
    held_out = sums(200, 1)
    bench.results["sums"] = {"exact_before": bench.exact(base, held_out, summed)}
    some = bench.tune("sums_sft", base, sums(4000, 0), "sft", 500, examples=64, rate_share=1.0, held_out=200)
    bench.results["sums_sft"]["exact"] = bench.exact(some, held_out, summed)
    plugin = f"{Path(__file__)}:sum_reward"
    rewarded = bench.tune(
        "sums_grpo", some, sums(2000, 0), "grpo", 60, plugin, examples=16, group=8, answer_tokens=24, rate_share=0.3
    )
    bench.results["sums_grpo"]["exact"] = bench.exact(rewarded, held_out, summed)
    half = bench.tune("sums_half", base, sums(4000, 0), "sft", 160, examples=64, rate_share=1.0, held_out=200)
    bench.results["sums_half"]["exact"] = bench.exact(half, held_out, summed)
    rewarded = bench.tune(
        "sums_half_grpo", half, sums(4000, 0), "grpo", 120, f"{Path(__file__)}:step_reward", examples=32, group=16,
        answer_tokens=24, rate_share=0.1, kl_weight=0.0,
    )  # fmt: skip
    bench.results["sums_half_grpo"]["exact"] = bench.exact(rewarded, held_out, summed)
    bench.write()
    print(OUT.read_text())
    shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=float, default=1.0)
    main(parser.parse_args().share)
