"""What an address asks: its parameters as bounded values, refused by name where they are none of ours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from jobs.report.store import Store
from pipeline.errors import UsageError
from pipeline.invisible import is_invisible

LONGEST = 300  # characters of a value
MOST_PAGES = 1_000  # that one can leaf through: whoever needs more narrows the filter
PAGE_ROWS = 50
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

    search: str = ""  # in URL and title
    host: str = ""
    language: str = ""
    page_type: str = ""
    outcome: str = ""
    reason: str = ""
    rule: str = ""  # that they break, whether it decided or not
    sort: str = ""
    order: str = "most"
    page: int = 0

    @classmethod
    def read(cls, items: Iterable[tuple[str, str]], measures: Iterable[str]) -> "Filter":
        values = given(items, (one.name for one in fields(cls)))
        sort = one_of(values, "sort", ("", *SORTS, *measures), "")
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
        """(SQL over `pages`, its values); a word of the search stands in URL or title, whatever its case."""
        parts, values = ["true"], list[Any]()
        for name in ("host", "language", "page_type", "outcome", "reason"):
            if wanted := getattr(self, name):
                parts.append(f"{name} = ?" if wanted != "none" else f"{name} is null")
                values += [wanted] if wanted != "none" else []
        if self.rule:
            parts.append("broken & coalesce((select bit from rule_bits where rule = ?), 0) <> 0")
            values.append(self.rule)
        for word in self.search.lower().split()[:8]:
            parts.append("(contains(lower(url), ?) or contains(lower(title), ?))")
            values += [word, word]
        return " and ".join(parts), values


@dataclass(frozen=True)
class Listing:
    """One page of documents, and how many there are in all."""

    rows: list[dict[str, Any]]
    documents: int
    tokens: int
    first: int  # number of the first row, from 1
    has_more: bool  # and one can leaf on


def listed(store: Store, wanted: Filter) -> Listing:
    condition, values = wanted.condition()
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
    reached = (wanted.page + 1) * PAGE_ROWS
    has_more = reached < sums["documents"] and wanted.page + 1 < MOST_PAGES
    return Listing(rows, sums["documents"], sums["tokens"], wanted.page * PAGE_ROWS + 1, has_more)
