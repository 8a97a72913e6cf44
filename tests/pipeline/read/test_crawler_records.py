"""What crawlers write about themselves is protocol; pages stay pages."""

import io

import pytest

from jobs.corpus.recipe import Recipe, ingest_settings
from pipeline.read import ingest
from pipeline.read.crawler_records import is_crawler_record


@pytest.mark.parametrize("url", [
    "metadata://gnu.org/software/wget/warc/wget.log", "metadata://gnu.org/software/wget/warc/MANIFEST.txt", "urn:X-wpull:log",
    "urn:text:https://example.org/", "urn:textFinal:http://example.org/u", "urn:pageinfo:http://example.org/u",
    "URN:View:https://example.org/", "dns:example.org", "dns://example.org", "filedesc://a.arc", "screenshot:https://example.org/",
    "whois://whois.example/a", "urn:",
])  # fmt: skip
def test_an_address_of_a_crawlers_own_is_told(url):
    assert is_crawler_record(url)


@pytest.mark.parametrize("url", [
    "http://example.org/", "https://example.org/wget.log", "ftp://example.org/metadata:a", "urn:isbn:9780000000000", "", "null",
    "urn:uuid:9780", "http:metadata://x", "file:///a/b.html",
])  # fmt: skip
def test_an_address_of_a_page_is_none(url):
    assert not is_crawler_record(url)


def record(record_type: str, url: str, content_type: str, block: bytes) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {record_type}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
    return f"{head}Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def test_logs_and_second_copies_of_pages_give_no_document_until_2026_11_they_were_text():
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Bread is baked on Mondays."
    warc = (
        record("resource", "metadata://gnu.org/software/wget/warc/wget.log", "text/plain", b"--2026-- http://example.org/")
        + record("response", "http://example.org/bread", "application/http; msgtype=response", page)
        + record("resource", "urn:text:http://example.org/bread", "text/plain", b"Bread is baked on Mondays.")
        + record("resource", "http://example.org/notes.txt", "text/plain", b"Bread is baked on Fridays.")
    )
    (found,) = ingest.ingest_file(io.BytesIO(warc), "a.warc", ingest_settings(Recipe()))
    assert found.documents["url"].to_pylist() == ["http://example.org/bread", "http://example.org/notes.txt"]
    assert found.rejects["reason"].to_pylist() == ["crawler_record"] * 2


def test_the_language_that_the_maker_of_a_wet_file_found_stays_with_its_text():
    text = b"A page that somebody has read before us. "
    said = record("conversion", "http://a.example/", "text/plain", text).replace(
        b"\r\n", b"\r\nWARC-Identified-Content-Language: eng,deu\r\n", 1
    )
    said = said.replace(b"WARC-Date", b"WARC-Identified-Content-Language: eng,deu\r\nWARC-Date")
    plain = record("conversion", "http://b.example/", "text/plain", text)
    documents = [
        row
        for some in ingest.ingest_file(io.BytesIO(said + plain), "a.warc.wet", ingest_settings(Recipe()))
        for row in some.documents.to_pylist()
    ]
    assert [row["metadata"] for row in documents] == ['{"warc_identified_content_language": "eng,deu"}', None]
    assert [row["mime"] for row in documents] == ["text/plain"] * 2
