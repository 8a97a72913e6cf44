"""What of a page is its content: one example for each question of pipeline/kernels/html/blocks.py."""

import pytest

from pipeline.read.html import extract

SENTENCE = "This is a sentence of the article, long enough to count as what the page is about. "
BODY = f"<p>{SENTENCE * 3}</p><p>{SENTENCE * 2}</p>"
TEXT = f"{(SENTENCE * 3).strip()}\n\n{(SENTENCE * 2).strip()}"
LINKS = "<a href=1>One</a> <a href=2>Two</a> <a href=3>Three</a>"


def text_of(html: str) -> str:
    return extract(html.encode()).text


@pytest.mark.parametrize(
    "boilerplate",
    [
        f"<nav>{LINKS}</nav>",
        f"<div role=navigation>{LINKS}</div>",
        f"<ul class=mainMenu><li>{LINKS}</ul>",
        "<footer>About us</footer>",
        "<header>The Daily</header>",
        "<aside>Also read</aside>",
        "<div id=cookie-banner>We use cookies. <button>OK</button></div>",
        "<div class='left_sidebar'>Weather</div>",
        "<form>Search <input><select><option>a</select></form>",
        "<div class=breadcrumbs>a > b</div>",
        f"<ul><li>{LINKS}<li>{LINKS}</ul>",
        f"<p>{LINKS}</p><p>{LINKS}</p>",
        f"<table><tr><td>{LINKS}<td>{LINKS}</table>",
        f"<p><b>Contents</b></p><ul><li>{LINKS}</ul>",
        "<button>Press</button>",
    ],
)
@pytest.mark.parametrize("after", [False, True])
def test_boilerplate_is_neither_text_nor_hidden(boilerplate: str, after: bool) -> None:
    page = extract((BODY + boilerplate if after else boilerplate + BODY).encode())
    assert (page.text, page.hidden_text) == (TEXT, "")


def test_a_heading_of_whose_section_nothing_is_kept_goes_too() -> None:
    assert text_of(f"{BODY}<h3>More</h3><ul><li>{LINKS}</ul><h3>Last</h3>{BODY}") == f"{TEXT}\n\nLast\n\n{TEXT}"
    assert text_of(f"{BODY}<h2>Empty</h2><h2>Last</h2>{BODY}") == f"{TEXT}\n\nEmpty\n\nLast\n\n{TEXT}"


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f"<p>{SENTENCE}<a href=1>link</a> more</p>", f"{SENTENCE}link more"),
        ("<p><a href=1>A link alone between paragraphs</a></p>", "A link alone between paragraphs"),
        ("<ul><li>one <a href=1>x</a> thing<li>two things</ul>", "- one x thing\n- two things"),
        ("<h2>A heading</h2>", "A heading"),
        ("<p>Short.</p>", "Short."),
        ("<p><a name=x>No link</a></p>", "No link"),
    ],
)
def test_links_short_lines_and_lists_within_the_flow_stay(inside: str, expected: str) -> None:
    assert text_of(BODY + inside + BODY) == f"{TEXT}\n\n{expected}\n\n{TEXT}"


def test_what_stands_outside_main_or_article_is_not_content() -> None:
    assert text_of(f"<p>{SENTENCE}</p><main>{BODY}</main><p>{SENTENCE}</p>") == TEXT
    assert text_of(f"<div role=main><header><h1>Head</h1></header>{BODY}</div><p>{SENTENCE}</p>") == f"Head\n\n{TEXT}"
    assert text_of("<article>One sentence.</article><article>Another.</article>x") == "One sentence.\n\nAnother."


def test_a_main_that_holds_next_to_nothing_is_decoration() -> None:
    assert text_of(f"<main>Loading</main>{BODY}") == f"Loading\n\n{TEXT}"


def test_a_careless_class_name_does_not_cost_the_page() -> None:
    assert text_of(f"<div class='page with-sidebar'>{BODY}</div>") == TEXT


def test_an_index_keeps_its_links() -> None:
    html = "<h1>Contents</h1><ul>" + "".join(f"<li><a href={n}>Chapter {n}</a>" for n in range(30)) + "</ul>"
    assert text_of(html).splitlines()[:3] == ["Contents", "", "- Chapter 0"]


def test_a_page_that_is_all_boilerplate_keeps_what_it_shows() -> None:
    assert text_of(f"<nav>{LINKS}</nav>") == "One Two Three"
    assert text_of("<p><a href=1>only</a>") == "only"


def test_the_handle_beside_a_heading_is_no_text() -> None:
    assert text_of(f"<h1>Head<a href=#x>¶</a></h1>{BODY}") == f"Head\n\n{TEXT}"
    assert text_of(f"{BODY}<h2><a href=#y>#</a> Sub</h2>{BODY}") == f"{TEXT}\n\nSub\n\n{TEXT}"
    assert text_of("<p>see <a href=1># 5</a> and <a>§</a>") == "see # 5 and §"


@pytest.mark.parametrize(
    "sentence",
    [
        "これは記事の文です。ページの主題について十分に長く書かれています。",
        "这是文章的一个句子，足够长，说明了页面的内容。",
        "นี่คือประโยคของบทความที่ยาวพอสมควรและบอกว่าหน้านี้เกี่ยวกับอะไร",
        "هذه جملة من المقال وهي طويلة بما يكفي لتكون محتوى الصفحة.",
        "Это предложение статьи, достаточно длинное, чтобы быть содержанием.",
    ],
)
def test_scripts_without_spaces_are_content_too(sentence: str) -> None:
    html = f"<ul><li><a href=1>リンク</a><li><a href=2>链接</a></ul><p>{sentence * 3}<p>{sentence}<nav>{LINKS}</nav>"
    assert text_of(html) == f"{sentence * 3}\n\n{sentence}"
