"""What a reader of a page would not see, and what only looks hidden."""

import numpy as np
import pytest

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.page import walk_page
from pipeline.read.html import HtmlSettings, extract

EVERYTHING = HtmlSettings(main_content=False)


def seen_and_hidden(html: str) -> tuple[str, str]:
    page = extract(html.encode(), EVERYTHING)
    return page.text, page.hidden_text


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : None !important",
        "color:red;display:none;",
        "display:/* x */none",
        "display&#58;none",
        "visibility:hidden",
        "visibility: collapse",
        "opacity:0",
        "opacity:0.0",
        "opacity:.0",
        "opacity: 0%",
        "font-size:0",
        "font-size:0px",
        "font:0/0 a",
        "height:0;overflow:hidden",
        "max-height:0px;overflow:hidden",
        "width:1px;height:1px;overflow:hidden",
        "position:absolute;left:-9999px",
        "position:fixed;top:-999em",
        "text-indent:-9999px",
        "margin-left:-5000px",
        "position:absolute;clip:rect(0,0,0,0)",
        "position:absolute;clip: rect(1px 1px 1px 1px)",
        "clip-path:inset(50%)",
        "transform:scale(0)",
        "color:#fff;background-color:white",
        "color:transparent",
        "background:url(a;b);display:none",
        "content-visibility:hidden",
    ],
)
def test_an_inline_style_hides(style: str) -> None:
    assert seen_and_hidden(f'a<span style="{style}">b</span>c') == ("ac", "b")


@pytest.mark.parametrize(
    "style",
    [
        "display:block",
        "display:none;display:block",
        "visibility:visible",
        "opacity:0.5",
        "opacity:10",
        "font-size:10px",
        "height:0",
        "overflow:hidden;height:100px",
        "left:-9999px",
        "position:absolute;left:-10px",
        "text-indent:-2em",
        "margin-left:-50px",
        "clip:rect(0,0,0,0)",
        "color:#fff",
        "color:#fff;background:#000",
        "color:inherit;background:inherit",
        "/*display:none*/",
        "-x-display:none",
        "content:'display:none'",
        "display",
        "transform:scale(0.5)",
        "",
    ],
)
def test_other_styles_do_not(style: str) -> None:
    assert seen_and_hidden(f'a<span style="{style}">b</span>c') == ("abc", "")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<p hidden>b</p>c", ("a\n\nc", "b")),
        ("a<p hidden=until-found>b</p>", ("a", "b")),
        ("a<p hidden style='display:block'>b</p>", ("a\n\nb", "")),
        ("a<div popover>b</div>", ("a", "b")),
        ("a<template><p>b</template>c", ("a\n\nc", "b")),
        ("a<noscript><p>b<p>c</noscript>", ("a", "b\nc")),
        ("a<dialog>b</dialog><dialog open>c</dialog>", ("a\n\nc", "b")),
        ("a<iframe>b</iframe><video>c</video><canvas>d</canvas><audio>e</audio>", ("a", "bcde")),
        ("<math>a<annotation>b</annotation></math>", ("a", "b")),
        ("<details><summary>a</summary>b</details>", ("a\n\nb", "")),
        ("<p aria-hidden=true>a</p>", ("a", "")),
        ("<!-- a --><input type=hidden value=b><script>c</script><p data-x=d title=e>f", ("f", "")),
        ("a<p style='display:none' style='display:block'>b", ("a", "b")),
        ("<html hidden><body style='opacity:0'>a", ("a", "")),
    ],
)
def test_elements_and_attributes_that_hide(html: str, expected: tuple[str, str]) -> None:
    assert seen_and_hidden(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<noscript><!-- counter </noscript>a", ("a", "")),
        ("<noscript><style>a{}</noscript>a", ("a", "")),
        ("<noscript><table><tr><td>x</noscript>a", ("a", "x")),
        ("<div><noscript></div>x</noscript>a</div>b", ("a\n\nb", "x")),
        ("<iframe src=x><div>none</iframe>a", ("a", "none")),
        ("<iframe src=x><p>a", ("a", "")),
        ("<noembed><b>x</noembed>a<noframes><p>y</noframes>b", ("a\n\nb", "x\ny")),
        ("<template><tr><td>x</template>a", ("a", "x")),
        ("<template><button>x</template>a", ("a", "x")),
        ("<template><object>x<template>y</template></template>a", ("a", "x\ny")),
        ("<template><p>a", ("a", "")),
        ("<video src=x><p>a", ("a", "")),
        ("<datalist><option>x</datalist>a", ("a", "x")),
        ("<video><p>x</video>a", ("a", "x")),
        ("<svg><style>.a{}</svg>a", ("a", "")),
        ("<svg><script>if (a)</svg>a", ("a", "")),
        ("<svg hidden/>a<math hidden/>b", ("ab", "")),
        ("a<td hidden>b</td><caption hidden>c", ("a\n\nb\n\nc", "")),  # rows and cells outside of a table are none
        ("<template><tr><td hidden>x</template><table><tr><td hidden>y<td>a</table>", ("a", "x\ny")),
        ("<svg><style/></svg>a", ("a", "")),
        ("<font style='display:none'>x<p>y</font>b</p>a", ("b\n\na", "x\ny")),
        ("<b hidden>x<div>y<i>z</b>a</i></div>", ("a", "x\nyz")),
        ("<span hidden>x<p>y</span>z</p>a", ("", "x\nyz\na")),  # no formatting element: browsers hide on
        ("<x-y><template shadowrootmode=open><p>a</template></x-y>", ("a", "")),
        ("<template shadowroot=open><p>x</template>a", ("a", "x")),
    ],
)
def test_what_is_hidden_hides_no_more_than_in_a_browser(html: str, expected: tuple[str, str]) -> None:
    assert seen_and_hidden(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<script src='x'/><p>a</p>", "a"),
        ("<style/><title/><p>a</p>", "a"),
        ("<iframe src='x'/><video/><textarea/><p>a</p>", "a"),
        ("<p>a<div/>b</p>", "a\n\nb"),
        ("<p><![CDATA[a < b &amp; <i>c</i>]]> d</p>", "a < b &amp; <i>c</i> d"),
        ("<p>a<![CDATA[b", "ab"),
        ("<p hidden=''><![CDATA[b]]></p>a", "a"),
    ],
)
def test_xhtml_by_its_type_honours_what_xml_has(html: str, expected: str) -> None:
    assert extract(html.encode(), EVERYTHING, is_xml=True).text == expected


