"""Pages as markdown: one example for each kind of block, and the twin on generated markup."""

import re

import numpy as np
import pytest
from hypothesis import given

from pipeline.kernels.html import layout as lay
from pipeline.kernels.html.names import BLOCKQUOTE
from pipeline.kernels.html.page import walk_page
from pipeline.read.html import HtmlSettings, extract
from tests.pipeline.read.html.test_html import soup
from tests.reference import markdown as reference

MARKDOWN = HtmlSettings(main_content=False, format="markdown")


def markdown_of(html: str) -> str:
    return extract(html.encode(), MARKDOWN).text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>Head</h2><p>one<p>two", "## Head\n\none\n\ntwo"),
        ("<ol><li>a<ul><li>b</ul><li>c</ol>", "1. a\n    - b\n2. c"),
        ("<table><tr><th>a<th>b<tr><td>1<td><tr><td><td>2</table>", "| a | b |\n|---|---|\n| 1 | |\n| | 2 |"),
        ("<table><tr><td>1<td>a|b</table>x", "| 1 | a|b |\n|---|---|\n\nx"),
        ("<pre>a\n  b</pre><p>c", "```\na\n  b\n```\n\nc"),
        ("<pre class='x language-C++'>a</pre>", "```C++\na\n```"),
        ("<pre><code class=lang-py>a ``` b</code></pre>", "````py\na ``` b\n````"),
        ("<pre><code class='language-a&amp;b'>x</code></pre>", "```a\nx\n```"),
        ("<code class=language-c>x</code>", "x"),
        ("<textarea>a</textarea><textarea>b````</textarea>", "```\na\n```\n\n`````\nb````\n`````"),
        ("<p># no head<p>&gt; no quote<p>5 > 4", "\\# no head\n\n\\> no quote\n\n5 > 4"),
        ("<blockquote><p>one<p>two<br>lines</blockquote>three", "> one\n>\n> two\n> lines\n\nthree"),
        ("a<blockquote>b<blockquote><pre>c\n\nd</pre></blockquote>e", "a\n\n> b\n>\n> > ```\n> > c\n> >\n> > d\n> > ```\n>\n> e"),
        ("<blockquote><ul><li>a<li>b</ul><h2>c</h2></blockquote>", "> - a\n> - b\n>\n> ## c"),
        ("<blockquote>" * 20 + "deep", "> " * 8 + "deep"),
        ("", ""),
    ],
)
def test_each_kind_of_block_has_its_mark(html: str, expected: str) -> None:
    assert markdown_of(html) == expected


@given(soup)
def test_markup_soup_reads_as_the_slow_twin_joins_it(html: str) -> None:
    page = html.encode()
    text, _, _, rows, elements, _ = walk_page(np.frombuffer(page, np.uint8).copy(), 512, 512, False, False)
    blocks = [
        reference.Block(
            text[row[lay.START] : row[lay.END]].tobytes().decode(),
            int(row[lay.KIND]),
            int(row[lay.GROUP_OF]),
            language_at(page, int(row[lay.LANGUAGE_AT])),
            quotes_around(int(row[lay.ELEMENT_OF]), elements),
        )
        for row in rows
    ]
    assert markdown_of(html) == reference.joined(blocks)


def quotes_around(row: int, elements: np.ndarray) -> int:
    names = []
    while row:
        names.append(elements[row, lay.NUMBER])
        row = int(elements[row, lay.PARENT])
    return min(8, names.count(BLOCKQUOTE))


def language_at(page: bytes, start: int) -> str:
    found = re.compile(rb"[A-Za-z0-9#+-]{0,20}").match(page, start) if start else None
    return found[0].decode() if found else ""
