"""Why a page is in the corpus, or is not: its captures, every measure against its bound, copies, findings, spans."""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from jobs.ask.because import because
from jobs.ask.earlier import kept_in
from jobs.corpus.addresses import candidates, nowhere
from jobs.corpus.folder import Corpus
from jobs.corpus.views import Row, row, rows
from pipeline.blocked.settings import BLOCKED
from pipeline.duplicates.scope import input_of
from pipeline.errors import BrokenPromise
from pipeline.quality.rules import Rule, resolve, rule_settings
from pipeline.quality.verdicts import applies
from pipeline.tables import DOCUMENTS

LONG_COLUMNS = ("text", "hidden_text", "markup_text")

# Every table is asked for single values, which its bloom filters can answer; `a = x OR b = x` would read all of it.
COPIES = """
WITH found AS MATERIALIZED (
    SELECT * FROM duplicates WHERE doc_id = $1 UNION ALL SELECT * FROM duplicates WHERE keeper_id = $1 AND doc_id <> $1
    ORDER BY similarity DESC, doc_id LIMIT 20
)
SELECT found.*, copy.url, keeper.url AS keeper_url
FROM found LEFT JOIN documents copy USING (warc_file, warc_offset)
LEFT JOIN first_documents keeper ON keeper.doc_id = found.keeper_id
ORDER BY similarity DESC, found.doc_id
"""


@dataclass(frozen=True)
class Capture:
    """One record that has the URL or doc_id asked for, and all that is known of it."""

    because: str  # the deciding reason, a sentence
    document: Row | None  # null where the record gave no document
    outcome: Row
    rules: list[Row]  # every rule: measure, value, bounds, broken
    duplicates: list[Row]
    findings: list[Row]
    edits: list[Row]
    spans: list[Row]

    def as_json(self) -> dict[str, Any]:
        return self.__dict__


def explain(corpus: Corpus, database: duckdb.DuckDBPyConnection, url_or_id: str) -> list[Capture]:
    """Every capture, in the order of files and offsets. Raises BrokenPromise, with candidates, when no record has this URL or
    doc_id.
    """
    corpus.require("select")
    outcomes = _outcomes(database, url_or_id)
    if not outcomes:
        raise BrokenPromise(nowhere(corpus.root, url_or_id, candidates(database, url_or_id)))
    rules = resolve(rule_settings(corpus.manifest["recipe"]["rules"]))
    return [_capture(corpus, database, outcome, rules) for outcome in outcomes]


def meant(database: duckdb.DuckDBPyConnection, asked: str) -> str:
    """The address itself where a record has it; else the one other spelling of it, where there is exactly one; else itself."""
    if _outcomes(database, asked):
        return asked
    found = candidates(database, asked)
    return found[0] if len(found) == 1 else asked


def _outcomes(database: duckdb.DuckDBPyConnection, url_or_id: str) -> list[Row]:
    return rows(
        database,
        """
        WITH places AS MATERIALIZED (
            SELECT warc_file, warc_offset FROM documents WHERE url = $1
            UNION SELECT warc_file, warc_offset FROM documents WHERE doc_id = $1
            UNION SELECT warc_file, warc_offset FROM rejects WHERE url = $1 AND record_type <> 'request'
        )
        SELECT outcomes.* FROM outcomes JOIN places USING (warc_file, warc_offset) ORDER BY warc_file, warc_offset
        """,
        [url_or_id],
    )


