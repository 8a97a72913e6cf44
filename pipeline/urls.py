"""URLs as keys: two spellings of one address become equal, what is no address has no key, and no URL, however hostile, raises.

Own splitting instead of urllib's, which refuses what crawls contain ("http://[", "http://a℀b"). Linear in the length of the URL.
Hosts are read as browsers read them (UTS 46, non-transitional: straße and strasse are two), sites by the Public Suffix List.
"""

from functools import cache, lru_cache
from urllib.parse import quote, unquote

import idna
from publicsuffixlist import PublicSuffixList

from pipeline.url_parameters import is_tracking, without_session

_DEFAULT_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3
_HEX = frozenset("0123456789abcdefABCDEF")
_SAFE = "!$%&'()*+,-./:;=?@[]^_`{|}~\\"  # what is left as it stands in a path or query; the rest becomes %XX
_LEGAL = _SAFE.replace("%", "") + "".join(sorted(_UNRESERVED))
_CONTROLS = dict.fromkeys((9, 10, 13))  # browsers remove them wherever they stand
_LONGEST_HOST = 253  # DNS; longer names go through no IDNA

_PLACEHOLDERS = frozenset(("null", "none", "nan", "undefined", "unknown"))  # of tools that know no address, as hosts too


def host(url: str) -> str:
    """Lower-case host without port, user or trailing dot, international names as ASCII ("xn--…"); "" where there is none."""
    return _split(_trimmed(url).partition("#")[0])[1]


def host_of(url: str | None) -> str | None:
    """As `host`; null where there is none."""
    return host(url) or None if url else None


@lru_cache(maxsize=1 << 16)
def site(host: str) -> str:
    """The domain somebody registered: www.example.co.uk -> example.co.uk, me.github.io -> me.github.io; else the host itself."""
    labels = host.split(".")
    if host.startswith("[") or not all(labels) or all(label.isdigit() for label in labels):
        return host
    if _suffixes().publicsuffix(host):
        return _suffixes().privatesuffix(host) or host
    return ".".join(labels[-2:])


def is_under_known_suffix(host: str) -> bool:
    """Whether somebody can have registered it: a lower-case name below a suffix of a registry.

    iki.fi is such a name, although its owner lets others register below it.
    """
    return bool(_registries().privatesuffix(host))


def url_key(url: str) -> str | None:
    """Equal for spellings of one address: "HTTP://Example.com:80/a/../%7Eb?utm_source=x#top" -> "example.com/~b".

    Without scheme where that is http or https, user, default port, fragment and tracking or session parameters; dot segments
    resolved, percent-encoding in its normal form (RFC 3986, 6.2.2). Order and case of everything else stay: they may matter.
    A fragment that is a route of the page's script ("#!/story/1", "#/about") is part of the address. None without a host:
    "null", "about:blank" and "#top" are no addresses, and texts that share them have nothing in common.
    """
    address, _, fragment = _trimmed(url).partition("#")
    scheme, name, port, rest = _split(address)
    if not name or name in _PLACEHOLDERS:
        return None
    path, _, query = rest.partition("?")
    path = without_session(_encoded(path))
    if "/." in path:
        path = _without_dots(path)
    query = "&".join(pair for pair in _encoded(query).split("&") if pair and not is_tracking(pair)) if query else ""
    start = "" if scheme in ("", "http", "https") else f"{scheme}:"
    route = f"#{_encoded(fragment)}" if fragment[:1] in ("!", "/") and fragment.strip("!/") else ""
    return f"{start}{name}{':' if port else ''}{port}{path or '/'}{'?' if query else ''}{query}{route}"


def _trimmed(url: str) -> str:
    if not url.isprintable() or " " in url:
        return url.strip("\0\t\n\r\x0b\x0c ").translate(_CONTROLS)
    return url


def _split(url: str) -> tuple[str, str, str, str]:
    """(scheme, host, port unless the scheme's own, path and query) of a trimmed URL without fragment."""
    scheme, colon, rest = url.partition(":")
    scheme = scheme.lower()
    if not colon or not _is_scheme(scheme):
        scheme, rest = "", url
    if scheme in _DEFAULT_PORTS:
        rest = "//" + rest.lstrip("/\\")  # browsers mind no slash too few or too many
    elif not scheme and _is_bare_address(rest):
        rest = "//" + rest
    if not rest.startswith("//"):
        return scheme, "", "", rest
    end = len(rest)
    for mark in "/?\\":
        found = rest.find(mark, 2, end)
        end = found if found >= 0 else end
    name, port = _split_authority(rest[2:end])
    return scheme, name, "" if port == _DEFAULT_PORTS.get(scheme) else port, rest[end:]


def _is_bare_address(text: str) -> bool:
    """Whether it is an address without scheme, "www.example.com" or "example.com/a": under a known suffix, and no file's name."""
    name, slash, _ = text[: _LONGEST_HOST + 1].partition("/")
    if not name.replace("-", "a").replace(".", "a").isalnum() or not (slash or name[:4].lower() == "www."):
        return False
    return "." in name and bool(_suffixes().privatesuffix(name.lower()))


@cache
def _suffixes() -> PublicSuffixList:
    """The list as the package ships it: nothing is fetched."""
    return PublicSuffixList(accept_unknown=False)


@cache
def _registries() -> PublicSuffixList:
    """The list without what owners of domains let others register."""
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _is_scheme(scheme: str) -> bool:
    return scheme.isascii() and scheme[:1].isalpha() and scheme.replace("+", "a").replace("-", "a").replace(".", "a").isalnum()


def _split_authority(authority: str) -> tuple[str, str]:
    authority = authority.rpartition("@")[2]
    name, colon, port = authority.rpartition(":")
    if not colon or "]" in port:  # the colons of [::1] are no port's
        name, port = authority, ""
    return _normal_host(name), port.lstrip("0") if port.isascii() and port.isdigit() else _encoded(port)


def _normal_host(name: str) -> str:
    if "%" in name:
        name = unquote(name, errors="replace")
    if not name.isascii() and len(name) <= _LONGEST_HOST:
        try:
            labels = idna.uts46_remap(name, std3_rules=False, transitional=False).split(".")
            name = ".".join(one if one.isascii() else "xn--" + one.encode("punycode").decode() for one in labels)
        except (idna.IDNAError, UnicodeError):  # no name that a browser would ask for; as it stands it still tells hosts apart
            name = name.lower()
    return name.lower().rstrip(".")


def _encoded(part: str) -> str:
    """Percent-encoding in its normal form: %7e -> ~, %c3%a9 -> %C3%A9, é -> %C3%A9, a lone % -> %25."""
    if not part.rstrip(_LEGAL):
        return part
    if "%" in part:
        pieces = part.split("%")
        part = pieces[0] + "".join(map(_encoded_escape, pieces[1:]))
    return quote(part, safe=_SAFE, errors="surrogatepass")


def _encoded_escape(piece: str) -> str:
    """What stood after a "%"."""
    digits = piece[:2]
    if len(digits) < 2 or not _HEX.issuperset(digits):
        return "%25" + piece
    character = chr(int(digits, 16))
    return (character if character in _UNRESERVED else "%" + digits.upper()) + piece[2:]


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4: /a/./b/../c -> /a/c."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)
