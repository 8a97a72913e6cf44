"""Two corpora side by side: recipes, inputs, outcomes, tokens by language and host, and which pages moved, from what to what.

A page is the same one by its doc_id; what is left over on both sides meets by its URL. Nothing reads a text.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from jobs.corpus.folder import Corpus
from jobs.corpus.views import Row, add_views, connect, rows
from jobs.report.pages import environment
from jobs.report.rules import rules_of
from pipeline.shipped import shipped

ABSENT = "absent"  # the outcome of a page that only the other corpus has read
TOP, EXAMPLES = 40, 3
FIRST, SECOND = "main", "other"

# A page of each corpus: the record that stands for it. Rejected records are no pages, and stand in the sums of outcomes alone.
PAGES = """
CREATE TEMP TABLE {name} AS
SELECT d.doc_id, d.url, d.host, m.language, o.outcome, o.reason, CASE WHEN o.outcome = 'kept' THEN s.tokens END AS tokens
FROM (SELECT doc_id, url, host, warc_file, warc_offset FROM {schema}.first_documents) d
JOIN {schema}.outcomes o USING (warc_file, warc_offset)
LEFT JOIN (SELECT DISTINCT doc_id, language FROM {schema}.measures) m ON m.doc_id = d.doc_id
LEFT JOIN ({spans}) s ON s.doc_id = d.doc_id
"""
SPANS = "SELECT doc_id, sum(length)::BIGINT AS tokens FROM {schema}.spans GROUP BY doc_id"
NO_SPANS = "SELECT NULL::VARCHAR AS doc_id, NULL::BIGINT AS tokens LIMIT 0"
PAIRS = """
CREATE TEMP TABLE pairs AS
WITH by_id AS (SELECT a.doc_id AS first_id, b.doc_id AS second_id FROM first_pages a JOIN second_pages b USING (doc_id)),
     a_left AS (SELECT url, min(doc_id) AS doc_id FROM first_pages ANTI JOIN by_id ON doc_id = first_id
                WHERE url IS NOT NULL GROUP BY url),
     b_left AS (SELECT url, min(doc_id) AS doc_id FROM second_pages ANTI JOIN by_id ON doc_id = second_id
                WHERE url IS NOT NULL GROUP BY url),
     same AS (FROM by_id UNION ALL SELECT a.doc_id, b.doc_id FROM a_left a JOIN b_left b USING (url))
SELECT coalesce(a.url, b.url) AS url, a.doc_id AS first_id, b.doc_id AS second_id,
       coalesce(a.outcome, 'absent') AS first_outcome, coalesce(b.outcome, 'absent') AS second_outcome,
       CASE WHEN a.outcome <> 'duplicate' THEN a.reason END AS first_reason,
       CASE WHEN b.outcome <> 'duplicate' THEN b.reason END AS second_reason,
       a.tokens AS first_tokens, b.tokens AS second_tokens
FROM first_pages a LEFT JOIN same ON same.first_id = a.doc_id FULL JOIN second_pages b ON b.doc_id = same.second_id
"""


@dataclass(frozen=True)
class Difference:
    """What two corpora have in common and what not; in every row `first` and `second` are the two."""

    first: str  # folders
    second: str
    recipe: list[Row]  # setting, first, second; null where one has no such setting
    versions: list[Row]
    inputs: list[Row]  # file, first, second: bytes; those that differ
    inputs_alike: int
    outcomes: list[Row]  # outcome, first, second: records
    matrix: list[Row]  # first, second: outcomes; pages
    moves: list[Row]  # from what to what and why, pages, tokens, examples; those with most pages
    moves_more: int  # kinds of moves beyond those
    languages: list[Row]  # name, kept pages and tokens of each
    languages_more: int
    hosts: list[Row]
    hosts_more: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def stayed(self) -> int:
        return sum(int(row["pages"]) for row in self.matrix if row["first"] == row["second"])

    @property
    def moved(self) -> int:
        return sum(int(row["pages"]) for row in self.matrix) - self.stayed


def diff(first: Corpus, second: Corpus) -> Difference:
    """Raises CorpusError where one of them has not been decided (`winnow select`)."""
    with paired(first, second) as database:
        languages, languages_more = _kept(database, "language")
        hosts, hosts_more = _kept(database, "host")
        moves, moves_more = _moves(database)
        inputs, alike = _inputs(database)
        return Difference(
            first.root,
            second.root,
            changed(settings_of(first), settings_of(second)),
            changed(first.manifest.get("versions", {}), second.manifest.get("versions", {})),
            inputs,
            alike,
            _outcomes(database),
            _matrix(database),
            moves,
            moves_more,
            languages,
            languages_more,
            hosts,
            hosts_more,
        )


@contextmanager
def paired(first: Corpus, second: Corpus) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the table `pairs`: a row per page of either corpus, and what became of it in each."""
    with connect(first) as database:
        add_views(database, second, SECOND)
        for corpus, schema, name in ((first, FIRST, "first_pages"), (second, SECOND, "second_pages")):
            corpus.require("select")
            spans = SPANS.format(schema=schema) if corpus.has("spans") else NO_SPANS
            database.execute(PAGES.format(name=name, schema=schema, spans=spans))
        database.execute(PAIRS)
        yield database