def test_children_of_a_hidden_element_are_hidden() -> None:
    assert seen_and_hidden("<div style='display:none'><p>a<b style='display:block'>b</b></p></div>c") == ("c", "ab")


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("visibility:hidden", "visibility:visible"),
        ("font-size:0", "font-size:12px"),
        ("color:transparent", "color:#000"),
    ],
)
def test_children_may_undo_what_is_only_inherited(outer: str, inner: str) -> None:
    assert seen_and_hidden(f"<p style='{outer}'>a<b style='{inner}'>b</b>c") == ("b", "a\nc")


def test_hidden_runs_are_a_line_each() -> None:
    html = "a<i hidden>b <u>c</u><br>d</i>e<i hidden>f</i><div hidden>g<p>h</div><i hidden>i</i>"
    assert seen_and_hidden(html) == ("ae", "b c d\nf\ng\nh\ni")


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (".x{display:none}", "b"),
        ("/* .y */ #z , .x { color:red; visibility:hidden }", "b"),
        ("@import 'a'; <!-- .x{opacity:0}", "b"),
        (".x{display:none} .x{display:block}", ""),
        ("@media print{.x{display:none}}", ""),
        (".a .x{display:none} .x.y{display:none} .x:hover{display:none} p{display:none} .X{display:none}", ""),
        (".x{display:none", "b"),
    ],
)
def test_simple_rules_of_the_pages_own_sheets_hide(sheet: str, expected: str) -> None:
    assert seen_and_hidden(f"<style>{sheet}</style>a<b class='w x'>b</b>")[1] == expected


def test_an_inline_style_beats_a_sheet() -> None:
    assert seen_and_hidden("<style>#x{display:none}</style><p style='display:inline' id=x>a") == ("a", "")
    assert seen_and_hidden("<style>.x{display:none}</style><p class=x><style>.x{display:block}</style><p class=x>a") == ("a", "")


# ---------------------------------------------------------------- hidden as fetched, and yet meant to be read


def opened_and_hidden(html: str) -> tuple[str, str]:
    text, hidden, _, blocks, _, _ = walk_page(np.frombuffer(html.encode(), np.uint8).copy(), 512, 512, False, True)
    shown = [text[block[lay.START] : block[lay.END]].tobytes().decode() for block in blocks]
    return "\n\n".join(shown), hidden.tobytes().decode()


STREAMED = "<p>a<template id='B:0'></template><p>c<div hidden id='S:0'><p>b</div>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (STREAMED, ("a\n\nc\n\nb", "")),
        (STREAMED.replace("B:0", "b"), ("a\n\nc", "b")),  # nothing waits for it
        (STREAMED.replace("S:0", "S:x"), ("a\n\nc", "b")),
        (STREAMED.replace("<p>b", "<p hidden>b"), ("a\n\nc", "b")),
    ],
)
def test_a_segment_that_was_streamed_is_shown_where_a_place_waits_for_it(html: str, expected: tuple[str, str]) -> None:
    assert opened_and_hidden(html) == expected


