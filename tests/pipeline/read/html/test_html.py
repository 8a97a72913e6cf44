"""What a page reads like as text: one example for each sentence of pipeline/read/html.py, and the twin on generated markup."""

import gzip
from collections import Counter
from html.entities import html5

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html import names as html_names
from pipeline.kernels.html.page import read_page, walk_page
from pipeline.read.html import ExtractedPage, HtmlSettings, extract, from_plain_text
from pipeline.read.main_text import shipped_model
from tests.paths import SHARED
from tests.reference import html as reference

EVERYTHING = HtmlSettings(main_content=False)


def text_of(html: str) -> str:
    return extract(html.encode(), EVERYTHING).text


def kernel(html: str, max_depth: int = 512, max_attributes: int = 512, is_xml: bool = False) -> tuple[str, str, str, str, int]:
    data = np.frombuffer(html.encode(), np.uint8).copy()
    *texts, _, problems, _, _, _ = read_page(data, max_depth, max_attributes, is_xml, False, False, False, shipped_model().tests)
    title, text, hidden, said = (one.tobytes().decode() for one in texts)
    return title, text, hidden, said, problems


def tables(html: str, max_depth: int, max_attributes: int) -> tuple[list[list[int]], list[list[int]], str]:
    """What the walk leaves of blocks, behind their places, of elements and of hidden text, all that opens being opened."""
    data = np.frombuffer(html.encode(), np.uint8).copy()
    _, hidden, _, blocks, elements, _ = walk_page(data, max_depth, max_attributes, False, True)
    return blocks[:, lay.CHARS : lay.LANGUAGE_AT].tolist(), elements[1:].tolist(), hidden.tobytes().decode()


def number_of(name: str) -> int:
    h = html_names.name_hash(name)
    return html_names.ELEMENTS.get(name, html_names.UNKNOWN + ((h ^ (h >> 20)) & (html_names.UNKNOWN_NUMBERS - 1)))


def tables_of_twin(html: str, max_depth: int, max_attributes: int) -> tuple[list[list[int]], list[list[int]], str]:
    page = reference.read(html.encode(), max_depth, max_attributes, opening=True)
    elements = [[parent, number_of(name), *rest] for parent, name, *rest in page.elements]
    return [numbers for _, *numbers in page.blocks], elements[1:], "\n".join(page.hidden)


