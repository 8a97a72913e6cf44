"""The choice of main text: its table, its kernels against slow twins, and what it keeps of pages with and without an article."""

import hashlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.page import walk_page
from pipeline.kernels.main_text import choice
from pipeline.kernels.main_text.features import features_of
from pipeline.kernels.main_text.names import FEATURES
from pipeline.kernels.main_text.repeats import MIN_CHARS, drop_repeats
from pipeline.kernels.scores.trees import MOST_LEAVES, tree_scores
from pipeline.read.explain_page import judged_blocks
from pipeline.read.html import HtmlSettings, extract
from pipeline.read.main_text import SHIPPED_MODEL, Model, parsed, shares, shipped_model
from pipeline.read.trees import Leaf
from tests.pipeline.read.html.test_html import soup
from tests.reference import html as reference
from tests.reference.html_features import rows_of

SENTENCE = "The lighthouse keeper climbed the stairs, lit the lamp, and wrote down what the wind had done that night. "
ARTICLE = "".join(f"<p>{SENTENCE * n}</p>" for n in (3, 2, 4, 3))
COMMENTS = "".join(
    f"<li class=comment><b class=author>Reader {n}</b> "
    f"<p>I kept a lamp too, once, {n} miles from here, and it was never like this.</p></li>"
    for n in range(4)
)
PAGE = (
    "<html><body><nav><a href=1>Home</a> <a href=2>News</a></nav>"
    f"<article class=post><h1>The lamp</h1>{ARTICLE}</article>"
    f"<div id=comments><h3>4 comments</h3><ol>{COMMENTS}</ol></div>"
    "<footer><p>© 2024 The Almanac. All rights reserved.</p></footer>"
)


# ---------------------------------------------------------------- the table


def test_the_table_is_small_and_every_leaf_has_its_bit() -> None:
    assert SHIPPED_MODEL.stat().st_size <= 100_000
    assert all(len(tree) < MOST_LEAVES for tree in shipped_model().trees)


def test_a_table_reads_as_its_format_says() -> None:
    model = parsed([["chars\t80\t-5\t-900\t#1", "link_share\t0.5\t200\t700\t-300"], ["level\t0\t0\t10\t-20"]])
    rows = np.zeros((4, len(FEATURES)), np.float32)
    rows[:, FEATURES.index("chars")] = [80, 81, 81, 0]
    rows[:, FEATURES.index("link_share")] = [1, 0.5, 0.6, 0]
    rows[:, FEATURES.index("level")] = [0, 0, 0, 2]
    assert tree_scores(rows, model.tests).tolist() == [-890, 710, -290, -920]
    assert shares(model.trees, rows[1]) == {"chars": 205, "link_share": 500, "level": 10}


def walked(model: Model, row: np.ndarray) -> int:
    """The score of a row, from the roots down."""
    total = 0
    for tree in model.trees:
        at: int | Leaf = 0
        while not isinstance(at, Leaf):
            at = tree[at].at_most if row[tree[at].feature] <= tree[at].bound else tree[at].above
        total += at.score
    return total


@given(st.data())
def test_trees_asked_by_feature_say_what_trees_walked_say(data: st.DataObject) -> None:
    model = shipped_model()
    bounds = [sorted({0.0, *(s.bound for tree in model.trees for s in tree if s.feature == f)}) for f in range(len(FEATURES))]
    values = [st.sampled_from([*own, own[-1] + 1, own[0] - 1]) for own in bounds]
    page = [data.draw(value) if name.startswith("page_") else None for name, value in zip(FEATURES, values, strict=True)]
    rows = [[data.draw(value) if own is None else own for own, value in zip(page, values, strict=True)] for _ in range(2)]
    given_rows = np.array(rows, np.float32)
    assert tree_scores(given_rows, model.tests).tolist() == [walked(model, row) for row in given_rows]
    roots = sum(tree[0].mean for tree in model.trees)
    assert all(sum(shares(model.trees, row).values()) + roots == walked(model, row) for row in given_rows)


