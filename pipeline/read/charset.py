"""From the bytes of a page to UTF-8: BOM, HTTP, meta, detection, in that order, and a declaration must survive the bytes.

Labels mean what browsers take them to mean (WHATWG: latin1 is windows-1252, gb2312 is gb18030). Unlike browsers we do not
follow a declaration that the bytes belie, since nobody is there to switch the charset by hand:
- it does not decode: more than one replacement for ten good non-ASCII characters (a latin1 page declared as UTF-8);
- the bytes are ASCII with escapes of ISO-2022;
- it is not UTF-8, but the bytes are (a UTF-8 page behind a server that says latin1 to everything). A single non-ASCII
  character is proof against a single-byte charset, eight are asked for against Chinese, Japanese and Korean ones.
Then the next source is asked. The text never holds NUL (dropped) nor lone surrogates (U+FFFD).
"""

import codecs
from functools import lru_cache
from typing import NamedTuple

import re2
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

PRESCAN_BYTES = 1024  # WHATWG: a declaration must lie in the first 1024 bytes
DETECTED_BYTES = 4096  # uchardet costs 0.3 ms per kB of Cyrillic and is as good at 2 kB as at 20
UTF8_CHARACTERS_AS_PROOF = {False: 1, True: 8}  # against single-byte, against multi-byte charsets
GOOD_CHARACTERS_PER_REPLACEMENT = 10
BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
FALLBACK = "windows-1252"

