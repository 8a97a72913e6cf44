"""What pages and servers say of use, licence, address and date: by example; the kernel beside its twin."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.kernels.html import layout as lay
from pipeline.kernels.html import signals as kinds
from pipeline.kernels.html.page import read_page
from pipeline.read import signals
from pipeline.read.html import extract
from pipeline.read.ingest import ingest_file
from pipeline.read.main_text import shipped_model
from pipeline.read.signals import Signals, attributes_of, licence_name, robots_directives, signals_of
from tests.crawls import Crawl
from tests.reference import html as reference

PAGE = "http://news.example/2024/tides.html"


def said(head: str, headers: dict[str, str] | None = None, url: str | None = PAGE) -> Signals:
    return signals_of(extract(f"<head>{head}</head><p>Words.".encode()).found, headers or {}, url)


def linked(json: str) -> str:
    """JSON-LD; BY stands for an address of that licence."""
    return f'<script type="application/ld+json">{json.replace("BY", BY)}</script>'


BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("head", "headers", "expected"),
    [
        ('<META NAME="Robots" CONTENT="NoAI, NOIMAGEAI">', {}, "noai, noimageai"),
        ("", {"x-robots-tag": "noindex, max-snippet: -1"}, "max-snippet:-1, noindex"),
        ("<meta name=robots content='nosnippet,none'>", {"x-robots-tag": "none"}, "none, nosnippet"),
        ("<meta name=robots content=index>", {"x-robots-tag": "CCBot: noai, nofollow"}, "ccbot: noai, index, nofollow"),
        ("<meta name=robotsx content=noai><meta content=noai>", {}, None),
        ("<meta name=robots content=>", {}, None),
        ("<!-- <meta name=robots content=noai> --><script>'<meta name=robots content=noai>'</script>", {}, None),
        ("<input name=robots content=noai>", {}, None),
    ],
)
def test_directives_to_robots_of_header_and_page(head: str, headers: dict[str, str], expected: str | None) -> None:
    assert said(head, headers).robots == expected


@pytest.mark.parametrize(
    ("head", "headers", "expected"),
    [
        ("<meta name='TDM-Reservation' content='1'>", {}, 1),
        ("", {"tdm-reservation": "0"}, 0),
        ("<meta name=tdm-reservation content=0>", {"tdm-reservation": "1"}, 1),
        ("<meta name=tdm-reservation content=1>", {"tdm-reservation": "0"}, 1),
        ("<meta name=tdm-reservation content=yes>", {}, None),
    ],
)
def test_rights_are_reserved_where_header_or_page_reserves_them(head: str, headers: dict[str, str], expected: int | None) -> None:
    assert said(head, headers).tdm_reservation == expected


def test_the_policy_is_an_address() -> None:
    assert said("<meta name=tdm-policy content='/tdm.json'>").tdm_policy == "http://news.example/tdm.json"
    assert said("", {"tdm-policy": "https://x.example/p"}).tdm_policy == "https://x.example/p"
    assert said("<meta name=tdm-policy content='javascript:1'>").tdm_policy is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (f"<link rel=license href={BY}>", ("CC-BY-4.0", "rel")),
        (f"<a rel='nofollow License' href='{BY}deed.de'>x</a>", ("CC-BY-4.0", "rel")),
        ("<a rel=license href='/terms'>x</a>", ("http://news.example/terms", "rel")),
        ("<a rel=license href='mailto:x@example.org'>x</a>", (None, None)),
        (linked('{"@type": "NewsArticle", "license": "BY"}'), ("CC-BY-4.0", "json-ld")),
        (linked('{"@graph": [{"@type": ["WebPage"], "license": {"@id": "BY"}}]}'), ("CC-BY-4.0", "json-ld")),
        (linked('{"@type": "ImageObject", "license": "BY"}'), (None, None)),  # the picture's, not the page's
        (linked('{"@type": "Article", "image": {"@type": "Article", "license": "BY"}}'), (None, None)),
        (linked('{"@type": "Article", "license": '), (None, None)),
        ("<meta name=dcterms.license content='CC BY-SA 3.0'>", ("CC-BY-SA-3.0", "meta")),
        ("<meta name=dc.rights content='© 2024 The Daily Almanac'>", (None, None)),
        (f"<a href='{BY}'>x</a>", ("CC-BY-4.0", "link")),
        (f"<a href='{BY}'>x</a><a href='//www.CreativeCommons.org/licenses/by/4.0/legalcode'>y</a>", ("CC-BY-4.0", "link")),
        (f"<a href='{BY}'>x</a><a href='http://creativecommons.org/licenses/by-sa/2.0/'>y</a>", (None, None)),  # of pictures
        ("<a href='https://creativecommons.org/'>x</a><a href='https://notcreativecommons.org/licenses/by/4.0'>", (None, None)),
        (f"<a href='{BY}'>x</a><link rel=license href=https://a.example/own>", ("https://a.example/own", "rel")),
        (
            f"<link rel=license href={BY}><link rel=license href=https://a.example/b>",
            ("CC-BY-4.0 AND https://a.example/b", "rel"),
        ),
    ],
)
def test_the_licence_is_what_says_so_most_plainly(head: str, expected: tuple[str | None, str | None]) -> None:
    assert (said(head).license, said(head).license_source) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("http://creativecommons.org/licenses/by-nc-nd/2.5/", "CC-BY-NC-ND-2.5"),
        ("//creativecommons.org/licenses/by-sa/3.0/de/deed.en", "CC-BY-SA-3.0-DE"),
        ("HTTPS://creativecommons.org/licenses/BY/3.0/IGO", "CC-BY-3.0-IGO"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/?x", "CC-PDM-1.0"),
        ("https://creativecommons.org/licenses/by", "CC-BY"),
        ("https://creativecommons.org/licenses/bye/4.0/", "https://creativecommons.org/licenses/bye/4.0/"),
        ("CC BY 4.0", "CC-BY-4.0"),
        ("cc-by-nc-sa-3.0", "CC-BY-NC-SA-3.0"),
        ("CC0", "CC0"),
        ("CC0 1.0", "CC0-1.0"),
        ("  GNU\n Free  Documentation ", "GNU Free Documentation"),
        ("x" * 500, "x" * 64),
    ],
)
def test_creative_commons_has_one_name_however_it_is_written(written: str, expected: str) -> None:
    assert licence_name(written) == expected


@pytest.mark.parametrize(
    ("head", "headers", "expected"),
    [
        ("<link rel=Canonical href='/Tides?a=1&amp;b=2'>", {}, "http://news.example/Tides?a=1&b=2"),
        ("<a rel=canonical href=/no>x</a>", {}, None),
        ("<link rel=canonical href=''><link rel='x canonical' href=https://b.example/>", {}, "https://b.example/"),
        ("", {"link": '<https://c.example/x>; rel="canonical", </s.css>; rel=preload'}, "https://c.example/x"),
        ("<link rel=canonical href='http://['>", {}, None),
        ("<link rel=canonical href='ftp://a.example/'>", {}, None),
    ],
)
def test_the_canonical_address_is_whole(head: str, headers: dict[str, str], expected: str | None) -> None:
    assert said(head, headers).canonical_url == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<meta property=article:published_time content='2024-03-01T10:00:00+01:00'>", "2024-03-01T10:00:00+01:00"),
        ("<meta itemprop=datePublished content=2024-03-01>", "2024-03-01"),
        ("<time itemprop=datePublished datetime='2024-03-01 10:00'>a day</time>", "2024-03-01 10:00"),
        (linked('{"@type": "BlogPosting", "datePublished": "2024-03-02"}'), "2024-03-02"),
        ("<meta name=date content='last week'><meta name=dc.date content=2023-01-01>", "2023-01-01"),
        ("<meta name=date content=2020-01-01><meta property=article:published_time content=2024-03-01>", "2024-03-01"),
        ("<input name=date value=2020-01-01>", None),
    ],
)
def test_the_date_is_the_first_that_is_one(head: str, expected: str | None) -> None:
    assert said(head).published_at == expected


def test_a_page_that_says_nothing_says_nothing() -> None:
    assert said("<meta name=viewport content=x><link rel=stylesheet href=x>") == Signals()


def test_sizes_are_bounded() -> None:
    pictures = "<a rel=license href=https://a.example/x>x</a>" * 1000
    assert said(pictures + "<meta name=robots content=noai>").robots == "noai"
    assert said("<meta name=robots content=noai>" * 10_000).robots == "noai"
    assert said(f"<meta name=robots content=noai x={'y' * 9000}>").robots is None
    assert said(linked("[" * 100_000 + '"license"' + "]" * 100_000)).license is None
    assert said(linked('{"@type": "Article", "license": "x", "y": "' + "z" * signals.LONGEST_SCRIPT + '"}')).license is None
    many = robots_directives([", ".join(f"d{n}" for n in range(100))])
    assert many is not None and many.count(",") == signals.MOST_DIRECTIVES - 1


def test_signals_reach_documents_and_measures(tmp_path) -> None:
    html = f"<link rel=license href={BY}><meta name=tdm-reservation content=1><p>" + "Words of a page. " * 20
    with Crawl().response(PAGE, html).write(tmp_path / "one.warc.gz").open("rb") as stream:
        (part,) = ingest_file(stream, "one.warc.gz", ingest_settings(Recipe()))
    expected = {"license": "CC-BY-4.0", "tdm_reservation": 1, "robots": None}
    for table in (part.documents, part.measures):
        (row,) = table.to_pylist()
        assert {name: row[name] for name in expected} == expected


# ---------------------------------------------------------------- the twin

Noted = list[tuple[int, str, dict[str, str]]]


def noted(html: str) -> Noted:
    """(bits, element, attributes) of the tags that the kernel notes; of JSON-LD (bits, content, nothing)."""
    page = html.encode()
    rows: np.ndarray = read_page(
        np.frombuffer(page, np.uint8).copy(), 512, 512, False, False, False, False, shipped_model().tests
    )[7]
    found: list[Any] = []
    for bits, start, end in rows.tolist():
        text = page[start:end].decode()
        found.append((bits, text, {}) if bits == kinds.LINKED_DATA else (bits, *attributes_of(text)))
    return found


def noted_by_twin(html: str) -> Noted:
    found = reference.read(html.encode()).signals
    return [(bits, name, {key: value.strip() for key, value in held.items()}) for bits, name, held in found][: lay.MOST_SIGNALS]


TAGS = st.builds(
    lambda name, attributes, end: f"<{name} {' '.join(attributes)}{end}",
    st.sampled_from("meta link a time p script LINK Meta svg noscript template".split()),
    st.lists(
        st.sampled_from(
            [
                "name=robots",
                "NAME='Robots x'",
                "property=article:published_time",
                "itemprop='x datePublished'",
                'name="tdm-policy"',
                "rel=canonical",
                "rel=' nofollow\n LICENSE'",
                "rel=''",
                "href=//creativecommons.org/licenses/by/4.0",
                "href=' https://www.creativecommons.org/x'",
                "href=https://a.example//creativecommons.org/",
                "href=http&colon;//creativecommons.org/",
                "href=creativecommons.org/",
                "content='a &amp; b'",
                "content=1",
                "content",
                "=x",
                "/",
                "type=application/ld+json",
            ]
        ),
        max_size=4,
    ),
    st.sampled_from([">", "/>", "", " >"]),
)
OTHERS = st.sampled_from(
    ["</script>", "</svg>", "</noscript>", "<!-- ", "-->", "words", '{"license": "x"}', "</a>", "<![CDATA[", "]]>"]
)


@given(st.lists(TAGS | OTHERS, max_size=12).map("".join))
def test_the_tags_that_are_noted_are_those_of_the_twin(html: str) -> None:
    assert noted(html) == noted_by_twin(html)