@pytest.mark.parametrize(
    "panel",
    [
        "role=tabpanel hidden",
        "class='faq-answer' style='display:none'",
        "class='accordion__content' style='overflow:hidden;height:0;visibility:hidden;opacity:0'",
        "class='tab-pane' hidden",
        "class=collapsed style='max-height:0;overflow:hidden'",
        "id=t1 hidden",
        "id=t2 style='display:none'",
        "id=t3 hidden",
        "id=t4 hidden",
        "style='opacity:0;transform:translateY(20px)'",
        "style='transition:opacity .3s; OPACITY: 0'",
        "style='will-change:opacity;opacity:0'",
        "style='opacity:0;-webkit-transform:none;background-position:0 0'",
        "style='transition:opacity 1s;position:relative;opacity:0'",
    ],
)
def test_what_a_reader_opens_or_what_fades_in_is_text(panel: str) -> None:
    opens = "<a href=#t1>1</a><b aria-controls='t0 t2'>2</b><b data-target='#t3'>3</b><b data-bs-target=#t4>4</b>"
    assert opened_and_hidden(f"{opens}<div {panel}>b</div>") == ("1234\n\nb", "")


@pytest.mark.parametrize(
    "other",
    [
        "id=t1 class=dropdown-menu hidden",
        "id=t1 role=dialog hidden",
        "class='tab cookie-consent' hidden",
        "id=t5 hidden",
        "role=tabpanel style='position:absolute;left:-9999px'",
        "role=tabpanel style='font-size:0'",
        "class=answer style='color:#fff;background:#fff'",
        "style='opacity:0;transform:none;position:absolute'",
        "style='opacity:0;background:transparent'",
        "style='opacity:0;text-transform:uppercase'",
        "style='opacity:0;--x:transition'",
        "style='opacity:0'",
        "style='opacity:0;transition:opacity 1s;pointer-events:none'",
        "style='display:none;transition:opacity 1s'",
        "class=panel hidden",
    ],
)
def test_what_opens_and_is_no_text_stays_hidden_and_so_does_what_no_reader_can_open(other: str) -> None:
    assert opened_and_hidden(f"<a href=#t1>1</a><div {other}>b</div>") == ("1", "b")


def test_ids_that_are_named_beyond_the_bound_open_nothing() -> None:
    links = "".join(f"<a href=#x{n}></a>" for n in range(300))
    assert opened_and_hidden(f"{links}<p id=x7 hidden>a<p id=x299 hidden>b") == ("a", "b")


@pytest.mark.parametrize("how", ["hidden", "style='visibility:hidden'", "style='display:none'", "style='opacity:0'"])
def test_a_page_that_hides_all_it_says_in_one_element_is_read(how: str) -> None:
    prose = "word " * 200
    page = f"<nav>menu</nav><div {how}><p>{prose}<p hidden>aside</p></div><p hidden>other"
    assert opened_and_hidden(page) == (f"menu\n\n{prose.rstrip()}", "aside\nother")


def test_a_page_that_shows_something_keeps_hidden_what_it_hides() -> None:
    shown, hidden = "word " * 150, "other " * 500
    assert opened_and_hidden(f"<p>{shown}<div hidden>{hidden}</div>") == (shown.rstrip(), hidden.rstrip())
    assert opened_and_hidden(f"<p>a<div hidden>{'b ' * 200}</div>") == ("a", ("b " * 200).rstrip())  # too little to be a page


def test_a_page_that_shows_its_menus_alone_shows_nothing() -> None:
    menus, prose = "<li><a href=/a>one of many</a>" * 200, "word " * 300
    seen, hidden = opened_and_hidden(f"<ul>{menus}</ul><div style='display:none'>{prose}</div>")
    assert seen.count("word") == 300 and hidden == ""


def test_a_page_all_of_whose_parts_fade_in_is_read() -> None:
    parts = "<style>.fade{opacity:0}</style>" + f"<p class=fade>{'word ' * 20}</p>" * 20
    seen, hidden = opened_and_hidden(f"<h1>a</h1>{parts}<p hidden>b")
    assert seen.count("word") == 400
    assert hidden == "b"


def test_all_that_a_page_shows_as_it_was_fetched_opens_nothing() -> None:
    prose = "word " * 200
    assert seen_and_hidden(STREAMED) == ("a\n\nc", "b")
    assert seen_and_hidden("a<div role=tabpanel hidden>b</div>") == ("a", "b")
    assert seen_and_hidden("a<div style='opacity:0;transform:none'>b</div>") == ("a", "b")
    assert seen_and_hidden(f"a<div hidden>{prose}</div>") == ("a", prose.rstrip())
    assert "word" in extract(f"a<div hidden><p>{prose}</div>".encode()).text
