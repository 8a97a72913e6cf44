"""The digests of a record against its bytes, and what a row says where they differ."""

import base64
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.read import ingest
from pipeline.read.digests import ALGORITHMS, agrees

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nBread is baked on Mondays."
PAYLOAD = PAGE.partition(b"\r\n\r\n")[2]


@given(st.binary(max_size=40), st.sampled_from(sorted(ALGORITHMS)))
def test_a_digest_agrees_with_its_bytes_alone_in_either_writing(data, algorithm):
    digest = hashlib.new(algorithm, data).digest()
    base32 = base64.b32encode(digest).decode()
    for value in (digest.hex(), digest.hex().upper(), base32, base32.lower(), base32.rstrip("=")):
        assert agrees(f"{algorithm}:{value}", data) is True
        assert agrees(f"{algorithm}:{value}", data + b"x") is False
        assert agrees(f"{algorithm}:{value}", data + b"x", data) is True


@pytest.mark.parametrize(
    "value", ["", "_" * 32, "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBY1", "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBY-", "٣" * 32]
)
def test_what_is_no_digest_agrees_with_nothing(value):
    assert agrees(f"sha1:{value}", b"") is False
    assert agrees(f"sha0:{value}", b"") is None


def warc(kind: str, block: bytes, digests: dict[str, bytes]) -> bytes:
    lines = [f"WARC-{name}-Digest: sha1:{hashlib.sha1(data).hexdigest()}\r\n" for name, data in digests.items()]
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://a.test/\r\n{''.join(lines)}"
    head += f"Content-Length: {len(block)}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("digests", "ok", "failed"),
    [
        ({}, None, None),
        ({"Block": PAGE, "Payload": PAYLOAD}, True, None),
        (
            {"Block": b"another", "Payload": PAYLOAD},
            False,
            "block",
        ),  # until 2026-11 the payload's digest alone was asked
        ({"Block": PAGE, "Payload": b"another"}, False, "payload"),
        ({"Block": b"another", "Payload": b"another"}, False, "block, payload"),
        ({"Block": b"another"}, False, "block"),
    ],
)
def test_a_document_says_which_digest_failed(digests, ok, failed):
    (found,) = ingest.ingest_file(io.BytesIO(warc("response", PAGE, digests)), "a.warc", ingest_settings(Recipe()))
    assert found.documents.select(["digest_ok", "digest_failed"]).to_pylist() == [{"digest_ok": ok, "digest_failed": failed}]


def test_a_record_that_gives_no_page_says_so_too():
    (found,) = ingest.ingest_file(io.BytesIO(warc("request", PAGE, {"Block": b"another"})), "a.warc", ingest_settings(Recipe()))
    assert found.rejects.select(["reason", "detail"]).to_pylist() == [{"reason": "request", "detail": ingest.BLOCK_DIFFERS}]


def test_what_nobody_can_have_written_as_a_digest_is_not_one_of_an_unknown_algorithm() -> None:
    """A flipped bit in a deflated file garbled the next record, its digest too, and the record passed as one that has none."""
    assert agrees("shaMW7 VTKFEOBUYLT VXN6ZNXMDB6DBQV3KQ", b"text") is False
    assert agrees("blake3:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b"text") is None
    assert agrees("3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b"text") is None
