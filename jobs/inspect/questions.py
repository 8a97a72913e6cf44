"""What an address asks: its parameters as bounded values, refused by name where they are none of ours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from jobs.report.store import Store
from pipeline.errors import UsageError
from pipeline.invisible import is_invisible

LONGEST = 300  # characters of a value
MOST_TEXTS = 20_000  # documents whose texts are looked through for one question
QUALITY = "quality"  # the measure that bounds are of where none is named
MOST_PAGES = 1_000  # that one can leaf through: whoever needs more narrows the filter
PAGE_ROWS = 50
BEFORE, EXCERPT = 60, 220  # characters shown of a text where a passage was found, and before it
LARGEST_NUMBER = 1e15
JOINERS = "\u200c\u200d"  # without ink, and part of how some languages are written


class BadQuestion(UsageError):
    """An address whose parameters mean nothing here."""


class NoSuchPage(Exception):
    """The address names nothing that the corpus has."""


def given(items: Iterable[tuple[str, str]], known: Iterable[str]) -> dict[str, str]:
    """The parameters that are not empty. Raises BadQuestion for an unknown name, a second value, or one that is too long."""
    allowed, found = set(known), dict[str, str]()
    for name, value in items:
        if name not in allowed:
            raise BadQuestion(f"this page knows no {name[:40]!r}; it knows {', '.join(sorted(allowed))}")
        if name in found:
            raise BadQuestion(f"{name} is given twice")
        if len(value) > LONGEST:
            raise BadQuestion(f"{name} is longer than {LONGEST} characters")
        if value.strip():
            found[name] = "".join(one for one in value if one in JOINERS or not is_invisible(one)).strip()
    return {name: value for name, value in found.items() if value}


def whole(values: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A number from 0 to `most`."""
    text = values.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 16) or int(text) > most:
        raise BadQuestion(f"{name} must be a whole number from 0 to {most:,}")
    return int(text)


def number(values: Mapping[str, str], name: str) -> float | None:
    """A finite number; none where none is given."""
    if name not in values:
        return None
    try:
        found = float(values[name])
    except ValueError:
        raise BadQuestion(f"{name} must be a number") from None
    if not -LARGEST_NUMBER <= found <= LARGEST_NUMBER:
        raise BadQuestion(f"{name} must be a number")
    return found


def one_of(values: Mapping[str, str], name: str, choices: Iterable[str], default: str) -> str:
    found = values.get(name, default)
    if found not in choices:
        raise BadQuestion(f"{name} must be one of {', '.join(choices)}")
    return found


SORTS = {"tokens": "expected_tokens", "characters": "text_chars", "url": "url", "host": "host", "language": "language"}
ORDERS = ("most", "least")


@dataclass(frozen=True)
class Filter:
    """Which documents are looked at, and in what order."""

    search: str = ""  # words in URL and title
    passage: str = ""  # in the text, of the documents that the rest leaves
    host: str = ""
    language: str = ""
    page_type: str = ""
    outcome: str = ""
    reason: str = ""
    rule: str = ""  # that they break, whether it decided or not
    measure: str = ""  # that the two bounds are of
    low: str = ""  # at least this; a number as it was written
    high: str = ""
    sort: str = ""
    order: str = "most"
    page: int = 0

    @classmethod
    def read(cls, items: Iterable[tuple[str, str]], measures: Iterable[str]) -> "Filter":
        values, known = given(items, (one.name for one in fields(cls))), tuple(measures)
        sort = one_of(values, "sort", ("", *SORTS, *known), "")
        if "low" in values or "high" in values:
            values["measure"] = one_of(values, "measure", known, QUALITY)
        for name in ("low", "high"):
            number(values, name)
        one_of(values, "measure", ("", *known), "")
        kept = {name: value for name, value in values.items() if name not in ("sort", "order", "page")}
        return cls(
            **kept, sort=sort, order=one_of(values, "order", ORDERS, "most"), page=whole(values, "page", 0, MOST_PAGES - 1)
        )

    def address(self, **changes: Any) -> str:
        """The query of the same filter with changes; another filter begins at its first page."""
        changed = replace(self, **({"page": 0} | changes))
        standard = Filter()
        values = {one.name: getattr(changed, one.name) for one in fields(self)}
        return urlencode({name: value for name, value in values.items() if value != getattr(standard, name)})

    def condition(self) -> tuple[str, list[Any]]:
        """(SQL over `pages`, its values), without the passage; a word of the search is in URL or title, whatever its case."""
        parts, values = ["true"], list[Any]()
        for name in ("host", "language", "page_type", "outcome", "reason"):
            if wanted := getattr(self, name):
                parts.append(f"{name} = ?" if wanted != "none" else f"{name} is null")
                values += [wanted] if wanted != "none" else []
        if self.rule:
            parts.append("broken & coalesce((select bit from rule_bits where rule = ?), 0) <> 0")
            values.append(self.rule)
        for bound, sign in ((self.low, ">="), (self.high, "<=")):
            parts += [f'"{self.measure}" {sign} ?'] if bound else []
            values += [float(bound)] if bound else []
        for word in self.search.lower().split()[:8]:
            parts.append("(contains(lower(url), ?) or contains(lower(title), ?))")
            values += [word, word]
        return " and ".join(parts), values