# Python codecs where they are more complete than the one of the charset's name; later ones are tried where the first fails.
CODECS = {
    "big5": ("big5hkscs", "cp950"),
    "euc-jp": ("euc_jp", "euc_jis_2004"),  # the latter knows NEC's circled digits
    "euc-kr": ("cp949",),
    "gbk": ("gb18030",),
    "gb18030": ("gb18030",),
    "hz-gb-2312": ("hz",),
    "ibm866": ("cp866",),
    "iso-2022-jp": ("iso2022_jp_ext",),
    "iso-2022-kr": ("iso2022_kr",),
    "macintosh": ("mac_roman",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "windows-874": ("cp874", "iso8859_11"),
    "x-mac-cyrillic": ("mac_cyrillic",),
}
# Detection tells these pairs apart by luck, bytes 0x80-0x9F for sure: no text in an ISO charset has them. koi8-u is koi8-r with
# letters for some box lines.
WIDER = {
    "iso-8859-2": "windows-1250", "iso-8859-7": "windows-1253", "iso-8859-13": "windows-1257", "koi8-r": "koi8-u",
}  # fmt: skip
NOT_C1 = bytes(byte for byte in range(256) if not 0x80 <= byte < 0xA0)
NOT_LEADING = bytes(range(0xC0))
ISO_2022_ESCAPE = b"\x1b$"
MULTI_BYTE = frozenset({"big5", "euc-jp", "euc-kr", "gbk", "gb18030", "shift_jis"})
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

TAG = re2.compile(rb"""(?is)<!--.*?(?:-->|\z)|<meta[\s/]((?:"[^"]*"|'[^']*'|[^>"'])*)>|<[a-z/](?:"[^"]*"|'[^']*'|[^>"'])*>""")
ATTRIBUTE = re2.compile(rb"""([^\s=>/"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")
CONTENT_CHARSET = re2.compile(rb"""(?i)charset\s*=\s*["']?\s*([^\s"';,]+)""")
XML_ENCODING = re2.compile(rb"""^<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]+)["']""")


class Decoded(NamedTuple):
    """A page as UTF-8; `charset` by its WHATWG name, `source` one of bom, http, meta, detected."""

    utf8: bytes
    charset: str
    source: str

    @property
    def text(self) -> str:
        return self.utf8.decode()


def decode(payload: bytes, http_charset: str | None, *, html: bool = True) -> Decoded:
    """The page in UTF-8. `html` allows declarations in the payload: `<meta>`, `<?xml encoding>`."""
    for bom, charset in BOMS:
        if payload.startswith(bom):
            return Decoded(_without_nul(_decoded(payload[len(bom) :], charset)[0]), charset, "bom")
    for source in ("http", "meta"):
        label = http_charset if source == "http" else declared_in_page(payload) if html else None
        declared = charset_of_label(label) if label else None
        if declared and not _is_belied(payload, declared):
            utf8, fits = _decoded(payload, declared)
            if fits:
                return Decoded(_without_nul(utf8), declared, source)
    guess = detect(payload)
    return Decoded(_without_nul(_decoded(payload, guess)[0]), guess, "detected")


@lru_cache(maxsize=1024)
def charset_of_label(label: str) -> str | None:
    """WHATWG name of the charset that a label stands for; None if browsers know no such label. " Latin1 " -> "windows-1252"."""
    label = label.strip().lower()
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
    """Label that the page itself declares, WHATWG's prescan. A page that can be prescanned is not UTF-16, whatever it says."""
    head = payload[:PRESCAN_BYTES]
    for tag in TAG.finditer(head):
        label = _declared_in_meta(tag[1]) if tag[1] else None
        if label and (charset := charset_of_label(label)):
            return "utf-8" if charset.startswith("utf-16") else label
    xml = XML_ENCODING.search(head)
    label = xml[1].decode("latin-1") if xml else None
    return "utf-8" if label and (charset_of_label(label) or "").startswith("utf-16") else label


def _declared_in_meta(attributes: bytes) -> str | None:
    values: dict[bytes, bytes] = {}
    for attribute in ATTRIBUTE.finditer(attributes):
        values.setdefault(attribute[1].lower(), (attribute[2] or b"").strip(b"\"'"))
    if b"charset" in values:
        return values[b"charset"].decode("latin-1")
    if values.get(b"http-equiv", b"").strip().lower() == b"content-type":
        found = CONTENT_CHARSET.search(values.get(b"content", b""))
        return found[1].decode("latin-1") if found else None
    return None


def detect(payload: bytes) -> str:
    """UTF-8 if the bytes are; else UTF-16 by its NULs; else what uchardet makes of the lines that are not ASCII."""
    if by_nuls := _utf16_by_nuls(payload):
        return by_nuls
    if is_utf8(payload) and not (ISO_2022_ESCAPE in payload and payload.isascii()):
        return "utf-8"
    name = detect_encoding(_sample(payload), html5_compatible=False)
    charset = charset_of_label(name) if name else None
    if charset is None or charset == "utf-8":
        return "utf-8" if is_utf8(payload) else FALLBACK
    if charset == "koi8-r" or payload.translate(None, NOT_C1):
        return WIDER.get(charset, charset)
    if charset == "windows-1250" and (b"\xb1" in payload or b"\xb6" in payload):
        return "iso-8859-2"  # its Polish letters there; plus-minus and pilcrow in windows-1250, which has ś and ź at 0x80-0x9F
    return charset


def is_utf8(payload: bytes) -> bool:
    """Whether the bytes are UTF-8, a character cut off at the end allowed."""
    try:
        return codecs.utf_8_decode(payload, "strict", False)[1] >= len(payload) - 3
    except UnicodeDecodeError:
        return False


def _sample(payload: bytes) -> bytes:
    """Lines that are not ASCII: markup would only dilute them, and a line end is no half of a character in any charset."""
    if payload.isascii():
        return payload[: 4 * DETECTED_BYTES]
    taken, size = [], 0
    for line in payload.split(b"\n"):
        if not line.isascii():
            taken.append(line[: DETECTED_BYTES - size])
            size += len(taken[-1])
            if size >= DETECTED_BYTES:
                break
    return b"\n".join(taken)


def _utf16_by_nuls(payload: bytes) -> str | None:
    """Markup in UTF-16 has a NUL in every other byte."""
    head = payload[:PRESCAN_BYTES]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 5 < len(head) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16le" if odd > even else "utf-16be"


def _is_belied(payload: bytes, charset: str) -> bool:
    """Whether the bytes are plainly something else than the declared charset."""
    if payload.isascii():
        if charset.startswith("utf-16"):
            return b"\0" not in payload
        return ISO_2022_ESCAPE in payload and not charset.startswith("iso-2022")
    if charset == "utf-8" or not is_utf8(payload):
        return False
    characters = len(payload.translate(None, NOT_LEADING))
    return characters >= UTF8_CHARACTERS_AS_PROOF[charset in MULTI_BYTE]


def _decoded(payload: bytes, charset: str) -> tuple[bytes, bool]:
    """UTF-8 of the payload, and whether the charset fits it."""
    if charset == "utf-8":
        try:
            _, end = codecs.utf_8_decode(payload, "strict", False)
            return payload[:end], end >= len(payload) - 3
        except UnicodeDecodeError:
            return _with_replacements(payload, "utf-8")
    names = CODECS.get(charset, (charset,))
    for name in names:
        try:
            return codecs.getincrementaldecoder(name)("strict").decode(payload).encode(), True
        except UnicodeError:  # of the encoder too: UTF-16 may hold lone surrogates
            continue
    return _with_replacements(payload, names[0])


def _with_replacements(payload: bytes, codec: str) -> tuple[bytes, bool]:
    text = payload.decode(codec, "replace")
    replaced = text.count("\ufffd") - (payload.count(b"\xef\xbf\xbd") if codec == "utf-8" else 0)
    good = len(text) - len(text.encode("ascii", "ignore")) - replaced
    return text.encode("utf-8", "replace"), replaced * GOOD_CHARACTERS_PER_REPLACEMENT <= good


def _without_nul(utf8: bytes) -> bytes:
    return utf8.replace(b"\0", b"") if b"\0" in utf8 else utf8
