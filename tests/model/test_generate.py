import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.generate import Cache, SamplingSettings, choose, distribution, extend, generate, running_sums, sums_of_units
from pipeline.errors import UsageError
from tests.examples import one_in
from tests.model.small import model_of, packed

prompts_of = st.lists(st.lists(st.integers(1, 191), min_size=1, max_size=9), min_size=1, max_size=4)


@pytest.mark.parametrize("changes", [{}, {"windows": "SL", "window": 4}, {"experts": 3}], ids=str)
@given(prompts_of, st.lists(st.integers(1, 191), min_size=1, max_size=6))
@one_in(3)
def test_scores_with_a_cache_are_those_without(changes: dict[str, object], prompts: list[list[int]], more: list[int]) -> None:
    model = model_of(**changes)
    with torch.no_grad():
        cache = Cache(model, len(prompts), capacity=32)
        cached = extend(model, prompts, cache)[torch.tensor([len(prompt) for prompt in prompts]).cumsum(0) - 1]
        for made in range(len(more) + 1):
            texts = [prompt + more[:made] for prompt in prompts]
            positions, attend = packed([len(text) for text in texts])
            states = model(torch.tensor([token for text in texts for token in text]), positions, attend).states_NE
            plain = model.logits(states[attend.queries.boundaries[1:].long() - 1])
            assert torch.allclose(cached, plain, atol=1e-4)
            if made < len(more):
                cached = extend(model, [[more[made]]] * len(prompts), cache)


@pytest.mark.parametrize("changes", [{}, {"windows": "SL", "window": 4}], ids=str)
@given(prompts_of, st.lists(st.lists(st.integers(1, 191), max_size=5), min_size=4, max_size=4), st.data())
@one_in(3)
def test_a_cache_that_was_cut_goes_on_as_if_the_rest_had_never_been(
    changes: dict[str, object], prompts: list[list[int]], more: list[list[int]], data: st.DataObject
) -> None:
    model, more = model_of(**changes), more[: len(prompts)]
    kept = [data.draw(st.integers(0, len(prompt))) for prompt in prompts]
    with torch.no_grad():
        cut, fresh = Cache(model, len(prompts), 32), Cache(model, len(prompts), 32)
        extend(model, prompts, cut)
        cut.truncate(torch.tensor(kept))
        last = [[*new, 3] for new in more]
        seen = [prompt[:length] + new for prompt, length, new in zip(prompts, kept, last, strict=True)]
        ends = torch.tensor([len(new) for new in last]).cumsum(0) - 1
        whole = torch.tensor([len(new) for new in seen]).cumsum(0) - 1
        assert torch.allclose(extend(model, last, cut)[ends], extend(model, seen, fresh)[whole], atol=1e-4)
        assert cut.lengths.tolist() == fresh.lengths.tolist() == [len(text) for text in seen]


def texts(prompts: list[list[int]], **changes: object) -> list[list[int]]:
    chosen = SamplingSettings(**({"max_tokens": 12} | changes))  # type: ignore[arg-type]
    made: list[list[int]] = [[] for _ in prompts]
    for step in generate(model_of(), prompts, chosen, context=20, end=0):
        for text, token in zip(made, step, strict=True):
            if token is not None:
                text.append(token)
    return made


def test_an_answer_does_not_depend_on_what_it_is_generated_beside() -> None:
    first, second = [5, 6, 7], [9]
    together = texts([first, second], seed=4)
    assert together == [texts([first], seed=4)[0], texts([second], seed=5)[0]]


def test_a_short_prompt_goes_on_where_a_long_one_beside_it_is_full() -> None:
    short, long = [5, 6], list(range(1, 18))
    together = texts([long, short], max_tokens=12)
    assert together == [texts([long], max_tokens=12)[0], texts([short], max_tokens=12, seed=1)[0]]
    assert [len(text) for text in together] == [3, 12]


def test_the_same_seed_gives_the_same_text_and_another_another() -> None:
    assert texts([[3]], seed=1) == texts([[3]], seed=1) != texts([[3]], seed=2)


def test_generation_stops_at_the_context() -> None:
    assert len(texts([[1] * 15], max_tokens=50)[0]) == 5


def test_temperature_zero_takes_the_best() -> None:
    scores = torch.tensor([[0.1, 3.0, 2.9]])
    assert pick(scores, 0.99, temperature=0.0) == 1


def pick(scores: torch.Tensor, chance: float, seen: tuple[int, ...] = (), **changes: object) -> int:
    marked = torch.zeros(scores.shape, dtype=torch.bool)
    marked[0, list(seen)] = True
    return int(choose(scores, marked, torch.tensor([chance], dtype=torch.float64), SamplingSettings(**changes)))  # type: ignore[arg-type]