# ---------------------------------------------------------------- blocks


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>one\n  two\t three</p><p>four</p>", "one two three\n\nfour"),
        ("<p>one<p>two", "one\n\ntwo"),
        ("a<div>b<div>c</div>d</div>e", "a\n\nb\n\nc\n\nd\n\ne"),
        ("<b>w</b>ord <i>x</i> <u>y</u>", "word x y"),
        ("<h1>Head</h1>text<h2>Sub<h3>Third</h3>", "Head\n\ntext\n\nSub\n\nThird"),
        ("one<br>two <br/> three", "one\ntwo\nthree"),
        ("one<br><br>two<br> <br><br>three", "one\n\ntwo\n\nthree"),
        ("a<hr>b", "a\n\nb"),
        ("漢<ruby>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>", "漢字(じ)"),
        ("<custom-element>a</custom-element>b", "ab"),
    ],
)
def test_blocks_stand_apart_and_a_paragraph_is_one_line(html: str, expected: str) -> None:
    assert text_of(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>see:<ul><li>a<li>b</ul>end", "see:\n\n- a\n- b\n\nend"),
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "- a\n  - b\n  - c\n- d"),
        ("<ol><li><p>a</p><p>more</p></li><li>b</ol>", "1. a\n\nmore\n2. b"),
        ("<ol start=3><li>a<ul><li>b</ul><li value=9>c<li>d</ol><ol start=x><li>e</ol>", "3. a\n  - b\n9. c\n10. d\n\n1. e"),
        ("<ol start=0><li>a</ol><ol start=9999999999><li value=>b</ol>", "0. a\n\n1. b"),
        ("<ol type=a start=26><li>a<li>b</ol><ol type=A start=703><li>c</ol>", "z. a\naa. b\n\nAAA. c"),
        ("<ol type=i start=8><li>a<li>b</ol><ol type=I start=3999><li>c<li>d</ol>", "viii. a\nix. b\n\nMMMCMXCIX. c\n4000. d"),
        (
            "<ol type='&#65;'><li>a<ol><li>b</ol></ol><ol type=a start=0><li>c</ol><ol type=ab><li>d</ol>",
            "A. a\n  1. b\n\n0. c\n\n1. d",
        ),
        ("<ul>" * 20 + "<li>a", " " * 14 + "- a"),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n- b"),
        ("<ul><li><ul><li>a</ul></ul>b", "  - a\n\nb"),
        ("<ul><li></li><li>a</ul><p>b", "- a\n\nb"),
        ("<dl><dt>term<dd>meaning<dt>one<dt>two<dd>both<p>more</dl>", "term\nmeaning\n\none\ntwo\nboth\n\nmore"),
        ("<dl><dt>term</dt><dd></dd><div>no definition</div></dl>", "term\n\nno definition"),
    ],
)
def test_each_list_item_is_a_line(html: str, expected: str) -> None:
    assert text_of(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>x", "a | b\n1 | 2\n\nx"),
        ("<table><caption>c</caption><tbody><tr><td>1</td><td>2</td></tr></tbody></table>", "c\n\n1 | 2"),
        ("<table><tr><td>a<td>&nbsp;<td><td>b</table>", "a | | | b"),
        ("<table><tr><th>a<th>b<tr><td>x<td><tr><td><td>y</table>", "a | b\nx |\n| y"),
        ("<table><tr><td>spacer<td></table>", "spacer"),
        ("<table><tr><th>a<th>b<tr><td><td><p>x</p><p>y</p></table>", "a | b\n\nx\n\ny"),
        ("<table><tr><td>a<td><pre>b\n  c</pre></table>", "a\n\nb\n  c"),
        ("<table><tr><td>a<td>b<tr><td>x<br>y<td></table>", "a | b\nx y |"),
        ("<table><tr><td>a<br>b<td>c<br>d</table>", "a b | c d"),
        ("<table><tr><td>a<br>b</table>", "a\nb"),
        ("<table><tr><td><p>a</p><td><p>b</p></table>", "a | b"),
        ("<table><tr><td>menu<td><p>a</p><p>b</p><td>c<td>d</table>", "menu\n\na\n\nb\n\nc\n\nd"),
        ("<table><tr><td>x<table><tr><td>1<td>2</table><td>y<td>z</table>", "x\n\n1 | 2\n\ny\n\nz"),
        ("<table><td>1<td>2</table>", "1 | 2"),
        ("<table><tr><td>a<td><ul><li>b<li>c</ul></table>", "a\n\n- b\n- c"),
    ],
)
def test_a_row_is_a_line_unless_a_cell_holds_several_blocks(html: str, expected: str) -> None:
    assert text_of(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>x<pre>\n  a\n\tb  c\n\n</pre>y", "x\n\n  a\n\tb  c\n\ny"),
        ("<pre>\r\na\r\nb\rc</pre>", "a\nb\nc"),
        ("<pre>a<br>b <b>c</b>\nd&nbsp;e</pre>", "a\nb c\nd e"),
        ("<pre>\n\n \n  a</pre>", "  a"),
        ("<pre><div>a</div><div>  b</div></pre>", "a\n  b"),
        ("<pre><span style='display:block'>a</span><span style='display:block'>  b</span></pre>", "a\n  b"),
        ("<p>a<span style='display:block'>b</span>", "ab"),
        ("<pre><i class=lineno>1</i>a\n<i class=lineno> 2</i>  b</pre>", "a\n  b"),
        ("<p>page <i class=lineno>1</i>", "page 1"),
        ("<table><tr><td class=linenos><pre>1\n2</pre><td><pre>a\n  b</pre></table>", "a\n  b"),
        ("<table><tr><td data-line-number=1>1<td>  a<tr> <td data-line-number=2>2 </td> <td>b  c</table>", "  a\nb  c"),
        ("<table><tr><td class=gutter>x1<td>  a</table>", "x1 | a"),
        ("<xmp><b>&amp;</xmp>z", "<b>&amp;\n\nz"),
        ("<textarea>\n a &lt;b> <i></textarea>z", " a <b> <i>\n\nz"),
        ("a<plaintext><b></plaintext>", "a\n\n<b></plaintext>"),
    ],
)
def test_preformatted_text_is_verbatim(html: str, expected: str) -> None:
    assert text_of(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("10<sup>23</sup> and 10<sup>&minus;3</sup>, 2<sup>−1</sup>", "10^23 and 10^−3, 2^−1"),
        ("x<sup>2</sup> + (y<sup>-1</sup>)", "x^2 + (y^-1)"),
        ("the 1<sup>st</sup>, n<sup>o</sup> 5, M<sup>me</sup>", "the 1st, no 5, Mme"),
        ("a note<sup>3</sup>, 1998<sup><a href=#n>4</a></sup>", "a note3, 1998[4]"),
        ("H<sub>2</sub>O, 101<sub>2</sub>", "H2O, 101_2"),
        ("10 <sup>3</sup>", "10 3"),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "\\frac{1}{2}"),
        (
            "<math><msup><mi>x</mi><mn>2</mn></msup>+<msub><mi>a</mi><mrow><mi>i</mi>j</mrow></msub></math>",
            "x^{2}+a_{ij}",
        ),
        ("<math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>", "x_{1}^{2}"),
        ("<math><msqrt><mfrac><mi>a</mi><msqrt><mi>b</mi></msqrt></mfrac></msqrt></math>", "\\sqrt{\\frac{a}{\\sqrt{b}}}"),
        ("so <script type='math/tex'>a < b^{2}</script> holds", "so a < b^{2} holds"),
        ("<math hidden><mfrac><mn>1</mn><mn>2</mn></mfrac></math>a", "a"),
    ],
)
def test_powers_and_formulas_keep_their_meaning(html: str, expected: str) -> None:
    assert text_of(html) == expected


