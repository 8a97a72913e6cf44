"""One input file as rows: every record becomes exactly one document or one reject.

The reasons of a reject, and what its `detail` says:

    damaged                bytes that are no readable record; what was wrong with them
    too_large, bomb        a record or row beyond the limits on size; the size met
    request, metadata, warcinfo, revisit, continuation, unknown_type      counted, not parsed
    crawler_record         what a crawler wrote about itself (pipeline/read/crawler_records.py)
    http_status            the answer was no page; its status
    mime                   neither HTML nor plain text; the type, said or sniffed
    not_http, bad_http     no HTTP header where one must be; what is there
    unsupported_encoding, bad_encoding       the content coding; what was wrong
    no_text                nothing a reader would see
    removed                a takedown keeps the page out (pipeline/duplicates/tombstones.py); the takedown's name

Where a block is not what its WARC-Block-Digest says, the row says so: a document in `digest_failed`, a reject in `detail`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from pipeline.duplicates.tombstones import Graveyard
from pipeline.errors import InputError
from pipeline.language import identify as language
from pipeline.lineage import DECLARED
from pipeline.quality import measures as quality
from pipeline.quality.safety import SafetyLists
from pipeline.quality.score import QualityModel
from pipeline.read import html
from pipeline.read.batches import Ingested, Told, in_batches
from pipeline.read.crawler_records import CRAWLER_RECORD, is_crawler_record
from pipeline.read.http import charset
from pipeline.read.http import response as http
from pipeline.read.http.media_type import media_type, parse_content_type
from pipeline.read.rows import json_lines, parquet
from pipeline.read.rows.columns import Row, RowLimits
from pipeline.read.rows.inflate import inflated
from pipeline.read.signals import signals_of
from pipeline.read.warc import records as warc
from pipeline.read.warc.header import NEWLINES, begins_record, find_record
from pipeline.read.warc.splits import SplitRead
from pipeline.settings import setting
from pipeline.urls import host_of

DOCUMENT_TYPES = frozenset({"response", "resource", "conversion"})
KNOWN_TYPES = frozenset({"request", "metadata", "warcinfo", "revisit", "continuation"})
XHTML = "application/xhtml+xml"
HTML_MIMES = frozenset({"text/html", XHTML})


@dataclass(frozen=True, kw_only=True)
class PageSettings:
    """Which answers of a server count as pages."""

    statuses: tuple[int, ...] = setting((200,), "HTTP statuses of a page")
    mimes: tuple[str, ...] = setting(("text/html", "application/xhtml+xml", "text/plain"), "media types that are read")


@dataclass(frozen=True, kw_only=True)
class IngestSettings:
    """Everything that decides what a record turns into."""

    warc: warc.WarcLimits
    rows: RowLimits
    http: http.HttpLimits
    pages: PageSettings
    html: html.HtmlSettings
    language: language.LanguageSettings
    lines: quality.LineRules
    quality: QualityModel | None  # gives each page its score
    safety: SafetyLists | None = None  # that the text is measured by, read from the recipe's files


class Reject(NamedTuple):
    reason: str
    detail: str


BLOCK_DIFFERS = "the block digest differs"  # in `detail`, behind what else is said there


def ingest_file(
    stream: BinaryIO,
    warc_file: str,
    settings: IngestSettings,
    graveyard: Graveyard | None = None,
    split: SplitRead | None = None,
) -> Iterator[Ingested]:
    """Reads one input of any kind, which its first bytes tell; `warc_file` is the name that rows carry.

    Pages that have a tombstone in `graveyard` give a reject, and no word of them is kept. With `split` that part of the input
    is read; of an input that cannot be split, the first part is all of it.
    """
    rows = _read(stream, warc_file, settings) if split is None else _read_split(stream, warc_file, settings, split)
    yield from in_batches(rows, settings, graveyard)


def document_id(record_id: str | None, url: str | None, fetched_at: str | None) -> str:
    """128 bits in hex of what names a capture wherever it is stored: the record's id, its URL and its date."""
    name = "\n".join((record_id or "", url or "", fetched_at or ""))
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def input_kind(stream: BinaryIO) -> str:
    """jsonl or parquet by the first bytes; everything else is taken for a WARC, and looked at. The name says nothing."""
    magic = stream.read(len(parquet.PARQUET_MAGIC))
    stream.seek(0)
    if magic == parquet.PARQUET_MAGIC:
        return "parquet"
    first = next(inflated(stream), b"")
    stream.seek(0)
    if isinstance(first, str) or begins_record(first.lstrip(NEWLINES)) or find_record(first, 0) >= 0:
        return "warc"
    begins_like_json = first.removeprefix(json_lines.UTF8_BOM).lstrip(json_lines.BLANKS)[:1] in (b"{", b"[")
    return "jsonl" if begins_like_json or json_lines.has_json_lines(first) else "warc"


def check_input(stream: BinaryIO, name: str, limits: RowLimits) -> None:
    """Raises InputError when the file is of no kind that is read, or lacks what its kind needs."""
    kind = input_kind(stream)
    if kind == "parquet":
        parquet.check_parquet(stream, name, limits)
    else:
        (json_lines.check_jsonl if kind == "jsonl" else warc.check_warc)(stream, name)


