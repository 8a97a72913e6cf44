import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenizer.shards.packing import Rows, best_fit, pack


def best_fit_one_by_one(sizes: list[int], room: int) -> list[int]:
    """The rooms left after placing each item, longest first, into the fullest row that takes it."""
    rooms: list[int] = []
    for size in sorted(sizes, reverse=True):
        fitting = [left for left in rooms if left >= size]
        if fitting:
            rooms[rooms.index(min(fitting))] -= size
        else:
            rooms.append(room - size)
    return sorted(rooms)


@given(st.lists(st.integers(1, 40), max_size=120), st.integers(40, 64))
def test_best_fit_is_that_of_placing_one_by_one(sizes: list[int], room: int) -> None:
    rows = best_fit(np.array(sizes, np.int64), room)
    used = np.bincount(rows, weights=sizes).astype(int) if sizes else np.zeros(0, int)
    assert sorted((room - used).tolist()) == best_fit_one_by_one(sizes, room)


def read(rows: Rows) -> list[int]:
    """Every token of every piece."""
    return [token for start, length in zip(rows.starts, rows.lengths, strict=True) for token in range(start, start + length)]


def filled(rows: Rows) -> np.ndarray:
    return np.add.reduceat(rows.lengths, rows.first_piece[:-1]) if len(rows) else np.zeros(0, int)


@given(st.lists(st.integers(1, 300), max_size=80), st.integers(2, 64))
def test_every_token_is_read_exactly_once_and_no_piece_spans_two_documents(lengths: list[int], row_tokens: int) -> None:
    sizes = np.array(lengths, np.int64)
    starts = np.cumsum(sizes) - sizes
    rows = pack(starts, sizes, row_tokens)
    assert sorted(read(rows)) == list(range(int(sizes.sum())))
    document = np.repeat(np.arange(len(sizes)), sizes)
    for start, length in zip(rows.starts, rows.lengths, strict=True):
        assert len(set(document[start : start + length].tolist())) == 1
    assert (filled(rows) <= row_tokens).all()
    assert (filled(rows) > 0).all()


@pytest.mark.parametrize("kind", ["web", "all of one awkward size", "long"])
def test_padding_stays_under_two_percent(kind: str) -> None:
    random = np.random.default_rng(5)
    lengths = {
        "web": np.clip(np.exp(random.normal(6, 1.1, 20_000)), 20, 60_000).astype(np.int64),
        "all of one awkward size": np.full(5_000, 600),
        "long": random.integers(5_000, 9_000, 300),
    }[kind]
    rows = pack(np.cumsum(lengths) - lengths, lengths, 1024)
    assert 1 - lengths.sum() / (len(rows) * 1024) < 0.02


def test_web_documents_are_seldom_cut() -> None:
    random = np.random.default_rng(6)
    lengths = np.clip(np.exp(random.normal(6, 1.1, 20_000)), 20, 1024).astype(np.int64)
    rows = pack(np.cumsum(lengths) - lengths, lengths, 1024)
    assert (len(rows.starts) - len(lengths)) / len(lengths) < 0.01


def test_the_example_of_the_docstring() -> None:
    lengths = np.array([5, 3, 10, 4, 1])
    rows = pack(np.cumsum(lengths) - lengths, lengths, 8)
    assert sorted(filled(rows).tolist()) == [7, 8, 8]