# ---------------------------------------------------------------- characters


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("&amp;&lt;&gt;&quot;&eacute;&NotEqualTilde;", '&<>"é≂̸'),
        ("&ampx &notit; &copy2 &nosuch; & &; &# &#x &#xg;", "&x ¬it; ©2 &nosuch; & &; &# &#x &#xg;"),
        ("&#65;&#x42;&#X43&#68 &#0;&#xD800;&#x110000;&#99999999999999999999;", "ABCD \ufffd\ufffd\ufffd\ufffd"),
        ("&#128;&#x99;&#x81;", "€™\x81"),
        ("a&nbsp;b\u00a0c\u2028d\x85e\x01f&#9;g", "a b c d e f g"),
        ("<p>\u3000\u3000段落<p>\u3000<p>&nbsp;<p>x", "段落\n\nx"),
        ("\ufeffx", "x"),
        ("1 < 2 <3 <", "1 < 2 <3 <"),
        ("a</", "a</"),
        ("día 日本語 ελ 😀 עברית क्षि", "día 日本語 ελ 😀 עברית क्षि"),
    ],
)
def test_characters_and_references(html: str, expected: str) -> None:
    assert text_of(html) == expected


def test_every_reference_of_the_standard_is_known() -> None:
    wrong = [name for name, value in html5.items() if value.strip("\t\n\xa0") and text_of(f"x&{name} y") != f"x{value} y"]
    assert wrong == []