def reread(stream: BinaryIO, warc_file: str, offset: int, settings: IngestSettings) -> str | None:
    """The text that the record at `offset` gives now; null when it gives none. Raises InputError when no record is there."""
    if input_kind(stream) == "warc":
        page = _page_of(warc.read_record_at(stream, offset, settings.warc), settings)
        return None if isinstance(page, Reject) else page["text"]
    for kind, page in _of_rows(_row_at(stream, offset, settings), warc_file, settings):
        return page["text"] if kind == "document" else None
    raise InputError(f"{warc_file} has no row at {offset}; is this the file that the corpus was made from?")


def _row_at(stream: BinaryIO, offset: int, settings: IngestSettings) -> Iterator[Row | warc.Damage]:
    """The row at an offset, if one is there. Of plain lines no other is read; what is packed is, up to it."""
    if input_kind(stream) != "parquet":
        found = json_lines.read_jsonl_at(stream, offset, settings.rows)
        yield from () if found is None else (found,)
        return
    for row in parquet.read_parquet(stream, settings.rows):
        if (row.offset if isinstance(row, warc.Damage) else row.position) == offset:
            yield row
            return


class StoredPage(NamedTuple):
    """A page in UTF-8; `is_xml`: it is XHTML by its type."""

    html: bytes
    is_xml: bool


def reread_html(stream: BinaryIO, offset: int, settings: IngestSettings) -> StoredPage | None:
    """The page that the record at `offset` holds; null where that is no HTML. Raises InputError when no record is there."""
    if input_kind(stream) != "warc":
        html_of_row = next((row.html for row in _row_at(stream, offset, settings) if isinstance(row, Row)), None)
        return StoredPage(html_of_row.encode(), False) if html_of_row else None
    try:
        payload = _payload_of(warc.read_record_at(stream, offset, settings.warc), settings)
    except http.UnreadablePayload:
        return None
    if payload.mime not in HTML_MIMES:
        return None
    return StoredPage(charset.decode(payload.data, payload.charset, html=True).utf8, payload.mime == XHTML)


def _read(stream: BinaryIO, warc_file: str, settings: IngestSettings) -> Iterator[Told]:
    kind = input_kind(stream)
    if kind == "warc":
        yield from _of_records(warc.read_records(stream, settings.warc), warc_file, settings)
        return
    read = parquet.read_parquet if kind == "parquet" else json_lines.read_jsonl
    yield from _of_rows(read(stream, settings.rows), warc_file, settings)


def _read_split(stream: BinaryIO, warc_file: str, settings: IngestSettings, split: SplitRead) -> Iterator[Told]:
    kind = input_kind(stream)
    if kind == "warc":
        yield from _of_records(split.records(stream, settings.warc), warc_file, settings)
    elif kind == "parquet":
        yield from _of_rows(parquet.read_parquet_split(stream, settings.rows, split), warc_file, settings)
    elif json_lines.is_plain(stream):
        yield from _of_rows(json_lines.read_jsonl_split(stream, settings.rows, split), warc_file, settings)
    elif split.split.begin == 0:
        yield from _read(stream, warc_file, settings)
        split.owns_all(stream)
    else:
        split.owns_nothing()


def _of_records(records: Iterable[warc.Record | warc.Damage], warc_file: str, settings: IngestSettings) -> Iterator[Told]:
    for record in records:
        yield _damaged(record, warc_file) if isinstance(record, warc.Damage) else _from_record(record, warc_file, settings)


def _of_rows(rows: Iterable[Row | warc.Damage], warc_file: str, settings: IngestSettings) -> Iterator[Told]:
    for row in rows:
        yield _damaged(row, warc_file) if isinstance(row, warc.Damage) else _from_row(row, warc_file, settings)


def _damaged(damage: warc.Damage, warc_file: str) -> Told:
    return "damage", {
        "warc_file": warc_file,
        "warc_offset": damage.offset,
        "warc_length": damage.length,
        "record_id": damage.record_id or None,
        "record_type": damage.record_type or None,
        "url": damage.url or None,
        "reason": damage.reason,
        "detail": damage.detail,
    }


def _from_record(record: warc.Record, warc_file: str, settings: IngestSettings) -> Told:
    url = record.url or None
    place = {
        "warc_file": warc_file,
        "warc_offset": record.offset,
        "warc_length": record.length,
        "record_id": record.record_id or None,
    }
    page = _page_of(record, settings)
    if isinstance(page, Reject):
        if record.block_digest_ok is False:
            page = page._replace(detail="; ".join(filter(None, [page.detail, BLOCK_DIFFERS])))
        return "reject", place | {"record_type": record.record_type or None, "url": url, **page._asdict()}
    identity = record.record_id or page["payload_digest"]  # without an id two captures would fall together
    return "document", place | page | {
        "doc_id": document_id(identity, record.url, record.date),
        "url": url,
        "host": host_of(record.url),
        "fetched_at": record.date or None,
        "truncated": record.truncated or None,
        "metadata": _metadata_of(record),
    }


