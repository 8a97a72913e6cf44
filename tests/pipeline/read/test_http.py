"""HTTP responses as servers send them, proxies mangle them and crawlers store them."""

import base64
import gzip
import hashlib
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.read.http import (
    HttpLimits,
    HttpResponse,
    UnreadablePayload,
    check_payload_digest,
    parse_content_type,
    parse_response,
    sniffed_mime,
)
from pipeline.read.http import without_chunks as dechunked
from pipeline.read.warc.records import Record

LIMITS = HttpLimits()
SMALL = HttpLimits(max_payload_bytes=100_000)
PAGE = b"<html><p>" + " ".join(f"word{number}" for number in range(2000)).encode() + b"</p></html>"


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip": lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:]),
    "deflate": zlib.compress,
    "Deflate": bare_deflate,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstandard.ZstdCompressor().compress,
}


def response(body: bytes, *headers: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join((status, *headers, "", "")).encode("latin-1") + body


def parse(body: bytes, *headers: str, status: str = "HTTP/1.1 200 OK", limits: HttpLimits = LIMITS) -> HttpResponse:
    return parse_response(response(body, *headers, status=status), limits)


def chunked(data: bytes, size: int, line: str = "{:x}\r\n") -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(line.format(len(part)).encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"


# Status and headers


def test_status_mime_and_charset_are_read():
    page = parse(b"x", 'Content-Type: Text/HTML; a=b; Charset="UTF-8"; q', "X: 1", "x: 2")
    assert page == HttpResponse(200, page.headers, "text/html", "UTF-8", b"x", b"x", b"x", None)
    assert page.headers == {"content-type": 'Text/HTML; a=b; Charset="UTF-8"; q', "x": "1"}


@pytest.mark.parametrize(
    ("line", "status"),
    [("HTTP/1.1 200", 200), ("HTTP/1.0 404 Not Found", 404), ("HTTP/2 301", 301), ("http/1.1 200 ok", 200), ("HTTP/1.1 0", 0),
     ("HTTP/1.1", 0), ("HTTP/1.1 2000 OK", 0), ("HTTP/1.1 abc", 0), ("HTTP/1.1 ²00", 0)],
)  # fmt: skip
def test_odd_status_lines_are_read(line, status):
    page = parse(b"x", "A: b", status=line)
    assert (page.status, page.payload) == (status, b"x")


def test_line_feeds_alone_folding_and_bytes_that_are_no_utf8_are_read():
    head = b"HTTP/1.1 200 OK\nContent-Type:\n text/html;\n\tcharset=koi8-r\nno colon\n folded\nX: \xe9\n\n"
    page = parse_response(head + b"body\n\nmore", LIMITS)
    assert (page.mime, page.charset, page.headers["x"], page.payload) == ("text/html", "koi8-r", "é", b"body\n\nmore")


def test_a_response_without_an_empty_line_has_no_body():
    page = parse_response(b"HTTP/1.1 304 Not Modified\r\nA: b", LIMITS)
    assert (page.status, page.headers, page.payload) == (304, {"a": "b"}, b"")


@pytest.mark.parametrize("block", [b"", b"20 text/gemini\r\n# Hi", b"<html>", b"\0" * 40])
def test_what_is_no_http_says_so(block):
    with pytest.raises(UnreadablePayload, match="not_http"):
        parse_response(block, LIMITS)


def test_endless_headers_are_refused():
    with pytest.raises(UnreadablePayload, match="bad_http"):
        parse_response(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000, LIMITS)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ("", None)),
        ("text/html;charset=", ("text/html", None)),
        ("text/html, text/html; charset=x", ("text/html", "x")),
        ("TEXT/plain ; format=flowed;CHARSET='Big5'", ("text/plain", "Big5")),
        (";;;=;", ("", None)),
    ],
)
def test_content_types_are_read(value, expected):
    assert parse_content_type(value) == expected


# Chunks


@pytest.mark.parametrize("line", ["{:x}\r\n", "{:04X} \r\n", "{:x};name=value\r\n", "{:x}\n"])
@pytest.mark.parametrize("size", [1, 1000, 10**6])
def test_chunks_are_joined(line, size):
    page = parse(chunked(PAGE, size, line), "Transfer-Encoding: Chunked")
    assert (page.payload, page.problem) == (PAGE, None)


@pytest.mark.parametrize("body", [PAGE, b"", b"bad request, really", b"ff\r\nshorter than said, no chunk" + PAGE])
def test_a_body_that_never_was_chunked_is_kept(body):
    assert parse(body, "Transfer-Encoding: chunked").payload == body


def test_what_precedes_a_bad_chunk_is_kept_and_said():
    page = parse(b"5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n", "Transfer-Encoding: chunked")
    assert (page.payload, page.problem) == (b"hello", "chunk 2 is unreadable, 16 bytes left out")


@given(st.binary(min_size=1, max_size=400), st.integers(1, 50), st.data())
def test_a_cut_chunked_body_loses_only_what_is_missing(data, size, more):
    whole = chunked(data, size)
    body = whole[: more.draw(st.integers(len(f"{min(size, len(data)):x}") + 3, len(whole)))]
    payload, problem = dechunked(body)
    assert data.startswith(payload)
    missing = len(whole) - len(body)  # at most that much of the data can be gone, and the size lines around it
    assert len(payload) >= len(data) - missing
    assert (problem is None) == (missing <= 2)


# Content codings


