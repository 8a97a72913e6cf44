"""Content codings undone within bounds: gzip, deflate, br and zstd, several around one another, however loud a bomb knocks.

What a browser shows of a body is kept: a wrong trailer costs nothing, damage only what comes after it.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import brotli
import zstandard

TEXT_BYTES = bytes(set(range(256)) - set(range(32)) | set(b"\t\n\f\r\x1b"))
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
ZSTD_MAX_WINDOW_BYTES = 8 << 20  # RFC 9659: more must not be sent as a content coding
STEP_BYTES = 1 << 16
SALVAGE_BYTES = 32  # coded bytes that are lost at most before damage
MAX_CODINGS = 5  # as in curl; each may inflate to all that is allowed


class UnreadablePayload(Exception):  # it is a row of `rejects`, not an error of the program
    """`reason` is one of not_http, bad_http, bomb, too_large, unsupported_encoding, bad_encoding."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Coded(NamedTuple):
    """Coded bytes and how large they may become; `stored_bytes` is their size before any coding was undone."""

    data: bytes
    stored_bytes: int
    max_bytes: int
    max_ratio: int

    def refuse_beyond(self, size: int) -> None:
        """UnreadablePayload if `size` decoded bytes are too many."""
        if size <= self.max_bytes:
            return
        if size > self.max_ratio * self.stored_bytes:
            raise UnreadablePayload("bomb", f"{self.stored_bytes} bytes decode to more than {self.max_bytes}")
        raise UnreadablePayload("too_large", f"decodes to more than {self.max_bytes} bytes")


Decoded = tuple[bytes, str | None]  # data, and what was forgiven


def decoded(coded: Coded, codings: list[str]) -> Decoded:
    """The payload under `codings`, which are in the order they were applied (RFC 9110 8.4).

    A coding that is declared but absent is passed over, and an unknown one if what is left of it is text.
    """
    coded.refuse_beyond(len(coded.data))
    problem, unknown, undone = None, [], 0
    for coding in reversed(codings if coded.data else []):
        if coding not in DECODERS:
            unknown.append(coding)
            continue
        if undone == MAX_CODINGS:
            raise UnreadablePayload("unsupported_encoding", f"more than {MAX_CODINGS} codings: {', '.join(codings)[:80]}")
        data, forgiven = _undone(coded, coding)
        undone += data is not coded.data
        coded, problem = coded._replace(data=data), problem or forgiven
    if unknown and not _looks_like_text(coded.data):
        raise UnreadablePayload("unsupported_encoding", unknown[0][:80])
    return coded.data, problem or (f"unknown coding {unknown[0][:40]!r}, body is text" if unknown else None)


def undeclared(coded: Coded, problem: str | None) -> Decoded:
    """What is under a coding that nobody declared, where the bytes cannot be a page; else the bytes as they are."""
    coding = _coding_of(coded.data)
    if not coding:
        return coded.data, problem
    data, damage = _tried(coding, coded)
    return (data, problem or f"{coding}, which is not declared") if data and not damage else (coded.data, problem)


def _undone(coded: Coded, coding: str) -> Decoded:
    """The bytes under one coding. Where they are under another, or under none, that is forgiven."""
    data, problem = _tried(coding, coded)
    if data or problem is None:
        return data, problem
    other = _coding_of(coded.data)
    if other and other != coding:
        data, _ = _tried(other, coded)
        if data:
            return data, f"declared as {coding}, is {other}"
    if _looks_like_text(coded.data):
        return coded.data, f"declared as {coding}, is plain"
    raise UnreadablePayload("bad_encoding", f"{coding}: {problem}")


def _tried(coding: str, coded: Coded) -> Decoded:
    try:
        return DECODERS[coding](coded)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        return b"", str(error)[:80]


def _coding_of(data: bytes) -> str:
    """By the first bytes; "" where they tell nothing."""
    return "gzip" if data.startswith(GZIP_MAGIC + b"\x08") else "zstd" if data.startswith(ZSTD_MAGIC) else ""


def _gzip(coded: Coded) -> Decoded:
    if not coded.data.startswith(GZIP_MAGIC):
        return coded.data, "declared as gzip, is plain"
    parts: list[bytes] = []
    rest, problem = coded.data, None
    while rest.startswith(GZIP_MAGIC) and problem is None:  # a body may be several members, like any gzip file
        part, rest, problem = _member(rest, coded, sum(map(len, parts)))
        parts.append(part)
    return b"".join(parts), problem or (f"{len(rest)} bytes after the gzip body" if rest else None)


