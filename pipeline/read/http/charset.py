"""From the bytes of a page to UTF-8: BOM, HTTP, meta, detection, in that order, and a declaration must survive the bytes.

Labels mean what browsers take them to mean (WHATWG: latin1 is windows-1252, gb2312 is gb18030). Unlike browsers we do not
follow a declaration that the bytes belie, since nobody is there to switch the charset by hand:
- it does not decode: more than one replacement for ten good non-ASCII characters. UTF-8 stays UTF-8 while its good sequences
  have more continuation bytes than there are errors, for hardly any other text has such sequences: a stray byte costs itself;
- the bytes are ASCII with escapes of ISO-2022;
- it is not UTF-8, but the bytes are (a UTF-8 page behind a server that says latin1 to everything). A single non-ASCII
  character is proof against a single-byte charset, eight are asked for against Chinese, Japanese and Korean ones. A sequence
  that the end cuts off proves nothing;
- it is the mark of UTF-16, and what follows is ASCII or UTF-8.
Then the next source is asked. The text never holds NUL (dropped) nor lone surrogates (U+FFFD).
"""

import codecs
from collections.abc import Iterator
from typing import NamedTuple

from resiliparse.parse.encoding import detect_encoding

from pipeline.read.http.charset_labels import PRESCAN_BYTES, charset_of_label, declared_in_page, declared_late

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
REPLACEMENT = "\ufffd".encode()
ISO_2022_ESCAPE = b"\x1b$"
MULTI_BYTE = frozenset({"big5", "euc-jp", "euc-kr", "gbk", "gb18030", "shift_jis"})


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
            if not _is_belied_bom(payload[len(bom) :], charset):
                return Decoded(_without_nul(_decoded(payload[len(bom) :], charset)[0]), charset, "bom")
            payload = payload[len(bom) :]
            break
    for source, label in _declarations(payload, http_charset, html):
        declared = charset_of_label(label) if label else None
        if declared and not _is_belied(payload, declared):
            utf8, fits = _decoded(payload, declared)
            if fits:
                return Decoded(_without_nul(utf8), declared, source)
    guess = detect(payload)
    return Decoded(_without_nul(_decoded(payload, guess)[0]), guess, "detected")


def _declarations(payload: bytes, http_charset: str | None, html: bool) -> Iterator[tuple[str, str | None]]:
    """(source, label) in the order they are asked; a page is looked through for a late one only if bytes need a charset."""
    yield "http", http_charset
    if html:
        yield "meta", declared_in_page(payload)
        if not payload.isascii() or ISO_2022_ESCAPE in payload:
            yield "meta", declared_late(payload)


def detect(payload: bytes) -> str:
    """UTF-8 if the bytes are; else UTF-16 by its NULs; else what uchardet makes of the lines that are not ASCII."""
    if by_nuls := _utf16_by_nuls(payload):
        return by_nuls
    if utf8_characters(payload) > 0 or (payload.isascii() and ISO_2022_ESCAPE not in payload):
        return "utf-8"
    name = detect_encoding(_sample(payload), html5_compatible=False)
    charset = charset_of_label(name) if name else None
    if charset is None or charset == "utf-8":
        return "utf-8" if payload.isascii() else FALLBACK
    if charset == "koi8-r" or payload.translate(None, NOT_C1):
        return WIDER.get(charset, charset)
    if charset == "windows-1250" and (b"\xb1" in payload or b"\xb6" in payload):
        return "iso-8859-2"  # its Polish letters there; plus-minus and pilcrow in windows-1250, which has ś and ź at 0x80-0x9F
    return charset


def utf8_characters(payload: bytes) -> int:
    """How many characters beyond ASCII the bytes have as UTF-8, without one that the end cuts off; -1 if they are no UTF-8."""
    try:
        end = codecs.utf_8_decode(payload, "strict", False)[1]
    except UnicodeDecodeError:
        return -1
    return len(payload[:end].translate(None, NOT_LEADING))


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
    return charset != "utf-8" and utf8_characters(payload) >= UTF8_CHARACTERS_AS_PROOF[charset in MULTI_BYTE]


def _is_belied_bom(rest: bytes, charset: str) -> bool:
    """Whether what follows a mark of UTF-16 is plainly something else: no kilobyte of UTF-16 is ASCII without NUL, or UTF-8."""
    head = rest[:PRESCAN_BYTES]
    return charset != "utf-8" and len(head) > 1 and b"\0" not in head and (head.isascii() or utf8_characters(head) > 0)


def _decoded(payload: bytes, charset: str) -> tuple[bytes, bool]:
    """UTF-8 of the payload, and whether the charset fits it."""
    if charset == "utf-8":
        try:
            return payload[: codecs.utf_8_decode(payload, "strict", False)[1]], True
        except UnicodeDecodeError:
            return _utf8_with_replacements(payload)
    names = CODECS.get(charset, (charset,))
    for name in names:
        try:
            return codecs.getincrementaldecoder(name)("strict").decode(payload).encode(), True
        except UnicodeError:  # of the encoder too: UTF-16 may hold lone surrogates
            continue
    text = payload.decode(names[0], "replace")
    replaced = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - replaced
    return text.encode("utf-8", "replace"), replaced * GOOD_CHARACTERS_PER_REPLACEMENT <= good


def _utf8_with_replacements(payload: bytes) -> tuple[bytes, bool]:
    """As browsers decode broken UTF-8, and whether it was UTF-8 at all: more good continuation bytes than errors.

    A pair of surrogates in three bytes each (CESU-8) is an error six times, and a sign of UTF-8 all the same.
    """
    text = payload.decode("utf-8", "replace")
    utf8 = text.encode()
    replaced = utf8.count(REPLACEMENT) - payload.count(REPLACEMENT)
    surrogates = sum(b"\xa0" <= after[:1] < b"\xc0" for after in payload.split(b"\xed")[1:])
    good = len(utf8) - len(text) - 2 * replaced + 2 * surrogates
    return utf8, good > replaced - 3 * surrogates


def _without_nul(utf8: bytes) -> bytes:
    return utf8.replace(b"\0", b"") if b"\0" in utf8 else utf8
