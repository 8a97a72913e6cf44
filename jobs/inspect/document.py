"""A document's whole way: its texts with what was cut and found in them, measures against bounds, and another one beside it."""

from collections.abc import Iterable
from typing import Any

from jobs.ask.explain import Capture, explain
from jobs.corpus.folder import Corpus
from jobs.inspect.marks import Piece, Span, pieces
from jobs.inspect.words import Stretch, differences
from jobs.report.store import Store
from jobs.report.wording import number

SHOWN, MARKED = 12_000, 400  # characters of a text at a time; edits and findings that are marked in them
COMPARED = 200_000  # characters of each of two texts that are compared
FIELDS = {"text": "text", "hidden": "hidden_text", "markup": "markup_text"}


def captures(corpus: Corpus, store: Store, doc_id: str) -> list[Capture]:
    """Every record that gave this document. Raises BrokenPromise where there is none."""
    return explain(corpus, store.connection, doc_id)


def texts(store: Store, doc_id: str, field: str, start: int) -> dict[str, Any]:
    """A stretch of one of a document's texts as pieces, with its length and what is marked there."""
    column = FIELDS[field]
    row = store.row(
        f"select substring({column}, ?, ?) as shown, length(text) as text, length(hidden_text) as hidden, "
        "length(markup_text) as markup from first_documents where doc_id = ? limit 1",
        start + 1,
        SHOWN,
        doc_id,
    )
    shown, end = row["shown"] or "", start + len(row["shown"] or "")
    marks, left_out = _marks(store, doc_id, field, start, end)
    return {
        "pieces": pieces(shown, marks, start),
        "start": start,
        "end": end,
        "lengths": {name: row[name] or 0 for name in FIELDS},
        "left_out": left_out,
        "step": SHOWN,
    }


def _marks(store: Store, doc_id: str, field: str, start: int, end: int) -> tuple[list[Span], int]:
    """(what is marked between two places, how much more there is)."""
    there, most = 'doc_id = ? and start < ? and "end" > ?', f"order by start limit {MARKED + 1}"
    edits = []
    if field == "text":
        edits = store.rows(f'select start, "end", replacement, reason from all_edits where {there} {most}', doc_id, end, start)
    findings = store.rows(
        f'select start, "end", rule, severity from all_findings where {there} and field = ? {most}',
        doc_id,
        end,
        start,
        field,
    )
    marks = [Span(one["start"], one["end"], "edit", _edit(one)) for one in edits[:MARKED]]
    marks += [Span(one["start"], one["end"], "finding", f"{one['severity']}: {one['rule']}") for one in findings[:MARKED]]
    return marks, max(0, len(edits) - MARKED) + max(0, len(findings) - MARKED)


def _edit(edit: dict[str, Any]) -> str:
    became = f" becomes “{edit['replacement']}”" if edit["replacement"] else " is cut"
    return f"{edit['reason']}{became}"


def excerpts(store: Store, doc_ids: Iterable[str], characters: int = 220) -> dict[str, str]:
    """How these documents begin. One question for all of them: of ten million, a look at each by itself takes longer."""
    asked = "select doc_id, left(text, ?) as beginning from documents where doc_id in (select unnest(?::varchar[]))"
    return {row["doc_id"]: row["beginning"] for row in store.rows(asked, characters, list(doc_ids))}


def compared(store: Store, first: str, second: str) -> dict[str, Any] | None:
    """Two documents word by word; none where one of them is not there."""
    columns = "doc_id, url, title, left(text, ?) as text, length(text) as characters"
    query = f"select {columns} from first_documents where doc_id = ? limit 1"
    pages = [store.rows(query, COMPARED, doc_id) for doc_id in (first, second)]
    if not all(pages):
        return None
    one, other = (found[0] for found in pages)
    stretches, whole = differences(one["text"] or "", other["text"] or "")
    return {
        "pages": [one, other],
        "stretches": stretches,
        "whole": whole and max(one["characters"] or 0, other["characters"] or 0) <= COMPARED,
        "similarity": _similarity(store, first, second),
    }


def _similarity(store: Store, first: str, second: str) -> float | None:
    found = store.rows(
        "select similarity from duplicates where doc_id = ? and keeper_id = ? union all "
        "select similarity from duplicates where doc_id = ? and keeper_id = ? limit 1",
        first, second, second, first,
    )  # fmt: skip
    return found[0]["similarity"] if found else None


def judged(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A document's rules with how far each value is from its bound, the broken ones first."""
    for rule in rules:
        low = f"{number(rule['minimum'])} ≤ " if rule["minimum"] is not None else ""
        high = f" ≤ {number(rule['maximum'])}" if rule["maximum"] is not None else ""
        rule["bound"] = f"{low}x{high}" if low or high else "a list"
    return sorted(rules, key=lambda rule: not rule["broken"])


__all__ = ["Piece", "Stretch", "captures", "compared", "excerpts", "judged", "texts"]
