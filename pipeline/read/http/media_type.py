"""What kind of thing a payload is: by its Content-Type where that says anything, else by its first bytes, as browsers do it."""

import re2

PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
UNKNOWN_TYPES = frozenset({"", "unknown/unknown", "application/unknown", "*/*"})  # WHATWG MIME sniffing 7: as if nothing was said
XML_TYPES = frozenset({"text/xml", "application/xml"})
# Text of another kind than a page, or not to be shown at all, however it begins; names that no registry knows are looked at.
OTHER_FAMILIES = ("image/", "audio/", "video/", "font/", "model/", "message/", "multipart/")
OTHER_TYPES = frozenset(
    f"{family}/{name}"
    for family, names in (
        ("text", "css csv calendar ecmascript javascript json markdown tab-separated-values vcard vtt"),
        ("application", "ecmascript javascript json manifest octet-stream pdf warc warc-fields x-javascript"),
    )
    for name in names.split()
)
READ_BYTES = 1445  # MIME sniffing 5.2: the resource header
BINARY_BYTES = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))  # MIME sniffing 3
TEXT_MARKS = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")
BLANKS = b"\xef\xbb\xbf \t\r\n\f"
# Tags that make a browser take a page without a type for HTML (MIME sniffing 7.1), each followed by a blank or ">".
HTML_BEGINNINGS = (
    b"<!--",
    *(
        b"<" + tag + end
        for tag in b"!doctype html,html,head,script,iframe,h1,div,font,table,a,style,title,b,body,br,p".split(b",")
        for end in (b" ", b">", b"\n", b"\t", b"\r", b"\f")
    ),
)
ESSENCE = re2.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
CHARSET = re2.compile(r"""(?i)charset\s*=\s*["']?([^\s"';,]+)""")
OUTSIDE_QUOTES = re2.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')  # parts between commas
XML_ROOT = re2.compile(rb"(?is)^(?:\s|<\?.*?\?>|<!--.*?-->|<!doctype\s[^>\[]*>)*<(?:[a-z]\w*:)?html(?:\s([^>]*))?>")


def parse_content_type(value: str) -> tuple[str, str | None]:
    """Media type and charset: 'Text/HTML; charset="UTF-8"' -> ("text/html", "UTF-8"); the type is "" where none is valid.

    Of several the last valid one counts, and a charset said before for the same type with it (Fetch, "extract a MIME type").
    Where only invalid parts name a charset, as in "text/html charset=utf-8", it is still a hint.
    """
    mime, charset, hint = "", None, None
    for part in OUTSIDE_QUOTES.findall(value):
        essence, _, parameters = part.partition(";")
        essence = essence.strip().lower()
        if essence == "*/*" or not ESSENCE.match(essence):
            hint = _charset_in(part) or hint
            continue
        charset = _charset_parameter(parameters) or (charset if essence == mime else None)
        mime = essence
    return mime, charset or hint


def _charset_parameter(parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, written = parameter.partition("=")
        if name.strip().lower() == "charset" and (label := written.strip().strip("\"'").strip()):
            return label
    return None


def _charset_in(part: str) -> str | None:
    found = CHARSET.search(part)
    return found[1] if found else None


def media_type(declared: str, payload: bytes) -> str:
    """The type a payload is read as: the declared one if it is known, else what the bytes are."""
    if declared in PAGE_TYPES:
        return declared
    mime = sniffed(payload) if declared in UNKNOWN_TYPES else declared
    if mime in XML_TYPES or (mime.endswith("+xml") and mime.startswith(("text/", "application/"))):
        return _page_in_xml(payload) or mime
    if mime in OTHER_TYPES or mime.startswith(OTHER_FAMILIES) or mime.endswith("+json"):
        return mime
    return "text/html" if begins_like_html(payload) else mime


def sniffed(payload: bytes) -> str:
    """What a browser takes a payload for of which nothing is said (MIME sniffing 7.1): a page, XML, text or something binary."""
    if begins_like_html(payload):
        return "text/html"
    if payload.lstrip(BLANKS).startswith(b"<?xml"):
        return "text/xml"
    if payload.startswith(b"%PDF-"):
        return "application/pdf"
    header = payload[:READ_BYTES]
    is_text = header.startswith(TEXT_MARKS) or header.translate(None, BINARY_BYTES) == header
    return "text/plain" if is_text else "application/octet-stream"


def begins_like_html(payload: bytes) -> bool:
    return payload[:512].lstrip(BLANKS).lower().startswith(HTML_BEGINNINGS)


def _page_in_xml(payload: bytes) -> str:
    """The type of a page whose root element is html; "" for any other XML. Without a namespace it is no XHTML."""
    root = XML_ROOT.match(payload[: 4 * READ_BYTES].lstrip(BLANKS))
    if root is None:
        return "text/html" if begins_like_html(payload) else ""
    return "application/xhtml+xml" if b"xmlns" in (root[1] or b"") else "text/html"
