"""Pages that stay, and would be cut elsewhere in a corpus that never had the removed ones: `repeats` counted anew without them.

A line is furniture by what a host's pages have, and stays on one of them; so each page that goes, comes back or is shortened may
free lines of others, or take them. What is found here is what `winnow curate … --again repeats` changes: the shards that stand
are not changed for it, as no other token of a run may move. The questions are those of jobs/stages/duplicates/find_repeats.py,
put to duckdb, which keeps what does not fit into memory on disk.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from jobs.corpus.views import Row, batches, looked_up, rows
from jobs.takedown.cuts import Spans, merged
from jobs.takedown.reach import Reach
from jobs.takedown.replacements import Replacements
from pipeline.duplicates.passages import written_over
from pipeline.duplicates.repeat_marks import COMMON_LINE, HOST_LINE, PASSAGE, SENTENCES, STRETCHES, cut_lines, stretches
from pipeline.duplicates.repeats import RepeatSettings
from pipeline.lineage import NOTHING_LEFT
from pipeline.select import MAX_PER_HOST

SHOWN = 20
COMMAND = "`winnow curate` of the same inputs with --again repeats"
SCRATCH: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "2GB"}
PAGES = pa.schema([("doc_id", pa.string()), ("host", pa.string()), ("language", pa.string())])

# What `repeats` looks at: all that neither a rule, a finding nor a copy dropped, whatever became of it after its edits.
STANDING = """
SELECT d.doc_id, host, coalesce(m.language, '') AS language, text
FROM first_documents d JOIN outcomes o USING (warc_file, warc_offset, doc_id)
LEFT JOIN (SELECT doc_id, min(language) AS language FROM measures GROUP BY doc_id) m ON m.doc_id = d.doc_id
WHERE (outcome IN ('kept', 'sampled') OR (outcome = 'filtered' AND reason = $nothing_left) OR d.doc_id IN (SELECT unnest($back)))
AND d.doc_id NOT IN (SELECT unnest($gone)) AND ($everywhere OR host IN (SELECT unnest($hosts)))
"""
HOST_LINES = f"""
SELECT line.doc_id, hash, '{HOST_LINE}' AS reason, pages, line.doc_id = keeper AND $one AS kept
FROM stretches line JOIN (
    SELECT host, language, hash, count(*) AS pages, min(doc_id) AS keeper, any_value(size) AS size
    FROM stretches JOIN (SELECT host, language, count(*) AS size FROM pages GROUP BY ALL) USING (host, language)
    WHERE reason = '{HOST_LINE}' GROUP BY host, language, hash
) furniture USING (host, language, hash)
WHERE line.reason = '{HOST_LINE}' AND pages >= $host_pages AND pages >= $host_share * size
"""
COMMON_LINES = f"""
SELECT line.doc_id, hash, '{COMMON_LINE}' AS reason, pages, line.doc_id = keeper AND $one AS kept
FROM stretches line JOIN (
    SELECT hash, count(DISTINCT host) AS hosts, count(*) AS pages, min(doc_id) AS keeper
    FROM stretches WHERE reason = '{HOST_LINE}' AND host IS NOT NULL GROUP BY hash
) USING (hash) WHERE line.reason = '{HOST_LINE}' AND line.host IS NOT NULL AND hosts >= $min_hosts
"""
REPEATED_SENTENCES = f"""
SELECT doc_id, start, "end" AS stop FROM stretches
WHERE reason = '{SENTENCES}' QUALIFY row_number() OVER (PARTITION BY hash ORDER BY doc_id, start) > 1
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


def effect(database: duckdb.DuckDBPyConnection, changed: Changed, settings: RepeatSettings) -> Effect:
    """Of a takedown, looked at before it is carried out."""
    found = differing(database, changed, settings)
    shown = sorted(found, key=lambda one: (-one.characters_back - one.characters_cut, one.doc_id))[:SHOWN]
    named = looked_up(database, "documents", "doc_id, url", "doc_id", [one.doc_id for one in shown])
    urls = {row["doc_id"]: row["url"] for row in named}
    values = {"gone": list(changed.gone), "back": list(changed.back), "hosts": _hosts(database, changed), "cap": MAX_PER_HOST}
    places = rows(database, PLACES, values)[0]["places"]
    back, cut = sum(one.characters_back for one in found), sum(one.characters_cut for one in found)
    return Effect(len(found), back, cut, int(places), [one._asdict() | {"url": urls[one.doc_id]} for one in shown])


def differing(database: duckdb.DuckDBPyConnection, changed: Changed, settings: RepeatSettings) -> list[Differing]:
    """In the order of doc_ids. Reads the pages of the hosts that are concerned, or all where the recipe looks across hosts."""
    everywhere = settings.min_hosts is not None or settings.sentences is not None
    hosts = _hosts(database, changed)
    if not everywhere and (settings.host_pages is None or not hosts):
        return []
    values = {"nothing_left": NOTHING_LEFT, "back": list(changed.back), "gone": list(changed.gone), "everywhere": everywhere}
    standing = _Standing(database, {**values, "hosts": hosts}, dict(changed.shorter))
    with _scratch() as scratch:
        for batch in standing.pages():
            _insert(scratch, "pages", batch.select(PAGES.names))
            for found in stretches(batch, settings):
                _insert(scratch, "stretches", found)
        _count(scratch, settings)
        return sorted(one for batch in standing.pages() for one in _of_batch(database, scratch, batch, settings))


