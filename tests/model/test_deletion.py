"""The price of deletions: closed forms against counting and drawing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.deletion import DeletionCosts, best_spacing, cost_of, expected_replay_share


def costs(**changes: float) -> DeletionCosts:
    given = {
        "steps": 5000, "first_epoch": 2500, "rows_per_page": 1.0, "requests": 20, "checkpoint_bytes": 1.5e9, "run_hours": 2.0,
        "hour_price": 3.0, "gigabyte_price": 0.25,
    }  # fmt: skip
    return DeletionCosts(**given | changes)  # type: ignore[arg-type]


@given(st.integers(1, 300), st.integers(0, 300), st.integers(1, 400))
def test_the_expected_replay_is_the_mean_over_all_first_reads(first_epoch: int, more: int, spacing: int) -> None:
    steps = first_epoch + more
    counted = np.mean([(steps - first // spacing * spacing) / steps for first in range(first_epoch)])
    assert expected_replay_share(costs(steps=steps, first_epoch=first_epoch), spacing) == pytest.approx(counted)


@given(st.integers(2, 300), st.integers(0, 300), st.integers(1, 400), st.data())
def test_a_page_that_is_read_late_is_replayed_from_there(first_epoch: int, more: int, spacing: int, data: st.DataObject) -> None:
    steps, turn = first_epoch + more, data.draw(st.integers(1, first_epoch - 1))
    given = costs(steps=steps, first_epoch=first_epoch, late_share=1 - turn / first_epoch)
    for late, reads in ((False, range(turn)), (True, range(turn, first_epoch))):
        counted = np.mean([(steps - first // spacing * spacing) / steps for first in reads])
        assert expected_replay_share(given, spacing, late=late) == pytest.approx(counted, abs=1e-9)


def test_a_longer_page_is_read_earlier_as_drawing_says() -> None:
    rows, first_epoch, spacing = 5, 2500, 50
    drawn = np.random.default_rng(0).integers(0, first_epoch, (200_000, rows)).min(axis=1)
    expected = np.mean((5000 - drawn // spacing * spacing) / 5000)
    assert expected_replay_share(costs(rows_per_page=rows), spacing) == pytest.approx(expected, abs=1e-3)


@given(st.floats(0.1, 1000), st.floats(1e6, 1e11), st.floats(0.01, 10))
def test_no_other_spacing_is_much_cheaper_than_the_best(requests: float, size: float, price: float) -> None:
    given = costs(requests=requests, checkpoint_bytes=size, gigabyte_price=price)
    best = cost_of(given, best_spacing(given)).cost
    others = [cost_of(given, spacing).cost for spacing in {1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 2500}]
    assert best <= 1.03 * min(others)


def test_requests_for_late_pages_alone_are_answered_with_few_checkpoints() -> None:
    given = costs(late_share=0.02, late_requests=0.999)
    best = cost_of(given, best_spacing(given))
    others = [cost_of(given, spacing).cost for spacing in range(1, 2501)]
    assert best.cost <= 1.03 * min(others)
    assert best.late_replay_share < 0.6 < best.replay_share  # half of the run is a second epoch, which is trained again


def test_without_requests_no_checkpoint_is_worth_keeping() -> None:
    assert cost_of(costs(), best_spacing(costs(requests=0))).checkpoints == 0
