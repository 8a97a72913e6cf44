import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenizer.shards.permutation import Permutation


@given(st.integers(1, 700), st.integers(0, 2**70), st.integers(0, 5))
def test_everything_comes_exactly_once_and_is_found_back(size: int, seed: int, epoch: int) -> None:
    order = Permutation(size, seed, epoch)
    things = order(np.arange(size))
    assert sorted(things.tolist()) == list(range(size))
    assert order.inverse(things).tolist() == list(range(size))


@given(st.integers(1, 2**40), st.data())
def test_a_place_far_out_is_reached_without_the_others(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, size - 1))
    order = Permutation(size, 3)
    thing = order(np.array([position]))
    assert 0 <= thing[0] < size
    assert order.inverse(thing).tolist() == [position]


def test_seed_and_epoch_are_not_the_same_key() -> None:
    orders = {tuple(Permutation(50, seed, epoch)(np.arange(50)).tolist()) for seed in range(4) for epoch in range(4)}
    assert len(orders) == 16


def test_the_order_is_spread_like_a_random_one() -> None:
    """Neighbours land a third of the length apart on average, and halves keep half of their own."""
    size = 20_000
    things = Permutation(size, 1, 2)(np.arange(size))
    assert abs(np.abs(np.diff(things)).mean() / size - 1 / 3) < 0.01
    assert abs((things[: size // 2] < size // 2).mean() - 0.5) < 0.02


@pytest.mark.parametrize("position", [-1, 10])
def test_a_place_outside_is_refused(position: int) -> None:
    with pytest.raises(IndexError, match="0 to 9"):
        Permutation(10, 0)(np.array([position]))


def test_the_order_of_a_seed_never_changes() -> None:
    """Runs that were trained are resumed by it."""
    assert Permutation(8, 0, 0)(np.arange(8)).tolist() == [1, 5, 2, 0, 3, 4, 7, 6]
