"""From n-grams to a small served model, on the same novels: docs/use.md's figures, in docs/bench-use.json. Needs ../shared/text.

make bench-use                     all of it
make bench-use ARGS="--share 0.2"  a fifth of the steps
make bench-use ARGS="--only distilled"  that part alone, beside what was measured before
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from jobs.loopback import server as server_module
from jobs.runs.baselines.compare import compare
from jobs.runs.experiments.corpus import write_corpus
from jobs.runs.export_run import export_run
from jobs.runs.generate_text import answers, load_run
from jobs.runs.quantise.compared import beside, speed
from jobs.runs.quantise.quantise_run import quantise_run
from jobs.runs.record import read_run
from jobs.runs.serve.app import application
from jobs.runs.serve.serve import desk_of
from jobs.runs.train.metrics import read_metrics
from jobs.runs.train.train_model import train_run
from model.generate import SamplingSettings
from model.network.transformer import Transformer, initialise
from model.quantise.network import quantise_settings, quantised
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of
from model.training.sizes import shape_of
from tests.bench.bench_post import documents
from tests.bench.distilled import Distilling
from tests.jobs.running import WINNOW
from tests.paths import PROJECT

OUT = PROJECT / "docs" / "bench-use.json"
BITS = {"8": quantise_settings(8), "4": quantise_settings(4), "4, tables too": quantise_settings(4, None, 4)}
CLIENTS = 50


class Bench:
    """Runs in one folder, and what was measured of them."""

    def __init__(self, folder: Path, share: float, *, kept: bool) -> None:
        self.folder, self.share = folder, share
        self.results: dict[str, Any] = json.loads(OUT.read_text()) if kept else {}
        found = documents()
        held = found[::40]
        write_corpus(folder / "corpus", [one for one in found if one not in held], held, 2048)

    def note(self, name: str, value: Any) -> None:
        """What there is so far is on disk."""
        self.results |= {"share": self.share, name: value}
        OUT.write_text(json.dumps(self.results, indent=1) + "\n")
        print(name, json.dumps(value), flush=True)

    def plan(self, size: str, steps: int, **changes: Any) -> TrainPlan:
        chosen = {"row_tokens": 256, "batch_rows": 4, "micro_batch_rows": 4, "threads": 1, "save_every": 10_000}
        return plan_of(size, steps=max(4, round(steps * self.share)), **(chosen | changes))

    def run(self, name: str, plan: TrainPlan) -> Path:
        for _ in train_run(self.folder / "corpus", self.folder / name, plan, Team(), workers=0):
            pass
        return self.folder / name

    def baselines(self) -> None:
        names = ["ngram", "lstm", "transformer", "seq2seq", "encoder-decoder"]
        rows = compare(self.folder / "corpus", names, [self.plan("tiny", 400)], Team(), print)
        self.note("models", [row._asdict() for row in rows])

    def distilled(self) -> None:
        self.note("distilled", Distilling(self.folder / "distilled", self.share).measured())

    def quantised(self, run: Path) -> None:
        found = {"fp32": beside(run, None, None, 64)._asdict()}
        for name, settings in BITS.items():
            output = self.folder / f"{run.name}-{name.replace(', ', '-').replace(' ', '-')}"
            quantise_run(run, output, settings)
            found[name] = beside(output, None, None, 64)._asdict()
        self.note(f"quantised {run.name}", {name: {**one, "run": None} for name, one in found.items()})

    def speeds(self) -> None:
        """Of GPT-2's size, weights drawn: what a token costs where they do not fit a cache."""
        model = initialise(Transformer(shape_of("gpt2", 16_384)), 0)
        found = {"fp32": speed(model, 1, 1024, 16)}
        found |= {name: speed(quantised(model, settings), 1, 1024, 16) for name, settings in BITS.items()}
        self.note("gpt2 shape, tokens/s", {name: round(one, 2) for name, one in found.items()})

    def served(self, run: Path) -> None:
        """Fifty clients at once: nothing lost, each what it would get alone; beside the same fifty one after another."""
        loaded = load_run(run)
        desk, name, sha256 = desk_of(run, loaded, 32, pinned=True)
        listener = server_module._listening(0)
        port = listener.getsockname()[1]
        server = server_module.server_of(application(loaded, desk, name, sha256, port), clients=256)
        threading.Thread(target=server.run, args=([listener],), daemon=True).start()
        texts, seconds, tokens, whole = asyncio.run(_ask(port, name))
        settings = [SamplingSettings(temperature=0.8, seed=number, max_tokens=48) for number in range(CLIENTS)]
        started = time.perf_counter()
        alone = [answers(loaded, "It was", one, 1)[0] for one in settings]
        one_by_one = time.perf_counter() - started
        server.should_exit = True
        desk.close()
        self.note("served", {
            "clients": CLIENTS, "answers": len(texts), "as alone": sum(a == b for a, b in zip(texts, alone, strict=True)),
            "p50_seconds": round(float(np.quantile(seconds, 0.5)), 2), "p99_seconds": round(float(np.quantile(seconds, 0.99)), 2),
            "tokens_per_second": round(tokens / whole, 1), "tokens_per_second_one_by_one": round(tokens / one_by_one, 1),
        })  # fmt: skip

    def harness(self, run: Path) -> None:
        """The largest difference of any log p from what lm-evaluation-harness' own model class says of the exported run."""
        from lm_eval.api.instance import Instance
        from lm_eval.models.huggingface import HFLM

        from jobs.runs.evaluate.harness import WinnowLM

        export_run(run, self.folder / "hf")
        theirs = HFLM(str(self.folder / "hf"), device="cpu", dtype="float32", batch_size=4, add_bos_token=True)
        choices = (" the", " a man", " not so", " never")
        asked = [Instance("loglikelihood", {}, (f"Chapter {n}. It was", one), 0) for n in range(40) for one in choices]
        pairs = list(zip(WinnowLM(run).loglikelihood(asked), theirs.loglikelihood(asked), strict=True))
        worst = max(abs(ours[0] - other[0]) / abs(other[0]) for ours, other in pairs)
        self.note("lm-evaluation-harness", {"choices": len(pairs), "largest relative difference of log p": worst})

    def processes(self) -> None:
        """The same plan in one process and in two (gloo)."""
        plan = ["--steps", "12", "--set", "row_tokens=256", "--set", "batch_rows=4", "--set", "threads=1"]
        train = ["train", str(self.folder / "corpus"), *plan, "--output"]
        for count in (1, 2):
            torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(count), "--no-python", *WINNOW]
            subprocess.run([*torchrun, *train, str(self.folder / f"of-{count}")], check=True, capture_output=True, cwd=PROJECT)
        one, two = ([line["loss"] for line in read_metrics(self.folder / f"of-{count}")] for count in (1, 2))
        worst = max(abs(a - b) for a, b in zip(one, two, strict=True))
        self.note(
            "processes", {"steps": len(one), "largest difference of loss": worst, "of": read_run(self.folder / "of-2").processes}
        )