def settings_of(corpus: Corpus) -> dict[str, Any]:
    """The recipe with its rules as they were applied, so that a bound it leaves out is seen too; {} for a rule switched off."""
    recipe = corpus.manifest["recipe"]
    applied = {rule.name: {name: _plain(value) for name, value in vars(rule).items()} for rule in rules_of(corpus.manifest)}
    return recipe | {"rules": applied} if applied else dict(recipe)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def changed(first: Any, second: Any, place: str = "") -> list[Row]:
    """Settings that differ, each by its dotted name: a setting that one side lacks is null there."""
    if isinstance(first, dict) and isinstance(second, dict):
        names = sorted({*first, *second})
        return [row for name in names for row in changed(first.get(name), second.get(name), f"{place}.{name}" if place else name)]
    one, other = (json.loads(json.dumps(value)) for value in (first, second))  # tuples become lists, as a manifest has them
    return [{"setting": place, "first": one, "second": other}] if one != other else []


def _inputs(database: duckdb.DuckDBPyConnection) -> tuple[list[Row], int]:
    found = rows(
        database,
        f"SELECT coalesce(a.path, b.path) AS file, a.bytes AS first, b.bytes AS second FROM {FIRST}.files a "
        f"FULL JOIN {SECOND}.files b USING (path) ORDER BY file",
    )
    different = [row for row in found if row["first"] != row["second"]]
    return different, len(found) - len(different)


def _outcomes(database: duckdb.DuckDBPyConnection) -> list[Row]:
    return rows(
        database,
        f"""
        WITH a AS (SELECT outcome, count(*) AS n FROM {FIRST}.outcomes GROUP BY 1),
             b AS (SELECT outcome, count(*) AS n FROM {SECOND}.outcomes GROUP BY 1)
        SELECT coalesce(a.outcome, b.outcome) AS outcome, coalesce(a.n, 0) AS first, coalesce(b.n, 0) AS second
        FROM a FULL JOIN b USING (outcome) ORDER BY outcome <> 'kept', first + second DESC, outcome
        """,
    )


def _matrix(database: duckdb.DuckDBPyConnection) -> list[Row]:
    return rows(
        database,
        "SELECT first_outcome AS first, second_outcome AS second, count(*) AS pages FROM pairs GROUP BY 1, 2 "
        "ORDER BY first, second",
    )


def _moves(database: duckdb.DuckDBPyConnection) -> tuple[list[Row], int]:
    """Pages whose outcome or reason is another one, by both; with a few of each kind."""
    found = rows(
        database,
        f"""
        SELECT first_outcome, first_reason, second_outcome, second_reason, count(*) AS pages,
               coalesce(sum(first_tokens), 0)::BIGINT AS first_tokens, coalesce(sum(second_tokens), 0)::BIGINT AS second_tokens,
               min_by({{'url': url, 'first_id': first_id, 'second_id': second_id}}, coalesce(first_id, second_id), {EXAMPLES})
                   AS examples,
               count(*) OVER () AS kinds
        FROM pairs WHERE first_outcome <> second_outcome OR first_reason IS DISTINCT FROM second_reason
        GROUP BY 1, 2, 3, 4 ORDER BY pages DESC, 1, 2, 3, 4 LIMIT {TOP}
        """,
    )
    kinds = found[0]["kinds"] if found else 0
    return [{name: value for name, value in row.items() if name != "kinds"} for row in found], max(0, kinds - TOP)


def _kept(database: duckdb.DuckDBPyConnection, column: str) -> tuple[list[Row], int]:
    """Kept pages and their tokens by language or host: those whose tokens differ most first."""
    found = rows(
        database,
        f"""
        WITH a AS (SELECT {column} AS name, count(*) AS pages, coalesce(sum(tokens), 0)::BIGINT AS tokens FROM first_pages
                   WHERE outcome = 'kept' GROUP BY 1),
             b AS (SELECT {column} AS name, count(*) AS pages, coalesce(sum(tokens), 0)::BIGINT AS tokens FROM second_pages
                   WHERE outcome = 'kept' GROUP BY 1)
        SELECT coalesce(a.name, b.name) AS name, coalesce(a.pages, 0) AS first_pages, coalesce(b.pages, 0) AS second_pages,
               coalesce(a.tokens, 0) AS first_tokens, coalesce(b.tokens, 0) AS second_tokens, count(*) OVER () AS names
        FROM a FULL JOIN b ON a.name IS NOT DISTINCT FROM b.name
        ORDER BY abs(first_tokens - second_tokens) DESC, abs(first_pages - second_pages) DESC, first_tokens DESC, name LIMIT {TOP}
        """,
    )
    names = found[0]["names"] if found else 0
    return [{name: value for name, value in row.items() if name != "names"} for row in found], max(0, names - TOP)


def as_html(difference: Difference) -> str:
    """One page without script, which loads nothing."""
    parts = (
        shipped("jobs/ask/diff.html"),
        shipped("jobs/ask/difference.html"),
        shipped("jobs/report/head.html"),
        shipped("jobs/report/style.css"),
    )
    return environment(parts).get_template("diff.html").render({"difference": difference})
