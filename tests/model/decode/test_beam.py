"""Beams wide enough find what looking at every text finds; narrow ones what a slow search without a cache finds."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.decode.beam import beam_search
from model.network.transformer import Transformer
from pipeline.errors import UsageError
from tests.examples import one_in
from tests.model.small import model_of, packed

TOKENS, END, DEPTH = 5, 0, 3


def scores(model: Transformer, text: list[int]) -> torch.Tensor:
    """log p of every next token, read anew."""
    positions, attend = packed([len(text)])
    with torch.no_grad():
        return model.logits(model(torch.tensor(text), positions, attend).states_NE[-1:])[0].double().log_softmax(-1)


def likely(model: Transformer, prompt: list[int], text: tuple[int, ...]) -> float:
    return sum(float(scores(model, [*prompt, *text[:at]])[token]) for at, token in enumerate(text))


def every_text(model: Transformer, prompt: list[int], penalty: float) -> list[tuple[float, list[int]]]:
    """Score and tokens of every text that ends, or is as long as may be."""
    found = []
    for size in range(1, DEPTH + 1):
        for text in itertools.product(range(TOKENS), repeat=size):
            if END in text[:-1] or (text[-1] != END and size < DEPTH):
                continue
            kept = [token for token in text if token != END]
            found.append((likely(model, prompt, text) / size**penalty, kept))
    return sorted(found, key=lambda one: -one[0])


@given(seed=st.integers(0, 20), penalty=st.sampled_from([0.0, 1.0]), prompt=st.lists(st.integers(1, 4), min_size=1, max_size=4))
@one_in(4)
def test_wide_beams_find_the_likeliest_of_all_texts(seed: int, penalty: float, prompt: list[int]) -> None:
    model = model_of(seed, vocabulary=TOKENS)
    found = beam_search(model, prompt, 60, max_tokens=DEPTH, context=20, end=END, penalty=penalty)
    expected = every_text(model, prompt, penalty)[:5]
    assert [one.tokens for one in found[:5]] == [tokens for _, tokens in expected]
    assert [one.score for one in found[:5]] == pytest.approx([score for score, _ in expected], abs=1e-5)


@given(seed=st.integers(0, 20), prompt=st.lists(st.integers(1, 4), min_size=1, max_size=4))
@one_in(4)
def test_one_beam_takes_the_best_token_each_time(seed: int, prompt: list[int]) -> None:
    model, text = model_of(seed, vocabulary=TOKENS), list(prompt)
    [found] = beam_search(model, prompt, 1, max_tokens=4, context=20, end=-1)
    for _ in range(4):
        text.append(int(scores(model, text).argmax()))
    assert found.tokens == text[len(prompt) :]


def test_a_narrow_search_gives_as_many_as_it_has_beams_best_first() -> None:
    found = beam_search(model_of(), [5], 3, max_tokens=6, context=20, end=END)
    assert len(found) == 3 and [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({tuple(one.tokens) for one in found}) == 3


def test_no_room_is_refused() -> None:
    with pytest.raises(UsageError, match="shorten it"):
        beam_search(model_of(), [1] * 20, 2, max_tokens=3, context=20, end=END)
