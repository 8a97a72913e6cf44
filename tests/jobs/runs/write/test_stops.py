"""Stops that pieces cut anywhere, against the whole text cut once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.runs.write.stops import StoppedText
from pipeline.errors import UsageError

TEXT = st.text(alphabet="ab\n é😀", max_size=20)


def cut(text: str, stops: list[str]) -> str:
    """Up to the first place where any stop begins."""
    return text[: min((place for place in range(len(text)) if text.startswith(tuple(stops), place)), default=len(text))]


@given(text=TEXT, stops=st.lists(st.text(alphabet="ab\n é😀", min_size=1, max_size=4), max_size=3), data=st.data())
def test_pieces_show_what_the_whole_text_would(text: str, stops: list[str], data: st.DataObject) -> None:
    raw, written, shown = text.encode(), StoppedText(stops), ""
    while raw:
        size = data.draw(st.integers(1, 4))
        shown += written.feed(raw[:size])
        raw = raw[size:]
        assert cut(text, stops).startswith(shown)
    assert shown + written.end() == cut(text, stops)
    assert written.stopped == (cut(text, stops) != text)


def test_nothing_that_may_be_a_stop_is_shown_too_early() -> None:
    written = StoppedText(["User:"])
    assert [written.feed(piece) for piece in (b"yes Us", b"e", b"d Us", b"er:", b" more")] == ["yes ", "", "Used ", "", ""]
    assert written.stopped and written.end() == ""


def test_a_shorter_stop_within_a_longer_one_does_not_come_before_it() -> None:
    """Whatever the pieces: which one ends the text does not depend on where they are cut."""
    for pieces in ([b" aa"], [b" ", b"a", b"a"], [b" a", b"a"]):
        written = StoppedText(["a", " aa"])
        assert ("".join(map(written.feed, pieces)) + written.end(), written.stopped) == ("", True)
    written = StoppedText(["a", " aa"])
    assert ("".join(map(written.feed, [b" a", b"b"])) + written.end(), written.stopped) == (" ", True)


@pytest.mark.parametrize("stops", [[""], ["x" * 257], ["x"] * 17])
def test_stops_are_bounded(stops: list[str]) -> None:
    with pytest.raises(UsageError, match="at most 16"):
        StoppedText(stops)
