"""What a detector says: one finding per suspicious span, with where, how bad, and an excerpt that hides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import invisible
from pipeline.errors import RecipeError
from pipeline.settings import check_settings, setting

SEVERITIES = ("note", "warn", "severe")  # worth knowing; worth a look; planted
SCORES = {"note": 0.1, "warn": 0.3, "severe": 0.95}  # of a rule that knows no degrees
EXCERPT_CHARACTERS = 200
CONTEXT_CHARACTERS = 30  # shown before and after the span, where there is room

FOUND = pa.schema(
    [
        ("row", pa.int32()),  # in the batch that was scanned
        ("rule", pa.string()),
        ("attack", pa.string()),  # unicode, instruction, encoded, control, backdoor, artefact
        ("severity", pa.string()),
        ("field", pa.string()),  # text, hidden, markup
        ("start", pa.int32()),  # code points in that field
        ("end", pa.int32()),
        ("excerpt", pa.string()),
        ("decoded", pa.string()),  # what was spelled invisibly or encoded; "" where nothing was
        ("reason", pa.string()),  # why the rule says so, in a few words
        ("score", pa.float32()),  # 0 to 1; from ScanSettings.min_score on the finding is severe
    ]
)
CHANGED = pa.schema(
    [
        ("row", pa.int32()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("replacement", pa.string()),
        ("reason", pa.string()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class ScanSettings:
    """What a finding does to its page."""

    drop_from: Literal["note", "warn", "severe", "never"] = setting(
        "severe",
        "a page with a finding of this severity or worse is dropped as poisoned; never: only reported",
        "winnow: 2 different pages of 7,009 clean ones",
    )
    min_score: float = setting(
        0.5,
        "a sentence or passage with this score or more is a severe finding, and a document with it is flagged",
        "frozen on pages of sites that training had nothing of: pipeline/models/sentences.md",
        minimum=0,
    )
    remove_invisible: bool = setting(
        True, "invisible characters that script and emoji do not ask for leave the kept text", "winnow"
    )
    remove_soft_hyphens: bool = setting(
        True, "soft hyphens leave the kept text: they tell a browser where a line may break, and split a word's tokens", "winnow"
    )
    max_findings_per_page: int = setting(100, "further findings of a page's field are not written", "bounds the table", minimum=1)

    def __post_init__(self) -> None:
        check_settings(self, RecipeError, "scan.")


class Finding(NamedTuple):
    """A row of FOUND."""

    row: int
    rule: str
    attack: str
    severity: str
    field: str
    start: int
    end: int
    excerpt: str
    decoded: str = ""
    reason: str = ""
    score: float = -1.0  # what SCORES says of the severity


def table_of(findings: Sequence[Finding]) -> pa.RecordBatch:
    findings = [one if one.score >= 0 else one._replace(score=SCORES[one.severity]) for one in findings]
    columns = list(zip(*findings, strict=True)) or [()] * len(FOUND)
    return pa.record_batch([pa.array(column, kind) for column, kind in zip(columns, FOUND.types, strict=True)], schema=FOUND)


def dropping_severities(settings: ScanSettings) -> tuple[str, ...]:
    """Which severities make a page poisoned."""
    return () if settings.drop_from == "never" else SEVERITIES[SEVERITIES.index(settings.drop_from) :]


def drops(findings: pa.RecordBatch, settings: ScanSettings) -> pa.Array:
    """Rows of the batch that a finding drops, ascending, each once."""
    severe = pc.is_in(findings.column("severity"), value_set=pa.array(dropping_severities(settings), pa.string()))
    rows = pc.unique(findings.column("row").filter(severe))
    return rows.take(pc.sort_indices(rows))


def spelled(text: str) -> str:
    """The text with everything that cannot be seen written out: "a\\u200bb" -> "a<U+200B>b". Line breaks become spaces."""
    return "".join(" " if character in "\n\r\t" else invisible.spelled(character) for character in text)


def excerpt(text: str, start: int, end: int, *, decoded: str = "") -> str:
    """At most EXCERPT_CHARACTERS: what was decoded first, then the span between a few characters of its surroundings."""
    head = f"says “{spelled(decoded[:120])}”: " if decoded else ""
    body = spelled(text[max(0, start - CONTEXT_CHARACTERS) : min(end, start + EXCERPT_CHARACTERS) + CONTEXT_CHARACTERS])
    whole = head + body
    return whole if len(whole) <= EXCERPT_CHARACTERS else whole[: EXCERPT_CHARACTERS - 1] + "…"
