"""The HTTP response inside a WARC record: status, headers, and the payload as a browser would hand it to its parser.

Servers, proxies and archiving tools lie about lengths, chunks and codings, each in ways that browsers forgive. So do we,
and say so in `problem`; what cannot be forgiven is `UnreadablePayload`, a reason that ends up in `rejects`.
"""

from dataclasses import dataclass
from typing import NamedTuple

from pipeline.errors import RecipeError
from pipeline.read.digests import agrees, sha256_of
from pipeline.read.http.content_coding import Coded, UnreadablePayload, decoded, undeclared
from pipeline.read.http.head import read_head
from pipeline.read.http.media_type import PAGE_TYPES, parse_content_type
from pipeline.read.warc.records import Record
from pipeline.settings import check_settings, setting

__all__ = ["HttpLimits", "HttpResponse", "UnreadablePayload", "check_payload_digest", "parse_response"]

MAX_CHUNK_LINE_BYTES = 4096
CUT_SHORT = "chunked body ends early"
HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")


@dataclass(frozen=True, kw_only=True)
class HttpLimits:
    """How large a decoded payload may be."""

    max_payload_bytes: int = setting(16 << 20, "payload after content decoding", "real pages: p99 1.0 MB, max 3.6 MB", minimum=1)
    max_inflate_ratio: int = setting(
        200,
        "decoded / coded bytes that make what is too large a bomb",
        "real pages: at most 14; deflate can reach 1032",
        minimum=1,
    )
    max_header_bytes: int = setting(
        64 << 10, "status line and headers", "as a WARC header; servers send at most 16 KiB", minimum=1
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "http.")


class HttpResponse(NamedTuple):
    """`body` is what followed the headers, `entity` that without chunks, `payload` that without content coding."""

    status: int
    headers: dict[str, str]  # names in lower case, values of a repeated field joined by ", "
    mime: str  # lower case, without parameters; empty if nothing valid is said
    charset: str | None  # of Content-Type, as written
    payload: bytes
    entity: bytes
    body: bytes
    problem: str | None  # what was forgiven


def parse_response(block: bytes, limits: HttpLimits) -> HttpResponse:
    """Reads a `response` record's block; UnreadablePayload says why if there is no page to be had."""
    status, headers, body_start, problem = read_head(block, limits.max_header_bytes)
    body = block[body_start:] if body_start >= 0 else b""
    mime, charset = parse_content_type(headers.get("content-type", ""))
    # Content codings are applied before transfer codings (RFC 9110 8.4, RFC 9112 6.1).
    codings = _tokens(headers.get("content-encoding", "")) + _tokens(headers.get("transfer-encoding", ""))
    entity = body
    if "chunked" in codings:
        entity, chunk_problem = without_chunks(body)
        problem = problem or chunk_problem
        codings = [coding for coding in codings if coding != "chunked"]
    coded = Coded(entity, len(entity), limits.max_payload_bytes, limits.max_inflate_ratio)
    payload, coding_problem = decoded(coded, codings)
    if mime in PAGE_TYPES:
        payload, coding_problem = undeclared(coded._replace(data=payload), coding_problem)
    return HttpResponse(status, headers, mime, charset, payload, entity, body, problem or coding_problem)


def check_payload_digest(record: Record, response: HttpResponse | None) -> tuple[str, bool | None]:
    """The record's payload digest and whether it agrees; without one, a sha256 of the payload as transferred, and None.

    The standard digests the body after chunks are undone, some writers before: either will do. Without a response (a
    `resource` or `conversion` record) the payload is the block.
    """
    candidates = (record.block,) if response is None else (response.entity, response.body)
    if not record.payload_digest:
        return sha256_of(candidates[0]), None
    return record.payload_digest, agrees(record.payload_digest, *candidates)


def _tokens(value: str) -> list[str]:
    return [token for part in value.lower().split(",") if (token := part.strip()) and token not in ("identity", "none")]


def without_chunks(body: bytes) -> tuple[bytes, str | None]:
    """The body without its chunk sizes, as far as they can be followed; a body that never was chunked stays as it is."""
    parts: list[bytes] = []
    at = 0
    while body:
        size, start = _chunk(body, at)
        end = start + size
        if size == 0:
            return b"".join(parts), None
        after = body[end : end + 2]
        closed = after == b"\r\n" or after[:1] == b"\n"
        if size < 0 or not (closed or after in (b"", b"\r")):
            if not parts:
                return body, "declared as chunked, is not"
            left_out = len(body) - at
            return b"".join(parts), f"chunk {len(parts) + 1} is unreadable, {left_out} bytes left out" if left_out else CUT_SHORT
        parts.append(body[start:end])
        if not closed:
            return b"".join(parts), CUT_SHORT
        at = end + (2 if after == b"\r\n" else 1)
    return body, None


def _chunk(body: bytes, at: int) -> tuple[int, int]:
    """Size and start of the chunk whose size line begins at `at`; size -1 if that is no size line."""
    line_end = body.find(b"\n", at, at + MAX_CHUNK_LINE_BYTES)
    digits = body[at : max(line_end, at)].partition(b";")[0].strip()
    if not 0 < len(digits) <= 12 or not HEX_DIGITS.issuperset(digits):
        return -1, at
    return int(digits, 16), line_end + 1