@pytest.mark.parametrize("coding", PACKED)
def test_codings_are_undone_also_inside_chunks(coding):
    packed = PACKED[coding](PAGE)
    for body, *headers in ((packed,), (chunked(packed, 300), "Transfer-Encoding: chunked")):
        page = parse(body, f"Content-Encoding: {coding}", *headers)
        assert (page.payload, page.problem, page.entity) == (PAGE, None, packed)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "utf-8", "sdch"])
def test_a_plain_body_behind_a_coding_is_kept(coding):
    page = parse(PAGE, f"Content-Encoding: {coding}")
    assert page.payload == PAGE
    assert page.problem


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br", "zstd"])
def test_a_cut_body_is_kept_as_far_as_it_goes_and_said(coding):
    long_page = b" ".join(str(number).encode() for number in range(90_000))  # zstd hands out nothing below 128 KiB
    packed = PACKED[coding](long_page)
    page = parse(packed[: len(packed) * 2 // 3], f"Content-Encoding: {coding}")
    assert 1000 < len(page.payload) < len(long_page)
    assert long_page.startswith(page.payload)
    assert "ends early" in page.problem


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "x-unknown"])
def test_bytes_of_no_coding_are_unreadable(coding):
    body = (b"\x1f\x8b\x08" if coding == "gzip" else b"") + bytes(range(255, 0, -1)) * 3
    with pytest.raises(UnreadablePayload, match=r"bad_encoding|unsupported_encoding"):
        parse(body, f"Content-Encoding: {coding}")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br", "zstd"])
def test_bombs_are_named_and_never_inflated(coding):
    bomb = PACKED[coding](bytes(60 << 20))
    tracemalloc.start()
    with pytest.raises(UnreadablePayload, match="bomb"):
        parse(bomb, f"Content-Encoding: {coding}")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 45 << 20


def test_a_bomb_of_many_members_is_named():
    with pytest.raises(UnreadablePayload, match="bomb"):
        parse(gzip.compress(bytes(10 << 20)) * 3, "Content-Encoding: gzip")


def test_large_pages_are_no_bombs_but_too_large():
    text = b"".join(hashlib.sha256(str(number).encode()).hexdigest().encode() for number in range(4000))
    for body, *headers in ((text,), (gzip.compress(text), "Content-Encoding: gzip")):
        with pytest.raises(UnreadablePayload, match="too_large"):
            parse(body, *headers, limits=SMALL)


def test_a_coding_around_a_coding_is_refused():
    with pytest.raises(UnreadablePayload, match="unsupported_encoding"):
        parse(gzip.compress(gzip.compress(PAGE)), "Content-Encoding: gzip, gzip")


@given(st.sampled_from(sorted(PACKED)), st.binary(max_size=60), st.integers(0, 60), st.booleans())
def test_no_body_raises_anything_but_unreadable_payload(coding, noise, at, chunks):
    packed = PACKED[coding](PAGE[:500])
    body = packed[:at] + noise + packed[at + len(noise) :]
    headers = [f"Content-Encoding: {coding}", *(["Transfer-Encoding: chunked"] if chunks else [])]
    try:
        parse(chunked(body, 33) if chunks else body, *headers)
    except UnreadablePayload as unreadable:
        assert unreadable.reason in ("bad_encoding", "unsupported_encoding", "bomb", "too_large")


# Digests


def record_with(digest: str, block: bytes = b"") -> Record:
    return Record(0, 0, "1.0", "response", "", "", "", {}, block, "", "", digest)


DIGESTS = {
    "base32": lambda data: "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode(),
    "hex": lambda data: "SHA1:" + hashlib.sha1(data).hexdigest(),
    "upper": lambda data: "sha-256:" + hashlib.sha256(data).hexdigest().upper(),
    "unpadded": lambda data: "sha256:" + base64.b32encode(hashlib.sha256(data).digest()).decode().rstrip("=").lower(),
    "md5": lambda data: "md5:" + hashlib.md5(data).hexdigest(),
}


@pytest.mark.parametrize("form", DIGESTS)
def test_digests_of_the_body_with_and_without_chunks_agree(form):
    page = parse(chunked(PAGE, 100), "Transfer-Encoding: chunked")
    for data, expected in ((PAGE, True), (chunked(PAGE, 100), True), (PAGE[1:], False)):
        written = DIGESTS[form](data)
        assert check_payload_digest(record_with(written), page) == (written, expected)


def test_an_absent_digest_is_computed_and_an_unknown_one_left_open():
    page = parse(PAGE)
    assert check_payload_digest(record_with(""), page) == ("sha256:" + hashlib.sha256(PAGE).hexdigest(), None)
    assert check_payload_digest(record_with("crc32:1234"), page) == ("crc32:1234", None)
    assert check_payload_digest(record_with(DIGESTS["hex"](b"a"), block=b"a"), None)[1] is True


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\xef\xbb\xbf\r\n <!DOCTYPE HTML><p>", "text/html"),
        (b"<html lang=en>", "text/html"), (b"<P>", "text/html"), (b"<!-- x --><b>", "text/html"),
        (b"<?xml version='1.0'?>", ""), (b"<article>", ""), (b"%PDF-1.4", ""), (b"plain words", ""), (b"", ""),
    ],
)  # fmt: skip
def test_a_payload_without_a_type_is_taken_for_html_where_a_browser_does(payload: bytes, expected: str) -> None:
    assert sniffed_mime(payload) == expected
