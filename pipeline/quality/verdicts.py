"""Which rules a page breaks, from its measures alone: a changed bound never reads text again.

A rule is broken strictly beyond its bound, as in datatrove, unless the page's score pardons it. Measures are 32-bit numbers and
bounds are compared as such, so a share of exactly 0.2 is not above 0.2.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import re2

from pipeline import urls

AND = " AND "  # between the licences of a page that has several (pipeline/read/signals.py)
VERSION = re2.compile(r"(?i)-\d\.\d(?:-[a-z]+)?$")

OWN = "own"  # the group of a recipe's own rules, which judge last
UNKNOWN = "und"  # the language of pages that the model knows no language of
BROKEN = pa.schema(
    [
        ("row", pa.int32()),  # index in what was judged
        ("stage", pa.string()),
        ("rule", pa.string()),
        ("value", pa.float64()),
        ("bound", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Rule:
    """A page breaks it whose `measure` is below `minimum` or above `maximum`; a null measure breaks nothing."""

    name: str  # datatrove's reason where it has one
    stage: str
    measure: str
    minimum: float | None = None
    maximum: float | None = None
    languages: frozenset[str] | None = None  # applies to these only; None: all
    exempt_languages: frozenset[str] = frozenset()  # never to these
    values: frozenset[str] | None = None  # hosts, words, languages, … for the rules over what is named in LISTED
    exempt_page_types: frozenset[str] = frozenset()  # pages of these types are not judged by it
    unless_quality: float | None = None  # a page whose score is at least this breaks it not; None: whatever its score
    enabled: bool = True  # where neither a recipe nor its group says otherwise
    source: str = ""

    @property
    def key(self) -> str:
        """Where recipes have it: "rules.curly_bracket", "rules.own.too_loud"."""
        return f"rules.{OWN}.{self.name}" if self.stage == OWN else f"rules.{self.name}"


def judge(measures: pa.RecordBatch | pa.Table, rules: tuple[Rule, ...]) -> pa.RecordBatch:
    """One row of BROKEN per broken rule, by page and then in the order of `rules`: a page's first row is its reason.

    Reads the measures that the rules name, `language`, `url`, `quality` and `page_type` where a rule asks for them, and `host`
    where there is one.
    A hit in a list of hosts or words, and a language outside its list, has value 1 and bound 0. Without a list, "und" is outside.
    """
    language = _column(measures, "language")
    found = []
    for place, rule in enumerate(rules):
        broken, values, bounds = _breaks(measures, rule)
        rows = np.flatnonzero(broken & _applies(measures, rule, language) & ~_pardoned(measures, rule))
        found.append((rows, np.full(len(rows), place), values[rows], bounds[rows]))
    if not found:
        return pa.RecordBatch.from_pylist([], schema=BROKEN)
    rows, places, values, bounds = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((places, rows))
    stages, names = (
        pa.array(strings, pa.string()).take(pa.array(places[order]))
        for strings in ([rule.stage for rule in rules], [rule.name for rule in rules])
    )
    columns = [pa.array(rows[order], pa.int32()), stages, names, pa.array(values[order]), pa.array(bounds[order])]
    return pa.RecordBatch.from_arrays(columns, schema=BROKEN)


def _column(measures: pa.RecordBatch | pa.Table, name: str) -> pa.Array:
    column = measures.column(name)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def applies(rule: Rule, language: str | None, page_type: str | None) -> bool:
    """Whether the rule judges pages in this language and of this type."""
    asked = rule.languages is None or language in rule.languages
    return asked and language not in rule.exempt_languages and page_type not in rule.exempt_page_types


def _applies(measures: pa.RecordBatch | pa.Table, rule: Rule, language: pa.Array) -> np.ndarray:
    applies = np.ones(len(language), dtype=bool)
    if rule.languages is not None:
        applies &= _is_in(language, rule.languages)
    if rule.exempt_languages:
        applies &= ~_is_in(language, rule.exempt_languages)
    if rule.exempt_page_types:
        applies &= ~_is_in(_column(measures, "page_type"), rule.exempt_page_types)
    return applies


def _pardoned(measures: pa.RecordBatch | pa.Table, rule: Rule) -> np.ndarray:
    """Rows whose score overrules the rule; a page without a score has no pardon."""
    if rule.unless_quality is None:
        return np.zeros(measures.num_rows, dtype=bool)
    score = _column(measures, "quality").cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(score >= float(np.float32(rule.unless_quality)))


def _is_in(column: pa.Array, values: frozenset[str]) -> np.ndarray:
    return _booleans(pc.is_in(column, pa.array(sorted(values), pa.string())))


def _booleans(column: pa.Array) -> np.ndarray:
    """Null is False."""
    return np.asarray(pc.fill_null(column, False))


def _breaks(measures: pa.RecordBatch | pa.Table, rule: Rule) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every row: whether it breaks the rule, its value, the bound it met."""
    if rule.measure in LISTED:
        rows = measures.num_rows
        if rule.values is not None:
            broken = LISTED[rule.measure](measures, rule.values)
        else:
            broken = _unknown_language(measures) if rule.measure == "language" else np.zeros(rows, dtype=bool)
        return broken, np.ones(rows), np.zeros(rows)
    if rule.minimum is None and rule.maximum is None:
        return np.zeros(measures.num_rows, dtype=bool), np.ones(measures.num_rows), np.zeros(measures.num_rows)
    column = _column(measures, rule.measure)
    values = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    minimum, maximum = (_as_stored(bound, column.type) for bound in (rule.minimum, rule.maximum))
    too_low = values < (-np.inf if minimum is None else minimum)
    too_high = values > (np.inf if maximum is None else maximum)
    bounds = np.where(too_low, np.nan if rule.minimum is None else rule.minimum, np.nan if rule.maximum is None else rule.maximum)
    return too_low | too_high, values, bounds


