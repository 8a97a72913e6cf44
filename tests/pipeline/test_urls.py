"""URL keys: what is one address, what are two, and that nothing a crawl can hold raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.urls import host, site, url_key


@pytest.mark.parametrize(("url", "expected"), [
    ("http://example.com", "example.com/"),
    ("HTTPS://Example.COM:443/Path", "example.com/Path"),
    ("http://example.com:8080/", "example.com:8080/"),
    ("http://user:secret@example.com/#top", "example.com/"),
    ("http://example.com./a/./b/../c", "example.com/a/c"),
    ("http://example.com/../../a/..", "example.com/"),
    ("http://example.com/%7euser/%c3%a9?q=%2f", "example.com/~user/%C3%A9?q=%2F"),
    ("http://example.com/é b", "example.com/%C3%A9%20b"),
    ("http://example.com/100%", "example.com/100%25"),
    ("http://example.com/?utm_source=a&id=3&gclid=b&UTM_Medium=c", "example.com/?id=3"),
    ("http://example.com/?fbclid=x", "example.com/"),
    ("http://example.com/list;jsessionid=1A2B/3?PHPSESSID=0", "example.com/list/3"),
    ("http://example.com/?sid=12&b", "example.com/?sid=12&b"),
    ("http://example.com/?sid=0123456789abcdef0123", "example.com/"),
    ("http://example.com/?b=1&a=2", "example.com/?b=1&a=2"),
    ("http://bücher.example/", "xn--bcher-kva.example/"),
    ("http://b%C3%BCcher.example/", "xn--bcher-kva.example/"),
    ("  http://example.com/a\nb ", "example.com/ab"),
    ("http://[::1]:8080/", "[::1]:8080/"),
    ("ftp://example.com:21/a", "ftp:example.com/a"),
    ("example.com/a", "example.com/a"),
    ("", "/"),
])  # fmt: skip
def test_keys(url: str, expected: str) -> None:
    assert url_key(url) == expected


@pytest.mark.parametrize(("first", "second"), [
    ("http://example.com/a", "http://example.com/A"),
    ("http://example.com/a", "http://example.com/a/"),
    ("http://example.com/a%2Fb", "http://example.com/a/b"),
    ("http://example.com/?a=1&b=2", "http://example.com/?a=2&b=1"),
    ("http://example.com/", "http://www.example.com/"),
    ("http://example.com/", "http://example.com:81/"),
    ("http://example.com/", "ftp://example.com/"),
])  # fmt: skip
def test_addresses_that_may_differ_have_different_keys(first: str, second: str) -> None:
    assert url_key(first) != url_key(second)


@pytest.mark.parametrize(("url", "expected"), [
    ("http://WWW.Example.com:80/a", "www.example.com"),
    ("https://a@b@example.com", "example.com"),
    ("http://example.com\\@evil.example/", "example.com"),
    ("http://[2001:DB8::1]:80/", "[2001:db8::1]"),
    ("//example.com/a", "example.com"),
    ("http://[", "["),
    ("http://a℀b/", "aa/cb"),
    ("mailto:someone@example.com", ""),
    ("/a/b", ""),
    ("", ""),
])  # fmt: skip
def test_hosts(url: str, expected: str) -> None:
    assert host(url) == expected


@pytest.mark.parametrize(("name", "expected"), [
    ("www.example.com", "example.com"), ("a.b.example.co.uk", "example.co.uk"), ("example.co.uk", "example.co.uk"),
    ("localhost", "localhost"), ("10.1.2.3", "10.1.2.3"), ("[::1]", "[::1]"), ("a.b.example.de", "example.de"), ("", ""),
])  # fmt: skip
def test_sites(name: str, expected: str) -> None:
    assert site(name) == expected


pieces = st.sampled_from([
    "http", "https", ":", "/", "//", "?", "#", "&", "=", ";", "@", "[", "]", "%", "%41", "%2f", "..", ".", "\\", "example.com",
    "é", "ü",
    "utm_x=1", ";jsessionid=", "sid=0123456789abcdef", "\0", "\n", " ", "\ud800", "℀", "。", ":80", "xn--", "a" * 70,
])  # fmt: skip
urls = st.one_of(st.text(max_size=40), st.lists(pieces, max_size=12).map("".join))


@given(urls)
def test_no_url_raises(url: str) -> None:
    assert host(url) == host(url).lower()
    assert url_key(url).isascii() or host(url)
    assert site(host(url)) in host(url)


@given(urls)
def test_fragment_scheme_and_campaign_never_matter(url: str) -> None:
    path = "/" + "".join(character for character in url if character.isprintable() and character not in "?# ")
    plain = url_key(f"http://example.com{path}")
    assert url_key(f"https://example.com:443{path}?utm_campaign=x#{url}") == plain


@given(urls)
def test_a_key_is_its_own_key(url: str) -> None:
    key = url_key("http://example.com/" + url)
    assert url_key("http://" + key) == key


def test_long_urls_take_linear_time() -> None:
    size = 1 << 18
    for tail in ("/.." * size, "%41" * size, "&utm_a=1" * size, ";jsessionid=" * size, "@" * size, "é" * size):
        url_key("http://example.com/" + tail)
        host("http://" + tail)
