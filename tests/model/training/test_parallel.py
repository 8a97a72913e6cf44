"""Two processes on one machine against one process: the same rows, the same losses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from model import checkpoint
from model.training.batches import ShardFeed
from model.training.objectives import next_token
from model.training.parallel import device_of
from pipeline.errors import UsageError
from tests.model.small import CPU, all_tensors, corpus, loader_of, small_plan, trained
from tests.paths import PROJECT

PROGRAM = """
import json, sys
from pathlib import Path
from model import checkpoint
from model.training.batches import ShardFeed
from model.training.objectives import objective
from model.training.parallel import team
from model.training.stage import Stage
from model.training.train import fresh_state, language_loss, make_deterministic, split_state, train
from tests.model.small import VOCABULARY, loader_of, small_plan

plan = small_plan(batch_rows=8, micro_batch_rows=2)
make_deterministic(plan)
with team() as members:
    state = fresh_state(plan, VOCABULARY, members.device)
    loader = loader_of(Path(sys.argv[1]), plan)
    feed = ShardFeed(loader, objective("next", VOCABULARY, 0), plan, members.device, members.rank, members.world)
    whole = list(train(state, Stage(feed, language_loss(plan)), plan, members))
    losses = [report.loss for report in whole]
    weights = [float(weight.sum()) for weight in state.model.parameters()]
    split = fresh_state(plan, VOCABULARY, members.device)
    began = [report.loss for report in train(split, Stage(feed, language_loss(plan)), plan, members, until=4)]
    split = split_state(split, plan)
    held = sum(weight.to_local().numel() for weight in split.model.parameters())
    parts = list(train(split, Stage(feed, language_loss(plan)), plan, members))
    of_split = began + [report.loss for report in parts]
    norms = [[report.gradient_norm for report in reports] for reports in (whole[4:], parts)]
    if members.is_main:
        checkpoint.save(Path(sys.argv[2], "run"), split, position=0, corpus="", shards={}, plan={})
    else:
        checkpoint.take_part(split)
    Path(sys.argv[2], f"{members.rank}.json").write_text(json.dumps([losses, weights, of_split, norms, held]))
"""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have trained: with whole weights, and with weights that are split after four steps."""
    folder = tmp_path_factory.mktemp("two")
    program = folder / "program.py"
    program.write_text(PROGRAM)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, str(program), str(corpus(folder / "corpus")), str(folder)]
    environment = {"PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def test_two_processes_train_as_one_does(two: Path) -> None:
    first, second = (json.loads((two / f"{rank}.json").read_text())[:4] for rank in (0, 1))
    assert first == second
    for of_whole, of_split in zip(*first[3], strict=True):  # neither Muon nor AdamW would tell half a gradient from all of it
        assert abs(of_whole - of_split) < 1e-2 * of_whole
    _, alone = trained(two / "corpus", small_plan(batch_rows=8, micro_batch_rows=2))
    # The first step is the same to rounding; Muon, which works in bf16, lets rounding grow from step to step.
    assert abs(alone[0] - first[0][0]) < 1e-6
    for losses in (first[0], first[2]):
        assert len(alone) == len(losses) and all(abs(a - b) < 1e-3 for a, b in zip(alone, losses, strict=True))


def test_split_weights_are_saved_whole_and_one_process_goes_on_with_them(two: Path) -> None:
    plan = small_plan(batch_rows=8, micro_batch_rows=2)
    state, _ = trained(two / "corpus", plan, steps=4)
    alone, _ = trained(two / "corpus", plan)
    recorded = checkpoint.load(two / "run", plan.steps, state)
    assert state.step == recorded.step == plan.steps
    left, right = all_tensors(state), all_tensors(alone)
    assert left.keys() == right.keys() and all(one.shape == right[name].shape for name, one in left.items())
    assert all(torch.allclose(left[name], right[name], atol=2e-2) for name in dict(alone.model.named_parameters()))
    held = [json.loads((two / f"{rank}.json").read_text())[4] for rank in (0, 1)]
    weights = sum(weight.numel() for weight in alone.model.parameters())
    assert sum(held) == weights and max(held) < 0.6 * weights, "each process holds its part"


def test_each_process_takes_its_own_rows_and_together_they_take_all(tmp_path: Path) -> None:
    plan = small_plan(batch_rows=8, micro_batch_rows=2)
    loader = loader_of(corpus(tmp_path / "c"), plan)
    feeds = [ShardFeed(loader, next_token, plan, CPU, rank, 3) for rank in range(3)]
    read = sorted(tuple(inputs.targets.tolist()) for feed in feeds for inputs in feed.prepare(1))
    rows = loader.rows_of_step(1)
    parts = [rows[rank::3] for rank in range(3)]
    pairs = [part[at : at + 2] for part in parts for at in range(0, len(part), 2)]
    assert read == sorted(tuple(loader.load(pair).targets.ravel().tolist()) for pair in pairs)
    assert sorted(row for part in parts for row in part.tolist()) == sorted(rows.tolist())


@pytest.mark.parametrize(
    ("asked", "gpus", "local", "found"),
    [
        (None, 0, None, "cpu"), (None, 2, None, "cuda:0"), (None, 2, "1", "cuda:1"), ("cpu", 2, "1", "cpu"),
        ("cuda", 1, None, "cuda:0"), ("cuda", 2, "1", "cuda:1"), ("cuda:1", 2, None, "cuda:1"),
    ],
)  # fmt: skip
def test_a_device_that_is_asked_for_is_the_one(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, gpus: int, local: str | None, found: str
) -> None:
    machine(monkeypatch, gpus, local)
    assert str(device_of(asked)) == found


@pytest.mark.parametrize(
    ("asked", "gpus", "local", "why"),
    [
        ("cuda", 0, None, "--device cuda: this machine has no GPU that torch can use"),
        ("cuda:2", 2, None, "--device cuda:2: this machine has 2 of them, from cuda:0 on"),
        ("cuda", 2, "2", "this machine has 2 of them"), ("cuda:0", 2, "1", "torchrun gives each process a GPU of its own"),
        ("tpu", 1, None, "--device tpu: cpu, cuda or cuda:N"), ("cuda:", 1, None, "cpu, cuda or cuda:N"),
        ("cuda:-1", 1, None, "cpu, cuda or cuda:N"), ("cpu:0", 0, None, "cpu, cuda or cuda:N"),
    ],
)  # fmt: skip
def test_one_that_is_not_there_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, asked: str, gpus: int, local: str | None, why: str
) -> None:
    machine(monkeypatch, gpus, local)
    with pytest.raises(UsageError, match=why):
        device_of(asked)


def machine(monkeypatch: pytest.MonkeyPatch, gpus: int, local: str | None) -> None:
    """One with so many GPUs; `local` is the process' place on it, where torchrun started several."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if local is not None:
        monkeypatch.setenv("LOCAL_RANK", local)