# ---------------------------------------------------------------- features and choice against twins


@given(soup)
def test_features_of_markup_soup_are_those_of_the_slow_twin(html: str) -> None:
    text, _, _, blocks, elements, _ = walk_page(np.frombuffer(html.encode(), np.uint8).copy(), 512, 512, False, True)
    found, _ = features_of(text, blocks, elements)
    expected = rows_of(reference.read(html.encode(), opening=True))
    for row, twin in zip(found, expected, strict=True):
        wrong = {
            name: (a, b) for name, a, b in zip(FEATURES, row.tolist(), twin, strict=True) if abs(a - b) > 1e-4 * max(1, abs(b))
        }
        assert wrong == {}


def test_features_of_a_page_with_everything_are_those_of_the_slow_twin() -> None:
    html = (
        PAGE
        + "<table><tr><td>$5<td>これは文です。次、<td>a@b.c</table><pre>code = 1\n</pre>"
        + "<x-card class=product-card>Lamp, 20 €</x-card>"
    )
    text, _, _, blocks, elements, _ = walk_page(np.frombuffer(html.encode(), np.uint8).copy(), 512, 512, False, True)
    found, _ = features_of(text, blocks, elements)
    np.testing.assert_allclose(found, rows_of(reference.read(html.encode(), opening=True)), rtol=1e-4, atol=1e-5)


@given(st.lists(st.tuples(st.integers(-6000, 6000), st.integers(1, 900)), max_size=30))
def test_the_bound_is_the_one_that_promises_the_best_f1(pairs: list[tuple[int, int]]) -> None:
    scores = np.array([score for score, _ in pairs], np.int64)
    blocks = np.zeros((len(pairs), lay.BLOCK_COLUMNS), np.int64)
    blocks[:, lay.CHARS] = [chars for _, chars in pairs]
    weighed = [(choice.probability_of(score), chars) for score, chars in pairs]

    def promise(bound: float) -> float:
        kept = [(p, chars) for p, chars in weighed if p >= bound]
        whole = sum(chars for _, chars in kept) + sum(p * chars for p, chars in weighed)
        return 2 * sum(p * chars for p, chars in kept) / max(whole, 1)

    bound, promised = choice.best_bound(scores, blocks)
    assert promised == pytest.approx(promise(bound))
    assert promised == pytest.approx(max(promise(step / 20) for step in range(3, 12)))


# ---------------------------------------------------------------- what a page says twice


def without_repeats(html: str, keep: list[int] | None = None) -> list[str]:
    """The blocks left of all, or of the kept ones."""
    text, _, _, blocks, elements, _ = walk_page(np.frombuffer(html.encode(), np.uint8).copy(), 512, 512, False, True)
    kept = np.ones(len(blocks), np.uint8) if keep is None else np.resize(np.array(keep, np.uint8), len(blocks))
    left = drop_repeats(text, blocks, elements, kept)
    assert not (left & ~kept).any()
    assert [bool(one) for one in left] == slow_without_repeats(text, blocks, elements, kept)
    return [
        text[block[lay.START] : block[lay.END]].tobytes().decode() for block, stays in zip(blocks, left, strict=True) if stays
    ]


