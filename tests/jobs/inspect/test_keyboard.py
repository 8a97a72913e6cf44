"""The ways through the view by real keys, in a real Chromium: nothing but Tab, Enter, Space, arrows and typing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.browser import CHROMIUM
from tests.faults.devtools import MOST_STOPS, SHIFT, Focus, Tab, browsing, tabbed_to
from tests.jobs.inspect.conftest import STAGES
from tests.jobs.inspect.test_pages import PAGES
from tests.jobs.inspect.test_probes import served
from tests.jobs.report.report_corpus import make_corpus, write_manifest

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The view of a corpus of 80 documents beside one of 70, served on this machine."""
    folder = tmp_path_factory.mktemp("walked")
    make_corpus(folder / "corpus", documents=80, rule="gopher_short_doc")
    write_manifest(folder / "corpus", STAGES)
    make_corpus(folder / "other", documents=70)
    with served(folder / "corpus", folder / "other") as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Tab]:
    with browsing() as opened:
        yield opened


@pytest.fixture
def tab(browser: Tab, address: str) -> Tab:
    browser.look(1280, 900)
    browser.go(f"{address}/")
    return browser


def stops(tab: Tab) -> list[Focus]:
    """Every stop of Tab from the top of a page to its end."""
    found = list[Focus]()
    for _ in range(MOST_STOPS):
        tab.press("Tab")
        here = tab.focus
        if here is None or (found and here == found[0]):  # out of the page, or round to its beginning
            return found
        found.append(here)
    raise AssertionError(f"Tab comes to no end on {tab.address}")


@pytest.mark.parametrize("page", [*PAGES, "/rules/gopher_short_doc", "document", "/nowhere"])
def test_tab_comes_to_everything_once_in_the_order_in_which_it_stands(tab: Tab, address: str, page: str) -> None:
    if page == "document":
        page = first_document(tab, address)
    tab.go(f"{address}{page}")
    expected = tab.reachable
    found = stops(tab)
    assert len(found) == expected and [one for one in found if not one.shows] == []
    assert (found[0].href, found[1].href) == ("#main", "/"), "the first stop leads past the bar"
    back = list[Focus]()
    for _ in range(len(found) + 2):
        tab.press("Tab", SHIFT)
        here = tab.focus
        back += [here] if here is not None and len(back) < len(found) else []
    assert back[::-1] == found, "Shift and Tab go the same way back"


def first_document(tab: Tab, address: str) -> str:
    tab.go(f"{address}/documents")
    return str(tab.asked("document.querySelector('td.crawl a').getAttribute('href')"))


def test_the_first_stop_leads_past_the_bar(tab: Tab) -> None:
    tab.press("Tab")
    tab.press("Enter")
    assert tab.address == "/#main"
    tab.press("Tab")
    assert tab.focus is not None and tab.focus.href == "/hosts", "the first link of the page itself"


def test_from_the_overview_to_a_rule_its_bound_a_dropped_page_its_way_and_back(tab: Tab) -> None:
    tabbed_to(tab, href="^/rules$")
    tab.follow()
    assert tab.address == "/rules"
    tabbed_to(tab, href="^/rules/gopher_short_doc$")
    tab.follow()
    asked = tabbed_to(tab, name="^minimum$")
    assert asked.text.startswith("at least")
    tab.write("20")
    tab.follow()  # Enter in a field sends its form
    assert "minimum=20" in tab.address and "in the recipe" in tab.text
    typed = came_back(tab)
    tabbed_to(tab, name="^minimum$")
    slid = tabbed_to(tab, name="^minimum$")  # the second is the slider
    tab.press("ArrowRight", times=5)
    moved = tab.focus
    assert moved is not None and float(moved.value) > float(slid.value) == 20
    tabbed_to(tab, tag="^button$", text="Move")
    tab.follow(" ")
    assert f"minimum={moved.value}" in tab.address and came_back(tab) <= typed
    tab.back()
    assert "minimum=20" in tab.address
    there = tab.address
    page = tabbed_to(tab, href="^/documents/[0-9a-f]{32}$")
    tab.follow()
    assert tab.address == page.href
    for part in ("text", "measures", "copies", "findings", "record"):
        tabbed_to(tab, href=f"#{part}$")
    assert re.search(r"gopher_short_doc\s+word", tab.text)
    tabbed_to(tab, href="/reads$")
    tab.follow()
    assert "Runs that read it" in tab.text
    tab.back()
    tab.back()
    assert tab.address == there


