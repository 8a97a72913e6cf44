"""Pages that stay, and would be cut elsewhere in a corpus that never had the removed ones: `repeats` counted anew without them.

A line is furniture by what a host's pages have, and stays on one of them; so each page that goes, comes back or is shortened may
free lines of others, or take them. What is found here is what `winnow curate … --again repeats` changes: the shards that stand
are not changed for it, as no other token of a run may move. jobs/takedown/without/count_repeats.py does the counting.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from jobs.corpus.views import Row, batches, looked_up, rows
from jobs.takedown.reach.reach import Reach
from jobs.takedown.reach.replacements import Replacements
from jobs.takedown.redact.cuts import Spans, merged
from jobs.takedown.without.count_repeats import PAGES, Counts, counted
from jobs.takedown.without.shared_findings import SharedFinding, shared_findings, shared_in_words
from pipeline.duplicates.passages import written_over
from pipeline.duplicates.repeats import RepeatSettings
from pipeline.lineage import NOTHING_LEFT
from pipeline.poison.sites.campaigns import CampaignSettings
from pipeline.select import MAX_PER_HOST

SHOWN = 20
COMMAND = "`winnow curate` of the same inputs with --again repeats"

# What `repeats` looks at: all that neither a rule, a finding nor a copy dropped, whatever became of it after its edits.
STANDING = """
SELECT d.doc_id, host, coalesce(m.language, '') AS language, text
FROM first_documents d JOIN outcomes o USING (warc_file, warc_offset, doc_id)
LEFT JOIN (SELECT doc_id, min(language) AS language FROM measures GROUP BY doc_id) m ON m.doc_id = d.doc_id
WHERE (outcome IN ('kept', 'sampled') OR (outcome = 'filtered' AND reason = $nothing_left) OR d.doc_id IN (SELECT unnest($back)))
AND d.doc_id NOT IN (SELECT unnest($gone)) AND ($everywhere OR host IN (SELECT unnest($hosts)))
"""
# Of a host that gives as much as it may: how many pages that lost their place for it could have those of the removed ones.
PLACES = """
SELECT coalesce(sum(least(greatest(lost - back, 0), waiting)), 0) AS places FROM (
    SELECT host, count(*) FILTER (o.doc_id IN (SELECT unnest($gone)) AND outcome = 'kept') AS lost,
           count(*) FILTER (o.doc_id IN (SELECT unnest($back))) AS back,
           count(*) FILTER (o.doc_id NOT IN (SELECT unnest($gone)) AND outcome = 'sampled' AND reason = $cap) AS waiting
    FROM first_documents JOIN outcomes o USING (warc_file, warc_offset, doc_id)
    WHERE host IN (SELECT unnest($hosts)) GROUP BY host
)
"""


class Differing(NamedTuple):
    """A page that stays, and what another cut of it would do. Code points of documents.text."""

    doc_id: str
    characters_back: int  # that are cut now, and would not be
    characters_cut: int  # that stand now, and would not


class Effect(NamedTuple):
    """What making `repeats` and what follows anew would change. JSON as it is on record."""

    pages: int  # that stay, and would be cut elsewhere
    characters_back: int
    characters_cut: int
    places: int  # of hosts at their bound (select.max_per_host), that other pages would have
    sample: list[dict[str, Any]]  # Differing, with their URLs
    findings: list[dict[str, Any]]  # SharedFinding: what `--again scan` may judge otherwise


@dataclass(frozen=True)
class Changed:
    """What a takedown does to the pages that `repeats` counts."""

    gone: tuple[str, ...]  # doc_ids of the removed pages
    back: tuple[str, ...] = ()  # of copies that are kept from now on
    shorter: tuple[tuple[str, Spans], ...] = ()  # pages that lose passages, and which


def changes_of(reach: Reach, replacements: Replacements) -> Changed:
    shorter = tuple((cut.doc_id, cut.passages) for cut in reach.cuts)
    return Changed(tuple(reach.doc_ids), tuple(replacements.restored), shorter)


def in_words(found: Effect, texts: int) -> Iterator[str]:
    """Lines for a terminal; none where nothing would change. `texts`: repeated ones that the removed pages kept."""
    if found.pages:
        kept = f"{texts} repeated texts were kept on them alone; " if texts else ""
        yield (
            f"{kept}{found.pages} pages that stay would be cut elsewhere without them: {found.characters_back:,} characters come "
            f"back and {found.characters_cut:,} go by {COMMAND}"
        )
    if found.places:
        command = COMMAND.replace("repeats", "select")
        yield f"{found.places} pages that their hosts' bound kept out would be kept without them: {command}"
    yield from shared_in_words([SharedFinding(**one) for one in found.findings])


def effect(
    database: duckdb.DuckDBPyConnection, changed: Changed, settings: RepeatSettings, campaigns: CampaignSettings
) -> Effect:
    """Of a takedown, looked at before it is carried out."""
    found = differing(database, changed, settings)
    shown = sorted(found, key=lambda one: (-one.characters_back - one.characters_cut, one.doc_id))[:SHOWN]
    named = looked_up(database, "documents", "doc_id, url", "doc_id", [one.doc_id for one in shown])
    urls = {row["doc_id"]: row["url"] for row in named}
    values = {"gone": list(changed.gone), "back": list(changed.back), "hosts": _hosts(database, changed), "cap": MAX_PER_HOST}
    places = rows(database, PLACES, values)[0]["places"]
    back, cut = sum(one.characters_back for one in found), sum(one.characters_cut for one in found)
    sample = [one._asdict() | {"url": urls[one.doc_id]} for one in shown]
    shared = [one._asdict() for one in shared_findings(database, list(changed.gone), campaigns)]
    return Effect(len(found), back, cut, int(places), sample, shared)


def differing(database: duckdb.DuckDBPyConnection, changed: Changed, settings: RepeatSettings) -> list[Differing]:
    """In the order of doc_ids. Reads the pages of the hosts that are concerned, or all where the recipe looks across hosts."""
    everywhere = settings.min_hosts is not None or settings.sentences is not None
    hosts = _hosts(database, changed)
    nothing_cut = not everywhere and (settings.host_pages is None or not hosts)
    if nothing_cut or not rows(database, "SELECT 1 FROM information_schema.tables WHERE table_name = 'repeats'"):
        return []
    values = {"nothing_left": NOTHING_LEFT, "back": list(changed.back), "gone": list(changed.gone), "everywhere": everywhere}
    standing = _Standing(database, {**values, "hosts": hosts}, dict(changed.shorter))
    with counted(standing.pages(), settings) as counts:
        return sorted(one for batch in standing.pages() for one in _of_batch(database, counts, batch))


@dataclass(frozen=True)
class _Standing:
    database: duckdb.DuckDBPyConnection
    values: dict[str, Any]
    shorter: dict[str, Spans]

    def pages(self) -> Iterator[pa.RecordBatch]:
        """doc_id, host, language and text, as they will be; other questions may be put meanwhile."""
        with self.database.cursor() as cursor:
            for batch in batches(cursor, STANDING, self.values):
                ids, texts = batch["doc_id"].to_pylist(), batch["text"].to_pylist()
                left = [written_over(text or "", self.shorter.get(one, [])) for one, text in zip(ids, texts, strict=True)]
                columns = [*(batch[name] for name in PAGES.names), pa.array(left, pa.string())]
                yield pa.RecordBatch.from_arrays(columns, names=[*PAGES.names, "text"])


def _hosts(database: duckdb.DuckDBPyConnection, changed: Changed) -> list[str]:
    named = {*changed.gone, *changed.back, *(doc_id for doc_id, _ in changed.shorter)}
    return sorted({row["host"] for row in looked_up(database, "documents", "host", "doc_id", named) if row["host"]})


def _of_batch(database: duckdb.DuckDBPyConnection, counts: Counts, batch: pa.RecordBatch) -> Iterator[Differing]:
    doc_ids = batch["doc_id"].to_pylist()
    now = _by_page(looked_up(database, "repeats", 'doc_id, start, "end" AS stop, kept', "doc_id", doc_ids))
    then = _by_page(counts.places(batch))
    for doc_id in doc_ids:
        before, after = now.get(doc_id, Spans()), then.get(doc_id, Spans())
        if before != after:
            both = _characters(merged([*before, *after]))
            yield Differing(doc_id, both - _characters(after), both - _characters(before))


def _by_page(places: Iterable[Row]) -> dict[str, Spans]:
    """What goes of each page."""
    found: dict[str, Spans] = {}
    for one in places:
        if not one.get("kept", False):
            found.setdefault(one["doc_id"], []).append((one["start"], one["stop"]))
    return {doc_id: merged(spans) for doc_id, spans in found.items()}


def _characters(spans: Spans) -> int:
    return sum(end - start for start, end in spans)