@dataclass(frozen=True)
class Listing:
    """One page of documents, and how many there are in all."""

    rows: list[dict[str, Any]]  # with an `excerpt` where a passage is looked for
    documents: int
    tokens: int
    first: int  # number of the first row, from 1
    has_more: bool  # and one can leaf on
    too_many: int = 0  # documents whose texts would have to be looked through; then nothing else is said


def listed(store: Store, wanted: Filter) -> Listing:
    condition, values = wanted.condition()
    if wanted.passage:
        if too_many := _look_through(store, wanted.passage, condition, values):
            return Listing([], 0, 0, 0, False, too_many)
        condition += " and doc_id in (select doc_id from passages)"
    sums = store.row(
        f"select count(*) as documents, coalesce(sum(expected_tokens), 0)::bigint as tokens from pages where {condition}", *values
    )
    column = SORTS.get(wanted.sort, wanted.sort)
    direction = "desc" if wanted.order == "most" else "asc"
    order = f'"{column}" {direction} nulls last, doc_id' if column else "doc_id"
    shown = f', "{column}" as sorted_by' if wanted.sort and wanted.sort not in SORTS else ""
    rows = store.rows(
        f"select doc_id, url, title, host, language, page_type, outcome, reason, text_chars, tokens, expected_tokens {shown} "
        f"from pages where {condition} order by {order} limit {PAGE_ROWS} offset {wanted.page * PAGE_ROWS}",
        *values,
    )
    if wanted.passage:
        found = {row["doc_id"]: row["excerpt"] for row in store.rows("select doc_id, excerpt from passages")}
        rows = [row | {"excerpt": found[row["doc_id"]]} for row in rows]
    reached = (wanted.page + 1) * PAGE_ROWS
    has_more = reached < sums["documents"] and wanted.page + 1 < MOST_PAGES
    return Listing(rows, sums["documents"], sums["tokens"], wanted.page * PAGE_ROWS + 1, has_more)


def _look_through(store: Store, passage: str, condition: str, values: list[Any]) -> int:
    """Makes the table `passages` of documents that hold one; how many there are to look through, where more than MOST_TEXTS."""
    there = store.row(f"select count(distinct doc_id) as documents from pages where {condition}", *values)["documents"]
    if there > MOST_TEXTS:
        return int(there)
    wanted = " ".join(passage.lower().split())
    store.connection.execute(
        rf"""
        create or replace temp table passages as
        with chosen as (select distinct doc_id from pages where {condition}),
             texts as (select doc_id, any_value(regexp_replace(text, '\s+', ' ', 'g')) as text from documents semi join chosen
                       using (doc_id) group by doc_id)
        select doc_id, substring(text, greatest(strpos(lower(text), ?) - {BEFORE}, 1), {EXCERPT}) as excerpt
        from texts where contains(lower(text), ?)
        """,
        [*values, wanted, wanted],
    )
    return 0
