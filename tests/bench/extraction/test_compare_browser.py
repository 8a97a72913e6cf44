"""The comparison with a browser, on pages whose answer is known; skipped where there is no Chromium."""

import pytest

from tests.bench.extraction.browser import Shown, chromium, shown_by_chromium
from tests.bench.extraction.compare_browser import WITHOUT_END, compared
from tests.bench.extraction.hostile_pages import hostile_page


@pytest.mark.skipif(chromium() is None, reason="needs Chromium")
def test_a_browser_tells_what_it_shows_and_why_it_hides() -> None:
    hidden = (
        b"<p>shown</p><p style='display:none'>styled</p><details><summary>more</summary>folded</details><noscript>none</noscript>"
    )
    first, second = shown_by_chromium([hidden, b"<script>document.write('written')</script><p style='opacity:0'>clear</p>"])
    assert first is not None
    assert first.text.split() == ["shown", "more"]
    assert first.hidden == [("styled", "style attribute")]  # what is folded has a box, and is in neither
    assert second is not None
    assert (second.text.split(), second.unseen) == (["clear"], [("clear", "opacity")])


def test_differences_are_counted_both_ways_and_by_cause() -> None:
    page = b"<p>alpha</p><p hidden>bravo</p><p class=x>charlie</p><video>delta"
    shown = Shown("alpha bravo echoes", [("charlie", "sheet"), ("delta", "video")], [])
    counts = compared(page, shown)
    assert counts["called hidden"] == {"shown by the browser": 5}
    assert counts["lost"] == {"shown by the browser": 6}
    assert counts["shown wrongly"] == {"sheet": 7}
    assert counts["meant"] == {WITHOUT_END: 5}
    assert counts["shown"]["all"] == 16


def test_hostile_pages_are_the_same_for_the_same_seed() -> None:
    assert hostile_page(7) == hostile_page(7) != hostile_page(8)
