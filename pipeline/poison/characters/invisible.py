"""Unicode smuggling: text that a model reads and a reader does not see. The kernel finds, this page judges and decodes.

What scripts, emoji and typography need passes (Persian and Indic joiners, emoji families, flags and styles, Thai line breaks,
directional marks between Hebrew and Latin, German soft hyphens). What is left leaves the kept text as an edit; it is a finding
only where there is enough of it to carry something, because single zero-width spaces stand on two pages in a hundred.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.kernels import invisible as kernel
from pipeline.poison.characters import payload
from pipeline.poison.findings import CHANGED, Finding, ScanSettings, excerpt

UNICODE = "unicode"
REASONS = {  # why a stretch leaves the kept text, by the kernel's class of its first character
    kernel.ZERO_WIDTH: "zero_width",
    kernel.SOFT_HYPHEN: "soft_hyphen",
    kernel.SELECTOR: "variation_selector",
    kernel.TAG: "tag",
    kernel.MARK: "bidi_mark",
    kernel.EMBEDDING: "bidi_embedding",
    kernel.OVERRIDE: "bidi_override",
    kernel.BYTE_ORDER: "byte_order_mark",
}
WHY = {
    "smuggled_tags": "tag characters outside a flag",
    "smuggled_selectors": "variation selectors in a row",
    "smuggled_bits": "zero-width characters of several kinds in a row",
    "interleaved_invisible": "an invisible character after every letter",
    "scattered_invisible": "many single invisible characters of several kinds",
    "bidi_override": "letters turned round by an override",
}
MAX_SHOWN = 1000
POP, LINE_END = "\u202c", "\n"
MIN_SEVERE_TAGS = 4  # a shorter one may be a flag cut in two
MIN_SEVERE_SELECTORS = 8  # as many bytes; two or three are an emoji styled twice by careless software
MIN_WARN_SELECTORS = 4
MIN_SEVERE_BITS = 16  # two bytes; 8 to 15 carry one letter at most
MIN_SEVERE_OVERRIDES = 3  # reversed pieces on one page: Trojan Source needs several, an address turned round against spam one
MIN_TURNED_WORDS = 3
MIN_SEVERE_INTERLEAVED = 24  # characters, half of them letters


class Invisible(NamedTuple):
    """What the kernel found in one column: tables of int64 as it gives them, marks kept where they are typography."""

    removals: np.ndarray  # [n, 4]: row, start, end, class
    suspects: np.ndarray  # [n, 4]: row, start, end, kind


def find(text: pa.Array | pa.ChunkedArray) -> Invisible:
    """Invisible characters that nothing asks for; directional marks and embeddings stay in rows with right-to-left letters."""
    removals, suspects, right_to_left = kernel.find_invisible(*flatten(text))
    directional = (removals[:, 3] == kernel.MARK) | (removals[:, 3] == kernel.EMBEDDING)
    return Invisible(removals[~(directional & (right_to_left[removals[:, 0]] > 0))], suspects)


def edits(found: Invisible, settings: ScanSettings) -> pa.RecordBatch:
    """Every removal as a change of the kept text (schema CHANGED)."""
    removals = found.removals
    if not settings.remove_soft_hyphens:
        removals = removals[removals[:, 3] != kernel.SOFT_HYPHEN]
    if not settings.remove_invisible:
        removals = removals[removals[:, 3] == kernel.SOFT_HYPHEN]
    names = pa.array([REASONS.get(number) for number in range(max(REASONS) + 1)], pa.string())
    rows, starts, ends = (pa.array(removals[:, column].astype(np.int32)) for column in range(3))
    nothing = pa.array([""] * len(removals), pa.string())
    return pa.record_batch([rows, starts, ends, nothing, names.take(pa.array(removals[:, 3]))], schema=CHANGED)


def judge(row: int, text: str, suspects: list[tuple[int, int, int]], field: str) -> list[Finding]:
    """Findings for one row from its suspects (start, end, kind), in the order of the text."""
    overrides = sum(kind == kernel.OVERRIDES and _turns_letters(text, start) for start, _, kind in suspects)
    found = []
    for start, end, kind in suspects:
        rule, severity, decoded = _verdict(text, start, end, kind, overrides)
        if rule:
            shown = excerpt(text, start, end, decoded=decoded)
            found.append(Finding(row, rule, UNICODE, severity, field, start, end, shown, decoded[:MAX_SHOWN], WHY[rule]))
    return found


def _verdict(text: str, start: int, end: int, kind: int, overrides: int) -> tuple[str, str, str]:
    """(rule, severity, decoded payload); no rule where nothing is wrong."""
    span = text[start:end]
    if kind == kernel.TAGS:
        tags = sum(0xE0000 <= ord(one) <= 0xE007F for one in span)
        return "smuggled_tags", "severe" if tags >= MIN_SEVERE_TAGS else "warn", payload.tags_text(span)
    if kind == kernel.SELECTORS:
        severity = "severe" if len(span) >= MIN_SEVERE_SELECTORS else "warn" if len(span) >= MIN_WARN_SELECTORS else "note"
        decoded = payload.selectors_text(span)
        return "smuggled_selectors", severity, decoded if payload.is_readable(decoded) else ""
    if kind == kernel.RUN:
        return "smuggled_bits", "severe" if len(span) >= MIN_SEVERE_BITS else "warn", payload.bits_text(span)
    if kind == kernel.INTERLEAVED:
        return "interleaved_invisible", "severe" if len(span) >= MIN_SEVERE_INTERLEAVED else "warn", without_spans(span)
    if kind == kernel.SCATTERED:
        return "scattered_invisible", "note", ""
    if not _turns_letters(text, start):
        return "", "", ""
    turned = overridden(text, start)[::-1]
    return "bidi_override", "severe" if overrides >= MIN_SEVERE_OVERRIDES or is_phrase(turned) else "warn", turned


def is_phrase(turned: str) -> bool:
    """Several words: an address turned round against spam is one."""
    words = [one for one in turned.split() if sum(letter.isalpha() for letter in one) > 1]
    return len(words) >= MIN_TURNED_WORDS and "@" not in turned


def without_spans(span: str) -> str:
    """Every second character: the letters of an interleaved span."""
    return span[::2]


def overridden(text: str, start: int) -> str:
    """What an override at `start` turns round: up to its end mark or the end of the line."""
    ends = [at for mark in (POP, LINE_END) if (at := text.find(mark, start)) >= 0]
    return text[start + 1 : min(ends, default=len(text))][: payload.MAX_CHARACTERS]


def _turns_letters(text: str, start: int) -> bool:
    """Does the override turn letters that run left to right, and none that run right to left anyway?"""
    turned = overridden(text, start)
    right_to_left = any("\u0590" <= one <= "\u08ff" or "\ufb1d" <= one <= "\ufefc" for one in turned)
    return any(one.isalpha() for one in turned) and not right_to_left
