"""Rows of documents and rejects in Arrow batches, with what is measured over a whole batch at once: language and quality."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from pipeline import tables
from pipeline.duplicates.tombstones import Graveyard
from pipeline.language import identify as language
from pipeline.lineage import REMOVED
from pipeline.quality import measures as quality
from pipeline.quality.safety import safety_words

if TYPE_CHECKING:
    from pipeline.read.ingest import IngestSettings

Told = tuple[str, dict[str, Any]]  # "document", "reject" or "damage", and the columns of its table
BATCH_DOCUMENTS = 256
BATCH_CHARACTERS = 4 << 20  # a batch of long pages closes earlier: this bounds a worker's memory


class Ingested(NamedTuple):
    """Some consecutive records of a file: the documents and the rejects among them."""

    documents: pa.RecordBatch  # tables.DOCUMENTS
    measures: pa.RecordBatch  # tables.PAGE_MEASURES, of the same pages in the same order
    rejects: pa.RecordBatch  # tables.REJECTS
    damaged_bytes: int


def in_batches(all_rows: Iterable[Told], settings: "IngestSettings", graveyard: Graveyard | None) -> Iterator[Ingested]:
    """A row whose page has a tombstone in `graveyard` becomes a reject."""
    documents: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    damaged_bytes = characters = 0
    for kind, row in all_rows:
        if kind == "document":
            documents.append(row)
            characters += len(row["text"]) + len(row["hidden_text"]) + len(row["markup_text"])
        else:
            rejects.append(row)
            damaged_bytes += row["warc_length"] if kind == "damage" else 0
        if len(documents) >= BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS or len(rejects) >= 16 * BATCH_DOCUMENTS:
            documents, removed = _without_removed(documents, graveyard)
            yield _measured(documents, rejects + removed, damaged_bytes, settings)
            documents, rejects, damaged_bytes, characters = [], [], 0, 0
    if documents or rejects:
        documents, removed = _without_removed(documents, graveyard)
        yield _measured(documents, rejects + removed, damaged_bytes, settings)


def _without_removed(
    documents: list[dict[str, Any]], graveyard: Graveyard | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(documents that may stay, without passages that were cut; rejects for those that have a tombstone)."""
    if not graveyard or not documents:
        return documents, []
    requests = graveyard.requests([row["url"] for row in documents], pa.array([row["text"] for row in documents], pa.string()))
    named = [column.name for column in tables.REJECTS]
    removed = [
        {name: row.get(name) for name in named} | {"record_type": None, "reason": REMOVED, "detail": request}
        for row, request in zip(documents, requests, strict=True)
        if request
    ]
    left = [row for row, request in zip(documents, requests, strict=True) if not request]
    texts = graveyard.without_passages([row["text"] for row in left])
    return [row | {"text": text} for row, text in zip(left, texts, strict=True)], removed


def _measured(
    documents: list[dict[str, Any]], rejects: list[dict[str, Any]], damaged_bytes: int, settings: "IngestSettings"
) -> Ingested:
    """Adds what is measured over a whole batch: language and quality."""
    text = pa.array((row["text"] for row in documents), pa.string())
    languages = language.identify(text, settings.language)
    measures = quality.measure(text, languages.column("language"), settings.lines, settings.quality)
    safety = safety_words(text, languages.column("language"), settings.safety)
    found = {
        name: pa.array((row[name] for row in documents), tables.DOCUMENTS.field(name).type) for name in tables.DOCUMENTS.names
    }
    named = {
        "doc_id": found["doc_id"],
        "url": found["url"],
        "language": languages.column("language"),
        "language_confidence": languages.column("confidence"),
        "language_share": languages.column("share"),
        **{name: safety.column(name) for name in tables.SAFETY_MEASURES},
    }
    named |= {name: found[name] for name in tables.JUDGED_COLUMNS}
    measured = [named[name] if name in named else measures.column(name) for name in tables.PAGE_MEASURES.names]
    return Ingested(
        pa.RecordBatch.from_arrays([text if name == "text" else found[name] for name in found], schema=tables.DOCUMENTS),
        pa.RecordBatch.from_arrays(measured, schema=tables.PAGE_MEASURES),
        pa.RecordBatch.from_pylist(rejects, schema=tables.REJECTS),
        damaged_bytes,
    )
