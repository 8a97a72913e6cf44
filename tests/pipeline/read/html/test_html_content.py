"""What of a page is its content: pages as sites make them, with one part more, and what must come of it.

The model judges a part by the page around it, so each stands in a page of usual size.
"""

import pytest

from pipeline.read.html import extract

SENTENCES = (
    "The keeper of the lighthouse climbed the stairs every evening, and he never counted them.",
    "In winter, when the storms came in from the west, he slept beside the lamp and not in the house.",
    "His daughter wrote down the ships that passed, their flags and their cargo, in a book with a green cover.",
    "Nobody has read that book since, but the museum keeps it, and it smells of oil and of the sea.",
    "The lamp itself was sold to a collector in 1921, who hung it in his garden, where it was lit on feast days.",
)
PARAGRAPHS = [" ".join(SENTENCES[(n + k) % 5] for k in range(3)) for n in range(8)]
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
LINKS = "".join(f"<li><a href=/{n}>{name}</a></li>" for n, name in enumerate(("Home", "Weather", "Sports", "Culture", "Letters")))


def page(inside: str = BODY, before: str = "", after: str = "") -> str:
    return (
        f"<html><head><title>The keeper</title></head><body><header class=site-header><nav><ul>{LINKS}</ul></nav></header>"
        f"{before}<main><article class=post><div class=entry-content>{inside}</div></article></main>{after}"
        "<footer class=site-footer><p>© 2024 The Daily Almanac. All rights reserved.</p></footer></body></html>"
    )


def text_of(html: str) -> str:
    return extract(html.encode()).text


BOILERPLATE = {
    "navigation": f"<nav><ul>{LINKS}</ul></nav>",
    "navigation by role": f"<div role=navigation>{LINKS}</div>",
    "navigation by class": f"<ul class=mainMenu>{LINKS}</ul>",
    "footer": "<footer><p>About us</p><p>Contact</p></footer>",
    "aside": f"<aside><h3>Also read</h3><ul>{LINKS}</ul></aside>",
    "consent": "<div id=cookie-banner class=cookie-consent><p>We use cookies.</p><button>Accept</button></div>",
    "sidebar": f"<div class=left_sidebar><h3>Weather</h3><ul>{LINKS}</ul></div>",
    "form": "<form class=search-form><label>Search</label><input><button>Go</button></form>",
    "breadcrumbs": "<div class=breadcrumbs><a href=/>Home</a> &gt; <a href=/a>Culture</a></div>",
    "related": f"<div class=related-posts><h3>Related stories</h3><ul>{LINKS}</ul></div>",
    "sharing": "<div class=social-share><a href=f>Facebook</a> <a href=t>Twitter</a> <a href=p>Pinterest</a></div>",
    "comments": "<div id=comments class=comments-area><h3>2 comments</h3><ol><li class=comment><p>I kept a lamp too.</p>"
    "<a href=r>Reply</a></li><li class=comment><p>So did my father, for a year.</p><a href=r>Reply</a></li></ol></div>",
}


@pytest.mark.parametrize("name", BOILERPLATE)
@pytest.mark.parametrize("before", [False, True])
def test_boilerplate_is_neither_text_nor_hidden(name: str, before: bool) -> None:
    part = BOILERPLATE[name]
    found = extract((page(before=part) if before else page(after=part)).encode())
    assert (found.text, found.hidden_text) == ("\n\n".join(PARAGRAPHS), "")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f"<p>{SENTENCES[0]} <a href=1>A link</a> and more.</p>", f"{SENTENCES[0]} A link and more."),
        (f"<ul><li>{SENTENCES[1]}<li>{SENTENCES[2]}</ul>", f"- {SENTENCES[1]}\n- {SENTENCES[2]}"),
        ("<h2>The book with the green cover</h2>", "The book with the green cover"),
        (f"<blockquote><p>{SENTENCES[3]}</p></blockquote>", SENTENCES[3]),
        ("<pre>lamp = Lamp()\nlamp.light()</pre>", "lamp = Lamp()\nlamp.light()"),
        ("<table><tr><th>Year<th>Ships<tr><td>1919<td>312<tr><td>1920<td>287</table>", "Year | Ships\n1919 | 312\n1920 | 287"),
        ("<p><a name=x>Nobody asked why.</a></p>", "Nobody asked why."),
    ],
)
def test_what_stands_in_the_flow_of_an_article_stays(inside: str, expected: str) -> None:
    assert text_of(page(BODY + inside + BODY)) == "\n\n".join([*PARAGRAPHS, expected, *PARAGRAPHS])


def test_a_careless_class_name_does_not_cost_the_page() -> None:
    html = f"<div class='page with-sidebar'><div class='content'>{BODY}</div></div>"
    assert text_of(html) == "\n\n".join(PARAGRAPHS)


def test_an_index_keeps_its_entries() -> None:
    entries = "".join(f"<li><a href={n}>Chapter {n}: {SENTENCES[n % 5][:40]}</a></li>" for n in range(30))
    found = text_of(f"<body><main><h1>Contents</h1><ul class=list>{entries}</ul></main></body>")
    assert found.count("Chapter ") == 30


def test_the_posts_of_a_thread_are_its_text() -> None:
    posts = "".join(
        f"<div class='post message'><div class=author>user{n}</div><div class=post-body><p>{paragraph}</p></div></div>"
        for n, paragraph in enumerate(PARAGRAPHS)
    )
    found = text_of(f"<body><nav><ul>{LINKS}</ul></nav><h1>How many stairs?</h1><div class=thread>{posts}</div></body>")
    assert all(paragraph in found for paragraph in PARAGRAPHS)
    assert "Sports" not in found


def test_a_page_that_is_all_boilerplate_keeps_what_it_shows() -> None:
    assert text_of("<p><a href=1>only</a>") == "only"
    assert text_of(f"<nav><ul>{LINKS}</ul></nav>").count("Home") == 1


def test_the_handle_beside_a_heading_is_no_text() -> None:
    sub = "<h2><a href=#y>#</a> Sub</h2>"
    assert text_of(page(BODY + sub + BODY)) == "\n\n".join([*PARAGRAPHS, "Sub", *PARAGRAPHS])
    assert "¶" not in text_of(page(f"<h1>Head<a href=#x>¶</a></h1>{BODY}"))
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
    assert text_of(page(f"<p>{sentence * 3}</p>" * 6)) == "\n\n".join([sentence * 3] * 6)
