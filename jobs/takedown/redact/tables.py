"""The tables of a corpus without some pages, written beside them: texts emptied, outcomes changed, replacements brought back."""

from collections.abc import Callable, Iterable
from functools import partial

import duckdb
import pyarrow as pa

from jobs.corpus.files.parquet import part, read_groups, store_table
from jobs.corpus.files.tables import layout_of
from jobs.corpus.folder import Corpus, Tables
from jobs.corpus.views import looked_up
from jobs.takedown.reach.reach import by_id
from jobs.takedown.reach.replacements import Replacements
from jobs.takedown.redact.cuts import Cut, edits_of
from jobs.takedown.redact.rewrite import Change, blanked, both, files_with, rewritten, with_columns, without
from pipeline.blocks import StoredFile
from pipeline.duplicates.passages import written_over
from pipeline.lineage import NOTHING_LEFT, REMOVED, apply_edits
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_urls
from pipeline.tables import CURATED, EDITS, PAGE_TEXTS, TABLES

QUOTED = {"findings": ("excerpt", "decoded"), "own_findings": ("excerpt", "detail")}  # columns that may quote a page
TEXTS = {"documents": PAGE_TEXTS, **QUOTED, "edits": ("replacement",)}


def cut_pages(database: duckdb.DuckDBPyConnection, cuts: list[Cut]) -> pa.Table:
    """Rows of `curated` of the pages that lose passages, with what is left of their texts."""
    texts = {cut.doc_id: cut.text for cut in cuts if cut.text is not None}
    kept = looked_up(database, "curated", ", ".join(CURATED.names), "doc_id", texts)
    return pa.Table.from_pylist([row | {"text": texts[row["doc_id"]]} for row in kept], CURATED)


def restored_pages(database: duckdb.DuckDBPyConnection, replacements: Replacements, personal: PersonalSettings) -> pa.Table:
    """Rows for `curated` of the pages that come back, edits made, n_tokens still null; without those that nothing is left of."""
    documents = by_id(database, "documents", "doc_id, url, text", replacements.restored)
    measured = looked_up(database, "measures", "doc_id, language", "doc_id", replacements.restored)
    languages = {row["doc_id"]: row["language"] for row in measured}
    edits = edits_of(database, replacements.restored)
    pages = [documents[doc_id] for doc_id in sorted(replacements.restored)]
    texts = [apply_edits(page["text"], edits.get(page["doc_id"], [])) for page in pages]
    urls = masked_urls(pa.array([page["url"] for page in pages], pa.string()), personal).to_pylist()
    found = [
        {"doc_id": page["doc_id"], "url": url, "language": languages[page["doc_id"]], "text": text, "n_tokens": None}
        for page, url, text in zip(pages, urls, texts, strict=True)
        if text
    ]
    return pa.Table.from_pylist(found, CURATED)


def changed_tables(
    corpus: Corpus,
    database: duckdb.DuckDBPyConnection,
    name: str,
    doc_ids: list[str],
    replacements: Replacements,
    restored: pa.Table,
    cuts: list[Cut],
) -> Tables:
    """documents, findings (both tables), edits, outcomes, duplicates and curated as they are to be; the files are written."""
    decided: dict[str, tuple[str, str | None]] = {
        doc_id: ("duplicate", keeper) for doc_id, (keeper, _) in replacements.keeper_of.items()
    }
    back = set(restored["doc_id"].to_pylist())
    decided |= {doc_id: ("kept", None) if doc_id in back else ("filtered", NOTHING_LEFT) for doc_id in replacements.restored}
    changes: dict[str, tuple[Iterable[str], Change]] = {
        **{
            table: ([*doc_ids, *(cut.doc_id for cut in cuts)], both(blanked(doc_ids, columns), CUTS[table](cuts)))
            for table, columns in TEXTS.items()
            if corpus.has(table)
        },
        "outcomes": ([*doc_ids, *decided], _outcomes_changed(set(doc_ids), name, decided)),
        "duplicates": (decided, _duplicates_changed(replacements)),
        "curated": ([*doc_ids, *(cut.doc_id for cut in cuts)], both(without(doc_ids), _shorter_texts(cuts))),
        "repeats": (doc_ids, without(doc_ids)),
        "sketches": ([*doc_ids, *(cut.doc_id for cut in cuts)], without([*doc_ids, *(cut.doc_id for cut in cuts)])),
    }
    tables = {
        table: rewritten(corpus, table, files_with(database, corpus, table, "doc_id", ids), change)
        for table, (ids, change) in changes.items()
    }
    removed = [(cut.doc_id, start, end, "", REMOVED) for cut in cuts if cut.text is not None for start, end in cut.passages]
    added = pa.table(list(map(list, zip(*removed, strict=True))) or [[]] * len(EDITS), schema=EDITS)
    return tables | {"edits": with_rows(corpus, "edits", tables["edits"], added)}


