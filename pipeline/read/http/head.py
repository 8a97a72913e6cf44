"""The head of an HTTP answer as browsers find it: obsolete and odd status lines are read, interim answers passed over."""

from typing import NamedTuple

import re2

from pipeline.read.http.content_coding import UnreadablePayload
from pipeline.read.http.media_type import begins_like_html
from pipeline.read.warc.header import header_end

# Chromium passes over up to four bytes of anything before "HTTP", and reads the status line of Shoutcast.
OPENING = re2.compile(rb"(?is)^(?:[\s\0]{0,64}|.{0,4}?)(HTTP[/ ]|HTTP$|ICY )")
NEXT_OPENING = re2.compile(rb"^[\r\n]{0,8}(HTTP/[0-9])")  # of the answer behind an interim one
OPENING_BYTES = 80
STATUS = re2.compile(r"^\S+\s+([0-9]{1,9})")
OK = 200  # what browsers assume where a status line has no number


class Head(NamedTuple):
    """`body_start` is -1 where the head does not end; `problem` says what was forgiven."""

    status: int
    headers: dict[str, str]  # names in lower case; a repeated field's values are joined by ", " (RFC 9110 5.3)
    body_start: int
    problem: str | None


def read_head(block: bytes, max_bytes: int) -> Head:
    """The head of the final answer in `block`; UnreadablePayload says why there is none."""
    opening = OPENING.match(block[:OPENING_BYTES])
    if opening is None:
        if begins_like_html(block):
            return Head(OK, {}, 0, "no status line, as in HTTP/0.9")
        raise UnreadablePayload("not_http", f"block begins with {block[:24].decode('latin-1')!a}")
    start, skipped = opening.start(1), 0
    while True:
        end = _head_end(block, start, max_bytes)
        if end < 0 and len(block) - start > max_bytes:
            raise UnreadablePayload("bad_http", f"headers are longer than {max_bytes} bytes")
        status, headers = _parsed(block[start:end] if end >= 0 else block[start:])
        follower = NEXT_OPENING.match(block[end : end + OPENING_BYTES]) if end >= 0 and _is_interim(status, headers) else None
        if follower is None:
            return Head(status, headers, end, f"{skipped} answers before the final one" if skipped else None)
        start, skipped = end + follower.start(1), skipped + 1


def _is_interim(status: int, headers: dict[str, str]) -> bool:
    """1xx (RFC 9110 15.2), and what a proxy says to CONNECT: a 2xx that may say nothing of a body (9.3.6)."""
    if 100 <= status < 200:
        return True
    return 200 <= status < 300 and not headers.keys() & {"content-type", "content-length", "transfer-encoding"}


def _head_end(block: bytes, start: int, max_bytes: int) -> int:
    """Where the body begins, -1 if nowhere. Lines end in CRLF or LF, or all of them in CR."""
    if _ends_in_cr(block, start):
        end = block.find(b"\r\r", start, start + max_bytes)
        return end + 2 if end >= 0 else -1
    return header_end(block, start, start + max_bytes)


def _ends_in_cr(block: bytes, start: int) -> bool:
    carriage, feed = (block.find(mark, start, start + 1024) for mark in (b"\r", b"\n"))
    return carriage >= 0 and (feed < 0 or feed > carriage + 1)


def _parsed(raw: bytes) -> tuple[int, dict[str, str]]:
    """(status, headers) of a head; a line that is no field is left out."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = STATUS.match(lines[0])
    fields: dict[str, list[str]] = {}
    values: list[str] = []  # of the line before
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and values:  # folded: the value goes on
            values[-1] = f"{values[-1]} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        values = fields.setdefault(name.strip().lower(), []) if colon else []
        values.append(value.strip())
    return int(found[1]) if found else OK, {name: ", ".join(filter(None, values)) for name, values in fields.items()}
