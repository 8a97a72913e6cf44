"""A page out of a run that two processes trained: the same bits as two processes that never saw it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from jobs.runs.record import read_run
from jobs.runs.train import several
from jobs.runs.train.metrics import Measured
from jobs.runs.train.several import require_room, trained_by_several
from jobs.runs.unlearn.replay import REPLAY, hashes
from model.checkpoint_files import saved_steps
from pipeline.errors import EnvironmentProblem, UsageError
from tests.jobs.running import WINNOW, descendants
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import sft_rows, write_rows
from tests.jobs.takedown.test_runs import PLAN, Pair, broken, chosen
from tests.paths import PROJECT

TWO = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python", *WINNOW]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
STEPS = 24
# Two rows for each process, one after the other: of one row each, one process would add up to the same bits.
TWO_ROWS_EACH = [*PLAN, "--steps", STEPS, "--set", "batch_rows=4", "--set", "micro_batch_rows=1"]


@pytest.fixture(autouse=True)
def found_by_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes that a replay starts import the code that is tested."""
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))


def by_two(corpus: Path, run: Path, *more: object) -> Path:
    command = [*TWO, "train", corpus, "--output", run, *TWO_ROWS_EACH, *more]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return run


@pytest.fixture(scope="module")
def trained(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus and a run of two processes on it, which nothing changes."""
    folder = tmp_path_factory.mktemp("two")
    shutil.copytree(small, folder / "corpus")
    by_two(folder / "corpus", folder / "run")
    return folder


@pytest.fixture
def pair(trained: Path, tmp_path: Path) -> Pair:
    return Pair(trained, tmp_path)


def test_two_processes_replay_to_the_bits_of_two_that_never_saw_the_page(pair: Pair) -> None:
    certificate = pair.take_out(chosen(pair, "at the end"), "--oracle")
    assert certificate["exact"] and certificate["run"]["rollback"] > 0, "and not from the start"
    assert read_run(pair.run).processes == 2
    never = hashes(by_two(pair.corpus, pair.run.with_name("never")), STEPS)
    assert hashes(pair.run, STEPS) == never != read_run(pair.run).takedowns[-1]["before"]
    inside("train", pair.corpus, "--output", pair.run.with_name("alone"), *TWO_ROWS_EACH)
    assert hashes(pair.run.with_name("alone"), STEPS) != never, "one process does not give them"
    assert broken(pair.corpus / "takedowns" / certificate["request"]["name"] / "certificate.json") == []


@pytest.mark.cluster
def test_so_do_processes_that_split_the_weights_between_them(trained: Path, tmp_path: Path) -> None:
    by_two(trained / "corpus", trained / "split" / "run", "--set", "sharded=true")
    shutil.copytree(trained / "corpus", trained / "split" / "corpus")
    pair = Pair(trained / "split", tmp_path)
    pair.take_out(chosen(pair, "at the end"))
    assert hashes(pair.run, STEPS) == hashes(by_two(pair.corpus, tmp_path / "never", "--set", "sharded=true"), STEPS)


@pytest.mark.cluster
def test_what_one_process_makes_of_such_a_run_is_replayed_by_one_after_two(pair: Pair) -> None:
    """A training on longer rows by stretched positions, and a tuning of that."""
    data, longer, tuned = (pair.run.with_name(name) for name in ("sft.jsonl", "longer", "tuned"))
    stretched = ["rope_type=yarn", "rope_factor=2", "rope_context=256", "row_tokens=512", "batch_rows=2", "threads=1"]
    settings = [part for one in stretched for part in ("--set", one)]
    inside("train", pair.corpus, "--output", longer, "--init-from", pair.run, "--steps", 3, *settings)
    tuning = ["--method", "sft", "--data", write_rows(data, sft_rows()), "--steps", 3, "--set", "examples=4"]
    inside("finetune", longer, *tuning, "--output", tuned)
    named = ["--doc", *chosen(pair, "in the first step"), "--run", tuned]
    certificate = json.loads(inside("takedown", pair.corpus, *named, "--oracle", "--json"))
    assert certificate["exact"] and [read_run(run).processes for run in (pair.run, longer, tuned)] == [2, 1, 1]
    assert read_run(tuned).train_plan.shape(600).rope_scaling == read_run(longer).train_plan.shape(600).rope_scaling
    for run in (pair.run, longer, tuned):
        assert read_run(run).takedowns[-1]["after"] != read_run(run).takedowns[-1]["before"]


@pytest.mark.cluster
def test_stopped_it_saves_leaves_no_process_and_goes_on_to_the_same_bits(pair: Pair) -> None:
    doc_id = chosen(pair, "in the first step")[0]
    command = [*map(str, [*WINNOW, "takedown", pair.corpus, "--doc", doc_id, "--run", pair.run])]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    metrics = pair.run / REPLAY / "metrics.jsonl"
    while process.poll() is None and not (metrics.exists() and metrics.read_text().count("\n") > 2):
        time.sleep(0.05)
    started = descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[1].strip().splitlines()[-1]
    assert process.returncode == 130 and f"of {STEPS}, which is saved in {pair.run / REPLAY}" in said
    assert len(started) >= 3 and not any(Path(f"/proc/{one}").exists() for one in started), "torchrun and its two"
    reached = saved_steps(pair.run / REPLAY)[-1]
    assert 0 < reached < STEPS
    certificate = json.loads(inside("takedown", pair.corpus, "--run", pair.run, "--oracle", "--json"))
    assert certificate["exact"] and read_run(pair.run).takedowns[-1]["steps"] == STEPS - reached


def test_an_approximate_method_is_refused_for_what_can_be_made_again(pair: Pair) -> None:
    arguments = ["takedown", pair.corpus, "--doc", pair.documents()[0], "--run", pair.run, "--method", "npo"]
    refused(*arguments, words=("by several processes, and can be made again: --method exact",))


def test_processes_with_a_gpu_each_want_as_many_here(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    require_room(pair.run, read_run(pair.run))
    with pytest.raises(UsageError, match="was trained by 2 processes with a GPU each, and this machine has 1"):
        require_room(pair.run, replace(read_run(pair.run), device="NVIDIA H200"))


def test_a_run_of_several_machines_is_known_as_one_and_refused_before_anything_changes(pair: Pair) -> None:
    """Two torchruns that find each other by an address are what two machines start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = pair.run.with_name("of-two-machines")
    nodes = ["--nnodes", 2, "--nproc-per-node", 1, "--master-addr", "127.0.0.1", "--master-port", port]
    command = [sys.executable, "-m", "torch.distributed.run", *nodes, "--node-rank"]
    training = ["--no-python", *WINNOW, "train", pair.corpus, "--output", run, *TWO_ROWS_EACH]
    both = [subprocess.Popen([*map(str, [*command, node, *training])], env=ENVIRONMENT) for node in (1, 0)]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert (read_run(run).processes, read_run(run).machines) == (2, 2)
    before, documents = pair.corpus.joinpath("corpus.json").read_bytes(), pair.documents()
    refused("takedown", pair.corpus, "--doc", documents[0], "--run", run, words=("2 machines", f"--out-of-reach {run}"))
    assert pair.corpus.joinpath("corpus.json").read_bytes() == before
    refused("train", pair.corpus, "--output", run, *TWO_ROWS_EACH, words=("processes = 2",))


def test_what_one_of_them_cannot_do_is_one_line(pair: Pair, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"by 2 processes \(.*nothing is not a run.*\): start the same") as error:
        list(trained_by_several(tmp_path / "nothing", read_run(pair.run), 4))
    assert "\n" not in str(error.value)


def test_other_lines_that_they_print_are_passed_over_and_the_first_error_is_told(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NCCL_DEBUG the lines of a library stand between those of the steps."""
    expected = Measured(3, 2.5, 1.0, 0.01, 0.01, 900.0, None, None)
    told = f"print('NCCL INFO ring'); print('''{json.dumps(asdict(expected))}'''); raise ValueError('no room')"
    monkeypatch.setattr(several, "_TORCHRUN", [sys.executable, "-c", told])
    steps = trained_by_several(pair.run, read_run(pair.run), 4)
    assert next(steps) == expected
    with pytest.raises(EnvironmentProblem, match=r"by 2 processes \(ValueError: no room\)"):
        next(steps)