def slow_without_repeats(text: np.ndarray, blocks: np.ndarray, elements: np.ndarray, keep: np.ndarray) -> list[bool]:
    """The rule as repeats.py words it, with every block compared to every other."""
    kept = [k for k in range(len(blocks)) if keep[k]]
    said = [text[blocks[k, lay.START] : blocks[k, lay.END]].tobytes() for k in kept]
    around = [elements[blocks[k, lay.ELEMENT_OF], lay.PARENT] for k in kept]
    kinds = [int(blocks[k, lay.KIND]) for k in kept]
    fixed = lay.IS_CELL | lay.IS_PRE | lay.IS_TERM | lay.IS_DEFINITION
    prose = [not kind & fixed and kind >> lay.ITEM_NUMBER_AT == 0 for kind in kinds]
    before: list[int | None] = []
    for n in range(len(kept)):
        same = [m for m in range(n) if said[m] == said[n]]
        before.append(same[-1] if same and around[same[-1]] != around[n] else None)
    chars = [int(blocks[k, lay.CHARS]) for k in kept]
    gone: set[int] = set()
    n = 0
    while n < len(kept):
        stretch = [n]
        while (end := stretch[-1] + 1) < len(kept) and before[n] is not None and before[end] == before[n] + end - n:
            stretch.append(end)
        pure = list(itertools.takewhile(prose.__getitem__, stretch))  # prose before anything that would stay
        of_prose = sum(chars[one] for one in stretch if prose[one])
        if before[n] is None or not pure:
            stretch, pure = [], [n]
        elif of_prose < max(MIN_CHARS, sum(chars[one] for one in stretch) - of_prose):
            stretch = pure if sum(chars[one] for one in pure) >= MIN_CHARS else []
        gone |= {kept[one] for one in stretch}
        n = max(stretch or pure) + 1
    return [bool(keep[k]) and k not in gone for k in range(len(blocks))]


LINE = "A line that is long enough to be a stretch of its own, counted in letters and signs."
CARD = "<div><h3>How to get clients</h3><p>Wednesday at four</p><p>Free of charge, for members and for their guests</p></div>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<div><p>{LINE}</div><div><p>{LINE}</div>", 1),
        (f"<div><p>{LINE}</div><div><p>{LINE}</div><div><p>{LINE}</div>", 1),
        (CARD * 3, 3),
        (CARD + CARD.replace("four", "five"), 6),  # its parts are short, one by one
        (f"<div><p>{LINE}<p>x<p>{LINE}</div>", 3),  # a refrain
        (f"<blockquote><p>{LINE}</blockquote><p>{LINE}", 1),
        (f"<table><tr><td><p>{LINE}<p>a<td>b</table><table><tr><td><p>{LINE}<p>c<td>b</table>", 5),  # cells of blocks are no rows
        (f"<table><tr><td>{LINE}<td>b</table><table><tr><td>{LINE}<td>b</table>", 2),
        (f"<pre>{LINE}</pre><div><pre>{LINE}</pre></div>", 2),
        (f"<ol><li>{LINE}</ol><ol><li>{LINE}</ol>", 2),
        (f"<ul><li>{LINE}</ul><ul><li>{LINE}</ul>", 1),
        (f"<dl><dt>a<dd>{LINE}<dt>b</dl><dl><dt>a<dd>{LINE}</dl>", 5),
        (
            f"<div><p>{LINE}<ol><li>One<li>Two</ol></div><div><p>{LINE}<ol><li>One<li>Two</ol></div>",
            3,
        ),  # all of it is drawn twice
        (f"<div><p>{LINE}<pre>{LINE}{LINE}</pre></div><div><p>{LINE}<pre>{LINE}{LINE}</pre></div>", 3),  # more code than prose
        (f"<div><p>short<pre>{LINE}</pre></div><div><p>short<pre>{LINE}</pre></div>", 4),
        (f"<div><ol><li>One</ol><p>{LINE}</div><div><ol><li>One</ol><p>{LINE}</div>", 3),
        ("<div><p>short</div><div><p>short</div>", 2),
        ("<p>" + "長" * 30 + "<div><p>" + "長" * 30 + "</div>", 1),
        ("", 0),
    ],
)
def test_what_stands_on_a_page_twice_is_kept_once(html: str, expected: int) -> None:
    assert len(without_repeats(html)) == expected


@given(
    st.lists(st.tuples(st.sampled_from(["div", "ul", "ol", "dl", "table"]), st.lists(st.integers(0, 4), max_size=6)), max_size=8),
    st.lists(st.integers(0, 1), min_size=1, max_size=7),
)
def test_what_is_left_of_repeats_is_what_the_slow_twin_leaves(parts: list[tuple[str, list[int]]], keep: list[int]) -> None:
    lines = ["short", LINE, "thirty letters and a few more 1", "thirty letters and a few more 2", "日本語" * 11]
    items = {"div": "<p>{}</p>", "ul": "<li>{}</li>", "ol": "<li>{}</li>", "dl": "<dd>{}</dd>", "table": "<tr><td>{}<td>x</tr>"}
    html = "".join(f"<{tag}>{''.join(items[tag].format(lines[n]) for n in numbers)}</{tag}>" for tag, numbers in parts)
    without_repeats(html, keep)


