"""Texts that come and go are those that are written alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.decode.slots import Slots
from model.generate import SamplingSettings, generate
from pipeline.errors import UsageError
from tests.examples import one_in
from tests.model.small import model_of

CONTEXT = 24


def alone(prompt: list[int], settings: SamplingSettings, **changes: object) -> list[int]:
    made = generate(model_of(**changes), [prompt], settings, context=CONTEXT, end=0)
    return [token for [token] in made if token is not None]


ASKED = st.tuples(
    st.lists(st.integers(1, 191), min_size=1, max_size=23),
    st.builds(
        SamplingSettings,
        max_tokens=st.integers(1, 12),
        seed=st.integers(0, 5),
        temperature=st.sampled_from([0, 0.7, 1.0]),
        top_k=st.sampled_from([None, 5]),
        repetition_penalty=st.sampled_from([1.0, 1.3]),
        bias=st.sampled_from([(), ((0, 4.0),), ((7, -100.0), (9, 3.0))]),
    ),
    st.integers(0, 6),  # steps before the next one comes
)


@pytest.mark.parametrize("changes", [{}, {"windows": "SL", "window": 4}], ids=str)
@given(asked=st.lists(ASKED, min_size=1, max_size=6), slots=st.integers(1, 3))
@one_in(2)
def test_a_text_is_what_it_would_be_alone(
    changes: dict[str, object], asked: list[tuple[list[int], SamplingSettings, int]], slots: int
) -> None:
    written = Slots(model_of(**changes), slots, context=CONTEXT, end=0)
    texts: dict[int, list[int]] = {}
    order, waiting = list[int](), 0

    def step() -> None:
        for one in written.step():
            if one.token is not None:
                texts[one.ticket].append(one.token)

    for prompt, settings, later in asked:
        while not written.free or waiting:
            waiting = max(0, waiting - 1)
            step()
        order.append(written.join(prompt, settings))
        texts[order[-1]] = []
        waiting = later
    while written.free < slots:
        step()
    assert [texts[ticket] for ticket in order] == [alone(prompt, settings, **changes) for prompt, settings, _ in asked]


def test_a_text_that_is_called_off_leaves_the_others_as_they_are() -> None:
    settings = SamplingSettings(max_tokens=10, seed=3)
    written = Slots(model_of(), 3, context=CONTEXT, end=0)
    tickets = [written.join([5, number + 1], settings) for number in range(3)]
    texts: dict[int, list[int]] = {ticket: [] for ticket in tickets}
    for number in range(10):
        if number == 4:
            written.cancel(tickets[0])
            written.cancel(99)
        for one in written.step():
            if one.token is not None:
                texts[one.ticket].append(one.token)
    assert [texts[ticket] for ticket in tickets[1:]] == [alone([5, 2], settings), alone([5, 3], settings)]
    assert texts[tickets[0]] == alone([5, 1], settings)[:4] and written.free == 3


def test_a_text_says_whether_it_ended_by_itself() -> None:
    written = Slots(model_of(), 3, context=CONTEXT, end=0)
    ended = written.join([5], SamplingSettings(bias=((0, 100.0),)))
    full = written.join([1] * 23, SamplingSettings(bias=((0, -100.0),)))
    short = written.join([5], SamplingSettings(max_tokens=1, bias=((0, -100.0),)))
    first = {one.ticket: one for one in written.step()}
    assert first[ended].token is None and first[ended].ended and first[ended].last
    assert first[short].token is not None and first[short].last and not first[short].ended
    [second] = written.step()
    assert second.ticket == full and second.token is None and second.last and not second.ended and written.step() == []


@pytest.mark.parametrize("prompt", [[], [1] * 24])
def test_a_prompt_without_room_is_refused(prompt: list[int]) -> None:
    written = Slots(model_of(), 1, context=CONTEXT, end=0)
    with pytest.raises(UsageError, match="shorten it"):
        written.join(prompt, SamplingSettings())
    assert written.free == 1
