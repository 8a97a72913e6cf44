"""Every detector over one batch of pages: text, and what the page hides, in; findings, edits and a score for each page out.

scan(text, hidden_text, ScanSettings())  ->  Scan(findings, edits, scores)
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import FlatText, flatten
from pipeline.poison.characters import encoded, homoglyphs, invisible
from pipeline.poison.findings import SCORES, SEVERITIES, Finding, ScanSettings, excerpt, table_of
from pipeline.poison.words import (
    artefacts,
    backdoor,
    hidden,
    instructions,
    model_vocabulary,
    quotations,
    sentences,
    special_tokens,
)

MIN_CLEANED_REMOVALS = 4  # invisible stretches in a row before it is read a second time without them
MIN_REPORTED_SCORE = 0.45  # of a sentence that becomes a finding: below, it only counts into the score of its page
DISCUSSED_SHARE = 0.4  # of its score is left to a sentence on a page about prompts, or in a quotation
MIN_PAGE_SENTENCES = 6  # of a page that a request can be out of place on: a question alone is a question
ALONE_SHARE = 0.45  # of its score is left to a request that is all there is, and to a question among titles and labels:
# markup names the pages it links to, and many are called by a question
QUESTION_MARKS = ("?", "？", "؟")
SEGMENTS = sentences.FEATURES.index("segments")
FIELDS = ("text", "hidden", "markup")


class Scan(NamedTuple):
    """`findings`: schema findings.FOUND. `edits`: schema findings.CHANGED, of the visible text only, ascending, disjoint.

    `scores`: float64 [rows], 0 to 1; from ScanSettings.min_score on the page is flagged, and has a severe finding.
    """

    findings: pa.RecordBatch
    edits: pa.RecordBatch
    scores: np.ndarray


def scan(
    text: pa.Array | pa.ChunkedArray,
    hidden_text: pa.Array | pa.ChunkedArray,
    settings: ScanSettings,
    markup: pa.Array | pa.ChunkedArray | None = None,
) -> Scan:
    """Findings of the fields by row, then field, then place; edits of the kept text.

    `markup`: comments, attributes, metadata.
    """
    seen = flatten(text)
    in_text = invisible.find(text)
    scores = np.zeros(len(seen.offsets) - 1)
    found = [
        *field_findings(seen, in_text, "text", seen),
        *sentence_findings(seen, "text", seen, settings, scores),
        *backdoor.findings(seen, settings, scores),
    ]
    for field, column in (("hidden", hidden_text), ("markup", markup)):
        if column is not None:
            unseen = flatten(column)
            found += field_findings(unseen, invisible.find(column), field, seen)
            found += sentence_findings(unseen, field, seen, settings, scores)
    for one in found:
        scores[one.row] = max(scores[one.row], one.score if one.score >= 0 else SCORES[one.severity])
    return Scan(table_of(bounded(found, settings.max_findings_per_page)), invisible.edits(in_text, settings), scores)


def row_bytes(flat: FlatText, row: int) -> bytes:
    return flat.data[flat.offsets[row] : flat.offsets[row + 1]].tobytes()


def by_row(table: np.ndarray) -> dict[int, list[tuple[int, int, int]]]:
    """The other three columns, grouped by the first."""
    rows: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for row, start, end, last in table.tolist():
        rows[row].append((start, end, last))
    return rows


def field_findings(flat: FlatText, found: invisible.Invisible, field: str, visible: FlatText) -> Iterator[Finding]:
    """What rules find in one field of every row."""
    suspects, removals = by_row(found.suspects), by_row(found.removals)
    for row in range(len(flat.offsets) - 1):
        raw = row_bytes(flat, row)
        if not raw:
            continue
        if row in suspects:
            yield from invisible.judge(row, raw.decode(), suspects[row], field)
        yield from instruction_findings(row, raw, removals.get(row, []), field, visible)
        yield from special_tokens.findings(row, field, raw, row_bytes(visible, row))
        yield from encoded.findings(row, field, raw)
        yield from homoglyphs.findings(row, field, raw)
        if field == "text":
            yield from artefacts.findings(row, field, raw)
            yield from model_vocabulary.findings(row, field, raw)


def instruction_findings(
    row: int, raw: bytes, spans: list[tuple[int, int, int]], field: str, visible: FlatText
) -> Iterator[Finding]:
    """What the text says as it stands, and what a row with many invisible characters says without them."""
    judged = (hidden.judge_visible if field == "text" else hidden.judge_hidden)(raw)
    if judged:
        discussed = instructions.is_discussion(row_bytes(visible, row))
        yield from hidden.findings(row, field, raw, judged, discussed=discussed)
    if len(spans) >= MIN_CLEANED_REMOVALS:
        yield from _smuggled(raw.decode(), spans, row, field)


def sentence_findings(
    flat: FlatText, field: str, visible: FlatText, settings: ScanSettings, scores: np.ndarray
) -> Iterator[Finding]:
    """Sentences that do not belong to their page; the best of each page goes into `scores` even where it is no finding."""
    found, judged = sentences.judged(flat) if field == "text" else sentences.judged_hidden(flat)
    every = zip(found.rows.tolist(), found.places.tolist(), found.features, judged.tolist(), strict=True)
    for row, (begin, end), features, score in every:
        reported = score >= MIN_REPORTED_SCORE
        if reported and (
            instructions.is_discussion(row_bytes(visible, row)) or (field == "text" and is_quoted(flat, row, begin, end))
        ):
            score *= DISCUSSED_SHARE
        order = features[sentences.ORDER] + 1 >= features[sentences.REQUEST]
        few = field == "text" and features[SEGMENTS] < np.log1p(MIN_PAGE_SENTENCES)
        if not order and (few or (field == "markup" and is_question(flat.data[begin:end].tobytes()))):
            score *= ALONE_SHARE
        scores[row] = max(scores[row], score)
        if not reported or score < MIN_REPORTED_SCORE:
            continue
        rule = "out_of_place_order" if order else "out_of_place_request"
        severity = "severe" if score >= settings.min_score else "warn"
        text, start, stop = in_code_points(flat, row, begin, end)
        reason = "a sentence said to a model" if order else "a request to an assistant, on a page about something else"
        yield Finding(row, rule, hidden.INSTRUCTION, severity, field, start, stop, excerpt(text, start, stop), "", reason, score)


def is_quoted(flat: FlatText, row: int, begin: int, end: int) -> bool:
    """Does the page only quote the sentence at bytes `begin` to `end` of the column?"""
    return quotations.only_tells(row_bytes(flat, row), begin - int(flat.offsets[row]), end - int(flat.offsets[row]))


def is_question(sentence: bytes) -> bool:
    return sentence.decode("utf-8", "ignore").rstrip().endswith(QUESTION_MARKS)


def in_code_points(flat: FlatText, row: int, begin: int, end: int) -> tuple[str, int, int]:
    """(text of the row, start, end in code points without blanks) of bytes begin to end of the column's data."""
    raw = row_bytes(flat, row)
    begin, end = begin - flat.offsets[row], end - flat.offsets[row]
    body = raw[begin:end].decode("utf-8", "ignore")
    start = len(raw[:begin].decode("utf-8", "ignore")) + len(body) - len(body.lstrip())
    return raw.decode("utf-8", "ignore"), start, start + len(body.strip())


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
            found.append(
                one._replace(
                    rule="disguised_instruction",
                    attack=invisible.UNICODE,
                    severity="severe",
                    start=start,
                    end=end,
                    decoded=cleaned[one.start : one.end],
                    reason="an instruction that shows without invisible characters",
                )
            )
    return found


def bounded(found: list[Finding], limit: int) -> list[Finding]:
    """By row, field (text first) and place; of a page's field with more than `limit`, the worst are kept."""
    groups: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for one in found:
        groups[one.row, one.field].append(one)
    kept: list[Finding] = []
    for key in sorted(groups, key=lambda key: (key[0], FIELDS.index(key[1]))):
        worst = sorted(groups[key], key=lambda one: -SEVERITIES.index(one.severity))[:limit]
        kept.extend(sorted(worst, key=lambda one: (one.start, one.end, one.rule)))
    return kept
