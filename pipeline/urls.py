"""URLs as keys: two spellings of one address become equal, and no URL, however hostile, raises.

Own splitting instead of urllib's, which refuses what crawls contain ("http://[", "http://a℀b"). Linear in the length of the URL.
"""

from urllib.parse import quote, unquote, urlsplit

_DEFAULT_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3
_HEX = frozenset("0123456789abcdefABCDEF")
_SAFE = "!$%&'()*+,-./:;=?@[]^_`{|}~\\"  # what is left as it stands in a path or query; the rest becomes %XX
_LEGAL = _SAFE.replace("%", "") + "".join(sorted(_UNRESERVED))
_CONTROLS = dict.fromkeys((9, 10, 13))  # browsers remove them wherever they stand
_LONGEST_HOST = 253  # DNS; longer names go through no IDNA

# Parameters that say where a visitor came from or who he is, never what the page shows.
_TRACKING = frozenset((
    "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "ysclid", "twclid", "ttclid", "li_fat_id",
    "igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "srsltid", "_ga", "_gl", "_hsenc", "_hsmi", "__hstc", "__hssc", "__hsfp",
    "hsctatracking", "oly_enc_id", "oly_anon_id", "vero_id", "vero_conv", "s_kwcid", "ef_id", "wickedid", "rb_clickid",
    "ref_src", "cmpid", "phpsessid", "jsessionid", "sessionid", "session_id", "cfid", "cftoken", "zenid", "oscsid",
))  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "hsa_", "pk_", "piwik_", "mtm_", "matomo_", "aspsessionid")
_SESSION_ID_CHARS = 16  # "sid" is a session's with a value at least this long, else perhaps a story's
# Second-level names under which countries register: example.co.uk is a site, co.uk is none.
_SECOND_LEVELS = frozenset((
    "ac", "co", "com", "edu", "gob", "gouv", "gov", "go", "gv", "ltd", "mil", "ne", "net", "nom", "or", "org", "plc", "sch",
))  # fmt: skip


def host(url: str) -> str:
    """Lower-case host without port, user or trailing dot, international names as ASCII ("xn--…"); "" where there is none."""
    return _split(url)[1]


def host_of(url: str | None) -> str | None:
    """Lower-case host name as the URL has it, without port; null where there is none."""
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:  # "http://[::1" and the like
        return None


def site(host: str) -> str:
    """The domain somebody registered, nearly: www.example.co.uk -> example.co.uk. By shape, without the Public Suffix List."""
    labels = host.split(".")
    if len(labels) <= 2 or host.startswith("[") or all(label.isdigit() for label in labels):
        return host
    country = len(labels[-1]) == 2
    return ".".join(labels[-3:] if country and labels[-2] in _SECOND_LEVELS else labels[-2:])


def url_key(url: str) -> str:
    """Equal for spellings of one address: "HTTP://Example.com:80/a/../%7Eb?utm_source=x#top" -> "example.com/~b".

    Without scheme where that is http or https, user, default port, fragment and tracking or session parameters; dot segments
    resolved, percent-encoding in its normal form (RFC 3986, 6.2.2). Order and case of everything else stay: they may matter.
    """
    scheme, name, port, rest = _split(url)
    path, _, query = rest.partition("?")
    path = _encoded(_without_session(path))
    if "/." in path:
        path = _without_dots(path)
    query = "&".join(pair for pair in _encoded(query).split("&") if pair and not _is_tracking(pair)) if query else ""
    start = "" if scheme in ("", "http", "https") else f"{scheme}:"
    return f"{start}{name}{':' if port else ''}{port}{path or '/'}{'?' if query else ''}{query}"


def _split(url: str) -> tuple[str, str, str, str]:
    """(scheme, host, port unless the scheme's own, path and query)."""
    if not url.isprintable() or " " in url:
        url = url.strip("\0\t\n\r\x0b\x0c ").translate(_CONTROLS)
    url = url.partition("#")[0]
    scheme, colon, rest = url.partition(":")
    scheme = scheme.lower()
    if not colon or not _is_scheme(scheme):
        scheme, rest = "", url
    if not rest.startswith("//"):
        return scheme, "", "", rest
    end = len(rest)
    for mark in "/?\\":
        found = rest.find(mark, 2, end)
        end = found if found >= 0 else end
    name, port = _split_authority(rest[2:end])
    return scheme, name, "" if port == _DEFAULT_PORTS.get(scheme) else port, rest[end:]


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
            name = name.encode("idna").decode("ascii")
        except UnicodeError:  # no name that DNS could hold; as it stands it still tells hosts apart
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


def _without_session(path: str) -> str:
    """/list;jsessionid=1A2B/3 -> /list/3"""
    if ";" not in path:
        return path
    kept, *parameters = path.split(";")
    for parameter in parameters:
        if parameter[:11].lower() == "jsessionid=":
            _, slash, rest = parameter.partition("/")
            kept += slash + rest
        else:
            kept += ";" + parameter
    return kept


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES) or (name == "sid" and len(value) >= _SESSION_ID_CHARS)
