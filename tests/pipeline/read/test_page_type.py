"""What kind of page a page is: the row that is asked, the trees against a slow twin, and what is said of pages."""

import hashlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.page import read_page, walk_page
from pipeline.kernels.main_text.features import features_of
from pipeline.kernels.main_text.names import FEATURES
from pipeline.kernels.main_text.page_type import TYPE_FEATURES, page_row
from pipeline.kernels.scores.trees import grouped_scores
from pipeline.read.html import HtmlSettings, extract, from_plain_text
from pipeline.read.main_text import shipped_model
from pipeline.read.page_type import MIN_LEAD, SHIPPED_TYPES, shipped_tests, taught_type, type_tests
from pipeline.read.trees import Leaf, parsed_trees, tables_of
from pipeline.tables import TAUGHT_TYPES
from tests.pipeline.read.html.test_html import soup
from tests.pipeline.read.test_main_text import ARTICLE, SENTENCE

TABLES = tables_of(SHIPPED_TYPES)


def row_of(html: str) -> np.ndarray:
    page = np.frombuffer(html.encode(), np.uint8).copy()
    row: np.ndarray = read_page(page, 512, 512, False, True, False, False, shipped_model().tests)[8]
    return row


@given(soup)
def test_the_row_of_a_page_is_what_holds_for_all_of_it_and_the_means_of_its_blocks(html: str) -> None:
    text, _, _, blocks, elements, _ = walk_page(np.frombuffer(html.encode(), np.uint8).copy(), 512, 512, False, True)
    features, _ = features_of(text, blocks, elements)
    row = row_of(html)
    assert row.tolist() == page_row(features, blocks).tolist()
    for column, name in enumerate(FEATURES):
        values = features[:, column].astype(float)
        expected = 0.0 if len(blocks) == 0 else np.average(values, weights=blocks[:, lay.CHARS])
        assert row[column] == pytest.approx(expected, rel=1e-5, abs=1e-6)
        assert TYPE_FEATURES[column] == (name if name.startswith("page_") else f"mean:{name}")


@given(st.data())
def test_trees_of_several_types_say_what_trees_walked_say(data: st.DataObject) -> None:
    trees = parsed_trees(TABLES, TYPE_FEATURES)
    bounds = {split.feature: split.bound for tree in trees for split in tree}
    row = np.zeros(len(TYPE_FEATURES), np.float32)
    for feature, bound in bounds.items():
        row[feature] = data.draw(st.sampled_from([bound, np.nextafter(np.float32(bound), np.float32(np.inf)), 0.0, bound / 2]))
    expected = [0] * len(TAUGHT_TYPES)
    for number, tree in enumerate(trees):
        at: int | Leaf = 0
        while not isinstance(at, Leaf):
            at = tree[at].at_most if row[tree[at].feature] <= tree[at].bound else tree[at].above
        expected[number % len(TAUGHT_TYPES)] += at.score
    assert grouped_scores(row, shipped_tests(), len(TAUGHT_TYPES)).tolist() == expected


@pytest.mark.parametrize(("lead", "expected"), [(MIN_LEAD, "forum"), (MIN_LEAD - 1, None), (0, None)])
def test_a_type_is_said_where_it_leads(lead: int, expected: str | None) -> None:
    scores = [100, 700 + lead, 0, 0, 700, 0, 0]
    tests = type_tests([[f"page_chars\t0\t0\t{score}\t-9999"] for score in scores])
    assert taught_type(np.zeros(len(TYPE_FEATURES), np.float32), tests) == expected


def thread(posts: int) -> str:
    post = (
        "<article class='post topic-post' id=post_{0}><div class=author><a class=username href=/u/{0}>user{0}</a> "
        "<span class=title>Member</span></div><div class=post-date>March {0}, 2021</div>"
        "<div class='post-body message-content'><p>{1}</p><p>{1}</p></div>"
        "<div class=post-menu><button>Like</button> <a href=#r>Reply</a> <a href=#q>Quote</a></div></article>"
    )
    said = "I had the same trouble with mine, {0} times at least, and what helped was to take it apart and clean it. "
    return (
        "<div class='forum thread'><h1>Lamp will not light</h1>"
        + "".join(post.format(n, said.format(n) * 2) for n in range(1, posts))
        + "</div>"
    )


def article(times: int) -> str:
    byline = "<h1>The lamp</h1><p class=byline>By A. B., 3 May 2021</p>"
    return f"<nav><a href=/>Home</a> <a href=/n>News</a></nav><article>{byline}{ARTICLE * times}</article>"


@pytest.mark.parametrize(("kind", "make"), [("forum", thread), ("article", article)])
def test_pages_that_nobody_would_take_for_another_type_are_told(kind: str, make: Callable[[int], str]) -> None:
    assert {extract(make(size).encode()).page_type for size in (4, 6, 9)} == {kind}


def test_what_is_no_html_or_was_read_whole_has_no_type() -> None:
    assert extract(article(4).encode(), HtmlSettings(main_content=False)).page_type is None
    assert from_plain_text(SENTENCE * 9).page_type is None
    assert extract(b"").page_type is None


def test_the_data_sheet_is_of_the_table_that_ships() -> None:
    sheet = SHIPPED_TYPES.with_suffix(".md").read_text("utf-8")
    assert hashlib.sha256(SHIPPED_TYPES.read_bytes()).hexdigest() in sheet
    assert f"{SHIPPED_TYPES.stat().st_size:,} bytes" in sheet
    assert SHIPPED_TYPES.stat().st_size <= 100_000
