"""Every detector of personal data over one batch of pages: findings, and edits that mask.

    personal(text, languages, PersonalSettings())  ->  (findings, edits), schemas FOUND and CHANGED of pipeline/poison/findings.py

Only the text that is kept is looked at. A finding's excerpt shows two characters and the marks.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.kernels.signs import AT, COLONS, DIGITS, DOTS, MIXED, TOKEN, signs
from pipeline.personal.accounts import cards, ibans
from pipeline.personal.disguised import disguised_emails, may_be_disguised
from pipeline.personal.emails import emails
from pipeline.personal.folded import folded
from pipeline.personal.identities import national_ids
from pipeline.personal.networks import ip_addresses
from pipeline.personal.phones import phones
from pipeline.personal.secrets import assigned_secrets, command_passwords, secrets, url_passwords
from pipeline.personal.settings import KINDS, PERSONAL, PLACEHOLDERS, PersonalSettings
from pipeline.personal.spans import Span, code_points, disjoint, masked
from pipeline.poison.findings import CHANGED, Finding, table_of

SEVERITIES = {"drop": "severe", "mask": "warn", "keep": "note"}  # severe is what select drops a page for
DISGUISED = np.uint8(64)  # beside the signs of the kernel: brackets or words where "@" and dots are meant
SCORES = {"drop": 1.0, "mask": 0.3, "keep": 0.1}


def personal(text: pa.Array, languages: pa.Array, settings: PersonalSettings) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """`languages`: of each page, as documents.language; null: unknown."""
    shaped = folded(text)  # with as many characters
    flat, spoken = flatten(shaped), languages.to_pylist()
    kinds = tuple(kind for kind in KINDS if getattr(settings, kind) != "off")
    findings: list[Finding] = []
    edits: list[tuple[int, int, int, str, str]] = []
    seen = signs(flat.data, flat.offsets) | DISGUISED * may_be_disguised(shaped)
    for row in np.flatnonzero(seen).tolist():
        raw = flat.data[flat.offsets[row] : flat.offsets[row + 1]].tobytes()
        spans = disjoint([one for one in detected(raw, int(seen[row]), spoken[row]) if one.kind in kinds], kinds)
        places = list(zip(spans, code_points(raw, spans), strict=True))
        findings += _findings(row, text[row].as_py(), places, settings) if places else []
        edits += [
            (row, *place, PLACEHOLDERS[one.kind], one.kind) for one, place in places if getattr(settings, one.kind) == "mask"
        ]
    columns = list(zip(*edits, strict=True)) or [()] * len(CHANGED)
    return table_of(findings), pa.record_batch(
        [pa.array(*one) for one in zip(columns, CHANGED.types, strict=True)], schema=CHANGED
    )


def detected(raw: bytes, seen: int, language: str | None) -> Iterator[Span]:
    """All that the detectors find, whatever overlaps; `seen` are the page's signs."""
    if seen & (TOKEN | MIXED):
        yield from secrets(raw)
        yield from assigned_secrets(raw)
    if b"curl " in raw:
        yield from command_passwords(raw)
    if seen & AT and b"@" in raw:
        yield from url_passwords(raw)
        yield from emails(raw)
    if seen & int(DISGUISED):
        yield from disguised_emails(raw)
    if seen & (DIGITS | MIXED):
        yield from ibans(raw)
        yield from national_ids(raw)
    if seen & DIGITS:
        yield from cards(raw)
        yield from phones(raw, language)
    if seen & (DOTS | COLONS | int(DISGUISED)):
        yield from ip_addresses(raw)


def _findings(row: int, page: str, places: list[tuple[Span, tuple[int, int]]], settings: PersonalSettings) -> Iterator[Finding]:
    """One a span; all are severe where there are more to mask than the recipe lets pass."""
    masks = sum(getattr(settings, one.kind) == "mask" for one, _ in places)
    too_many = settings.max_masked is not None and masks > settings.max_masked
    worst_first = sorted(places, key=lambda one: getattr(settings, one[0].kind) != "drop")
    for one, (start, end) in worst_first[: settings.max_findings_per_page]:
        action = getattr(settings, one.kind)
        done = "drop" if too_many and action == "mask" else action
        shown = masked(page[start:end])
        yield Finding(row, one.kind, PERSONAL, SEVERITIES[done], "text", start, end, shown, "", one.what, SCORES[done])
