"""The header of a WARC record: a version line, then `name: value` lines to the first empty one. Never raises on bad bytes."""

from typing import NamedTuple

NEWLINES = b"\r\n"
CONTROLS = bytes([*range(9), *range(11, 32), 127])  # no line of a header may hold them (WARC 1.1, section 4)
ONCE = frozenset({"content-length", "warc-type", "warc-record-id", "warc-date"})
LOOK_AHEAD_BYTES = 4096  # of a header, to tell a record start from a line of text that looks like one


class Header(NamedTuple):
    """Field names in lower case, the first of a repeated field; `problem` is why the record cannot be trusted, else None."""

    version: str  # "1.0"
    fields: dict[str, str]
    content_length: int  # -1 where there is a problem
    problem: str | None


def begins_record(data: bytes, start: int = 0) -> bool:
    """Whether `WARC/` stands at `start`, in any case: the grammar's literals are case-insensitive."""
    return data[start : start + 5].upper() == b"WARC/"


def header_end(data: bytes, start: int, stop: int) -> int:
    """Index after the empty line that closes the header, -1 if there is none before `stop`. Lines end in CRLF or LF."""
    mixed = data.find(b"\n\r\n", start, stop)
    plain = data.find(b"\n\n", start, stop if mixed < 0 else mixed)
    if plain >= 0:
        return plain + 2
    return mixed + 3 if mixed >= 0 else -1


def parse_header(raw: bytes) -> Header:
    """Header of the lines in `raw`; reads on after a bad line, so that the record can still be named.

    Not after a control byte: what zeroed blocks leave of two headers would be read as one, with the end of another record.
    """
    raw, problem = _before_control(raw.replace(b"\r\n", b"\n"))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    lines = text.rstrip("\n").split("\n")
    version = lines[0][5:].strip()
    if not _is_known(version):
        problem = problem or f"version line is {lines[0][:40]!r}"
    fields: dict[str, str] = {}
    name = ""
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and name:  # folded: the value goes on
            fields[name] = f"{fields[name]} {line.strip()}".strip()
            continue
        name, colon, value = line.partition(":")
        name = name.rstrip().lower()
        if not colon or not name.isascii() or not name or " " in name:
            problem = problem or f"header line {line[:60]!r} is no `name: value`"
            name = ""
        elif name not in fields:
            fields[name] = value.strip()
        elif name in ONCE and fields[name] != value.strip():
            problem = problem or f"two different lines of {name}"
    length = fields.get("content-length", "")
    if not length.isdecimal() or not length.isascii() or len(length) > 18:
        problem = problem or (f"Content-Length is {length[:40]!r}" if length else "no Content-Length")
    return Header(version, fields, -1 if problem else int(length), problem)


def _before_control(lines: bytes) -> tuple[bytes, str | None]:
    """(the lines before one with a control byte, or a CR that ends no line; what is wrong with it)"""
    if len(lines.translate(None, CONTROLS)) == len(lines):
        return lines, None
    at = next(place for place, byte in enumerate(lines) if byte in CONTROLS)
    return lines[: lines.rfind(b"\n", 0, at) + 1], f"the header holds the control byte 0x{lines[at]:02x}"


def find_record(data: bytes, start: int) -> int:
    """First index after `start` where a line opens a plausible record, -1 if none. Unlike the grammar, this minds the case."""
    at = start + 1
    while (at := data.find(b"WARC/", at)) >= 0:
        if data[at - 1] in NEWLINES and is_plausible(data[at : at + LOOK_AHEAD_BYTES]):
            return at
        at += 5
    return -1


def ends_damaged(after: bytes) -> bool:
    """Whether two line ends with one wrong byte among them and a record stand there: `after` is what follows a block."""
    for size in (4, 2):  # CRLF, LF
        if after.startswith(b"WARC/", size) and is_plausible(after[size:]):
            return len(after[:size].strip(NEWLINES)) <= 1
    return False


def holds_records(block: bytes) -> bool:
    """Whether records stand in `block` one after the other and the last one's block ends exactly with it.

    Then Content-Length counted in the records that follow. A WARC file that was itself archived ends with line ends of its own.
    """
    at = find_record(block, 0)
    while at >= 0:
        size = header_end(block, at, len(block)) - at
        header = parse_header(block[at : at + size]) if size > 0 else None
        if header is None or header.problem:
            return False
        end = at + size + header.content_length
        if end >= len(block):
            return end == len(block)
        at = len(block) - len(block[end:].lstrip(NEWLINES))
        if not begins_record(block, at):
            return False
    return False


def _is_known(version: str) -> bool:
    major, dot, minor = version.partition(".")
    return major in ("0", "1") and dot == "." and minor.isdecimal() and len(minor) <= 2


def is_plausible(head: bytes) -> bool:
    """Whether a version line stands there, then a header line that only WARC writes."""
    lines = head.split(b"\n", 20)
    if len(lines) < 2 or not _is_known(lines[0][5:].decode("latin-1").strip()):
        return False
    name, colon, _ = lines[1].partition(b":")
    if not colon or b" " in name.strip():
        return False
    return any(line[:5].lower() == b"warc-" or line[:15].lower() == b"content-length:" for line in lines[1:])


def record_id(fields: dict[str, str]) -> str:
    """WARC-Record-ID without angle brackets, nor the blanks that folding leaves in it; empty if there is none."""
    return fields.get("warc-record-id", "").replace("<", "").replace(">", "").replace(" ", "").replace("\t", "")


def target_url(fields: dict[str, str]) -> str:
    """WARC-Target-URI; GNU Wget writes it in angle brackets in WARC 1.0."""
    written = fields.get("warc-target-uri", "")
    return written[1:-1] if written[:1] == "<" and written[-1:] == ">" else written
