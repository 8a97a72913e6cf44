"""What `winnow plan` says of a run before it is begun."""

import pytest

from jobs.runs.plan_run import planned, planned_tables
from model.budget import FITS, REPEATED
from model.training.plan import plan_of


def test_a_fit_says_nothing_where_guessing_loses_less_and_marks_what_is_beyond_its_runs() -> None:
    """Until 2026-11 `winnow plan` foretold 10.95 nats for `tiny`, where guessing among its tokens loses 9.70."""
    small = planned(plan_of("tiny"), 16_384, None, None, None, 4e14)
    assert set(small["run"]["expected_loss"].values()) == {None} and small["run"]["expected_loss_repeated"] is None
    assert small["run"]["guessing_loss"] == pytest.approx(9.704, abs=1e-3)
    told = [str(row[0]) for row in planned_tables(small)[0][2]]
    assert sum("says nothing of a run so small" in row for row in told) == 3
    longer = planned(plan_of("tiny"), 16_384, 1e12, None, None, 4e14)["run"]
    assert longer["extrapolated"] == [fit.source for fit in (*FITS, REPEATED)] and None not in longer["expected_loss"].values()
    for fit in FITS:
        assert fit.knows(7e7, 1e10) and not fit.knows(6e7, 1e10) and not fit.knows(7e7, 1e9)
