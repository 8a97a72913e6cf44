"""The lot that the score weighs: how many stay, that a page's lot is its own, and what a recipe may not say."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RecipeError
from pipeline.select import SelectSettings, chances, drawn, lots

IDS = [f"{number:032x}" for number in range(20_000)]
PARETO = SelectSettings(sample="pareto")
BUCKETS = SelectSettings(sample="buckets", bucket_scores=(0.25, 0.5), bucket_shares=(0.0, 0.4, 1.0))


def scores(*values: float | None) -> pa.Array:
    return pa.array(values, pa.float32())


@given(st.lists(st.none() | st.floats(0, 1, width=32), max_size=30), st.integers(1, 64))
def test_the_chance_of_pareto_is_that_of_a_draw_above_one_minus_the_score(values: list[float | None], alpha: int) -> None:
    """numpy.random.pareto(alpha) > x has the chance (1 + x) ** -alpha."""
    expected = [1.0 if value is None else math.exp(-alpha * math.log1p(1 - value)) for value in values]
    assert chances(scores(*values), SelectSettings(sample="pareto", pareto_alpha=alpha)).tolist() == pytest.approx(expected)


def test_a_bucket_begins_with_its_score() -> None:
    assert chances(scores(0, 0.24, 0.25, 0.49, 0.5, 1, None), BUCKETS).tolist() == [0, 0, 0.4, 0.4, 1, 1, 1]
    tenth = SelectSettings(sample="buckets", bucket_scores=(0.1,), bucket_shares=(0.0, 1.0))
    assert chances(scores(0.1), tenth).tolist() == [1]  # .1 as a 32-bit number is above .1


@pytest.mark.parametrize("score", [0.5, 0.9, 1.0])
def test_as_many_stay_as_their_chance_says(score: float) -> None:
    stays = drawn(IDS, scores(*[score] * len(IDS)), PARETO)
    chance = (2 - score) ** -9
    assert abs(stays.mean() - chance) <= 4 * math.sqrt(chance * (1 - chance) / len(IDS))


def test_a_lot_depends_on_the_page_and_the_seed_alone() -> None:
    alone = np.concatenate([lots([doc_id], 7) for doc_id in IDS[:50]])
    assert alone.tolist() == lots(IDS, 7)[:50].tolist()
    assert lots(IDS[:50], 8).tolist() != alone.tolist()
    assert lots(["0"], 20240520).tolist() == [0.3924384599134636]  # the same in every version and on every machine


def test_a_better_page_never_loses_where_a_worse_one_would_stay() -> None:
    worse, better = (drawn(IDS, scores(*[score] * len(IDS)), PARETO) for score in (0.6, 0.8))
    assert (better >= worse).all() and better.sum() > worse.sum()


def test_without_a_way_to_draw_all_stay() -> None:
    assert drawn(["a", "b"], scores(0.0, None), SelectSettings()).tolist() == [True, True]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample": "lottery"}, "select.sample is 'lottery'"),
        ({"bucket_shares": (0.5, 1.0)}, "one share more than scores"),
        ({"bucket_scores": (0.5, 0.3, 0.7)}, "scores that rise"),
        ({"bucket_shares": (0.1, 0.3, 0.6, 1.1)}, "bucket_shares"),
        ({"pareto_alpha": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_drawn_by_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        SelectSettings(**changes)  # type: ignore[arg-type]