# ---------------------------------------------------------------- markup


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<!-- x -->b<!-->c<!--->d<!--x--!>e<!-- -- > f -->g", "abcdeg"),
        ("a<!-- x", "a"),
        ("<!DOCTYPE html PUBLIC '-//W3C'>a<?php echo 1 ?>b</>c</ x>d<!x>e", "abcde"),
        ("<P CLASS=x ID='y' title=\"a>b\" data = z>t</P>", "t"),
        ("<a href=x/>a</a><br/>b<p a='1'b=\"2\"/c>d", "a\nb\n\nd"),
        ("a<p title='x", "a"),
        ("a<p", "a"),
        ("<svg><title>t</title><text>s</text><![CDATA[<p>x]]></svg>a<![CDATA[b]]>c", "ac"),
        ("<svg><path/><p>a", "a"),
        ("<svg><foreignObject><div>s</div></foreignObject><text>t</text></svg>a", "s\n\na"),
        ("<math><style>p{}</style><mi>x</mi></math>a", "xa"),
        ("<math><mi>x</mi><mo>=</mo></math>", "x="),
        ("<script>'</p>' <!-- <script> </script> --> x</script>a<style>p{}</style>b", "ab"),
        ("<script><!-- x --></script>a", "a"),
        ("<select><option>a<option>b</select>", "a\n\nb"),
        ("<a href=x>a<a href=y>b</a>", "ab"),
        ("x</b></td></div></p>y", "x\n\ny"),
        ("<table><tr><td>a</div></b>b</table>", "ab"),
        ("<body><p>a</body></html>b", "ab"),
    ],
)
def test_markup_of_every_kind_is_read_past(html: str, expected: str) -> None:
    assert text_of(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<title> A &amp;\n B </title><h1>C</h1>", "A & B"),
        ("<title></title><p>x<h1>The <b>head</b></h1>", "The head"),
        ("<svg><title>no</title></svg><title>yes</title><title>second</title>", "yes"),
        ("<p>none", ""),
    ],
)
def test_title_is_the_first_title_or_else_the_first_h1(html: str, expected: str) -> None:
    assert extract(html.encode()).title == expected


# ---------------------------------------------------------------- bounds


def test_deep_elements_are_flattened_and_their_text_stays() -> None:
    page = extract(b"<div>" * 600 + b"deep" + b"</div>" * 600 + b"<p>after", EVERYTHING)
    assert page == ExtractedPage("", "deep\n\nafter", "", "", "elements nested deeper than 512")


def test_attributes_beyond_the_bound_are_passed_over() -> None:
    many = "".join(f" a{n}=1" for n in range(600))
    assert extract(f"<p{many} hidden>x".encode(), EVERYTHING) == ExtractedPage(
        "", "x", "", "", "a tag with more than 512 attributes"
    )
    assert extract(f"<p hidden{many[:2000]}>x".encode()).hidden_text == "x"


def test_plain_text_keeps_its_lines() -> None:
    page = from_plain_text("\ufeff\n\none  \r\n  two\rthree\x0bfour\x00five\u2028six \n\n\n")
    assert page == ExtractedPage("", "one\n  two\nthree four five\nsix", "", "", None)


# ---------------------------------------------------------------- against others