def _member(data: bytes, coded: Coded, before: int) -> tuple[bytes, bytes, str | None]:
    """Inflated bytes of the first gzip member, what follows it, and what was forgiven."""
    try:
        out, rest, finished = _inflate(data, 31, coded, before)
        return out, rest, None if finished else "gzip body ends early"
    except zlib.error:
        out, rest, finished = _salvaged(data[_gzip_header_bytes(data) :], coded, before)
        return out, rest[8:], "gzip trailer is wrong" if finished else "gzip body is damaged"


def _gzip_header_bytes(data: bytes) -> int:
    """Size of a member's header (RFC 1952 2.3), with its optional fields."""
    flags, at = data[3:4], 10
    bits = flags[0] if flags else 0
    if bits & 4:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for name in (8, 16):
        if bits & name:
            end = data.find(b"\0", at)
            at = end + 1 if end >= 0 else len(data)
    return at + 2 if bits & 2 else at


def _deflate(coded: Coded) -> Decoded:
    """The standard means zlib's wrapper, some servers send bare deflate; the first two bytes tell."""
    data = coded.data
    wrapped = len(data) > 1 and data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0
    try:
        out, _, finished = _inflate(data, 15 if wrapped else -15, coded, 0)
        return out, None if finished else "deflate body ends early"
    except zlib.error:
        out, _, finished = _salvaged(data[2 if wrapped else 0 :], coded, 0)
        return out, "deflate trailer is wrong" if finished else "deflate body is damaged"


def _inflate(data: bytes, window_bits: int, coded: Coded, before: int) -> tuple[bytes, bytes, bool]:
    """Inflated bytes, what follows them, and whether they came to an end. zlib's errors pass."""
    inflater = zlib.decompressobj(window_bits)
    out = inflater.decompress(data, coded.max_bytes + 1 - before)
    coded.refuse_beyond(before + len(out))
    return out, inflater.unused_data, inflater.eof


def _salvaged(data: bytes, coded: Coded, before: int) -> tuple[bytes, bytes, bool]:
    """As `_inflate` for bare deflate, up to damage: zlib gives nothing of a call that fails, so calls are small."""
    inflater = zlib.decompressobj(-15)
    parts: list[bytes] = []
    size = before
    for at in range(0, len(data), SALVAGE_BYTES):
        try:
            parts.append(inflater.decompress(data[at : at + SALVAGE_BYTES]))
        except zlib.error:
            break
        size += len(parts[-1])
        coded.refuse_beyond(size)
        if inflater.eof:
            return b"".join(parts), inflater.unused_data + data[at + SALVAGE_BYTES :], True
    return b"".join(parts), b"", False


def _brotli(coded: Coded) -> Decoded:
    decoder, parts = brotli.Decompressor(), []
    try:
        parts = list(_brotli_parts(decoder, coded, len(coded.data)))
    except brotli.error:
        decoder = brotli.Decompressor()
        with suppress(brotli.error):
            parts.extend(_brotli_parts(decoder, coded, SALVAGE_BYTES))
        return b"".join(parts), "br body is damaged"
    return b"".join(parts), None if decoder.is_finished() else "br body ends early"


def _brotli_parts(decoder: brotli.Decompressor, coded: Coded, feed_bytes: int) -> Iterator[bytes]:
    size = 0
    for at in range(0, len(coded.data), feed_bytes):
        fed = coded.data[at : at + feed_bytes]
        while not decoder.is_finished():
            part = decoder.process(fed, output_buffer_limit=STEP_BYTES)
            size += len(part)
            coded.refuse_beyond(size)
            yield part
            if decoder.can_accept_more_data():
                break
            fed = b""


def _zstd(coded: Coded) -> Decoded:
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW_BYTES)
    parts: list[bytes] = []
    size = 0
    with decoder.stream_reader(coded.data, read_across_frames=True) as reader:
        try:
            while part := reader.read(STEP_BYTES):
                parts.append(part)
                size += len(part)
                coded.refuse_beyond(size)
        except zstandard.ZstdError as error:
            return b"".join(parts), f"zstd body is damaged: {error}"[:80]
    declared = zstandard.frame_content_size(coded.data)  # -1: not said
    return b"".join(parts), "zstd body ends early" if size < declared else None


def _looks_like_text(data: bytes) -> bool:
    """No control bytes near the beginning; coded data has one within a few dozen bytes."""
    return not data[:512].translate(None, TEXT_BYTES)


DECODERS: dict[str, Callable[[Coded], Decoded]] = {
    "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd,
}  # fmt: skip
