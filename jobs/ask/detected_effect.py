"""What other consequences of what a recipe's own detectors found would do: the findings are there, and no detector is called."""

from typing import Any

import duckdb

from jobs.corpus.folder import Corpus
from jobs.corpus.views import Row, connect, row
from pipeline.plugins.detected import Consequence, DetectedSettings

COUNTED = """
SELECT count(DISTINCT doc_id) FILTER (coalesce(score, 1) >= $before)::BIGINT AS before,
       count(DISTINCT doc_id) FILTER (coalesce(score, 1) >= $after)::BIGINT AS after
FROM own_findings WHERE detector = $detector
"""


def detected_effect(corpus: Corpus, before: DetectedSettings, now: DetectedSettings) -> list[Row]:
    """A row a detector whose consequence is another: of how many pages what becomes. They may fall to rules as well."""
    changed = [name for name in {**before.by, **now.by} if before.of(name) != now.of(name)]
    if not changed or not corpus.has("own_findings"):
        return []
    with connect(corpus) as database:
        return [_of(database, name, before.of(name), now.of(name)) for name in sorted(changed)]


def _of(database: duckdb.DuckDBPyConnection, name: str, old: Consequence, new: Consequence) -> Row:
    pages: dict[str, Any] = row(database, COUNTED, {"detector": name, "before": old.least, "after": new.least}) or {}
    return {
        "detector": name,
        "before": {"action": _in_words(old), "pages": pages["before"]},
        "after": {"action": _in_words(new), "pages": pages["after"]},
    }


def _in_words(consequence: Consequence) -> str:
    return f"drop, {consequence.outcome}" if consequence.action == "drop" else consequence.action
