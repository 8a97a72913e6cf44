"""What a batch of pages has that may stand again (STRETCHES), and what of it goes once that is counted (REPEATS).

Between the two lies the counting over all pages: by Spark for a stage (jobs/stages/duplicates/find_repeats.py), by duckdb for the
pages that a takedown touches (jobs/takedown/without/count_repeats.py).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.arrays import distinct_pairs, pieces
from pipeline.duplicates.repeats import (
    RepeatSettings,
    Stretches,
    cuts,
    lines,
    repeated_passages,
    sentences,
    spans,
    words_of,
)
from pipeline.tables import REPEATS

HOST_LINE, COMMON_LINE, PASSAGE, SENTENCES = "host_line", "common_line", "repeated_passage", "repeated_sentences"
STRETCHES = pa.schema(
    [
        ("doc_id", pa.string()),
        ("host", pa.string()),
        ("language", pa.string()),  # "" where it is not known
        ("reason", pa.string()),
        ("hash", pa.int64()),  # of the words; null for passages
        ("start", pa.int32()),  # null for lines: a page that has several equal ones has one row
        ("end", pa.int32()),
    ]
)
Mark = dict[str, Any]  # hash, reason, pages, kept, repeat: of a line that is furniture


def stretches(batch: pa.RecordBatch, settings: RepeatSettings) -> Iterator[pa.RecordBatch]:
    """Lines, sentences and repeated passages of each page, as far as they are sought. `batch`: doc_id, host, language, text."""
    of_lines = settings.host_pages is not None or settings.min_hosts is not None
    for first, last in pieces(batch["text"]):
        part = batch.slice(first, last - first)
        words = words_of(part["text"])
        if of_lines:
            yield _rows(part, HOST_LINE, *different(lines(words)))
        if settings.sentences is not None:
            found = spans(sentences(words), settings.sentences, words)
            yield _rows(part, SENTENCES, found.rows, found.hashes, found.starts, found.ends)
        if settings.passage_words is not None:
            passages = np.array(repeated_passages(words, settings.passage_words), np.int64).reshape(-1, 3).T
            yield _rows(part, PASSAGE, passages[0], None, passages[1], passages[2])


def different(found: Stretches) -> tuple[np.ndarray, np.ndarray]:
    """(rows, hashes) of pieces that have a word, each once a row."""
    some = found.words > 0
    return distinct_pairs(found.rows[some], found.hashes[some])


def _rows(
    batch: pa.RecordBatch, reason: str, rows: np.ndarray, hashes: np.ndarray | None, *borders: np.ndarray
) -> pa.RecordBatch:
    taken = [batch[name].take(pa.array(rows, pa.int64())) for name in ("doc_id", "host", "language")]
    places = [pa.array(one, pa.int32()) for one in borders] or [pa.nulls(len(rows), pa.int32())] * 2
    hashed = pa.nulls(len(rows), pa.int64()) if hashes is None else pa.array(hashes, pa.int64())
    reasons = pa.repeat(reason, len(rows)).cast(pa.string())
    return pa.RecordBatch.from_arrays([*taken, reasons, hashed, *places], schema=STRETCHES)


def cut_lines(batch: pa.RecordBatch, settings: RepeatSettings) -> pa.RecordBatch:
    """REPEATS of lines: those that stay for the others, and those that go, where enough of them stand together.

    `batch`: doc_id, text, and marks, a list of Mark.
    """
    made: list[tuple[Any, ...]] = []
    for first, last in pieces(batch["text"]):
        part = batch.slice(first, last - first)
        found = lines(words_of(part["text"]))
        borders = np.searchsorted(found.rows, np.arange(part.num_rows + 1))
        for row, (doc_id, marks) in enumerate(zip(part["doc_id"].to_pylist(), part["marks"].to_pylist(), strict=True)):
            own = Stretches(*(column[borders[row] : borders[row + 1]] for column in found))
            made += [(doc_id, *one) for one in _of_page(own, marks, settings)]
    columns = list(zip(*made, strict=True)) or [()] * len(REPEATS)
    return pa.record_batch([pa.array(one, kind) for one, kind in zip(columns, REPEATS.types, strict=True)], schema=REPEATS)


def _of_page(own: Stretches, marks: list[Mark], settings: RepeatSettings) -> Iterator[tuple[Any, ...]]:
    """Rows without their doc_id. Of two marks of a line the one by which it goes counts, its host's before all hosts'."""
    of_line = {mark["hash"]: mark for mark in sorted(marks, key=lambda mark: (not mark["kept"], mark["reason"] == HOST_LINE))}
    met = [of_line.get(one) if words else None for one, words in zip(own.hashes.tolist(), own.words.tolist(), strict=True)]
    stays: set[int] = set()
    for place, mark in enumerate(met):
        if mark is not None and mark["kept"] and mark["hash"] not in stays:
            stays.add(mark["hash"])
            yield int(own.starts[place]), int(own.ends[place]), mark["reason"], mark["repeat"], mark["pages"], True
    goes = np.array([mark is not None and not mark["kept"] for mark in met], bool)
    for one in cuts(own, goes, settings.min_words):
        mark = of_line[int(own.hashes[one.line])]
        yield one.start, one.end, mark["reason"], mark["repeat"], mark["pages"], False
