"""Pages with what people took from them as their text: what teaches the model of main text, and what measures it.

Three files of records beside three of truth, `NAME.warc.gz` and `NAME.truth.jsonl.gz`: `types` (seven types of page, whole text),
`readability` (articles, whole text), `snippets` (many languages; strings that belong to the text and strings that do not).
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.read.http import charset
from pipeline.read.http import response as http
from pipeline.read.http.response import HttpLimits
from pipeline.read.warc import records as warc
from pipeline.urls import host, site

SETS = ("types", "readability", "snippets")


class Page(NamedTuple):
    """`text` is null where only snippets are known."""

    url: str
    kind: str  # the type of a page of `types`, else the name of its set
    payload: bytes  # as it came
    html: bytes  # as UTF-8
    text: str | None
    present: list[str]
    absent: list[str]

    @property
    def site(self) -> str:
        """Pages of one site fall into one fold."""
        return self.url if host(self.url).endswith(".example") else site(host(self.url))

    def fold(self, folds: int) -> int:
        return zlib.crc32(self.site.encode()) % folds


def read_pages(folder: Path) -> list[Page]:
    """All pages of the three sets; one whose truth says nothing of it is left out."""
    return [page for name in SETS for page in _read_set(folder, name) if page.text or page.present or page.absent]


def _read_set(folder: Path, name: str) -> Iterator[Page]:
    with gzip.open(folder / f"{name}.truth.jsonl.gz", "rt", encoding="utf-8") as lines:
        truths = {row["url"]: row for row in map(json.loads, lines)}
    with (folder / f"{name}.warc.gz").open("rb") as stream:
        for record in warc.read_records(stream, warc.WarcLimits()):
            if isinstance(record, warc.Record) and record.url in truths:
                yield _page(record, truths[record.url], name)


def _page(record: warc.Record, truth: dict[str, Any], name: str) -> Page:
    response = http.parse_response(record.block, HttpLimits())
    html = charset.decode(response.payload, response.charset, html=True).utf8
    kind = truth.get("page_type", name)
    text = truth.get("text")
    return Page(record.url, kind, response.payload, html, text, truth.get("with") or [], truth.get("without") or [])
