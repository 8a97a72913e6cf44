"""Characters of a page as the slow twins of the HTML kernels read them: references, blanks, line breaks."""

from collections.abc import Iterator
from html.entities import html5

BLANKS = {chr(code) for code in range(33)} | set("\x7f\x85\xa0\u2028\u2029")


def decode_reference(text: str, at: int) -> tuple[int, str]:
    """(characters read, what they mean); (0, "") where the `&` at `at` begins no reference."""
    if text[at + 1 : at + 2] == "#":
        return decode_numeric(text, at)
    for size in range(32, 0, -1):
        name = text[at + 1 : at + 1 + size]
        if len(name) == size and name in html5:
            return size + 1, html5[name]
    return 0, ""


def decode_numeric(text: str, at: int) -> tuple[int, str]:
    i = at + 2
    base, digits = (16, "0123456789abcdefABCDEF") if text[i : i + 1] in ("x", "X") else (10, "0123456789")
    first = i = i + 1 if base == 16 else i
    while i < len(text) and text[i] in digits:
        i += 1
    if i == first:
        return 0, ""
    code = int(text[first:i], base) if len(text[first:i].lstrip("0")) < 9 else 0x110000
    i += text[i : i + 1] == ";"
    if 0x80 <= code < 0xA0:
        return i - at, bytes([code]).decode("cp1252", "ignore") or chr(code)
    return i - at, "\ufffd" if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code)


def characters(text: str, references: bool) -> Iterator[tuple[str, bool]]:
    """(what one character or reference of the source shows, whether it was a reference), `\r\n` as one."""
    i = 0
    while i < len(text):
        read, value = decode_reference(text, i) if references and text[i] == "&" else (0, "")
        if read:
            yield value, True
        elif text[i] == "\r":
            read = 2 if text[i + 1 : i + 2] == "\n" else 1
            yield "\n", False
        else:
            yield text[i], False
        i += read or 1


def one_line(source: str) -> str:
    """What a value shows, blanks as one and none at its ends."""
    shown = "".join(" " if character in BLANKS else character for character, _ in characters(source, references=True))
    return " ".join(word for word in shown.split(" ") if word)
