"""Edits and the way back through them, against a twin that follows every single character."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.lineage import Edit, apply_edits, edited_span, in_order, original_span

TEXTS = st.text(alphabet="ab\n жш漢字ابक्👩‍🚀", max_size=30)


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(TEXTS)
    borders = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(borders, borders, st.sampled_from(["", "X", "YZ"])), max_size=6))
    return text, [(min(a, b), max(a, b), replacement) for a, b, replacement in spans]


def followed(text: str, edits: list[Edit]) -> list[tuple[str, int, int]]:
    """Every character of the edited text with the original span it stands for: slow and obvious."""
    result, position = [], 0
    for start, end, replacement in in_order(edits):
        result += [(text[i], i, i + 1) for i in range(position, start)]
        result += [(character, start, end) for character in replacement]
        position = end
    return result + [(text[i], i, i + 1) for i in range(position, len(text))]


@given(edited_texts())
def test_edited_text_equals_the_characters_followed_one_by_one(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    assert apply_edits(text, edits) == "".join(character for character, _, _ in followed(text, edits))


@given(edited_texts(), st.data())
def test_a_piece_of_the_edited_text_is_found_where_its_characters_stood(
    case: tuple[str, list[Edit]], data: st.DataObject
) -> None:
    text, edits = case
    characters = followed(text, edits)
    if not characters:
        return
    first = data.draw(st.integers(0, len(characters) - 1))
    last = data.draw(st.integers(first, len(characters) - 1))
    expected = (characters[first][1], characters[last][2])
    assert original_span(first, last + 1, edits) == expected


@given(edited_texts(), st.data())
def test_a_piece_of_the_original_stands_where_what_is_left_of_it_went(case: tuple[str, list[Edit]], data: st.DataObject) -> None:
    """What edited_span leaves out, no character of the piece became; what a replacement stands for is in it whole."""
    text, edits = case
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    characters = followed(text, edits)
    touched = [at for at, (_, begin, stop) in enumerate(characters) if begin < end and start < stop]
    first, last = edited_span(start, end, edits)
    assert all(first <= at < last for at in touched)
    assert first <= last <= len(characters)
    if touched and all(stop - begin == 1 for _, begin, stop in characters):  # no replacement: nothing else is in it
        assert (first, last) == (touched[0], touched[-1] + 1)


@given(edited_texts())
def test_edits_that_take_effect_never_overlap(case: tuple[str, list[Edit]]) -> None:
    effective = in_order(case[1])
    assert all(before[1] <= after[0] for before, after in pairwise(effective))


def test_what_two_edits_cut_is_cut_once() -> None:
    assert apply_edits("0123456789", [(2, 6, ""), (4, 8, "")]) == "0189"


def test_text_without_edits_stays() -> None:
    assert apply_edits("as it was", []) == "as it was"
    assert original_span(3, 5, []) == (3, 5)
