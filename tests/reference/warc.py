"""Slow twin of pipeline.read.warc.records on intact files: warcio's reader, which loses records on damaged ones."""

from typing import BinaryIO, NamedTuple

from warcio.archiveiterator import ArchiveIterator


class PlainRecord(NamedTuple):
    """What both readers can say of a record."""

    offset: int
    record_type: str
    record_id: str
    url: str
    date: str
    block: bytes


def records(stream: BinaryIO) -> list[PlainRecord]:
    """Every record of an intact WARC file, one per gzip member where it is compressed."""
    found = []
    iterator = ArchiveIterator(stream, no_record_parse=True)
    for record in iterator:
        headers = record.rec_headers
        block = record.raw_stream.read()  # before its offset is asked for: that moves on to the record's end
        found.append(
            PlainRecord(
                iterator.get_record_offset(),
                record.rec_type,
                (headers.get_header("WARC-Record-ID") or "").strip("<>"),
                (headers.get_header("WARC-Target-URI") or "").strip("<>"),
                headers.get_header("WARC-Date") or "",
                block,
            )
        )
    return found
