from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.network.sequences import Inputs
from model.training.objectives import SENTINELS, Draw, masked_token, next_token, objective, span_corruption
from pipeline.errors import UsageError
from tests.examples import one_in
from tests.model.small import VOCABULARY, corpus, loader_of, small_plan
from tokenizer.shards.loader import NOTHING, Batch, Loader


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Loader:
    return loader_of(corpus(tmp_path_factory.mktemp("corpus")), small_plan(row_tokens=64))


def pieces(tokens: np.ndarray, boundaries: np.ndarray) -> list[list[int]]:
    return [tokens[a:b].tolist() for a, b in pairwise(boundaries)]


def test_the_next_token_is_what_the_loader_says(loader: Loader) -> None:
    batch = loader.batch(0)
    inputs = next_token(batch, Draw(0, 0))
    assert (inputs.targets == batch.targets.ravel()).all() and inputs.memory is None


def masked(batch: Batch, step: int = 0) -> Inputs:
    return masked_token(VOCABULARY)(batch, Draw(7, step))


def test_masked_tokens_are_asked_for_and_all_others_are_left(loader: Loader) -> None:
    batch = loader.load(np.arange(loader.rows))
    inputs = masked(batch)
    asked = inputs.targets != NOTHING
    tokens, original = inputs.sequence.tokens, batch.tokens.ravel()
    assert (tokens[~asked] == original[~asked]).all()
    assert (inputs.targets[asked] == original[asked]).all()
    assert not (asked & (batch.targets.ravel() == NOTHING)).any()
    assert 0.10 < asked.mean() < 0.20
    assert 0.6 < (tokens[asked] == VOCABULARY).mean() < 0.95


@given(st.integers(0, 50), st.integers(1, 5))
@one_in(2)
def test_what_is_masked_depends_on_step_and_row_and_not_on_the_batch(loader: Loader, step: int, size: int) -> None:
    rows = np.arange(6)
    whole = masked(loader.load(rows), step).sequence.tokens
    parts = [masked(loader.load(rows[at : at + size]), step).sequence.tokens for at in range(0, 6, size)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_another_step_masks_other_tokens(loader: Loader) -> None:
    batch = loader.load(np.arange(4))
    assert not np.array_equal(masked(batch, 1).targets, masked(batch, 2).targets)


def restored(left: list[int], said: list[int]) -> list[int]:
    """The piece that the spans make with what is left of it."""
    spans: dict[int, list[int]] = {}
    for token in said[:-1]:
        if token >= VOCABULARY:
            spans[token] = []
            current = token
        else:
            spans[current].append(token)
    return [token for one in left for token in (spans[one] if one >= VOCABULARY else [one])]


@given(st.integers(0, 200))
@one_in(2)
def test_what_is_left_and_what_is_asked_for_make_up_the_piece(loader: Loader, step: int) -> None:
    batch = loader.load(np.arange(5))
    inputs = span_corruption(VOCABULARY, end_of_text=0, sentinels=SENTINELS)(batch, Draw(3, step))
    assert inputs.memory is not None
    left = pieces(inputs.memory.tokens, inputs.memory.boundaries)
    heard = pieces(inputs.sequence.tokens, inputs.sequence.boundaries)
    said = pieces(inputs.targets, inputs.sequence.boundaries)
    for original, remains, before, asked in zip(pieces(batch.tokens.ravel(), batch.boundaries), left, heard, said, strict=True):
        if asked == [NOTHING]:
            assert remains == original
            continue
        assert restored(remains, asked) == original
        assert before == [0, *asked[:-1]]
        assert asked[-1] == 0


def test_spans_take_about_the_share_they_should(tmp_path: Path) -> None:
    plan = small_plan(row_tokens=256)
    loader = loader_of(corpus(tmp_path / "c", documents=400), plan)
    batch = loader.load(np.arange(loader.rows))
    inputs = span_corruption(VOCABULARY, 0, SENTINELS)(batch, Draw(1, 1))
    assert inputs.memory is not None
    missing = (batch.targets != NOTHING).sum() - (inputs.memory.tokens < VOCABULARY).sum()
    assert 0.08 < missing / (batch.targets != NOTHING).sum() < 0.2


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(UsageError, match="next, masked, spans"):
        objective("guess", VOCABULARY, 0)
