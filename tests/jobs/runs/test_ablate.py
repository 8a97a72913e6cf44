from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from jobs.runs import ablate
from jobs.runs.evaluate.evaluate_run import Cost
from model.training.parallel import Team
from model.training.plan import plan_of

TOKENS = {"raw": 100, "clean": 90, "a": 1, "b": 1}


def test_a_difference_that_every_seed_shows_is_not_hidden_by_what_seeds_do_alike() -> None:
    seeds = np.array([0.9, 1.0, 1.1])  # apart by .1, the corpora by .01 in each
    first, second = ablate.compared({"raw": seeds, "clean": seeds - 0.01}, TOKENS, 7)
    assert (first.against_first, first.against_first_low, first.against_first_high) == (0, 0, 0)
    assert second.against_first == pytest.approx(-0.01)
    assert second.against_first_low == pytest.approx(-0.01) == pytest.approx(second.against_first_high)
    assert second.low is not None and second.low < first.bits_per_byte < second.high  # unpaired, they overlap


def test_the_paired_interval_is_student_s() -> None:
    row = ablate.compared({"raw": np.array([1.0, 2.0]), "clean": np.array([1.1, 2.3])}, TOKENS, 7)[1]
    margin = 12.706 * np.std([0.1, 0.3], ddof=1) / np.sqrt(2)
    assert row.against_first_low == pytest.approx(0.2 - margin) and row.against_first_high == pytest.approx(0.2 + margin)


def test_one_seed_has_no_interval() -> None:
    row = ablate.compared({"raw": np.array([1.0]), "clean": np.array([1.5])}, TOKENS, 7)[1]
    assert (row.against_first, row.against_first_low, row.against_first_high) == (0.5, None, None)


def test_models_are_trained_and_judged_on_the_team_s_device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They were trained on the CPU beside a GPU (2026-11-28)."""
    devices: list[torch.device] = []
    team = Team(device=torch.device("meta"))

    def trained(corpus: Path, run: Path, plan: Any, of: Team) -> list[None]:
        devices.append(of.device)
        return []

    def loaded(run: Path, step: int | None, device: torch.device) -> tuple[Any, Any, int]:
        devices.append(device)
        return SimpleNamespace(), SimpleNamespace(corpus="", tokenizer_sha256=""), 1

    monkeypatch.setattr(ablate, "train_run", trained)
    monkeypatch.setattr(ablate, "load_model", loaded)
    monkeypatch.setattr(ablate, "open_run_loader", lambda *_: None)
    monkeypatch.setattr(ablate, "token_bytes", lambda *_: None)
    monkeypatch.setattr(ablate, "_tokens", lambda corpus: TOKENS[Path(corpus).name])
    monkeypatch.setattr(ablate, "document_costs", lambda *_: {"page": Cost(1, 8.0, 4, 16)})
    rows = ablate.ablate([tmp_path / "a", tmp_path / "b"], tmp_path / "out", [plan_of("tiny")], team, lambda _: None)
    assert devices == [team.device] * 4 and [row.documents for row in rows] == [1, 1]
