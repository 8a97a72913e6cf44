"""A file behind http(s), read like one on disk: one answer after another, each asked for from where the last one broke."""

import importlib.metadata
import io
import os
import tempfile
from collections.abc import Callable
from functools import cache
from typing import IO, Any, NamedTuple

import re2
import requests

from jobs.corpus.sources.outside import AnsweredWith, EndsEarly, IsAnother, trying
from jobs.corpus.sources.settings import SourceSettings
from pipeline.blocks import Positioned

CHUNK_BYTES = 1 << 16
COPIED_BYTES = 1 << 20
RANGE = re2.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18})")
MOST_RETRY_AFTER = 3600.0


class Answer(NamedTuple):
    """A body that was begun: the bytes [start, stop) of a file of `size`; null where the server does not say."""

    response: requests.Response
    start: int
    stop: int | None
    size: int | None
    version: str  # ETag, else Last-Modified, else empty

    @property
    def is_whole(self) -> bool:
        return bool(self.response.status_code == 200)


def ask(url: str, start: int, settings: SourceSettings) -> Answer:
    """The answer that goes on from byte `start`, or is the whole file where the server knows no ranges.

    Raises AnsweredWith, IsAnother or what requests raises.
    """
    headers = {"Range": f"bytes={start}-", "Accept-Encoding": "identity"}
    response = _session(os.getpid()).get(url, headers=headers, stream=True, timeout=settings.timeout_seconds)
    try:
        return _understood(response, start)
    except BaseException:
        response.close()
        raise


@cache
def _session(process: int) -> requests.Session:  # noqa: ARG001 - connections are not shared with a process that was forked
    session = requests.Session()
    session.headers["User-Agent"] = f"winnow/{importlib.metadata.version('winnow')}"
    return session


def _understood(response: requests.Response, start: int) -> Answer:
    headers = response.headers
    version = headers.get("ETag") or headers.get("Last-Modified") or ""
    said = RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if response.status_code == 200:
        length = headers.get("Content-Length", "")
        size = int(length) if length.isdecimal() and len(length) <= 18 else None
        return Answer(response, 0, size, size, version)
    if response.status_code == 206 and said and said[1]:
        first, last, size = int(said[1]), int(said[2]), int(said[3])
        if first != start or not first <= last < size:
            raise IsAnother(f"bytes from {start} on were asked for, and the server sends {said[0]}")
        return Answer(response, start, last + 1, size, version)
    if response.status_code == 416 and said and not said[1] and int(said[3]) == start:
        return Answer(response, start, start, start, version)
    if response.status_code in (206, 416):
        raise IsAnother(f"HTTP {response.status_code} with Content-Range {headers.get('Content-Range')!a:.80}")
    raise AnsweredWith(response.status_code, response.reason or "", _retry_after(headers.get("Retry-After", "")))


def _retry_after(text: str) -> float:
    """Seconds; dates are not waited for, the usual wait is."""
    return min(float(text), MOST_RETRY_AFTER) if text.isdecimal() and len(text) < 10 else 0.0


class HttpFile(Positioned):
    """Seekable bytes of a URL. Its size and version are those of the first answer; a later one that has others is an error.

    Where the server knows no ranges the file is copied into a temporary one first.
    """

    def __init__(self, url: str, settings: SourceSettings) -> None:
        """Raises InputError when the server does not give it."""
        self._url, self._settings = url, settings
        self._answer: Answer | None = None
        self._copy: IO[bytes] | None = None
        first = trying(lambda: ask(url, 0, settings), settings, url)
        self.version = first.version
        self.size = first.size if first.size is not None and not first.is_whole else -1
        if self.size < 0:
            first.response.close()
            copy = self._copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
            self.size = trying(lambda: download(url, copy, settings, first.version), settings, url)
        else:
            self._answer = first

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), CHUNK_BYTES, self.size - self._at)
        if count <= 0:
            return 0
        if self._copy is not None:
            self._copy.seek(self._at)
            data = self._copy.read(count)
        else:
            data = trying(lambda: self._next(count), self._settings, self._url)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _next(self, most: int) -> bytes:
        """At least one byte from where reading stands: an attempt counts as failed only where it gives none."""
        place = self._at
        try:
            if self._answer is None or self._answer.start != place or place == self._answer.stop:
                self._hang_up()
                self._answer = ask(self._url, place, self._settings)
                self._compare(self._answer, place)
            answer = self._answer
            data: bytes = answer.response.raw.read1(min(most, (answer.stop or self.size) - place), decode_content=False)
            if not data:
                raise EndsEarly(f"the answer ends after byte {place:,} of {self.size:,}")
        except BaseException:
            self._hang_up()
            raise
        self._answer = answer._replace(start=place + len(data))
        return data

    def _compare(self, answer: Answer, place: int) -> None:
        if answer.is_whole and place:
            raise IsAnother("the server gave ranges and now gives none")
        if answer.size != self.size:
            raise IsAnother(f"it had {self.size:,} bytes, and now {answer.size}")
        if answer.version != self.version:
            raise IsAnother(f"its ETag or date was {self.version!a:.80}, and now is {answer.version!a:.80}")

    def _hang_up(self) -> None:
        if self._answer is not None:
            self._answer.response.close()
            self._answer = None

    def close(self) -> None:
        if not self.closed:
            self._hang_up()
            if self._copy is not None:
                self._copy.close()
        super().close()


def download(
    url: str, file: IO[bytes], settings: SourceSettings, version: str | None, begins: Callable[[str], None] = lambda _: None
) -> int:
    """Goes on with `file` from its end until it holds the whole of `url`, once; returns its size. One more call goes on.

    `version` is that of the bytes which `file` holds; null: it holds none that count. `begins` is told the answer's.
    """
    have = file.seek(0, io.SEEK_END) if version is not None else 0
    answer = ask(url, have, settings)
    with answer.response:
        if version is not None and have and answer.version != version:
            raise IsAnother(f"its ETag or date was {version!a:.80}, and now is {answer.version!a:.80}")
        file.seek(answer.start)
        file.truncate()
        begins(answer.version)
        while data := answer.response.raw.read1(COPIED_BYTES, decode_content=False):
            file.write(data)
    if answer.size is not None and file.tell() != answer.size:
        raise EndsEarly(f"{file.tell():,} of {answer.size:,} bytes came")
    return file.tell()