NAMES = [
    "p",
    "blockquote",
    "div",
    "span",
    "b",
    "i",
    "a",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "td",
    "th",
    "tbody",
    "thead",
    "caption",
    "h1",
    "h2",
    "h3",
    "br",
    "hr",
    "pre",
    "img",
    "section",
    "article",
    "main",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "button",
    "select",
    "option",
    "optgroup",
    "textarea",
    "title",
    "style",
    "script",
    "template",
    "noscript",
    "svg",
    "path",
    "math",
    "foreignobject",
    "body",
    "html",
    "details",
    "dialog",
    "x-foo",
    "ruby",
    "rt",
    "xmp",
    "listing",
    "object",
    "iframe",
    "font",
    "em",
    "datalist",
    "video",
    "noframes",
    "sup",
    "sub",
    "mfrac",
    "msup",
    "msubsup",
    "msqrt",
]
ATTRIBUTES = [
    "hidden",
    "href=#",
    "href='/x'",
    "class=nav",
    "class='post sidebar'",
    'id="mainMenu"',
    "style='display:none'",
    "open",
    "class=a",
    'style="visibility:hidden"',
    "style='visibility:visible;font-size:12px'",
    "style='font-size:0'",
    "role=navigation",
    "role=main",
    "class='b c'",
    "style='position:absolute;left:-9999px'",
    "data-x='>'",
    'x="a&lt;b"',
    "=y",
    "/",
    "style='display&colon;none'",
    'title="Read &quot;this&quot; now"',
    "alt='eins\n zwei\tdrei \r\n\r vier'",
    "data-n='a b c d e f'",
    "content=忽略之前的指示",
    "type=text/template",
    'type="application/ld+json; x"',
    "aria-label='one two",
    "start=3",
    "start=48",
    "type=a",
    "type=A",
    "type=i",
    "type='&#73;'",
    "value=7",
    "class=lineno",
    "class='x language-c++ y'",
    "data-line-number=1",
    "style='display:block'",
    "aria-controls='z mainMenu'",
    "data-bs-target='#tab'",
    "href='#z'",
    "id=z",
    "id=B:1",
    "id='S:0a'",
    "style='opacity:0;transform:none'",
    "class='accordion-text'",
    "class='tab a'",
]
TEXTS = [
    "a",
    " 12",
    "hello world",
    " ",
    "\n",
    "x < y",
    "&amp;",
    "&nbsp;",
    "&lt",
    "&notit;",
    "&#x41;",
    "&#128;",
    "&bogus;",
    "日本語",
    "\u3000段落",
    "\xa0",
    "ελ",
    "😀",
    "&#xD800;",
    "¶",
    "#",
    "§",
    "tab\tx",
    "\r\n",
    "\r",
    "Contents",
    "<3",
    "</",
    "<!",
    "&#13;",
    "&#10;",
    "end.",
    "\x0b",
    "\u2028",
    "“q”",
    "&para;",
    "2 > 1",
    "A longer sentence that says a few things, so that the page has some text.",
]
OTHERS = [
    "<!-- c -->",
    "<!-->",
    "<!--x--!>",
    "<!doctype html>",
    "<?php x ?>",
    "</>",
    "</ x>",
    "<![CDATA[y]]>",
    "<!--",
    "<br>",
    "<br><br>",
    "</br>",
    "</p>",
    "<style>.a{display:none} .b,#z{visibility:hidden}</style>",
    "<style>.a{display:block}</style>",
    "<script>if (a<b) '</p>'</script>",
    "<title>T &amp; t</title>",
    "<textarea> a\n <b></textarea>",
    "<xmp><b>&amp;</xmp>",
    "<svg><title>no</title><path/></svg>",
    "<!-- a comment --- of &amp; words --!>",
    "<!ELEMENT of a page>",
    "<? a b c d e ?>",
    "<svg><desc>what it shows us</desc><![CDATA[in a far land]]><style>a b c { d e }</style></svg>",
    "<?xml version='1.0' a b?>",
    '<script type="application/ld+json">{"a": "one \\"two\\" \\u00e9\\ud83d\\ude00\\ud83d three\\n", "b": "x", "c": "d e f g h i',
    "</script>",
    "<title>A title of words</title>",
    "<!DOCTYPE html PUBLIC 'a b c'>",
    "<script type=text/x-template>{{ one }} two three</script>",
    "<script type='application/ld+json'>no strings in it</script>",
    "<noscript><!-- a b c d </noscript>",
    "<iframe src=x><p>no frames",
    "</iframe>",
    "</noscript>",
    "<svg><style>.a{}</svg>",
    "<template shadowrootmode=open>",
    "<script type='math/tex; mode=display'>a < b &amp; c</script>",
    "x<sup>2</sup>",
    "10<sub>2",
    "7<sup>&minus;3",
]
start_tags = st.builds(
    lambda name, attributes, close: "<" + " ".join([name, *attributes]) + close,
    st.sampled_from([*NAMES, "P", "DIV", "Table"]),
    st.lists(st.sampled_from(ATTRIBUTES), max_size=2),
    st.sampled_from([">", "/>", " >"]),
)
end_tags = st.sampled_from([f"</{name}>" for name in NAMES])
soup = st.lists(
    st.one_of(start_tags, start_tags, end_tags, st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.sampled_from(OTHERS)),
    max_size=40,
).map("".join)
HIDING = ["hidden", "style='visibility:hidden'", "style='display:none'", "style='opacity:0'", "style='opacity:0' hidden", "id=z"]
no_nul = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@given(soup, st.sampled_from([512, 512, 6, 3, 1]), st.sampled_from([512, 1]))
def test_markup_soup_reads_as_the_slow_twin_reads_it(html: str, max_depth: int, max_attributes: int) -> None:
    assert kernel(html, max_depth, max_attributes) == reference.extract(html.encode(), max_depth, max_attributes)
    assert tables(html, max_depth, max_attributes) == tables_of_twin(html, max_depth, max_attributes)


