"""What a crawler sees: replies, the visits that fetch them, and the sessions that visits are recorded in."""

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import brotli
import zstandard

HTML = "text/html; charset=utf-8"


def raw_deflate(body: bytes) -> bytes:
    """Deflate without the zlib frame: what many servers send where RFC 9110 asks for the frame."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor(level=9).compress,
}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server answers. `content_type` None: the header is left out; `length_error` is added to Content-Length."""

    body: bytes
    content_type: str | None = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    encoding: str | None = None
    chunk_bytes: int | None = None  # transfer in chunks of this size
    length_error: int = 0

    @property
    def payload(self) -> bytes:
        """The body as sent, before it is cut into chunks."""
        return ENCODERS[self.encoding](self.body) if self.encoding else self.body


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One fetch of one URL. The n-th visit of a URL in a crawl gets the n-th visit's reply."""

    url: str
    reply: Reply
    language: str | None = None  # of the article on the page; None where there is no article
    note: str = ""  # what is odd about it, written into a metadata record

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def target(self) -> str:
        """Path and query, as they stand in the request line."""
        parts = urlsplit(self.url)
        return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"

    @property
    def is_page(self) -> bool:
        kind = self.reply.content_type or "text/html"
        return self.reply.status == 200 and kind.startswith(("text/html", "text/plain", "application/xhtml"))


@dataclass(frozen=True, kw_only=True)
class Session:
    """The visits of one WARC file; the first happens at `started` (UTC), the others follow within seconds."""

    name: str
    started: datetime
    visits: list[Visit] = field(default_factory=list)
