"""Content-Type as servers write it, and what payloads are taken for."""

import pytest

from pipeline.read.http.media_type import media_type, parse_content_type, sniffed

PAGE = b"<!doctype html><p>x"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ("", None)),
        ("text/html;charset=", ("text/html", None)),
        ("text/html, text/html; charset=x", ("text/html", "x")),
        ("TEXT/plain ; format=flowed;CHARSET='Big5'", ("text/plain", "Big5")),
        (";;;=;", ("", None)),
        # the last valid type counts, and with it what was said of its charset (Fetch); until 2026-11 the first
        ("application/octet-stream, text/html", ("text/html", None)),
        ("text/html; charset=koi8-r, text/html", ("text/html", "koi8-r")),
        ("text/html; charset=koi8-r, text/html; charset=utf-8", ("text/html", "utf-8")),
        ("text/plain; charset=koi8-r, text/html", ("text/html", None)),
        ("text/html; charset=koi8-r, */*", ("text/html", "koi8-r")),
        ("text/html, charset=utf-8", ("text/html", "utf-8")),
        ('text/html; title="a, b"; charset="koi8-r"', ("text/html", "koi8-r")),
        ('text/html; title="never closed, charset=x', ("text/html", None)),
        # no valid type at all
        ("text/html charset=koi8-r", ("", "koi8-r")),
        ("text/html:charset=utf-8", ("", "utf-8")),
        ('"text/html"', ("", None)),
        ("content-type: text/html", ("", None)),
        ("*/*", ("", None)),
        ("text", ("", None)),
        ("text/", ("", None)),
        ("<text/html>", ("", None)),
    ],
)
def test_content_types_are_read(value, expected):
    assert parse_content_type(value) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\xef\xbb\xbf\r\n <!DOCTYPE HTML><p>", "text/html"),
        (b"<html lang=en>", "text/html"), (b"<P>", "text/html"), (b"<!-- x --><b>", "text/html"),
        (b"<?xml version='1.0'?>", "text/xml"), (b"%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "application/octet-stream"),
        (b"GIF89a\1\0\1\0", "application/octet-stream"), (b"\x1f\x8b\x08\0", "application/octet-stream"),
        # a browser shows these as they are
        (b"<article>", "text/plain"), (b"plain words", "text/plain"), (b"", "text/plain"),
        ("grün".encode("latin-1"), "text/plain"),
        (b"\xff\xfea\0b\0", "text/plain"),
    ],
)  # fmt: skip
def test_a_payload_without_a_type_is_taken_for_what_a_browser_takes_it_for(payload, expected):
    assert sniffed(payload) == expected


@pytest.mark.parametrize(
    "declared",
    ["", "unknown/unknown", "application/unknown", "*/*", "text/htm", "application/xhtml", "text/html+xml", "application/xml",
     "text/xml", "application/html", "text/x-server-parsed-html", "httpd/unix-directory", "text/html"],
)  # fmt: skip
def test_a_page_is_a_page_whatever_unknown_type_it_has(declared):
    assert media_type(declared, PAGE) == "text/html"


@pytest.mark.parametrize(
    "declared",
    [
        "application/json",
        "application/ld+json",
        "image/svg+xml",
        "text/css",
        "application/octet-stream",
        "application/pdf",
        "video/mp4",
    ],
)
def test_a_type_that_is_known_and_no_page_is_left_alone(declared):
    assert media_type(declared, PAGE) == declared


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">\n'
         b'<html xmlns="http://www.w3.org/1999/xhtml"><p/></html>', "application/xhtml+xml"),
        (b'<!-- a > b --><h:html xmlns:h="http://www.w3.org/1999/xhtml">', "application/xhtml+xml"),
        (b'<?xml version="1.0"?><rss><channel><title>&lt;html xmlns=', "application/rss+xml"),
        (b'<?xml version="1.0"?><htmlish xmlns="x">', "application/rss+xml"),
    ],
)  # fmt: skip
def test_xml_is_a_page_when_its_root_is_html(payload, expected):
    assert media_type("application/rss+xml", payload) == expected


def test_text_stays_text_though_it_begins_like_a_page():
    assert media_type("text/plain", PAGE) == "text/plain"