def came_back(tab: Tab) -> int:
    found = re.search(r"Come back\s+([\d,]+)", tab.text)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_documents_are_filtered_by_choice_by_word_by_measure_and_by_passage(tab: Tab) -> None:
    tabbed_to(tab, href="^/documents$")
    tab.follow()
    tabbed_to(tab, name="^language$")
    tab.press("d")  # a list goes to what begins so
    chosen = tab.focus
    assert chosen is not None and chosen.value == "de"
    tabbed_to(tab, tag="^button$", text="Show")
    tab.follow()
    assert "language=de" in tab.address
    of_language = counted(tab)
    tabbed_to(tab, name="^passage$")
    tab.write("a LINE of text")
    tab.follow()
    assert counted(tab) == of_language > 0 and "A line of text." in tab.text
    tabbed_to(tab, name="^passage$")
    tab.write("nobody wrote this")
    tab.follow()
    assert counted(tab) == 0
    tabbed_to(tab, text="^all$")
    tab.follow()
    tabbed_to(tab, name="^measure$")
    tab.press("w")
    tabbed_to(tab, name="^low$")
    tab.write("200")
    tab.follow()
    assert "low=200" in tab.address and 0 < counted(tab) < 80
    tabbed_to(tab, name="^search$")
    tab.write("page/1")
    tab.follow()
    assert 0 < counted(tab) < 80


def counted(tab: Tab) -> int:
    found = re.search(r"(\d+) documents?, ", tab.text)
    assert found is not None, tab.text
    return int(found[1])


def test_a_page_is_judged_and_the_judgement_is_shown(tab: Tab, address: str) -> None:
    tabbed_to(tab, href="^/labels$")
    tab.follow()
    tabbed_to(tab, name="^person$")
    tab.write("ann")
    tab.follow()
    tabbed_to(tab, href=r"\?person=ann#label$")
    tab.follow()
    assert tab.address.endswith("?person=ann#label")
    here = tabbed_to(tab, name="^(person|label)$")
    if here.name == "person":
        assert here.value == "ann"
        tabbed_to(tab, name="^label$")
    tab.press("d")
    chosen = tab.focus
    assert chosen is not None and chosen.value == "drop"
    tabbed_to(tab, name="^reason$")
    tab.write("only a list of links")
    tabbed_to(tab, tag="^button$", text="Write it down")
    tab.follow(" ")
    assert tab.address.endswith("?person=ann#label") and "only a list of links" in tab.text
    tab.go(f"{address}/labels")
    assert re.search(r"Drop\s+1\s", tab.text) and "only a list of links" in tab.text


def test_two_corpora_are_held_side_by_side(tab: Tab) -> None:
    tabbed_to(tab, href="^/compare$")
    tab.follow()
    assert "have another outcome" in tab.text and "What moved, and why" in tab.text
    tabbed_to(tab, href="^/documents/[0-9a-f]{32}$")
    tab.follow()
    assert "Measures and bounds" in tab.text


def test_a_takedown_is_looked_at_from_a_page_without_a_mouse(tab: Tab, address: str) -> None:
    tab.go(address + first_document(tab, address))
    tabbed_to(tab, href=r"^/takedown\?doc=")
    tab.follow()
    assert "Documents that would be removed" in tab.text
    tabbed_to(tab, name="^passages$")
    tab.press(" ")
    tabbed_to(tab, tag="^button$", text="Look")
    tab.follow(" ")
    assert "passages=yes" in tab.address and "not looked for" not in tab.text


def test_nothing_was_said_on_the_console(tab: Tab) -> None:
    assert [line for line in tab.console if "404" not in line] == [], "/nowhere alone is not there"


def test_a_page_whose_focus_cannot_be_seen_is_found_out(tab: Tab, tmp_path: Path) -> None:
    """The test itself: a link without an outline, and one that Tab never comes to."""
    page = tmp_path / "page.html"
    page.write_text('<a href="#main">x</a><a href="/" style="outline:0">y</a><a href="#z" tabindex="-1">z</a>')
    tab.go(page.as_uri())
    assert [one.shows for one in stops(tab)] == [True, False]