# ---------------------------------------------------------------- pages


def test_a_long_page_drawn_twice_is_kept_once() -> None:
    """Blocks of one hash are looked for in PROBES places: with all hashes alike, as of numbers that overflow, most stayed."""
    paragraphs = "".join(
        f"<p>Paragraph {number} of a page that is drawn for wide screens and for narrow ones.</p>" for number in range(300)
    )
    assert len(without_repeats(f"<div>{paragraphs}</div><section>{paragraphs}</section>")) == 300


def test_a_post_that_is_quoted_below_is_said_to_repeat() -> None:
    answer = "I would not have thought that of the man. " * 4
    quoted = f"<article><blockquote><p>{SENTENCE * 3}</p></blockquote><p>{answer}</p></article>"
    page = PAGE.replace("<div id=comments>", f"{quoted}<div id=comments>")
    assert extract(page.encode()).text.count(SENTENCE * 3) == extract(PAGE.encode()).text.count(SENTENCE * 3)
    assert [block.text for block in judged_blocks(page.encode()) if block.repeats] == [(SENTENCE * 3).rstrip()]


def test_comments_are_dropped_or_kept_as_the_recipe_says() -> None:
    dropped, kept = extract(PAGE.encode()).text, extract(PAGE.encode(), HtmlSettings(comments="keep")).text
    assert dropped.count("lighthouse keeper") == kept.count("lighthouse keeper") == 12
    assert (dropped.count("I kept a lamp"), kept.count("I kept a lamp")) == (0, 4)
    assert "All rights reserved" not in kept


def test_a_page_that_promises_nothing_keeps_all_it_shows_with_low_confidence() -> None:
    scores = np.full(2, -9000, np.int64)
    blocks = np.ones((2, lay.BLOCK_COLUMNS), np.int64)
    keep, promise = choice.choose_blocks(scores, np.zeros(2, np.int64), blocks, False)
    assert keep.tolist() == [1, 1]
    assert promise < 0.01


def test_an_article_is_found_with_confidence() -> None:
    page = extract(PAGE.encode())
    assert page.confidence > 0.9
    assert "Home" not in page.text


def test_a_page_that_needs_scripts_is_read_by_its_noscript() -> None:
    page = f"<body><div id=app>Loading</div><noscript><main>{ARTICLE}</main></noscript>"
    assert extract(page.encode()).text.count("lighthouse keeper") == 12
    with_text = extract(f"{PAGE}<noscript>{ARTICLE}</noscript>".encode())
    assert with_text.text.count("lighthouse keeper") == with_text.hidden_text.count("lighthouse keeper") == 12


def test_each_block_is_explained_by_its_three_strongest_features() -> None:
    blocks = judged_blocks(PAGE.encode())
    by_text = {block.text: block for block in blocks}
    footer = by_text["© 2024 The Almanac. All rights reserved."]
    assert "\n\n".join(block.text for block in blocks if block.kept) == extract(PAGE.encode()).text
    assert not footer.kept
    assert footer.probability < 0.2
    assert all(len(block.reasons) == 3 for block in blocks)
    assert all(abs(a.share) >= abs(b.share) for block in blocks for a, b in zip(block.reasons, block.reasons[1:], strict=False))


def test_the_data_sheet_is_of_the_table_that_ships() -> None:
    sheet = SHIPPED_MODEL.with_suffix(".md").read_text("utf-8")
    assert hashlib.sha256(SHIPPED_MODEL.read_bytes()).hexdigest() in sheet
    assert f"{SHIPPED_MODEL.stat().st_size:,} bytes" in sheet
