"""Text that other pages lost because a removed one kept it for all of them: no page has it until `repeats` is made anew."""

from typing import NamedTuple

import duckdb

from jobs.corpus.views import looked_up, rows


class HeldBack(NamedTuple):
    """A repeated text that a removed page kept."""

    doc_id: str
    start: int  # where the removed page has it
    end: int
    reason: str
    pages: int  # that stay, and from which it was cut


def held_back(database: duckdb.DuckDBPyConnection, removed: list[str]) -> list[HeldBack]:
    """In the order of the removed pages and their texts; none where no text was cut for them."""
    if not rows(database, "SELECT 1 FROM duckdb_views() WHERE view_name = 'repeats'"):
        return []
    columns = 'doc_id, start, "end" AS stop, reason, repeat, kept'
    kept = {row["repeat"]: row for row in looked_up(database, "repeats", columns, "doc_id", removed) if row["kept"]}
    query = """
        SELECT repeat, count(DISTINCT doc_id) AS pages FROM repeats
        SEMI JOIN (SELECT unnest($1::BIGINT[]) AS repeat) USING (repeat)
        WHERE NOT kept AND doc_id NOT IN (SELECT unnest($2)) GROUP BY repeat
    """
    cut = rows(database, query, [sorted(kept), sorted(removed)]) if kept else []
    found = [(kept[row["repeat"]], int(row["pages"])) for row in cut]
    return sorted(HeldBack(one["doc_id"], one["start"], one["stop"], one["reason"], pages) for one, pages in found)
