"""Two processes on one machine against one process: the same rows, the same losses."""

import json
import subprocess
import sys
from pathlib import Path

from model.training.batches import ShardFeed
from model.training.objectives import next_token
from tests.model.small import CPU, corpus, loader_of, small_plan, trained
from tests.paths import PROJECT

PROGRAM = """
import json, sys
from pathlib import Path
from model.training.batches import ShardFeed
from model.training.objectives import objective
from model.training.parallel import team
from model.training.stage import Stage
from model.training.train import fresh_state, language_loss, make_deterministic, train
from tests.model.small import VOCABULARY, loader_of, small_plan

plan = small_plan(batch_rows=8, micro_batch_rows=2)
make_deterministic(plan)
with team() as members:
    state = fresh_state(plan, VOCABULARY, members.device)
    loader = loader_of(Path(sys.argv[1]), plan)
    feed = ShardFeed(loader, objective("next", VOCABULARY, 0), plan, members.device, members.rank, members.world)
    losses = [report.loss for report in train(state, Stage(feed, language_loss(plan)), plan, members)]
    weights = [float(weight.sum()) for weight in state.model.parameters()]
    Path(sys.argv[2], f"{members.rank}.json").write_text(json.dumps([losses, weights]))
"""


def test_two_processes_train_as_one_does(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, str(program), str(folder), str(tmp_path)]
    environment = {"PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    first, second = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1))
    assert first == second
    _, alone = trained(folder, small_plan(batch_rows=8, micro_batch_rows=2))
    # The first step is the same to rounding; Muon, which works in bf16, lets rounding grow from step to step.
    assert abs(alone[0] - first[0][0]) < 1e-6
    assert len(alone) == len(first[0]) and all(abs(a - b) < 1e-3 for a, b in zip(alone, first[0], strict=True))


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