def _capture(corpus: Corpus, database: duckdb.DuckDBPyConnection, outcome: Row, rules: tuple[Any, ...]) -> Capture:
    place = [outcome["warc_file"], outcome["warc_offset"]]
    columns = ", ".join(f'"{name}"' for name in DOCUMENTS.names if name not in LONG_COLUMNS)
    document = row(
        database,
        f"SELECT {columns}, length(text) AS characters, length(hidden_text) AS hidden_characters, "
        "length(markup_text) AS markup_characters, left(text, 300) AS beginning "
        "FROM documents WHERE warc_file = ? AND warc_offset = ?",
        place,
    )
    doc_id = [outcome["doc_id"]]
    measures = row(database, "SELECT * FROM measures WHERE doc_id = ?", doc_id) or {}
    measures |= {one["measure"]: one["value"] for one in _of_plugins(database, doc_id)}
    verdicts = rows(database, "SELECT * FROM verdicts WHERE doc_id = ?", doc_id)
    if document:
        document |= {name: measures.get(name) for name in ("language", "language_confidence", "language_share")}
    judged = _measured(document | measures, verdicts, rules) if document else []
    duplicates = _copies(corpus, database, doc_id)
    findings = rows(database, "SELECT * FROM all_findings WHERE doc_id = ? ORDER BY field, start LIMIT 50", doc_id)
    return Capture(
        because=because(outcome, judged, duplicates, findings),
        document=document,
        outcome=outcome,
        rules=judged,
        duplicates=duplicates,
        findings=findings,
        edits=rows(
            database,
            "SELECT reason, count(*) AS edits, sum(e.end - e.start)::BIGINT AS characters FROM all_edits e "
            "WHERE doc_id = ? GROUP BY 1 ORDER BY 1",
            doc_id,
        ),
        spans=rows(database, "SELECT * FROM spans WHERE doc_id = ? ORDER BY shard, start", doc_id)
        if _has(database, "spans")
        else [],
    )


def _of_plugins(database: duckdb.DuckDBPyConnection, doc_id: list[Any]) -> list[Row]:
    query = "SELECT measure, value FROM own_measures WHERE doc_id = ?"
    return rows(database, query, doc_id) if _has(database, "own_measures") else []


def _copies(corpus: Corpus, database: duckdb.DuckDBPyConnection, doc_id: list[Any]) -> list[Row]:
    found = rows(database, COPIES, doc_id)
    if corpus.manifest["recipe"].get("duplicates", {}).get("scope") == "input":
        found = [one | {"within": input_of(one["warc_file"])} if one["kind"] != "record" else one for one in found]
    elsewhere = kept_in(corpus, (one["keeper_id"] for one in found if one["kind"] == "earlier"))
    return [one | {"keeper_url": elsewhere.get(one["keeper_id"])} if one["kind"] == "earlier" else one for one in found]


def _measured(document: Row, verdicts: list[Row], rules: tuple[Any, ...]) -> list[Row]:
    broken = {verdict["rule"]: verdict for verdict in verdicts}
    on_lists = [{"stage": one["stage"], "rule": one["rule"], "measure": "url", "value": one["value"], "minimum": None,
                 "maximum": one["bound"], "broken": True, "source": "a list of the recipe"}
                for one in verdicts if one["rule"].startswith(BLOCKED)]  # fmt: skip
    return on_lists + [
        {
            "stage": rule.stage,
            "rule": rule.name,
            "measure": rule.measure,
            "value": broken[rule.name]["value"] if rule.name in broken else document.get(rule.measure),
            "minimum": rule.minimum,
            "maximum": rule.maximum,
            "broken": rule.name in broken,
            "overruled_by": _pardon(document, rule) if rule.name not in broken else None,
            "source": rule.source,
        }
        for rule in rules
    ]


def _pardon(document: Row, rule: Rule) -> float | None:
    """The page's score, where it is all that keeps the page from breaking the rule."""
    value, score = document.get(rule.measure), document.get("quality")
    if rule.unless_quality is None or value is None or score is None:
        return None
    if not applies(rule, document.get("language"), document.get("page_type")):
        return None
    low, high = (None if bound is None else float(np.float32(bound)) for bound in (rule.minimum, rule.maximum))
    beyond = (low is not None and value < low) or (high is not None and value > high)
    return float(score) if beyond and score >= float(np.float32(rule.unless_quality)) else None


def _has(database: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(rows(database, "SELECT 1 FROM duckdb_views() WHERE view_name = ?", [table]))
