"""`make bench-gpu`: all of the trainer that a GPU changes, by one script on a bare machine in under eight minutes.

    python -m tests.bench.bench_gpu [--seconds 450] [--output docs/bench-gpu.json]

Speed as it is, with torch.compile and to the same bits each time; the loss beside one with a whole table of logits; several
processes, whole and split (FSDP2), beside one, and their checkpoint loaded by one; text with a cache. Needs torch, numpy and
safetensors, and makes its own text. Without a GPU the same parts run at the size `tiny`, two processes by gloo: that shows that
they run, and nothing of a GPU. What the time left does not allow is named in place of its numbers.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from model import checkpoint
from model.budget import peak_flops
from model.generate import SamplingSettings, generate
from model.training.batches import ShardFeed
from model.training.loss import summed_cross_entropy
from model.training.objectives import objective
from model.training.parallel import device_of, team
from model.training.plan import TrainPlan, plan_from_json, plan_of
from model.training.stage import Stage
from model.training.train import fresh_state, language_loss, make_deterministic, split_state, train
from tests.bench.bench_train import Ours, seconds_per_step, write_text
from tests.paths import PROJECT
from tokenizer.shards.files import read_manifest
from tokenizer.shards.loader import Loader

Result = dict[str, Any]
MODES: dict[str, Result] = {
    "as it is": {"deterministic": False}, "compiled": {"deterministic": False, "compile": True}, "deterministic": {},
}  # fmt: skip
STEPS, TEAM_STEPS = 10, 8


class Bench:
    """One corpus, one plan, and the numbers so far, which are on disk after each part."""

    def __init__(self, folder: Path, seconds: float, output: Path) -> None:
        self.device, self.output, self.ends = device_of(), output, time.monotonic() + seconds
        self.gpu = self.device.type == "cuda"
        self.size, self.vocabulary = ("gpt2", 50_257) if self.gpu else ("tiny", 8_192)
        self.folder = folder
        self.manifest = write_text(folder, 3_000_000 if self.gpu else 200_000, self.vocabulary)
        (folder / "manifest.json").write_text(self.manifest.to_json())
        self.results: Result = {
            "device": torch.cuda.get_device_name(self.device) if self.gpu else "cpu: reduced, no figure of a GPU",
            "torch": torch.__version__, "date": time.strftime("%Y-%m-%d"), "size": self.size,
        }  # fmt: skip

    def plan(self, **changes: Any) -> TrainPlan:
        rows = {"batch_rows": 128, "micro_batch_rows": 32} if self.gpu else {"batch_rows": 4, "micro_batch_rows": 2}
        return plan_of(self.size, **({"steps": 1000, "threads": 1, **rows} | changes))

    def part(self, name: str, measure: Callable[[], Any], least: float = 20) -> None:
        """Its numbers, or why there are none: one part that fails hides none of the others."""
        left = self.ends - time.monotonic()
        started = time.monotonic()
        if left < least:
            self.results[name] = f"not measured: {left:.0f} seconds were left"
        else:
            try:
                self.results[name] = measure()
            except Exception as error:
                self.results[name] = f"failed: {error!r:.300}"
        print(name, self.results[name], f"{time.monotonic() - started:.1f} s", flush=True)
        self.output.write_text(json.dumps(self.results, indent=1) + "\n")

    def speed(self, mode: str) -> Result:
        plan = self.plan(**MODES[mode])
        torch.use_deterministic_algorithms(False)
        make_deterministic(plan)
        self._forget_peak()
        ours = Ours(self.folder, self.manifest, plan, self.device)
        for _ in range(3):
            ours.step()
        speed = plan.step_tokens / seconds_per_step(ours.step, STEPS)
        peak, shape = peak_flops(self.results["device"]) if self.gpu else None, ours.state.model.shape
        mfu = speed * shape.flops_per_token(plan.row_tokens) / peak if peak else None
        return {"tokens_per_second": round(speed), "mfu": mfu, "peak_bytes": self._peak()}

    def exact(self) -> Result:
        """Whether two trainings end with the same bits."""
        plan = self.plan()
        make_deterministic(plan)
        found = []
        for _ in range(2):
            ours = Ours(self.folder, self.manifest, plan, self.device)
            for _ in range(TEAM_STEPS):
                ours.step()
            found.append(ours.sha256())
        return {"steps": TEAM_STEPS, "equal": found[0] == found[1]}

    def loss(self) -> Result:
        """Ours and the plain way on the same states: seconds, peak bytes, and how far gradients lie apart."""
        tokens, width = (32_768, 768) if self.gpu else (1024, 48)
        generator = torch.Generator().manual_seed(0)
        states, head = (torch.randn(n, width, generator=generator).to(self.device) for n in (tokens, self.vocabulary))
        targets = torch.randint(0, self.vocabulary, (tokens,), generator=generator).to(self.device)
        ways = {
            "ours": lambda s, h: summed_cross_entropy(s, h, targets)[0],
            "whole table": lambda s, h: F.cross_entropy(s @ h.T, targets, reduction="sum"),
        }
        gradients, found = {}, Result()
        for name, way in ways.items():
            self._forget_peak()
            given = [part.clone().mul_(width**-0.5).requires_grad_() for part in (states, head)]
            started = time.perf_counter()
            way(*given).backward()
            gradients[name] = [part.grad.cpu() for part in given if part.grad is not None]  # which waits for the device
            found[name] = {"seconds": time.perf_counter() - started, "peak_bytes": self._peak()}
        pairs = zip(gradients["ours"], gradients["whole table"], strict=True)
        return found | {"largest_difference": max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)}

    def processes(self) -> Result | str:
        """Losses of several processes, whole and split, beside those of one; their checkpoint, loaded by one."""
        count = torch.cuda.device_count() if self.gpu else 2
        if count < 2:
            return "not measured: there is one GPU, and each process wants its own"
        alone = self._team(1, sharded=False)
        found: Result = {"processes": count, "tokens_per_second_of_one": alone["tokens_per_second"]}
        for name, sharded in (("whole", False), ("split", True)):
            told = self._team(count, sharded=sharded)
            worst = max(abs(a - b) for a, b in zip(told["losses"], alone["losses"], strict=True))
            state = fresh_state(self.plan(), self.vocabulary, self.device)
            checkpoint.load(self.folder / f"of-{count}-{sharded}", TEAM_STEPS, state)
            found[name] = {
                "tokens_per_second": told["tokens_per_second"], "largest_difference_of_loss": worst,
                "loaded_by_one": state.step == TEAM_STEPS,
            }  # fmt: skip
        return found

    def _team(self, count: int, *, sharded: bool) -> Result:
        plan = self.plan(sharded=sharded, steps=TEAM_STEPS)
        (self.folder / "plan.json").write_text(json.dumps(plan.to_json()))
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
        command = [
            *torchrun,
            "-m",
            "tests.bench.bench_gpu",
            "--member",
            str(self.folder),
            str(self.folder / f"of-{count}-{sharded}"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT, timeout=240)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        told: Result = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
        return told

    def text(self) -> Result:
        """Tokens a second, one text and 32 side by side."""
        model = fresh_state(self.plan(), self.vocabulary, self.device).model.eval()
        found = {}
        for texts in (1, 32):
            settings, tokens = SamplingSettings(max_tokens=64, seed=1), 0
            started = time.perf_counter()
            for step in generate(model, [[0, 5, 7]] * texts, settings, context=256, end=-1):
                tokens += sum(token is not None for token in step)
            found[f"{texts} texts"] = round(tokens / (time.perf_counter() - started))
        return found

    def _forget_peak(self) -> None:
        if self.gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)

    def _peak(self) -> int | None:
        return torch.cuda.max_memory_allocated(self.device) if self.gpu else None


def member(corpus: Path, run: Path) -> None:
    """One process of several; the first prints the losses, and all save a checkpoint."""
    plan = plan_from_json(json.loads((corpus / "plan.json").read_text()))
    manifest = read_manifest((corpus / "manifest.json").read_text())
    with team() as members:
        make_deterministic(plan)
        state = fresh_state(plan, manifest.vocabulary_size, members.device)
        if plan.sharded and members.world > 1:
            state = split_state(state, plan)
        loader = Loader(str(corpus), manifest, plan.loader, "train")
        feed = ShardFeed(
            loader, objective("next", manifest.vocabulary_size, 0), plan, members.device, members.rank, members.world
        )
        losses, moments = [], [time.monotonic()]
        for report in train(state, Stage(feed, language_loss(plan)), plan, members):
            losses.append(report.loss)
            moments.append(time.monotonic())
        if members.is_main:
            checkpoint.save(run, state, position=0, corpus="", shards={}, plan=plan.to_json())
            speed = (len(losses) - 2) * plan.step_tokens / (moments[-1] - moments[2])  # the first two steps warm up
            print(json.dumps({"losses": losses, "tokens_per_second": round(speed)}), flush=True)
        else:
            checkpoint.take_part(state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=450)
    parser.add_argument("--output", type=Path, default=Path("docs/bench-gpu.json"))
    parser.add_argument("--member", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.member:
        member(*arguments.member)
        return
    with tempfile.TemporaryDirectory(prefix="winnow-gpu-") as folder:
        bench = Bench(Path(folder), arguments.seconds, arguments.output)
        for mode in MODES:
            bench.part(f"speed, {mode}", lambda mode=mode: bench.speed(mode))  # type: ignore[misc]
        bench.part("two trainings", bench.exact)
        bench.part("loss", bench.loss)
        bench.part("processes", bench.processes, least=60)
        bench.part("text", bench.text)


if __name__ == "__main__":
    main()
