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
    ("http://example.com/list;jsessionid=1A2B3C4D5E6F7089/3?PHPSESSID=r2t5uvjq435r4q7ib3vtdjq120", "example.com/list/3"),
    ("http://example.com/a;b=1/c;JSESSIONID=0000a1b2c3d4e5f6:1", "example.com/a;b=1/c"),
    ("http://example.com/?sid=0123456789abcdef0123", "example.com/"),
    ("http://example.com/?session_id=01234567-89ab-cdef-0123-456789abcdef&a=b", "example.com/?a=b"),
    ("http://example.com/?ASPSESSIONIDABCD=LKJHGFDSA0123MNBVCXZ", "example.com/"),
    # a number or a word names a story or a talk; until 2026-11 the session's name was enough
    ("http://example.com/?sid=12&b", "example.com/?sid=12&b"),
    ("http://example.com/?session_id=4711", "example.com/?session_id=4711"),
    ("http://example.com/?PHPSESSID=0", "example.com/?PHPSESSID=0"),
    ("http://example.com/?sid=breaking-news-of-2026-and-more", "example.com/?sid=breaking-news-of-2026-and-more"),
    ("http://example.com/?sessionid=introductiontocalculus", "example.com/?sessionid=introductiontocalculus"),
    ("http://example.com/?b=1&a=2", "example.com/?b=1&a=2"),
    ("http://bücher.example/", "xn--bcher-kva.example/"),
    ("http://b%C3%BCcher.example/", "xn--bcher-kva.example/"),
    ("  http://example.com/a\nb ", "example.com/ab"),
    ("http://[::1]:8080/", "[::1]:8080/"),
    ("ftp://example.com:21/a", "ftp:example.com/a"),
    ("example.com/a", "example.com/a"),
    ("www.example.com", "www.example.com/"),
    ("//example.com/a", "example.com/a"),
    ("https:/example.com/a", "example.com/a"),
    ("https:///example.com\\\\a", "example.com\\\\a"),
    # UTS 46, non-transitional, as browsers; until 2026-11 ß was ss
    ("https://straße.example/a", "xn--strae-oqa.example/a"),
    ("https://βόλος.example/", "xn--nxasmm1c.example/"),
    ("https://ＭÜＮchen。example/x", "xn--mnchen-3ya.example/x"),
    ("https://永𠮷.example/", "xn--5rww779f.example/"),
    ("https://☃.example/", "xn--n3h.example/"),
    # routes of a page's script
    ("https://example.com/#!/story/1", "example.com/#!/story/1"),
    ("https://example.com/#/über", "example.com/#/%C3%BCber"),
    ("https://example.com/a?b#!x", "example.com/a?b#!x"),
    ("https://example.com/#!", "example.com/"), ("https://example.com/#/", "example.com/"),
    ("https://example.com/#!/", "example.com/"),
    ("https://example.com/a#chapter-2", "example.com/a"), ("https://example.com/a#:~:text=b", "example.com/a"),
])  # fmt: skip
def test_keys(url: str, expected: str) -> None:
    assert url_key(url) == expected


@pytest.mark.parametrize("url", [
    "", " ", "null", "unknown", "N/A", "-", "none", "about:blank", "#top", "#!/story/1", "/a/b", "a/b", "index.html", "README.md",
    "main.py", "mailto:someone@example.com", "javascript:void(0)", "data:text/html,x", "http://", "http:", "https:///", "http://null/",
    "https://undefined", "file:///a/b.html", "urn:isbn:1", "12345", "C:\\\\pages\\\\a.html", "doc-17.v2", "co.uk/a", "?a=b",
])  # fmt: skip
def test_what_is_no_address_has_no_key_until_2026_11_texts_that_shared_it_were_copies(url: str) -> None:
    assert url_key(url) is None


@pytest.mark.parametrize(("first", "second"), [
    ("http://straße.example/", "http://strasse.example/"),
    ("http://example.com/#!/a", "http://example.com/#!/b"), ("http://example.com/#!/a", "http://example.com/"),
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
    # by the Public Suffix List; until 2026-11 by the shape of names
    ("a.b.kobe.jp", "a.b.kobe.jp"), ("x.city.kobe.jp", "city.kobe.jp"), ("www.ck", "www.ck"), ("shop.example.pvt.k12.ma.us",
     "example.pvt.k12.ma.us"), ("me.github.io", "me.github.io"), ("a.me.github.io", "me.github.io"), ("www.me.blogspot.com",
     "me.blogspot.com"), ("a.xn--55qx5d.cn", "a.xn--55qx5d.cn"), ("b.a.xn--55qx5d.cn", "a.xn--55qx5d.cn"), ("co.uk", "co.uk"),
    ("github.io", "github.io"), ("a.b.nosuchsuffix", "b.nosuchsuffix"), ("b.nosuchsuffix", "b.nosuchsuffix"), ("a..b", "a..b"),
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
    assert url_key(url) is None or host(url)
    assert site(host(url)) in host(url)


@given(urls)
def test_fragment_scheme_and_campaign_never_matter(url: str) -> None:
    path = "/" + "".join(character for character in url if character.isprintable() and character not in "?# ")
    plain = url_key(f"http://example.com{path}")
    assert url_key(f"https://example.com:443{path}?utm_campaign=x#x{url}") == plain


@given(urls)
def test_a_key_is_its_own_key(url: str) -> None:
    key = url_key("http://example.com/" + url)
    assert url_key("http://" + key) == key


def test_long_urls_take_linear_time() -> None:
    size = 1 << 18
    for tail in ("/.." * size, "%41" * size, "&utm_a=1" * size, ";jsessionid=" * size, "@" * size, "é" * size):
        url_key("http://example.com/" + tail)
        host("http://" + tail)