@dataclass(frozen=True)
class _Standing:
    database: duckdb.DuckDBPyConnection
    values: dict[str, Any]
    shorter: dict[str, Spans]

    def pages(self) -> Iterator[pa.RecordBatch]:
        """doc_id, host, language and text, as they will be; no question may be put to the database meanwhile."""
        for batch in batches(self.database.cursor(), STANDING, self.values):
            texts = [
                written_over(text or "", self.shorter.get(doc_id, []))
                for doc_id, text in zip(batch["doc_id"].to_pylist(), batch["text"].to_pylist(), strict=True)
            ]
            yield pa.RecordBatch.from_arrays([*(batch[name] for name in PAGES.names), pa.array(texts, pa.string())],
                                             names=[*PAGES.names, "text"])  # fmt: skip


def _hosts(database: duckdb.DuckDBPyConnection, changed: Changed) -> list[str]:
    named = {*changed.gone, *changed.back, *(doc_id for doc_id, _ in changed.shorter)}
    return sorted({row["host"] for row in looked_up(database, "documents", "host", "doc_id", named) if row["host"]})


@contextmanager
def _scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database for counting, that is gone with the block."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(str(Path(folder, "counts")), config=SCRATCH) as made:
        for name, schema in (("pages", PAGES), ("stretches", STRETCHES)):
            made.register("nothing", schema.empty_table())
            made.execute(f"CREATE TABLE {name} AS FROM nothing")
            made.unregister("nothing")
        yield made


def _insert(scratch: duckdb.DuckDBPyConnection, table: str, batch: pa.RecordBatch) -> None:
    scratch.register("batch", pa.Table.from_batches([batch]))
    scratch.execute(f"INSERT INTO {table} FROM batch")
    scratch.unregister("batch")


def _count(scratch: duckdb.DuckDBPyConnection, settings: RepeatSettings) -> None:
    """The tables `marks` and `cut`: lines that are furniture, and what else goes, for each page."""
    one = settings.keep == "one"
    scratch.execute("CREATE TABLE marks (doc_id VARCHAR, hash BIGINT, reason VARCHAR, pages BIGINT, kept BOOL)")
    if settings.host_pages is not None:
        values = {"one": one, "host_pages": settings.host_pages, "host_share": settings.host_share}
        scratch.execute(f"INSERT INTO marks {HOST_LINES}", values)
    if settings.min_hosts is not None:
        scratch.execute(f"INSERT INTO marks {COMMON_LINES}", {"one": one, "min_hosts": settings.min_hosts})
    passages = f"""SELECT doc_id, start, "end" AS stop FROM stretches WHERE reason = '{PASSAGE}'"""
    scratch.execute(f"CREATE TABLE cut AS {passages} UNION ALL {REPEATED_SENTENCES}")


def _of_batch(
    database: duckdb.DuckDBPyConnection, scratch: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, settings: RepeatSettings
) -> Iterator[Differing]:
    doc_ids = batch["doc_id"].to_pylist()
    now = _by_page(looked_up(database, "repeats", 'doc_id, start, "end" AS stop, kept', "doc_id", doc_ids))
    then = _by_page([*_cut_lines(scratch, batch, settings), *_rows_of(scratch, "SELECT * FROM cut", doc_ids)])
    for doc_id in doc_ids:
        before, after = now.get(doc_id, Spans()), then.get(doc_id, Spans())
        if before != after:
            both = _characters(merged([*before, *after]))
            yield Differing(doc_id, both - _characters(after), both - _characters(before))


def _cut_lines(scratch: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, settings: RepeatSettings) -> list[Row]:
    marks: dict[str, list[Row]] = {}
    for one in _rows_of(scratch, "SELECT *, hash AS repeat FROM marks", batch["doc_id"].to_pylist()):
        marks.setdefault(one["doc_id"], []).append(one)
    of_page = [marks.get(doc_id, []) for doc_id in batch["doc_id"].to_pylist()]
    found = cut_lines(pa.RecordBatch.from_pydict({"doc_id": batch["doc_id"], "text": batch["text"], "marks": of_page}), settings)
    return [one | {"stop": one["end"]} for one in found.to_pylist()]


def _rows_of(scratch: duckdb.DuckDBPyConnection, query: str, doc_ids: list[str]) -> list[Row]:
    return rows(scratch, f"SELECT * FROM ({query}) SEMI JOIN (SELECT unnest($1) AS doc_id) USING (doc_id)", [doc_ids])


def _by_page(places: Iterable[Row]) -> dict[str, Spans]:
    """What goes of each page."""
    found: dict[str, Spans] = {}
    for one in places:
        if not one.get("kept", False):
            found.setdefault(one["doc_id"], []).append((one["start"], one["stop"]))
    return {doc_id: merged(spans) for doc_id, spans in found.items()}


def _characters(spans: Spans) -> int:
    return sum(end - start for start, end in spans)