def _metadata_of(record: warc.Record) -> str | None:
    """What the maker of a WET file found: the language of the text, which cannot be computed again from it."""
    found = record.headers.get("warc-identified-content-language", "")
    return json.dumps({"warc_identified_content_language": found}) if record.record_type == "conversion" and found else None


class _Payload(NamedTuple):
    """What a record carries, whatever its type: `response` is null where no server answered."""

    data: bytes
    mime: str
    charset: str | None
    response: http.HttpResponse | None


def _payload_of(record: warc.Record, settings: IngestSettings) -> _Payload:
    is_http = record.url[:4].lower() == "http" or record.block[:5].upper() == b"HTTP/"
    if record.record_type == "response" and is_http:
        response = http.parse_response(record.block, settings.http)
        mime = media_type(response.mime, response.payload)
        return _Payload(response.payload, mime, response.charset, response)
    declared, charset_declared = parse_content_type(record.headers.get("content-type", ""))
    if record.record_type == "conversion":
        return _Payload(record.block, declared or "text/plain", "utf-8", None)  # WET files are UTF-8 by definition
    return _Payload(record.block, media_type(declared, record.block), charset_declared, None)


def _page_of(record: warc.Record, settings: IngestSettings) -> dict[str, Any] | Reject:
    """The columns that come from a record's content, or why it gives no document."""
    if record.record_type not in DOCUMENT_TYPES:
        known = record.record_type in KNOWN_TYPES
        return Reject(record.record_type, "") if known else Reject("unknown_type", record.record_type[:100])
    if is_crawler_record(record.url):
        return Reject(CRAWLER_RECORD, "")
    try:
        payload = _payload_of(record, settings)
    except http.UnreadablePayload as error:
        return Reject(error.reason, error.detail)
    if payload.response is not None and payload.response.status not in settings.pages.statuses:
        return Reject("http_status", str(payload.response.status))
    if payload.mime not in settings.pages.mimes:
        return Reject("mime", payload.mime[:100])
    is_html = payload.mime in HTML_MIMES
    decoded = charset.decode(payload.data, payload.charset, html=is_html)
    is_xml = payload.mime == XHTML
    page = html.extract(decoded.utf8, settings.html, is_xml=is_xml) if is_html else html.from_plain_text(decoded.text)
    if not page.text or page.text.isspace():
        return Reject("no_text", f"{len(page.hidden_text)} hidden characters")
    digest, payload_ok = http.check_payload_digest(record, payload.response)
    return {
        "payload_digest": digest,
        **_checked({"block": record.block_digest_ok, "payload": payload_ok}),
        "http_status": payload.response.status if payload.response is not None else None,
        "mime": payload.mime,
        "charset": decoded.charset,
        "charset_source": decoded.source,
        "title": page.title,
        "text": page.text,
        "hidden_text": page.hidden_text,
        "markup_text": page.markup_text,
        "page_type": page.page_type,
        **signals_of(page.found, payload.response.headers if payload.response is not None else {}, record.url)._asdict(),
    }


def _checked(digests: dict[str, bool | None]) -> dict[str, Any]:
    """Columns of the record's digests, by whether they agree; None: there is none."""
    failed = [name for name, agrees in digests.items() if agrees is False]
    found = any(agrees is not None for agrees in digests.values())
    return {"digest_ok": not failed if found else None, "digest_failed": ", ".join(failed) or None}


def _from_row(row: Row, warc_file: str, settings: IngestSettings) -> Told:
    place = {"warc_file": warc_file, "warc_offset": row.position, "warc_length": row.length, "record_id": row.id}
    source, page, mime = _page_of_row(row, settings)
    if not page.text or page.text.isspace():
        return "reject", place | {"record_type": "row", "url": row.url, "reason": "no_text", "detail": ""}
    digest = "sha256:" + hashlib.sha256(source.encode()).hexdigest()
    # File names repeat ("part-00000.jsonl") and folders move: with the digest, equal ids mean equal rows.
    name = warc_file.rsplit("/", 1)[-1]
    return "document", place | {
        "doc_id": document_id(name, row.id or str(row.position), digest),
        "url": row.url,
        "host": host_of(row.url),
        "fetched_at": row.fetched_at,
        "truncated": None,
        "metadata": row.metadata,
        "payload_digest": digest,
        **_checked({}),
        "http_status": None,
        "mime": mime,
        "charset": "utf-8",
        "charset_source": DECLARED,
        "title": page.title,
        "text": page.text,
        "hidden_text": page.hidden_text,
        "markup_text": page.markup_text,
        "page_type": page.page_type,
        **signals_of(page.found, {}, row.url)._asdict(),
    }


def _page_of_row(row: Row, settings: IngestSettings) -> tuple[str, html.ExtractedPage, str]:
    """(source, page, media type). A page without text hides no text beside it."""
    if row.html and not row.html.isspace():
        page = html.extract(row.html.encode(), settings.html)
        if page.text or not row.text:
            return row.html, page, "text/html"
    source = row.text or ""
    return source, html.from_plain_text(source), "text/plain"
