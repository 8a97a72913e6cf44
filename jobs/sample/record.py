"""Fetches planned visits over loopback and records what came over the wire: WARC files and their CDXJ index."""

import base64
import filecmp
import hashlib
import io
import json
import random
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from jobs.sample.serve import serving
from jobs.sample.visits import Session, Visit

WARC_VERSION = "1.1"
INDEX_NAME = "index.cdxj"
SOFTWARE = "winnow sample (https://iipc.github.io/warc-specifications/)"
USER_AGENT = "winnow-sample/1 (loopback only)"


@dataclass(frozen=True, kw_only=True)
class Recording:
    files: tuple[Path, ...]
    index: Path
    records: int


def record_crawl(sessions: list[Session], directory: Path, seed: int) -> Recording:
    """One WARC file a session and one index over all of them; every file is renamed into place when it is whole."""
    visits = [visit for session in sessions for visit in session.visits]
    recorder = Recorder(seed)
    files = []
    with serving(visits) as port:
        for session in sessions:
            file = directory / f"{session.name}.warc.gz"
            with WholeFile(file) as output:
                recorder.record(session, port, output, file.name)
            files.append(file)
    index = directory / INDEX_NAME
    with WholeFile(index) as output:
        output.write("".join(sorted(recorder.index_lines)).encode())
    return Recording(files=tuple(files), index=index, records=recorder.records)


class WholeFile:
    """A file that appears under its name only when it was written to the end, and keeps its date where its bytes are the same."""

    def __init__(self, path: Path) -> None:
        self.path, self.aside = path, path.with_name(f".{path.name}.part")

    def __enter__(self) -> BinaryIO:
        self.stream = self.aside.open("wb")
        return self.stream

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stream.close()
        if kind is not None or (self.path.is_file() and filecmp.cmp(self.aside, self.path, shallow=False)):
            self.aside.unlink()
        else:
            self.aside.replace(self.path)


def fetch(port: int, request: bytes) -> bytes:
    """The whole answer as it came over the wire: status line, headers and body, chunks included."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            return answer.read()


def request_bytes(visit: Visit) -> bytes:
    lines = [
        f"GET {visit.target} HTTP/1.1",
        f"Host: {visit.host}",
        f"User-Agent: {USER_AGENT}",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def payload_digest(answer: bytes) -> str:
    """As WARC files write it: SHA-1 in base 32, over the body as it was sent."""
    body = answer.partition(b"\r\n\r\n")[2]
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def surt(url: str) -> str:
    """The URL as archives sort it: `http://www.a.example/b?c=d` -> `example,a)/b?c=d`."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed(parts.netloc.removeprefix("www.").split(".")))
    query = "&".join(sorted(parts.query.split("&")))
    return f"{host}){parts.path or '/'}{'?' + query if query else ''}"


class Recorder:
    """Holds what outlives a file: the clock, the record ids, what was seen where, and the index."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"record {seed}")  # noqa: S311  (reproducible on purpose)
        self.first_seen: dict[tuple[str, str], str] = {}  # (url, payload digest) -> date
        self.index_lines: list[str] = []
        self.records = 0

    def record(self, session: Session, port: int, output: BinaryIO, file_name: str) -> None:
        writer = WARCWriter(output, gzip=True, warc_version=WARC_VERSION)
        clock = session.started
        about = {"software": SOFTWARE, "format": f"WARC File Format {WARC_VERSION}", "isPartOf": "winnow sample crawl"}
        self.write_fields(writer, "warcinfo", clock, {"WARC-Filename": file_name}, about)
        for visit in session.visits:
            clock += timedelta(milliseconds=self.random.randrange(200, 3000))
            self.record_visit(visit, port, clock, writer, file_name)

    def record_visit(self, visit: Visit, port: int, clock: datetime, writer: WARCWriter, file_name: str) -> None:
        """Request, response (or revisit, where the same bytes came from the same URL before), and a note where there is one."""
        request = request_bytes(visit)
        answer = fetch(port, request)
        date, digest = iso(clock), payload_digest(answer)
        earlier = self.first_seen.get((visit.url, digest))
        headers = self.headers("revisit" if earlier else "response", clock) | {"WARC-IP-Address": "127.0.0.1"}
        start = writer.out.tell()
        if earlier:
            http_headers = StatusAndHeadersParser(["HTTP/1.1"]).parse(io.BytesIO(answer))
            record = writer.create_revisit_record(visit.url, digest, visit.url, earlier, http_headers, warc_headers_dict=headers)
        else:
            record = writer.create_warc_record(visit.url, "response", io.BytesIO(answer), len(answer), warc_headers_dict=headers)
            self.first_seen[visit.url, digest] = date
        self.write(writer, record)
        self.index_lines.append(index_line(visit, clock, digest, bool(earlier), start, writer.out.tell() - start, file_name))
        together = {"WARC-Concurrent-To": headers["WARC-Record-ID"]}
        self.write(
            writer,
            writer.create_warc_record(
                visit.url,
                "request",
                io.BytesIO(request),
                len(request),
                warc_headers_dict=self.headers("request", clock) | together,
            ),
        )
        if visit.note:
            self.write_fields(writer, "metadata", clock, together | {"WARC-Target-URI": visit.url}, {"note": visit.note})

    def write_fields(
        self, writer: WARCWriter, kind: str, clock: datetime, headers: dict[str, str], fields: dict[str, str]
    ) -> None:
        """A record of `name: value` lines."""
        body = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
        url = headers.get("WARC-Target-URI", "")
        headers = self.headers(kind, clock) | headers
        self.write(writer, writer.create_warc_record(url, kind, io.BytesIO(body), len(body), warc_headers_dict=headers))

    def write(self, writer: WARCWriter, record: object) -> None:
        writer.write_record(record)
        self.records += 1

    def headers(self, kind: str, clock: datetime) -> dict[str, str]:
        """A new record's type, identity and date."""
        identity = uuid.UUID(int=self.random.getrandbits(128), version=4)
        return {"WARC-Type": kind, "WARC-Record-ID": f"<urn:uuid:{identity}>", "WARC-Date": iso(clock)}


def iso(clock: datetime) -> str:
    """WARC/1.1 allows fractions of a second."""
    return clock.strftime("%Y-%m-%dT%H:%M:%S.") + f"{clock.microsecond // 1000:03d}Z"


def index_line(visit: Visit, clock: datetime, digest: str, is_revisit: bool, offset: int, length: int, file_name: str) -> str:
    """CDXJ as pywb and Common Crawl's index write it: sort key, timestamp, JSON."""
    mime = (visit.reply.content_type or "unk").partition(";")[0]
    fields = {
        "url": visit.url,
        "mime": "warc/revisit" if is_revisit else mime,
        "status": str(visit.reply.status),
        "digest": digest.removeprefix("sha1:"),
        "length": str(length),
        "offset": str(offset),
        "filename": file_name,
    }
    return f"{surt(visit.url)} {clock:%Y%m%d%H%M%S} {json.dumps(fields)}\n"
