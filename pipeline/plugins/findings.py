"""Detectors that others bring: functions from Arrow columns to the spans that they find on each page, which a recipe names.

    def project_names(text: pa.Array) -> pa.Array:
        \"\"\"Names of projects that nobody outside knows.\"\"\"
        return pa.array([[{"start": m.start(), "end": m.end(), "kind": "project"} for m in NAMES.finditer(one or "")]
                         for one in text.to_pylist()])

A span is [start, end) in characters (Unicode code points) of a text that the function asked for. What it does to its page is not
the function's to say: pipeline/plugins/detected.py.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.errors import RecipeError
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_excerpts
from pipeline.plugins.calls import NAME, Function, called, given, refuse_names
from pipeline.poison.findings import EXCERPT_CHARACTERS, excerpt
from pipeline.settings import check_settings, setting
from pipeline.tables import OWN_FINDINGS

MOST_DETECTORS = 32
MOST_FINDINGS = 10_000  # of a page
FIELDS = {"text": "text", "hidden": "hidden_text", "markup": "markup_text", "url": "url"}  # of a finding: column of `documents`
KEYS = ("start", "end", "kind", "field", "score", "detail")  # of a span; the first three it has to have


@dataclass(frozen=True, kw_only=True)
class DetectorSettings:
    """Detectors of your own (docs/extending.md); `[detected.by.NAME]` says what becomes of pages that they find something on."""

    functions: tuple[str, ...] = setting(
        (),
        "functions of installed packages (entry points winnow.detectors), or of a file that --plugin names",
        content="detector",
    )

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "detectors.")
        refuse_names("detectors.functions", self.functions, MOST_DETECTORS)


def found(name: str, function: Function, columns: tuple[str, ...], pages: pa.RecordBatch) -> pa.RecordBatch:
    """OWN_FINDINGS of the pages, which have `columns` and doc_id. Raises RecipeError that names the function and the page."""
    return called(name, lambda some: _table(name, function, columns, some), pages)


def _table(name: str, function: Function, columns: tuple[str, ...], pages: pa.RecordBatch) -> pa.RecordBatch:
    texts = {field: pages[column].to_pylist() for field, column in FIELDS.items() if column in columns}
    lists = given(function, columns, pages).to_pylist()
    rows = [
        {"doc_id": doc_id, "detector": name} | one
        for row, (doc_id, spans) in enumerate(zip(pages["doc_id"].to_pylist(), lists, strict=True))
        for one in _of_page(spans, {field: values[row] or "" for field, values in texts.items()})
    ]
    table = pa.RecordBatch.from_pylist(rows, schema=OWN_FINDINGS)
    shown = masked_excerpts(table["excerpt"], PersonalSettings())  # as any excerpt: the personal data around a finding
    return table.set_column(OWN_FINDINGS.get_field_index("excerpt"), OWN_FINDINGS.field("excerpt"), shown)


def _of_page(spans: Any, texts: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Rows but for their page and detector. `texts`: those that the function asked for, by field."""
    spans = [] if spans is None else spans
    if not isinstance(spans, list):
        raise ValueError(f"it gave {type(spans).__name__} for a page where a list of spans was asked for")
    if len(spans) > MOST_FINDINGS:
        raise ValueError(f"it found {len(spans):,} spans on a page: at most {MOST_FINDINGS:,}")
    for span in spans:
        yield _checked(span, texts)


def _checked(span: Any, texts: dict[str, str]) -> dict[str, Any]:
    if not isinstance(span, dict) or not {"start", "end", "kind"} <= span.keys() <= set(KEYS):
        told = ", ".join(map(str, span)) if isinstance(span, dict) else type(span).__name__
        raise ValueError(f"a span has start, end and kind, and may have field, score and detail; this one has {told}")
    kind, field = _kind(span["kind"]), _field(span.get("field"), texts)
    start, end = _place(span["start"], span["end"], field, len(texts[field]))
    score, detail = _score(span.get("score")), _detail(span.get("detail"))
    shown = excerpt(texts[field], start, end)
    return {"kind": kind, "field": field, "start": start, "end": end, "score": score, "detail": detail, "excerpt": shown}


def _kind(kind: Any) -> str:
    if not isinstance(kind, str) or not NAME.fullmatch(kind):
        raise ValueError(f"its kind {str(kind)[:64]!r}: small letters, digits and _")
    return kind


def _field(field: Any, texts: dict[str, str]) -> str:
    named = "text" if field is None else field
    if not isinstance(named, str) or named not in texts:
        raise ValueError(f"its field {str(named)[:64]!r}: of {', '.join(FIELDS)} one whose column it asks for")
    return named


def _place(start: Any, end: Any, field: str, length: int) -> tuple[int, int]:
    for border in (start, end):
        if not isinstance(border, int) or isinstance(border, bool):
            raise ValueError(f"a span begins at {start} and ends at {end}: both are whole numbers of characters")
    if not start < end:
        raise ValueError(f"a span begins at {start} and ends at {end}: it has to end behind its beginning")
    if start < 0 or end > length:
        raise ValueError(f"span {start} to {end} of a {field} of {length:,} characters (places are characters, not bytes)")
    return start, end


def _score(score: Any) -> float | None:
    if score is None:
        return None
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score) or not 0 <= score <= 1:
        raise ValueError(f"its score is {score}: a number from 0 to 1, or null")
    return float(score)


def _detail(detail: Any) -> str | None:
    if detail is not None and not isinstance(detail, str):
        raise ValueError(f"its detail is {type(detail).__name__}: a text, or null")
    return detail and detail[:EXCERPT_CHARACTERS]
