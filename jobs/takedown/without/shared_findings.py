"""Findings that removed pages had a part in, on pages that stay: one text on many sites, triggers, bursts of new pages.

Which pages make such a finding is counted over all of them, so it may be none without the removed ones, and a page that was
dropped or cut for it would be kept whole. A takedown names these findings and leaves them: what stays of a corpus was judged
with them. `winnow curate … --again scan` judges it anew.
"""

from collections.abc import Iterator
from typing import NamedTuple

import duckdb

from jobs.corpus.views import rows
from pipeline.poison.sites.campaigns import CAMPAIGN, TRIGGER, CampaignSettings

COMMAND = "`winnow curate` of the same inputs with --again scan"
OF_FILES_AND_DOMAINS = ("first_seen_burst", "wrong_digest", "wrong_date")  # a rule's judgement of one page looks at others
# A campaign's finding says how large its group is: that tells groups of one rule apart.
SHARED = r"""
WITH shared AS (SELECT DISTINCT doc_id, rule, regexp_extract(excerpt, '^(\d+) pages on \d+ domains') AS size,
                       try_cast(regexp_extract(excerpt, '^(\d+) pages on \d+ domains', 1) AS BIGINT) AS of_group
                FROM findings WHERE attack IN (SELECT unnest($attacks)) OR rule IN (SELECT unnest($rules))),
     of_removed AS (SELECT rule, size, count(DISTINCT doc_id) AS removed FROM shared
                    WHERE doc_id IN (SELECT unnest($gone)) GROUP BY ALL),
     stays AS (SELECT * FROM shared WHERE doc_id NOT IN (SELECT unnest($gone))),
     dropped AS (SELECT DISTINCT doc_id, reason FROM outcomes WHERE outcome = 'poisoned')
SELECT rule, size, any_value(removed) AS removed, count(DISTINCT stays.doc_id) AS pages,
       count(DISTINCT dropped.doc_id) AS dropped, coalesce(any_value(of_group) - any_value(removed) < $min_pages, false) AS lapses
FROM stays JOIN of_removed USING (rule, size) LEFT JOIN dropped ON dropped.doc_id = stays.doc_id AND dropped.reason = rule
GROUP BY rule, size ORDER BY rule, size
"""


class SharedFinding(NamedTuple):
    """A rule, and of a campaign a group, that removed pages have findings of and pages that stay have, too."""

    rule: str
    size: str  # "12 pages on 8 domains", as the findings say; "": they do not
    removed: int  # pages that go and have it
    pages: int  # that stay and have it
    dropped: int  # of these, dropped for it
    lapses: bool  # too few are left for it, by the size it says


def shared_findings(database: duckdb.DuckDBPyConnection, removed: list[str], settings: CampaignSettings) -> list[SharedFinding]:
    """By rule and size; none where no removed page has such a finding."""
    if not rows(database, "SELECT 1 FROM duckdb_views() WHERE view_name = 'findings'"):
        return []
    values = {
        "attacks": [CAMPAIGN, TRIGGER],
        "rules": list(OF_FILES_AND_DOMAINS),
        "gone": sorted(removed),
        "min_pages": settings.min_pages,
    }
    return [SharedFinding(**row) for row in rows(database, SHARED, values)]


def shared_in_words(found: list[SharedFinding]) -> Iterator[str]:
    """A line for a terminal; none where there is nothing to say."""
    if found:
        each = [f"{one.rule} on {one.pages} pages" + (f" ({one.dropped} dropped)" if one.dropped else "") for one in found]
        yield f"removed pages had a part in findings on pages that stay: {', '.join(each)}; {COMMAND} judges them without"
