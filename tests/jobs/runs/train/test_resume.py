"""Going on with a run by its folder alone, after a stop and over more steps. No Spark: its corpus is written from documents."""

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from jobs.commands.app import app
from jobs.runs.experiments.corpus import Document, write_corpus
from jobs.runs.train.metrics import read_metrics
from jobs.runs.train.resume import grown
from model.checkpoint_files import read_state, saved_steps
from model.training.plan import plan_of
from pipeline.errors import UsageError
from tests.jobs.running import WINNOW

WORDS = "the page of a crawl says what it says and no more than that".split()
SMALL = [*"--set row_tokens=32 --set batch_rows=4 --set threads=1 --set warmup_steps=2 --evaluate-every 100".split()]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resume") / "corpus"
    documents = [Document(f"page-{n}", " ".join(WORDS[n % 5 :] * 4)) for n in range(30)]
    write_corpus(folder, documents[:24], documents[24:], 300)
    return folder


@pytest.fixture(scope="module")
def long(corpus: Path) -> Path:
    """A run that had 40 steps from the start."""
    train(corpus, "--output", corpus.parent / "long", "--steps", 40, *SMALL)
    return corpus.parent / "long"


def train(*arguments: object) -> None:
    app(["train", *map(str, arguments)], standalone_mode=False)


def hashes(run: Path, step: int) -> tuple[str, str]:
    state = read_state(run, step)
    return state.model_sha256, state.optimizer_sha256


def test_a_stopped_run_saves_its_step_and_goes_on_by_its_folder_alone(corpus: Path, long: Path, tmp_path: Path) -> None:
    """At step 12 of 250 there was no message and no checkpoint, and all settings had to be repeated (2026-11)."""
    run = tmp_path / "run"
    command = [*WINNOW, "train", str(corpus), "--output", str(run), "--steps", "40", *SMALL]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while len(read_metrics(run)) < 5 and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == 130, said
    [step] = saved_steps(run)
    assert step == len(read_metrics(run)) < 40
    assert said[-1] == f"winnow: stopped after step {step} of 40, which is saved in {run}; the same command continues"
    train("--output", run)
    assert hashes(run, 40) == hashes(long, 40)
    assert [line["step"] for line in read_metrics(run)] == list(range(1, 41))


def test_a_run_that_grows_before_its_rates_fall_is_one_that_was_longer_from_the_start(
    corpus: Path, long: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    train(corpus, "--output", run, "--steps", 30, *SMALL, "--set", "save_every=7", "--set", "keep_last=9")
    assert saved_steps(run) == [7, 14, 21, 28, 30]
    train("--output", run, "--steps", 40)
    assert "going on from step 21, without the checkpoints after it (28, 30)" in " ".join(capsys.readouterr().err.split())
    assert hashes(run, 40) == hashes(long, 40)
    assert json.loads((run / "run.json").read_text())["plan"]["steps"] == 40
    assert [line["step"] for line in read_metrics(run)] == list(range(1, 41))


def test_a_run_of_which_nothing_is_left_from_before_its_rates_fell_does_not_grow(corpus: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(corpus, "--output", run, "--steps", 6, *SMALL)
    before = (run / "run.json").read_bytes()
    with pytest.raises(UsageError, match="cannot grow to 40 steps: its rates had begun to fall"):
        train("--output", run, "--steps", 40)
    assert saved_steps(run) == [6] and (run / "run.json").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--steps", 30], "steps = 40, not 30"),
        (["--seed", 1], "seed = 0, not 1"),
        (["--model", "small"], "model = tiny, not small"),
        (["--set", "clip=3"], "clip = 1.0, not 3.0"),
        (["--evaluate-every", 7], "evaluate_every = 100, not 7"),
    ],
)
def test_a_repeated_setting_that_differs_is_refused(long: Path, options: list[Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        train("--output", long, *options)


def test_the_same_settings_may_be_repeated(corpus: Path, long: Path) -> None:
    train(corpus, "--output", long, "--steps", 40, "--model", "tiny", "--seed", 0, *SMALL)
    assert saved_steps(long) == [40]


def test_a_folder_that_is_no_run_needs_a_corpus(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a run yet: `winnow train CORPUS --output"):
        train("--output", tmp_path / "none")


def test_warm_up_stays_as_long_and_other_schedules_do_not_grow() -> None:
    plan = plan_of("tiny", steps=1000)
    longer = grown(plan, 2000)
    assert (plan.rising, longer.rising) == (20, 20)
    assert [longer.rate_share(step) for step in range(700)] == [plan.rate_share(step) for step in range(700)]
    with pytest.raises(UsageError, match="cannot grow"):
        grown(plan_of("tiny", steps=1000, schedule="cosine"), 2000)
