"""A checkpoint in a run's folder is its own, or it is refused by name, whoever reads it."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from jobs.corpus.folder import Corpus
from jobs.runs.checkpoints import checkpoint_of
from jobs.runs.record import FORMAT, RunRecord
from model.checkpoint_files import CheckpointState, folder_of
from pipeline.errors import CorpusError
from pipeline.hashing import with_checksum
from tests.jobs.stored import put

OLD, NEW, OTHER = ("ab" * 32, "cd" * 32, "ef" * 32)
PLAN = {"seed": 1, "steps": 8, "warmup_steps": 2}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return put(tmp_path / "C", {}, {}, redacted_shards={OLD: NEW})


@pytest.fixture
def record(corpus: Corpus) -> RunRecord:
    return RunRecord(FORMAT, corpus.root, NEW, {}, [7], 600, 0, "01" * 32, PLAN, {}, {}, "cpu", 1)


def saved(run: Path, corpus: str, **changes: Any) -> Path:
    folder_of(run, 4).mkdir(parents=True)
    state = CheckpointState(4, 8, "00", "00", corpus, {}, PLAN | changes)
    (folder_of(run, 4) / "state.json").write_text(json.dumps(with_checksum(asdict(state))))
    return run


@pytest.mark.parametrize("shards", [NEW, OLD], ids=["its own", "from before a takedown of pages that it had not read"])
def test_a_checkpoint_of_the_run_is_taken(record: RunRecord, tmp_path: Path, shards: str) -> None:
    assert checkpoint_of(saved(tmp_path / "run", shards), record, 4).position == 8


def test_a_run_that_has_grown_takes_its_shorter_plans_checkpoints(record: RunRecord, tmp_path: Path) -> None:
    assert checkpoint_of(saved(tmp_path / "run", NEW, steps=6, warmup_steps=1), record, 4).step == 4


def test_a_checkpoint_trained_on_other_shards_is_refused(record: RunRecord, tmp_path: Path) -> None:
    """Two runs on two corpora: copied into the other's folder, a checkpoint gave its text without a word."""
    with pytest.raises(CorpusError, match=r"step-0000004/state\.json is of another run .* on shards efef"):
        checkpoint_of(saved(tmp_path / "run", OTHER), record, 4)


def test_a_checkpoint_of_another_seed_is_refused(record: RunRecord, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="with seed = 2 and not 1"):
        checkpoint_of(saved(tmp_path / "run", NEW, seed=2), record, 4)


def test_shards_alone_without_a_corpus_of_ours_are_compared_as_they_are(record: RunRecord, tmp_path: Path) -> None:
    run, bare = saved(tmp_path / "run", OLD), replace(record, corpus=str(tmp_path))
    with pytest.raises(CorpusError, match="on shards abab"):
        checkpoint_of(run, bare, 4)