def _passages_written_over(cuts: list[Cut]) -> Change:
    """documents.text of pages that lose passages."""
    passages = {cut.doc_id: cut.passages for cut in cuts}

    def change(table: pa.Table) -> pa.Table:
        texts = table["text"].to_pylist()
        for row, doc_id in enumerate(table["doc_id"].to_pylist()):
            texts[row] = written_over(texts[row], passages[doc_id]) if doc_id in passages else texts[row]
        return with_columns(table, {"text": texts})

    return change


def _shorter_texts(cuts: list[Cut]) -> Change:
    """curated.text of pages that lose passages."""
    left = {cut.doc_id: cut.text for cut in cuts}

    def change(table: pa.Table) -> pa.Table:
        pages = zip(table["doc_id"].to_pylist(), table["text"].to_pylist(), strict=True)
        return with_columns(table, {"text": [left.get(doc_id, text) for doc_id, text in pages]})

    return change


def _findings_without_passages(cuts: list[Cut], columns: tuple[str, ...]) -> Change:
    """What is quoted of a passage is blanked; a finding in a page's other texts stays."""
    passages = {cut.doc_id: cut.passages for cut in cuts}

    def change(table: pa.Table) -> pa.Table:
        quoted = {name: table[name].to_pylist() for name in columns}
        places = zip(*(table[name].to_pylist() for name in ("doc_id", "field", "start", "end")), strict=True)
        for row, (doc_id, field, start, end) in enumerate(places):
            if field == "text" and any(start < stop and begin < end for begin, stop in passages.get(doc_id, ())):
                for values in quoted.values():
                    values[row] = values[row] and ""
        return with_columns(table, dict(quoted))

    return change


CUTS: dict[str, Callable[[list[Cut]], Change]] = {
    "documents": _passages_written_over,
    **{table: partial(_findings_without_passages, columns=columns) for table, columns in QUOTED.items()},
    "edits": lambda _: lambda table: table,
}


def _outcomes_changed(removed: set[str], name: str, decided: dict[str, tuple[str, str | None]]) -> Change:
    """The removed ones everywhere; the decided ones but where their record stands a second time, which stays a duplicate."""

    def change(table: pa.Table) -> pa.Table:
        ids, outcomes, reasons = (table[name].to_pylist() for name in ("doc_id", "outcome", "reason"))
        for row, doc_id in enumerate(ids):
            if doc_id in removed:
                outcomes[row], reasons[row] = "removed", name
            elif doc_id in decided and reasons[row] != doc_id:
                outcomes[row], reasons[row] = decided[doc_id]
        return with_columns(table, {"outcome": outcomes, "reason": reasons})

    return change


def _duplicates_changed(replacements: Replacements) -> Change:
    """Near copies that come back are none any more; the others have another keeper."""
    restored = set(replacements.restored)

    def change(table: pa.Table) -> pa.Table:
        stays = [not (kind == "near" and one in restored) for one, kind in _pairs(table)]
        table = table.filter(pa.array(stays, pa.bool_()))
        keepers, similarities = table["keeper_id"].to_pylist(), table["similarity"].to_pylist()
        for row, (doc_id, kind) in enumerate(_pairs(table)):
            if kind == "near" and doc_id in replacements.keeper_of:
                keepers[row], similarities[row] = replacements.keeper_of[doc_id]
        return with_columns(table, {"keeper_id": keepers, "similarity": similarities})

    return change


def _pairs(table: pa.Table) -> list[tuple[str, str]]:
    return list(zip(table["doc_id"].to_pylist(), table["kind"].to_pylist(), strict=True))


def with_restored(corpus: Corpus, curated: list[StoredFile], restored: pa.Table, spans: pa.Table) -> list[StoredFile]:
    """The files of `curated` with the restored pages, each among the documents whose doc_ids begin alike."""
    lengths = dict(zip(spans["doc_id"].to_pylist(), spans["length"].to_pylist(), strict=True))
    restored = with_columns(restored, {"n_tokens": [lengths[doc_id] for doc_id in restored["doc_id"].to_pylist()]})
    return with_rows(corpus, "curated", curated, restored)


def with_rows(corpus: Corpus, table: str, files: list[StoredFile], rows: pa.Table) -> list[StoredFile]:
    """The files of a table that is dealt by doc_id with these rows too, each where jobs/spark/tables.py would put it."""
    layout, schema = layout_of(table), TABLES[table]
    count = layout.files(corpus.records)
    places = [int(doc_id[:8], 16) * count >> 32 for doc_id in rows["doc_id"].to_pylist()]
    others = [name for name in schema.names if name not in layout.sorted_by]
    order = [(name, "ascending") for name in (*layout.sorted_by, *others)]
    known = {one.file[: one.file.rindex("-")]: one for one in files}
    for place in sorted(set(places)):
        name = part(table, place)
        before = known.get(name[: name.rindex("-")])
        present = [] if before is None else list(read_groups(corpus.root, before))
        added = rows.filter(pa.array([one == place for one in places]))
        both = pa.concat_tables([*present, added]).sort_by(order).combine_chunks()
        known[name[: name.rindex("-")]] = store_table(corpus.root, name, both.to_batches(), schema)
    return [known[name] for name in sorted(known)]
