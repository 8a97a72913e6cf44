"""`make bench-train`: tokens per second, exactness and token efficiency of the trainer on this machine.

    python -m tests.bench.bench_train [--sizes tiny small] [--output docs/bench-train.json]

On a CPU `tiny` and `small` stand beside nanoGPT's architecture in plain torch, turn and turn about in one process. Where there is
a GPU, the GPT-2 shape too: fast and deterministic mode, MFU, peak memory, bits compared after two trainings. Needs torch and
numpy, makes its own text, and takes less than eight minutes either way.
"""

import argparse
import hashlib
import itertools
import json
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from model.budget import peak_flops
from model.training.batches import ShardFeed
from model.training.objectives import objective
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of
from model.training.stage import Stage
from model.training.train import TrainState, fresh_state, language_loss, make_deterministic, train
from tests.bench.plain_gpt import PlainGPT
from tokenizer.shards.files import FORMAT, ShardFile, ShardManifest, ShardWriter, shard_name
from tokenizer.shards.loader import Loader, LoaderSettings

VOCABULARY = {"tiny": 8_192, "small": 16_384, "gpt2": 50_257}
Result = dict[str, Any]


def write_text(folder: Path, tokens: int, vocabulary: int) -> ShardManifest:
    """Documents as long as those of the web, of a chain in which each token has four likely successors."""
    random = np.random.default_rng(0)
    (folder / "shards").mkdir()
    ranks = np.minimum(random.zipf(1.3, (vocabulary, 4)), vocabulary - 2) + 1
    with (folder / "shards" / shard_name(0)).open("w+b") as file:
        writer = ShardWriter(file, "uint16", 0)
        while writer.tokens < tokens:
            size = int(np.clip(np.exp(random.normal(6, 1.1)), 20, 20_000))
            choice, at, document = random.integers(0, 4, size), int(random.integers(2, vocabulary)), np.empty(size, np.uint16)
            for place in range(size):
                at = int(ranks[at, choice[place]])
                document[place] = at
            writer.add(document.tobytes())
        written = writer.close(shard_name(0))
    return ShardManifest(
        format=FORMAT, dtype="uint16", vocabulary_size=vocabulary, end_of_text=0, removed=1, tokenizer_sha256="", seed=0,
        shard_tokens=tokens, tokens=written.tokens, documents=written.documents, shards=(ShardFile(**written.__dict__),),
    )  # fmt: skip


class Ours:
    """Our trainer, a step at a time."""

    def __init__(self, corpus: Path, manifest: ShardManifest, plan: TrainPlan, device: torch.device) -> None:
        self.plan, self.device = plan, device
        settings = LoaderSettings(row_tokens=plan.row_tokens, batch_rows=plan.batch_rows, seed=plan.seed)
        self.loader = Loader(str(corpus), manifest, settings, "train")
        self.state: TrainState = fresh_state(plan, manifest.vocabulary_size, device)
        feed = ShardFeed(self.loader, objective("next", manifest.vocabulary_size, 0), plan, device)
        self.reports = train(self.state, Stage(feed, language_loss(plan)), plan, Team(device=device))

    def step(self) -> float:
        return next(self.reports).loss

    def sha256(self) -> str:
        digest = hashlib.sha256()
        tensors = {**dict(self.state.model.named_parameters()), **self.state.optimizers.tensors()}
        for name in sorted(tensors):
            digest.update(name.encode() + tensors[name].detach().cpu().numpy().tobytes())
        return digest.hexdigest()


class Plain:
    """nanoGPT's step on the same rows."""

    def __init__(self, ours: Ours, vocabulary: int) -> None:
        shape, self.plan, self.device, self.loader = ours.state.model.shape, ours.plan, ours.device, ours.loader
        torch.manual_seed(0)
        self.model = PlainGPT(-(-vocabulary // 64) * 64, shape.layers, shape.width, shape.heads, self.plan.row_tokens)
        self.model.to(self.device)
        fused = self.device.type == "cuda"
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=6e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=fused)
        self.steps = itertools.count()

    def step(self) -> float:
        batch = self.loader.batch(next(self.steps))
        self.optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for at in range(0, self.plan.batch_rows, self.plan.micro_batch_rows):
            rows = slice(at, at + self.plan.micro_batch_rows)
            ids, targets = (torch.from_numpy(part[rows]).to(self.device, torch.int64) for part in (batch.tokens, batch.targets))
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
                loss = self.model(ids, targets)
            (loss * self.plan.micro_batch_rows / self.plan.batch_rows).backward()
            total += float(loss.detach()) * self.plan.micro_batch_rows / self.plan.batch_rows
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return total


def seconds_per_step(step: Callable[[], float], steps: int) -> float:
    started = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - started) / steps


def beside_plain(corpus: Path, manifest: ShardManifest, size: str, device: torch.device, rounds: int, steps: int) -> Result:
    """Tokens per second of both, in turns; medians, so that what else runs on the machine hits both alike."""
    rows = 8 if device.type == "cpu" else None  # a step of `small` as it is trained would take a CPU half a minute
    plan = plan_of(size, steps=1 + rounds * steps, batch_rows=rows, threads=torch.get_num_threads())
    ours = Ours(corpus, manifest, plan, device)
    plain = Plain(ours, manifest.vocabulary_size)
    ours.step(), plain.step()
    pairs = [(seconds_per_step(ours.step, steps), seconds_per_step(plain.step, steps)) for _ in range(rounds)]
    mine, theirs = (plan.step_tokens / float(np.median(one)) for one in zip(*pairs, strict=True))
    ratio = float(np.median([other / own for own, other in pairs]))
    parameters = {"ours": ours.state.model.shape.parameters, "plain": sum(one.numel() for one in plain.model.parameters())}
    return {"size": size, "tokens_per_second": mine, "plain_tokens_per_second": theirs, "ratio": ratio, "parameters": parameters}


