"""Heads of HTTP answers: odd status lines, repeated fields, answers before the final one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read.http.content_coding import UnreadablePayload
from pipeline.read.http.head import Head, read_head

LIMIT = 64 << 10
FINAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
HTML = {"content-type": "text/html"}


def head(block: bytes) -> Head:
    return read_head(block, LIMIT)


@pytest.mark.parametrize(
    ("line", "status"),
    [("HTTP/1.1 200", 200), ("HTTP/1.0 404 Not Found", 404), ("HTTP/2 301", 301), ("http/1.1 200 ok", 200), ("HTTP/1.1 0", 0),
     ("HTTP/1.1 2000 OK", 2000), ("HTTP/1.1\t204", 204), ("HTTP 410 Gone", 410), ("ICY 200 OK", 200), ("HTTP/1.1  503  x", 503),
     # without a number browsers assume 200; until 2026-11 the page was rejected as status 0
     ("HTTP/1.1", 200), ("HTTP/1.1 abc", 200), ("HTTP/1.1 ²00", 200), ("HTTP/1.1 ", 200)],
)  # fmt: skip
def test_odd_status_lines_are_read(line, status):
    assert head(f"{line}\r\nA: b\r\n\r\nx".encode())[:2] == (status, {"a": "b"})


@pytest.mark.parametrize("before", [b"\r\n", b"\n\n", b"\0\0\0\0\0\0", b"\xef\xbb\xbf", b"0\r\n", b"  "])
def test_a_few_bytes_before_the_status_line_are_passed_over(before):
    assert head(before + FINAL + b"x") == Head(200, HTML, len(before + FINAL), None)


@pytest.mark.parametrize(
    "block", [b"", b"20 text/gemini\r\n# Hi", b"plain words", b"\0" * 40, b"aaaaaHTTP/1.1 200 OK\r\n\r\n", b"HTTPS"]
)
def test_what_is_no_http_says_so(block):
    with pytest.raises(UnreadablePayload, match="not_http"):
        head(block)


def test_a_page_without_any_head_is_an_answer_of_http_0_9():
    assert head(b"<html><p>old</p>") == Head(200, {}, 0, "no status line, as in HTTP/0.9")


def test_endless_headers_are_refused_also_behind_interim_answers_and_in_lines_of_cr():
    for start, line in (
        (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
        (b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\n", b"a: b\n"),
        (b"HTTP/1.1 2\r", b"a: b\r"),
    ):
        with pytest.raises(UnreadablePayload, match="bad_http"):
            head(start + line * 100_000)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_lines_may_end_in_lf_or_cr_alone_and_be_folded(end):
    lines = [
        b"HTTP/1.1 200 OK",
        b"Content-Type:",
        b" text/html;",
        b"\tcharset=koi8-r",
        b"no colon",
        b" folded",
        b"X : \xe9",
        b"",
        b"",
    ]
    block = end.join(lines)
    expected = {"content-type": "text/html; charset=koi8-r", "x": "é"}
    assert head(block + b"body\n\nmore") == Head(200, expected, len(block), None)


def test_repeated_fields_are_joined_and_empty_ones_add_nothing_until_2026_11_the_first_won():
    block = b"HTTP/1.1 200 OK\r\nContent-Encoding:\r\nTE: a\r\nCONTENT-ENCODING: gzip\r\nte: b\r\n\r\n"
    assert head(block).headers == {"content-encoding": "gzip", "te": "a, b"}


@pytest.mark.parametrize(
    "interim",
    [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
     b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.0 200 Connection established\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nProxy-Agent: x\r\n\r\nHTTP/1.1 100 Continue\n\n\r\n"],
)  # fmt: skip
def test_answers_before_the_final_one_are_skipped_until_2026_11_they_were_the_page(interim):
    found = head(interim + FINAL + b"<p>x")
    assert found[:3] == (200, HTML, len(interim + FINAL))
    assert found.problem.endswith("before the final one")


@pytest.mark.parametrize("first", [FINAL, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 404 No\r\n\r\n"])
def test_a_page_that_shows_an_answer_is_a_page(first):
    assert head(first + FINAL + b"x").body_start == len(first)


def test_an_interim_answer_alone_keeps_its_status():
    assert head(b"HTTP/1.1 100 Continue\r\n\r\n").status == 100


@given(
    st.lists(
        st.sampled_from([b"HTTP/1.1 100 \r\n\r\n", b"HTTP/1.1", b"\r", b"\n", b"\r\n", b"a: b", b" ", b"ICY 1", b"\xff", b"<p>"])
    )
)
def test_no_block_raises_anything_but_unreadable_payload(parts):
    block = b"".join(parts)
    try:
        found = head(block)
    except UnreadablePayload as unreadable:
        assert unreadable.reason in ("not_http", "bad_http")
    else:
        assert -1 <= found.body_start <= len(block)
