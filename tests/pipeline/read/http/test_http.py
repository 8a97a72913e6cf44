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

from pipeline.read.http.response import (
    HttpLimits,
    HttpResponse,
    UnreadablePayload,
    check_payload_digest,
    parse_response,
)
from pipeline.read.http.response import without_chunks as dechunked
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
    assert page.headers == {"content-type": 'Text/HTML; a=b; Charset="UTF-8"; q', "x": "1, 2"}


def test_a_response_without_an_empty_line_has_no_body():
    page = parse_response(b"HTTP/1.1 304 Not Modified\r\nA: b", LIMITS)
    assert (page.status, page.headers, page.payload) == (304, {"a": "b"}, b"")


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


@pytest.mark.parametrize("transfer", ["chunked", "gzip, chunked"])
@pytest.mark.parametrize("codings", [("gzip", "gzip"), ("br", "gzip"), ("deflate", "zstd", "x-gzip")])
def test_codings_around_codings_are_undone_from_the_outermost_until_2026_11_they_were_refused(codings, transfer):
    body = PAGE
    for coding in codings:
        body = PACKED[coding](body)
    headers = [f"Content-Encoding: {coding}" for coding in codings]
    assert parse(body, *headers).payload == parse(body, f"Content-Encoding: {', '.join(codings)}").payload == PAGE
    sent = chunked(gzip.compress(body) if "gzip" in transfer else body, 100)
    assert parse(sent, *headers, f"Transfer-Encoding: {transfer}").payload == PAGE


@pytest.mark.parametrize("codings", ["gzip, gzip", "gzip, utf-8", "utf-8, gzip", "aws-chunked,gzip", "gzip, identity", ", gzip"])
def test_codings_that_were_never_applied_cost_nothing(codings):
    page = parse(gzip.compress(PAGE), f"Content-Encoding: {codings}")
    assert page.payload == PAGE
    assert parse(PAGE, f"Content-Encoding: {codings}").payload == PAGE


def test_a_body_under_another_coding_than_declared_or_under_none_declared_is_read_by_its_first_bytes():
    for packed, name in ((gzip.compress(PAGE), "gzip"), (PACKED["zstd"](PAGE), "zstd")):
        assert parse(packed, "Content-Encoding: br").problem == f"declared as br, is {name}"
        bare = parse(packed, "Content-Type: text/html")
        assert (bare.payload, bare.problem) == (PAGE, f"{name}, which is not declared")
        assert parse(packed, "Content-Type: application/gzip").payload == packed


def test_bombs_inside_one_another_are_measured_by_what_was_stored_and_their_number_is_bounded():
    nested = gzip.compress(gzip.compress(gzip.compress(bytes(60 << 20))))
    with pytest.raises(UnreadablePayload, match=f"bomb: {len(nested)} bytes"):
        parse(nested, "Content-Encoding: gzip, gzip, gzip")
    deep = PAGE
    for _ in range(6):
        deep = gzip.compress(deep)
    with pytest.raises(UnreadablePayload, match="more than 5 codings"):
        parse(deep, "Content-Encoding: " + "gzip, " * 6)
    assert parse(gzip.compress(PAGE), "Content-Encoding: " + "gzip, " * 60).payload == PAGE


def with_byte_flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


@pytest.mark.parametrize(("coding", "at"), [("gzip", -6), ("gzip", -2), ("deflate", -1)])
def test_a_wrong_trailer_gives_the_body_until_2026_11_it_was_refused(coding, at):
    packed = PACKED[coding](PAGE)
    page = parse(with_byte_flipped(packed, len(packed) + at), f"Content-Encoding: {coding}")
    assert (page.payload, page.problem) == (PAGE, f"{coding} trailer is wrong")


def test_a_wrong_trailer_behind_every_optional_field_of_a_gzip_header_gives_the_body():
    packed = gzip.compress(PAGE, mtime=0)
    fields = b"\x1f\x8b\x08\x1e" + packed[4:10] + b"\x03\0abc" + b"name\0" + b"comment\0" + b"\0\0"
    page = parse(fields + packed[10:], "Content-Encoding: gzip")  # its header's CRC is wrong too
    assert page.payload == PAGE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br", "zstd"])
def test_damage_costs_what_comes_after_it(coding):
    long_page = b" ".join(hashlib.sha256(str(number).encode()).hexdigest().encode() for number in range(9000))
    packed = PACKED[coding](long_page)
    at = len(packed) // 2
    page = parse(packed[:at] + b"\xff" * 40 + packed[at + 40 :], f"Content-Encoding: {coding}")
    common = next(
        (i for i, (one, other) in enumerate(zip(page.payload, long_page, strict=False)) if one != other), len(page.payload)
    )
    assert len(long_page) // 3 < common < len(long_page)
    assert page.problem or coding in ("Deflate", "zstd")  # which may have no checksum


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
    return Record(0, 0, "1.0", "response", "", "", "", {}, block, "", "", None, digest)


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
