"""What servers and pages call charsets, and where pages say it: labels, `<meta>`, `<?xml encoding>`."""

import html
from functools import lru_cache

import re2
from resiliparse.parse.encoding import map_encoding_to_html5

PRESCAN_BYTES = 1024  # WHATWG: a declaration should lie in the first 1024 bytes; parsers follow a later one too
# Beyond resiliparse's table: what WHATWG knows and it does not, and names that detection or servers use.
LABELS = {
    "x-user-defined": "windows-1252", "x-mac-cyrillic": "x-mac-cyrillic", "x-mac-ukrainian": "x-mac-cyrillic",
    "hz-gb-2312": "hz-gb-2312", "iso-2022-kr": "iso-2022-kr", "csiso2022kr": "iso-2022-kr",
    "cp932": "shift_jis", "ms932": "shift_jis", "uhc": "euc-kr", "cp949": "euc-kr", "ms949": "euc-kr",
    "cp936": "gb18030", "cp950": "big5", "cp874": "windows-874", "win-1251": "windows-1251", "utf-8-sig": "utf-8",
}  # fmt: skip
# resiliparse answers with Python's names.
PYTHON_NAMES = {
    "cp866": "ibm866", "mac-roman": "macintosh", "iso8859-11": "windows-874", "utf-16-le": "utf-16le", "utf-16-be": "utf-16be",
    "euc_jp": "euc-jp", "euc_kr": "euc-kr", "iso2022_jp": "iso-2022-jp",
}  # fmt: skip
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")  # editors make them of the hyphen in "iso-8859-1"

ANY_TAG = r"""(?:"[^"]*"|'[^']*'|[^>"'])*>"""
COMMENT = r"<!--.*?(?:-->|\z)"
META = rf"<meta[\s/]({ANY_TAG})"
RAW_TEXT = "script style title textarea xmp iframe noembed noframes noscript".split()
TAG = re2.compile(rf"(?is){COMMENT}|{META}|<[a-z/]{ANY_TAG}".encode())
LATE_TAG = re2.compile("|".join([f"(?is){COMMENT}", *(rf"<{name}[\s/>].*?(?:</{name}|\z)" for name in RAW_TEXT), META]).encode())
LATE_HINT = re2.compile(rb"(?i)<meta[\s/][^>]*charset")
ATTRIBUTE = re2.compile(rb"""([^\s=>/"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
CONTENT_CHARSET = re2.compile(r"""(?i)charset\s*=\s*["']?\s*([^\s"';,]+)""")
XML_ENCODING = re2.compile(rb"""^<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]+)["']""")


@lru_cache(maxsize=1024)
def charset_of_label(label: str) -> str | None:
    """WHATWG name of the charset that a label stands for; None if browsers know no such label. " Latin1 " -> "windows-1252"."""
    label = label.strip().lower().translate(DASHES)
    if label in LABELS:
        return LABELS[label]
    name = map_encoding_to_html5(label, fallback_utf8=False)
    if name is None:
        return None
    for python, whatwg in (("cp125", "windows-125"), ("iso8859-", "iso-8859-")):
        if name.startswith(python) and name not in PYTHON_NAMES:
            return whatwg + name[len(python) :]
    return PYTHON_NAMES.get(name, name)


def declared_in_page(payload: bytes) -> str | None:
    """Label in the first 1024 bytes, WHATWG's prescan. A page that can be prescanned is not UTF-16, whatever it says."""
    head = payload[:PRESCAN_BYTES]
    label = _first_in_meta(TAG, head)
    if label:
        return label
    xml = XML_ENCODING.search(head)
    return _not_utf16(xml[1].decode("latin-1")) if xml else None


def declared_late(payload: bytes) -> str | None:
    """Label of a `<meta>` behind the first 1024 bytes, where browsers meet it while they parse."""
    return _first_in_meta(LATE_TAG, payload) if LATE_HINT.search(payload) else None


def _first_in_meta(tags: re2._Regexp, data: bytes) -> str | None:
    for tag in tags.finditer(data):
        label = _label_of(tag[1]) if tag[1] else None
        if label and charset_of_label(label):
            return _not_utf16(label)
    return None


def _not_utf16(label: str) -> str:
    return "utf-8" if (charset_of_label(label) or "").startswith("utf-16") else label


def _label_of(attributes: bytes) -> str | None:
    values: dict[bytes, bytes] = {}
    for attribute in ATTRIBUTE.finditer(attributes):
        values.setdefault(attribute[1].lower(), (attribute[2] or b"").strip(b"\"'"))
    if b"charset" in values:
        return _text(values[b"charset"])
    if values.get(b"http-equiv", b"").strip().lower() == b"content-type":
        found = CONTENT_CHARSET.search(_text(values.get(b"content", b"")))
        return found[1] if found else None
    return None


def _text(value: bytes) -> str:
    """An attribute's value before the charset is known: labels are ASCII but for a dash."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    return html.unescape(text)