PROBABILITIES = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log()


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, {0, 1, 2, 3}),
        ({"top_k": 2}, {0, 1}),
        ({"top_p": 0.75}, {0, 1}),
        ({"top_p": 0.85}, {0, 1, 2}),
        ({"min_p": 0.25}, {0, 1, 2}),
    ],
    ids=str,
)
def test_each_bound_leaves_the_tokens_it_should(changes: dict[str, object], allowed: set[int]) -> None:
    assert {pick(PROBABILITIES, chance / 1000, **changes) for chance in range(1000)} == allowed


def test_what_is_drawn_from_is_a_distribution_in_the_order_of_the_vocabulary() -> None:
    scores = PROBABILITIES.flip(1)
    drawn_from = distribution(scores, torch.zeros(scores.shape, dtype=torch.bool), SamplingSettings(top_k=2))
    assert drawn_from.tolist() == [pytest.approx([0, 0, 0.375, 0.625])]


def test_tokens_come_as_often_as_they_are_likely() -> None:
    drawn = [pick(PROBABILITIES, (place + 0.5) / 1000) for place in range(1000)]
    assert [drawn.count(token) for token in range(4)] == [500, 300, 150, 50]


def test_temperature_sharpens() -> None:
    drawn = [pick(PROBABILITIES, (place + 0.5) / 1000, temperature=0.5) for place in range(1000)]
    assert drawn.count(0) == pytest.approx(1000 * 0.25 / (0.25 + 0.09 + 0.0225 + 0.0025), abs=2)


def test_a_token_seen_before_is_less_likely_when_repetition_is_penalised() -> None:
    scores = torch.tensor([[2.0, 1.5, -1.0]])
    assert pick(scores, 0.5, temperature=0.0, repetition_penalty=2.0, seen=(0,)) == 1
    assert pick(-scores, 0.5, temperature=0.0, repetition_penalty=2.0, seen=(2,)) == 2


def test_a_bias_is_added_before_anything_else() -> None:
    scores = PROBABILITIES.repeat(2, 1)
    biased = distribution(scores, torch.zeros(scores.shape, dtype=torch.bool), SamplingSettings(bias=((3, 2.0), (0, -100.0))))
    expected = (PROBABILITIES[0] + torch.tensor([-100.0, 0, 0, 2.0])).double().softmax(-1)
    assert torch.allclose(biased, expected.repeat(2, 1), atol=1e-6)
    assert torch.equal(scores, PROBABILITIES.repeat(2, 1))
    with pytest.raises(UsageError, match="bias is of token 4"):
        distribution(scores, torch.zeros(scores.shape, dtype=torch.bool), SamplingSettings(bias=((4, 1.0),)))


@pytest.mark.parametrize("bad", [{"bias": ((0.5, 1.0),)}, {"bias": ((-1, 1.0),)}, {"bias": ((1, 101.0),)}], ids=str)
def test_a_bias_of_no_token_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="bias is"):
        SamplingSettings(**bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [{"temperature": -1}, {"top_k": 0}, {"top_p": 0}, {"min_p": 2}, {"max_tokens": 0}], ids=str)
def test_a_setting_that_leaves_no_token_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        SamplingSettings(**bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("prompts", [[[]], [[1] * 20]])
def test_a_prompt_that_does_not_fit_is_refused(prompts: list[list[int]]) -> None:
    with pytest.raises(UsageError, match="prompt"):
        texts(prompts)


def test_an_encoder_generates_nothing() -> None:
    with pytest.raises(UsageError, match="decoder"):
        next(generate(model_of(kind="encoder"), [[1]], SamplingSettings(), context=9, end=0))


def test_running_sums_of_whole_units_are_those_of_fractions() -> None:
    """What a GPU takes in their place, to within what the last bit of each probability says."""
    drawn = torch.randn(4, 5000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    probabilities = (8 * drawn).softmax(-1).sort(-1, descending=True).values
    found, plain = sums_of_units(probabilities), probabilities.cumsum(-1)
    assert (found - plain).abs().max() < 5000 / 2**52 and (found.diff() >= 0).all()


def test_on_a_gpu_no_fraction_is_summed_that_torch_would_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deterministic algorithms are asked for in every training, and a report or GRPO writes text after that."""

    class Elsewhere(torch.Tensor):
        is_cuda = True  # type: ignore[assignment]

    summed, plain = set[torch.dtype](), torch.Tensor.cumsum

    def watched(values: torch.Tensor, axis: int) -> torch.Tensor:
        summed.add(values.dtype)
        return plain(values, axis)

    monkeypatch.setattr(torch.Tensor, "cumsum", watched)
    running_sums(torch.full((1, 4), 0.25, dtype=torch.float64).as_subclass(Elsewhere))
    assert summed == {torch.int64}