async def _ask(port: int, name: str) -> tuple[list[str], list[float], int, float]:
    """(texts, seconds of each, tokens of all, seconds of all)."""
    import openai

    tokens = 0
    async with openai.AsyncOpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0) as client:

        async def one(number: int) -> tuple[str, float]:
            nonlocal tokens
            started = time.perf_counter()
            said = await client.completions.create(model=name, prompt="It was", max_tokens=48, temperature=0.8, seed=number)
            tokens += said.usage.completion_tokens if said.usage else 0
            return said.choices[0].text, time.perf_counter() - started

        started = time.perf_counter()
        found = await asyncio.gather(*map(one, range(CLIENTS)))
        return [text for text, _ in found], [each for _, each in found], tokens, time.perf_counter() - started


def main(share: float, only: str | None) -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="bench-use-") as folder:
        bench = Bench(Path(folder), share, kept=only is not None)
        if only == "distilled":
            bench.distilled()
            return
        bench.baselines()
        student = bench.run("tiny", bench.plan("tiny", 400))
        parts: list[Callable[[], None]] = [
            lambda: bench.served(student), lambda: bench.harness(student), lambda: bench.quantised(student), bench.processes,
            bench.speeds, bench.distilled,
        ]  # fmt: skip
        for part in parts:
            part()
        bench.quantised(bench.run("small", bench.plan("small", 400)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", choices=["distilled"])
    main(**vars(parser.parse_args()))