def exactness(corpus: Path, manifest: ShardManifest, size: str, device: torch.device, steps: int) -> Result:
    """Whether two trainings end with the same bits."""
    plan = plan_of(size, steps=steps, threads=torch.get_num_threads())
    make_deterministic(plan)
    found = []
    for _ in range(2):
        ours = Ours(corpus, manifest, plan, device)
        for _ in range(steps):
            ours.step()
        found.append(ours.sha256())
    return {"size": size, "steps": steps, "equal": found[0] == found[1], "sha256": found[0]}


def token_efficiency(corpus: Path, manifest: ShardManifest, size: str, device: torch.device, steps: int) -> Result:
    """Tokens that Muon needs for the loss that plain AdamW reaches, each at the best of three learning rates; curves of both."""
    curves: dict[str, tuple[float, list[float]]] = {}
    for optimizer, rates in (("adamw", (1e-3, 3e-3, 1e-2)), ("muon", (5e-3, 1e-2, 2e-2))):
        for rate in rates:
            plan = plan_of(
                size, steps=steps, optimizer=optimizer, learning_rate=rate, embedding_rate=rate, threads=torch.get_num_threads()
            )
            ours = Ours(corpus, manifest, plan, device)
            losses = smoothed([ours.step() for _ in range(steps)])
            if optimizer not in curves or losses[-1] < curves[optimizer][1][-1]:
                curves[optimizer] = (rate, losses)
    wanted = curves["adamw"][1][-1]
    reached = next((step for step, loss in enumerate(curves["muon"][1], 1) if loss <= wanted), None)
    share = None if reached is None else reached / steps
    sampled = {name: {"learning_rate": rate, "losses": losses[:: max(1, steps // 50)]} for name, (rate, losses) in curves.items()}
    return {"size": size, "steps": steps, "adamw_final_loss": wanted, "share_of_tokens": share, "curves": sampled}


def smoothed(losses: list[float], over: int = 20) -> list[float]:
    return [float(np.mean(losses[max(0, end - over) : end])) for end in range(1, len(losses) + 1)]


def on_gpu(corpus: Path, manifest: ShardManifest, device: torch.device) -> Result:
    """The GPT-2 shape at 1,024 tokens a row, bf16: speed of both modes, MFU by both conventions, peak memory, bits."""
    found: Result = {}
    name = torch.cuda.get_device_name(device)
    peak = peak_flops(name)
    for mode in ("fast", "deterministic"):
        plan = replace(plan_of("gpt2", steps=40), batch_rows=128, micro_batch_rows=64, deterministic=mode == "deterministic")
        torch.use_deterministic_algorithms(False)
        make_deterministic(plan)
        torch.cuda.reset_peak_memory_stats(device)
        ours = Ours(corpus, manifest, plan, device)
        for _ in range(10):
            ours.step()
        speed = plan.step_tokens / seconds_per_step(ours.step, 30)
        shape = ours.state.model.shape
        mfu = {kind: speed * shape.flops_per_token(1024, causal=causal) / peak if peak else None
               for kind, causal in (("palm", False), ("causal", True))}  # fmt: skip
        found[mode] = {"tokens_per_second": speed, "mfu": mfu, "peak_bytes": torch.cuda.max_memory_allocated(device)}
    found["deterministic_share"] = found["deterministic"]["tokens_per_second"] / found["fast"]["tokens_per_second"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["tiny", "small"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=Path, default=Path("docs/bench-train.json"))
    arguments = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    result: Result = {
        "device": name, "cores": torch.get_num_threads(), "torch": torch.__version__, "date": time.strftime("%Y-%m-%d"),
        "beside_plain": [], "exactness": [], "token_efficiency": None, "gpu": None,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="winnow-bench-") as folder:
        for size in [*arguments.sizes, *(["gpt2"] if device.type == "cuda" else [])]:
            corpus = Path(folder, size)
            corpus.mkdir()
            manifest = write_text(corpus, 3_000_000 if size == "gpt2" else 600_000, VOCABULARY[size])
            steps = {"tiny": 12, "small": 1, "gpt2": 1}[size]
            _add(result["beside_plain"], beside_plain(corpus, manifest, size, device, arguments.rounds, steps))
            _add(result["exactness"], exactness(corpus, manifest, size, device, steps=20 if size == "tiny" else 4))
            if size == "tiny":
                result["token_efficiency"] = token_efficiency(corpus, manifest, size, device, steps=80)
                print({key: value for key, value in result["token_efficiency"].items() if key != "curves"}, flush=True)
            if size == "gpt2":
                result["gpu"] = on_gpu(corpus, manifest, device)
                print(result["gpu"], flush=True)
            arguments.output.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {arguments.output}")


def _add(results: list[Result], one: Result) -> None:
    results.append(one)
    print(one, flush=True)


if __name__ == "__main__":
    main()
