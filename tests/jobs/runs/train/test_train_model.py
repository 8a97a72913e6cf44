"""What a run measures on its way, and says. No Spark: its corpus is written from documents."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.commands.app import app
from jobs.commands.runs.progress import progress_line
from jobs.runs.experiments.corpus import Document, write_corpus
from jobs.runs.generate_text import load_run
from jobs.runs.record import read_run, write_run
from jobs.runs.train.metrics import Measured, read_metrics
from jobs.runs.train.train_model import repeated_rows, require_even, train_run
from jobs.runs.unlearn import oracle
from jobs.runs.unlearn.replay import _train_again
from model.training.muon import product_bits
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of
from pipeline.errors import UsageError
from tests.model.small import CPU

WORDS = "the page of a crawl says what it says and no more than that".split()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train") / "corpus"
    documents = [Document(f"page-{n}", " ".join(WORDS[n % 5 :] * 4)) for n in range(30)]
    write_corpus(folder, documents[:24], documents[24:], 300)
    return folder


def small(**changes: Any) -> TrainPlan:
    return plan_of("tiny", **({"steps": 6, "row_tokens": 32, "batch_rows": 4, "threads": 1, "evaluate_every": 3} | changes))


def looks(run: Path) -> list[int]:
    return [line["step"] for line in read_metrics(run) if line["validation_loss"] is not None]


@pytest.fixture(scope="module")
def run(corpus: Path) -> Path:
    for _ in train_run(corpus, corpus.parent / "run", small(), Team(), workers=0):
        pass
    return corpus.parent / "run"


def test_a_run_records_the_bits_of_muon_s_products(run: Path) -> None:
    assert read_run(run).train_plan.muon_bits == product_bits(CPU)


def test_a_run_is_not_resumed_with_other_products(corpus: Path, run: Path) -> None:
    other = {16: 32, 32: 16}[product_bits(CPU)]
    with pytest.raises(UsageError, match=rf"plan\.muon_bits = {product_bits(CPU)}, not {other}"):
        next(train_run(corpus, run, small(muon_bits=other), Team()))


def test_metrics_and_log_have_the_rates_of_both_groups(corpus: Path, tmp_path: Path) -> None:
    plan = small(steps=2, optimizer="adamw", learning_rate=3e-4)
    measured = list(train_run(corpus, tmp_path / "run", plan, Team(), workers=0))
    for line in read_metrics(tmp_path / "run"):
        assert line["learning_rate"] == line["embedding_rate"] == 3e-4
    assert "rates 0.0003 matrices, 0.0003 embedding" in progress_line(measured[0], 2)


def test_held_out_text_is_looked_at_as_often_as_the_run_asked_by_oracle_and_replay_too(
    corpus: Path, run: Path, tmp_path: Path
) -> None:
    """Both looked ten times, whatever was asked (2026-11-28)."""
    assert looks(run) == [3, 6]
    oracle.main(str(run), str(tmp_path / "oracle"), "6")
    assert looks(tmp_path / "oracle") == [3, 6]
    shown: list[Measured] = []
    write_run(tmp_path / "replay", read_run(run))
    _train_again(tmp_path / "replay", read_run(run), 6, Team(), shown.append)
    assert [one.step for one in shown if one.validation_loss is not None] == [3, 6]


def test_a_step_larger_than_the_corpus_is_said(corpus: Path, tmp_path: Path) -> None:
    said: list[str] = []
    for _ in train_run(corpus, tmp_path / "run", small(steps=1, batch_rows=4096), Team(), workers=0, say=said.append):
        pass
    [line] = said
    assert "a step reads 4,096 rows and the corpus has" in line and "--set batch_rows=" in line
    assert repeated_rows(small(batch_rows=4), 4) is None
    assert json.loads((tmp_path / "run" / "run.json").read_text())["plan"]["batch_rows"] == 4096


def test_generation_says_that_a_row_is_full_before_all_tokens_are_made(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It stopped there without a word (2026-11-28)."""
    loaded = load_run(run)
    room = loaded.room("the page")
    assert room == 32 - len(loaded.tokens_of("the page"))
    for asked, line in ((room, ""), (40, f"text stops after {room} tokens at the latest, not 40: a row of this run has 32")):
        app(["generate", str(run), "--prompt", "the page", "--max-tokens", str(asked)], standalone_mode=False)
        said = " ".join(capsys.readouterr().err.split())
        assert said.startswith(line) if line else "text stops" not in said


def test_processes_that_wait_for_each_other_have_as_many_micro_batches() -> None:
    require_even(small(batch_rows=8, micro_batch_rows=4, sharded=True), Team(world=2))
    with pytest.raises(UsageError, match="batch_rows 8 is no multiple of 3 processes times micro_batch_rows 4"):
        require_even(small(batch_rows=8, micro_batch_rows=4, sharded=True), Team(world=3))
