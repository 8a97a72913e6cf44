"""Texts cut into pieces, and two texts word by word: nothing of a text is lost or told twice."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.inspect.marks import Piece, Span, pieces
from jobs.inspect.words import MOST_WORDS, differences
from pipeline.invisible import is_invisible, spelled

TEXTS = st.text(alphabet="ab \n\u200b\u202eé🙂", max_size=40)
SPANS = st.lists(
    st.builds(
        lambda start, length, kind: Span(start, start + length, kind, f"{kind} at {start}"),
        st.integers(0, 45), st.integers(0, 12), st.sampled_from(["edit", "finding"]),
    ),
    max_size=6,
)  # fmt: skip


def slow_pieces(text: str, spans: list[Span], start: int) -> list[tuple[str, frozenset[str]]]:
    """Character by character: how it is shown, and what lies over it."""
    found = []
    for place, character in enumerate(text, start):
        over = {span.kind for span in spans if span.start <= place < span.end}
        hidden = is_invisible(character) and character not in "\n\t"
        found.append((spelled(character) if hidden else character, frozenset(over | ({"invisible"} if hidden else set()))))
    return found


@given(TEXTS, SPANS, st.integers(0, 10))
def test_every_character_stands_once_in_a_piece_that_says_what_lies_over_it(text: str, spans: list[Span], start: int) -> None:
    expected = slow_pieces(text, spans, start)
    found = pieces(text, spans, start)
    assert "".join(piece.text for piece in found) == "".join(shown for shown, _ in expected)
    told = [kinds for piece in found for kinds in [piece.kinds] * (1 if "invisible" in piece.kinds else len(piece.text))]
    assert told == [kinds for _, kinds in expected]


def test_a_finding_inside_an_edit_is_both() -> None:
    found = pieces("abcdef", [Span(1, 5, "edit", "cut"), Span(2, 3, "finding", "severe: tags")])
    assert found == [
        Piece("a", frozenset(), ()),
        Piece("b", frozenset({"edit"}), ("cut",)),
        Piece("c", frozenset({"edit", "finding"}), ("cut", "severe: tags")),
        Piece("de", frozenset({"edit"}), ("cut",)),
        Piece("f", frozenset(), ()),
    ]


WORDS = st.lists(st.sampled_from(["one", "two", "three", "four"]), max_size=60)


@given(WORDS, WORDS)
def test_each_text_can_be_read_from_the_differences(first: list[str], second: list[str]) -> None:
    stretches, whole = differences(" ".join(first), " ".join(second))
    assert whole
    same = {"same", "skipped"}
    assert sum(one.words for one in stretches if one.kind in same | {"gone"}) == len(first)
    assert sum(one.words for one in stretches if one.kind in same | {"new"}) == len(second)
    for text, kind in ((first, "gone"), (second, "new")):  # what is skipped aside, the words themselves
        if all(one.kind != "skipped" for one in stretches):
            assert [word for one in stretches if one.kind in ("same", kind) for word in one.text.split()] == text


def test_only_the_words_that_differ_are_marked() -> None:
    stretches, whole = differences("a long walk home", "a short walk home")
    assert (stretches, whole) == ([("same", "a", 1), ("gone", "long", 1), ("new", "short", 1), ("same", "walk home", 2)], True)


def test_a_comparison_of_huge_texts_stays_bounded_and_says_so() -> None:
    stretches, whole = differences("a " * 300_000 + "x", "b " * 300_000 + "y")
    assert not whole
    assert sum(one.words for one in stretches) <= 2 * MOST_WORDS