@given(soup, st.sampled_from(HIDING), soup, soup)
def test_a_page_that_hides_most_is_read_as_the_slow_twin_reads_it(before: str, how: str, within: str, behind: str) -> None:
    html = f"{before}<div {how}><p {how}>{'many words ' * 60}</p>{within}{'more of it ' * 60}</div>{behind}"
    assert tables(html, 512, 512) == tables_of_twin(html, 512, 512)
    assert kernel(html) == reference.extract(html.encode())


@given(soup)
def test_markup_soup_of_xhtml_reads_as_the_slow_twin_reads_it(html: str) -> None:
    assert kernel(html, is_xml=True) == reference.extract(html.encode(), is_xml=True)


@given(no_nul | st.text("<>/!-&#x;a='\" \n", max_size=60))
def test_arbitrary_characters_read_as_the_slow_twin_reads_them(html: str) -> None:
    assert kernel(html) == reference.extract(html.encode())


@given(st.lists(no_nul.filter(lambda text: not set(text) & set("<&")), max_size=8))
def test_no_text_of_a_paragraph_is_lost(paragraphs: list[str]) -> None:
    letters = Counter("".join(paragraphs))
    found = Counter(text_of("".join(f"<p>{paragraph}" for paragraph in paragraphs)))
    for blank in reference.BLANKS | {"\u3000"}:
        letters.pop(blank, None)
        found.pop(blank, None)
    found.pop("\ufeff", None)
    letters.pop("\ufeff", None)
    assert found == letters


def test_real_pages_read_as_the_twin_and_a_browser_engine_read_them() -> None:
    if SHARED is None:
        pytest.skip("needs ../shared/crawl")
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from resiliparse.parse.html import HTMLTree

    compared = 0
    for name in ("install", "aptitude", "debian-manuals"):
        with gzip.open(SHARED / "crawl" / f"{name}.warc.gz") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True, auto_decode="all"):
                body = record.reader.read() if "html" in (record.http_content_type or "") else b""
                if not 1000 < len(body) < 30_000 or record.http_charset not in (None, "utf-8"):
                    continue
                html = body.decode("utf-8", "replace").replace("\0", "\ufffd")
                assert kernel(html) == reference.extract(html.encode())
                seen = HTMLTree.parse(html).body.text
                assert letters_of(text_of(html)) == letters_of(seen)
                compared += 1
                if compared % 12 == 0:
                    break
    assert compared == 36


def letters_of(text: str) -> Counter[str]:
    """Digits are left out: the numbers of lists stand in no page's source."""
    return Counter(letter for letter in text if letter.isalpha())
