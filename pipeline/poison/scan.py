"""Every detector over one batch of pages: text and what the page hides in, findings and edits out.

    scan(text, hidden_text, ScanSettings())  ->  Scan(findings, edits)
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import FlatText, flatten
from pipeline.poison import hidden, instructions, invisible
from pipeline.poison.findings import SEVERITIES, Finding, ScanSettings, table_of

MIN_CLEANED_REMOVALS = 4  # invisible stretches in a row before it is read a second time without them


class Scan(NamedTuple):
    """`findings`: schema findings.FOUND. `edits`: schema findings.CHANGED, of the visible text only, ascending, disjoint."""

    findings: pa.RecordBatch
    edits: pa.RecordBatch


def scan(text: pa.Array | pa.ChunkedArray, hidden_text: pa.Array | pa.ChunkedArray, settings: ScanSettings) -> Scan:
    """Findings of both fields, by row, then field, then place; edits of the kept text."""
    seen, unseen = flatten(text), flatten(hidden_text)
    in_text, in_hidden = invisible.find(text), invisible.find(hidden_text)
    found = [
        *unicode_findings(seen, in_text, "text"), *unicode_findings(unseen, in_hidden, "hidden"),
        *instruction_findings(seen, in_text, "text", seen), *instruction_findings(unseen, in_hidden, "hidden", seen),
    ]
    return Scan(table_of(bounded(found, settings.max_findings_per_page)), invisible.edits(in_text, settings))


def row_bytes(flat: FlatText, row: int) -> bytes:
    return flat.data[flat.offsets[row]:flat.offsets[row + 1]].tobytes()


def by_row(table: np.ndarray) -> dict[int, list[tuple[int, int, int]]]:
    """The other three columns, grouped by the first."""
    rows: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for row, start, end, last in table.tolist():
        rows[row].append((start, end, last))
    return rows


def unicode_findings(flat: FlatText, found: invisible.Invisible, field: str) -> Iterator[Finding]:
    for row, suspects in by_row(found.suspects).items():
        yield from invisible.judge(row, row_bytes(flat, row).decode(), suspects, field)


def instruction_findings(flat: FlatText, found: invisible.Invisible, field: str, visible: FlatText) -> Iterator[Finding]:
    """What the text says as it stands, and what rows with many invisible characters say without them."""
    removals = by_row(found.removals)
    judge = hidden.judge_hidden if field == "hidden" else hidden.judge_visible
    for row in range(len(flat.offsets) - 1):
        if flat.offsets[row] == flat.offsets[row + 1]:
            continue
        raw = row_bytes(flat, row)
        judged = judge(raw)
        spans = removals.get(row, [])
        smuggled = _smuggled(raw.decode(), spans, row, field) if len(spans) >= MIN_CLEANED_REMOVALS else []
        if judged or smuggled:
            discussed = bool(judged) and instructions.is_discussion(row_bytes(visible, row))
            yield from hidden.findings(row, field, raw, judged, discussed=discussed)
            yield from smuggled


def _smuggled(text: str, spans: list[tuple[int, int, int]], row: int, field: str) -> list[Finding]:
    """Instructions that only show once invisible characters are taken out: planted, wherever they stand."""
    kept: list[str] = []
    places: list[int] = []  # of each kept character in `text`
    position = 0
    for start, end, _ in [*spans, (len(text), len(text), 0)]:
        kept.append(text[position:start])
        places.extend(range(position, start))
        position = end
    cleaned = "".join(kept)
    found = []
    for one in hidden.findings(row, field, cleaned.encode(), hidden.judge_hidden(cleaned.encode()), discussed=False):
        start, end = places[one.start], places[one.end - 1] + 1
        if end - start >= one.end - one.start + MIN_CLEANED_REMOVALS:  # enough was taken out of this very span
            found.append(one._replace(
                rule="disguised_instruction", attack=invisible.UNICODE, severity="severe", start=start, end=end))
    return found


def bounded(found: list[Finding], limit: int) -> list[Finding]:
    """By row, field (text first) and place; of a page's field with more than `limit`, the worst are kept."""
    fields = ("text", "hidden")
    groups: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for one in found:
        groups[one.row, one.field].append(one)
    kept: list[Finding] = []
    for key in sorted(groups, key=lambda key: (key[0], fields.index(key[1]))):
        worst = sorted(groups[key], key=lambda one: -SEVERITIES.index(one.severity))[:limit]
        kept.extend(sorted(worst, key=lambda one: (one.start, one.end, one.rule)))
    return kept
