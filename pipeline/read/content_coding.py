"""Content codings undone within bounds: gzip, deflate, br and zstd, at most one, however loud a bomb knocks."""

import zlib
from collections.abc import Callable
from typing import NamedTuple

import brotli
import zstandard

TEXT_BYTES = bytes(set(range(256)) - set(range(32)) | set(b"\t\n\f\r\x1b"))
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
ZSTD_MAX_WINDOW_BYTES = 8 << 20  # RFC 9659: more must not be sent as a content coding
STEP_BYTES = 1 << 16


class UnreadablePayload(Exception):  # it is a row of `rejects`, not an error of the program
    """`reason` is one of not_http, bad_http, bomb, too_large, unsupported_encoding, bad_encoding."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Coded(NamedTuple):
    """Coded bytes and how large they may become."""

    data: bytes
    max_bytes: int
    max_ratio: int

    def refuse_beyond(self, size: int) -> None:
        """UnreadablePayload if `size` decoded bytes are too many."""
        if size <= self.max_bytes:
            return
        if size > self.max_ratio * len(self.data):
            raise UnreadablePayload("bomb", f"{len(self.data)} bytes decode to more than {self.max_bytes}")
        raise UnreadablePayload("too_large", f"decodes to more than {self.max_bytes} bytes")


def decoded(coded: Coded, codings: list[str]) -> tuple[bytes, str | None]:
    """Payload and what was forgiven. A coding that is declared but absent is ignored, as browsers do."""
    coded.refuse_beyond(len(coded.data))
    if not codings or not coded.data:
        return coded.data, None
    if len(codings) > 1:
        raise UnreadablePayload("unsupported_encoding", f"{len(codings)} codings: {', '.join(codings)[:80]}")
    decode = DECODERS.get(codings[0])
    if decode is None:
        if _looks_like_text(coded.data):
            return coded.data, f"unknown coding {codings[0][:40]!r}, body is text"
        raise UnreadablePayload("unsupported_encoding", codings[0][:80])
    try:
        data, problem = decode(coded)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        data, problem = b"", str(error)[:80]
    if data or problem is None:
        return data, problem
    if _looks_like_text(coded.data):
        return coded.data, f"declared as {codings[0]}, is plain"
    raise UnreadablePayload("bad_encoding", f"{codings[0]}: {problem}")


def _gzip(coded: Coded) -> tuple[bytes, str | None]:
    if not coded.data.startswith(GZIP_MAGIC):
        return coded.data, "declared as gzip, is plain"
    parts: list[bytes] = []
    rest = coded.data
    while rest.startswith(GZIP_MAGIC):  # a body may be several members, like any gzip file
        part, rest, finished = _inflate(rest, 31, coded, sum(map(len, parts)))
        parts.append(part)
        if not finished:
            return b"".join(parts), "gzip body ends early"
    return b"".join(parts), f"{len(rest)} bytes after the gzip body" if rest else None


def _deflate(coded: Coded) -> tuple[bytes, str | None]:
    """The standard means zlib's wrapper, some servers send bare deflate; the first two bytes tell."""
    wrapped = len(coded.data) > 1 and coded.data[0] & 15 == 8 and (coded.data[0] << 8 | coded.data[1]) % 31 == 0
    data, _, finished = _inflate(coded.data, 15 if wrapped else -15, coded, 0)
    return data, None if finished else "deflate body ends early"


def _inflate(data: bytes, window_bits: int, coded: Coded, before: int) -> tuple[bytes, bytes, bool]:
    """Inflated bytes, what follows them, and whether they came to an end. zlib's errors pass."""
    inflater = zlib.decompressobj(window_bits)
    out = inflater.decompress(data, coded.max_bytes + 1 - before)
    coded.refuse_beyond(before + len(out))
    return out, inflater.unused_data, inflater.eof


def _brotli(coded: Coded) -> tuple[bytes, str | None]:
    decoder = brotli.Decompressor()
    parts = [decoder.process(coded.data, output_buffer_limit=STEP_BYTES)]
    size = len(parts[0])
    while not decoder.is_finished() and not decoder.can_accept_more_data():
        parts.append(decoder.process(b"", output_buffer_limit=STEP_BYTES))
        size += len(parts[-1])
        coded.refuse_beyond(size)
    coded.refuse_beyond(size)
    return b"".join(parts), None if decoder.is_finished() else "br body ends early"


def _zstd(coded: Coded) -> tuple[bytes, str | None]:
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_MAX_WINDOW_BYTES)
    with decoder.stream_reader(coded.data, read_across_frames=True) as reader:
        data = reader.read(coded.max_bytes + 1)
    coded.refuse_beyond(len(data))
    declared = zstandard.frame_content_size(coded.data)  # -1: not said
    return data, "zstd body ends early" if len(data) < declared else None


def _looks_like_text(data: bytes) -> bool:
    """No control bytes near the beginning; coded data has one within a few dozen bytes."""
    return not data[:512].translate(None, TEXT_BYTES)


DECODERS: dict[str, Callable[[Coded], tuple[bytes, str | None]]] = {
    "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd,
}  # fmt: skip