def _as_stored(bound: float | None, kind: pa.DataType) -> float | None:
    return float(np.float32(bound)) if bound is not None and pa.types.is_float32(kind) else bound


def _blocked_hosts(measures: pa.RecordBatch | pa.Table, blocked: frozenset[str]) -> np.ndarray:
    """Hosts that are listed or lie below a listed one; looked up once per different host."""
    if not blocked:
        return np.zeros(measures.num_rows, dtype=bool)
    if "host" in measures.schema.names:
        hosts = _column(measures, "host")
    else:
        hosts = pa.array([urls.host(url) if url else None for url in _column(measures, "url").to_pylist()], pa.string())
    different = [host for host in pc.unique(hosts).to_pylist() if host and _is_below(host, blocked)]
    return _is_in(hosts, frozenset(different))


def _is_below(host: str, blocked: frozenset[str]) -> bool:
    """www.a.example lies below a.example and below example."""
    while host and host not in blocked:
        host = host.partition(".")[2]
    return bool(host)


def _blocked_words(measures: pa.RecordBatch | pa.Table, words: frozenset[str]) -> np.ndarray:
    """URLs with a listed word between other signs than letters and digits: /xxx/ and not /xxxii/."""
    if not words:
        return np.zeros(measures.num_rows, dtype=bool)
    pattern = "(?:^|[^a-z0-9])(?:" + "|".join(map(re2.escape, sorted(words))) + ")(?:[^a-z0-9]|$)"
    return _booleans(pc.match_substring_regex(_column(measures, "url"), pattern, ignore_case=True))


def _other_languages(measures: pa.RecordBatch | pa.Table, languages: frozenset[str]) -> np.ndarray:
    """Pages in a language that is not listed, unidentified ones included."""
    return ~_is_in(_column(measures, "language"), languages)


def _unknown_language(measures: pa.RecordBatch | pa.Table) -> np.ndarray:
    """Pages in no language that the model knows; one whose language nobody asked for (null) is not among them."""
    return _is_in(_column(measures, "language"), frozenset({UNKNOWN}))


def _said_directives(measures: pa.RecordBatch | pa.Table, directives: frozenset[str]) -> np.ndarray:
    """Pages that say a listed directive to robots, in any case."""
    listed = {one.lower() for one in directives}
    said = _column(measures, "robots")
    different = [one for one in pc.unique(said).to_pylist() if one and not listed.isdisjoint(one.split(", "))]
    return _is_in(said, frozenset(different))


def _other_licences(measures: pa.RecordBatch | pa.Table, licences: frozenset[str]) -> np.ndarray:
    """Pages with a licence that is not listed, and those that name none. CC-BY stands for all its versions and ports."""
    listed = {one.lower() for one in licences}
    named = _column(measures, "license")
    different = [one for one in pc.unique(named).to_pylist() if one and all(_is_listed(each, listed) for each in one.split(AND))]
    return ~_is_in(named, frozenset(different))


def _is_listed(licence: str, listed: set[str]) -> bool:
    return licence.lower() in listed or VERSION.sub("", licence).lower() in listed


def _listed_types(measures: pa.RecordBatch | pa.Table, types: frozenset[str]) -> np.ndarray:
    """Pages of a listed type; one whose type could not be told is of none."""
    return _is_in(_column(measures, "page_type"), types) if types else np.zeros(measures.num_rows, dtype=bool)


LISTED: dict[str, Callable[[pa.RecordBatch | pa.Table, frozenset[str]], np.ndarray]] = {
    "host": _blocked_hosts, "url": _blocked_words, "language": _other_languages,
    "robots": _said_directives, "license": _other_licences, "page_type": _listed_types,
}  # fmt: skip
