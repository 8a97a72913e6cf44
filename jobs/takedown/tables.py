"""The tables of a corpus without some pages, written beside them: texts emptied, outcomes changed, replacements brought back."""

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from jobs.corpus.files.parquet import part, read_groups, store_table
from jobs.corpus.files.tables import layout_of
from jobs.corpus.folder import Corpus, Tables
from jobs.corpus.views import looked_up
from jobs.takedown.reach import by_id
from jobs.takedown.replacements import Replacements
from jobs.takedown.rewrite import Change, blanked, files_with, rewritten, with_columns, without
from pipeline.blocks import StoredFile
from pipeline.lineage import NOTHING_LEFT, apply_edits
from pipeline.personal.settings import PersonalSettings
from pipeline.personal.shown import masked_urls
from pipeline.tables import CURATED, PAGE_TEXTS

TEXTS = {"documents": PAGE_TEXTS, "findings": ("excerpt", "decoded"), "edits": ("replacement",)}


def restored_pages(database: duckdb.DuckDBPyConnection, replacements: Replacements, personal: PersonalSettings) -> pa.Table:
    """Rows for `curated` of the pages that come back, edits made, n_tokens still null; without those that nothing is left of."""
    documents = by_id(database, "documents", "doc_id, url, text", replacements.restored)
    measured = looked_up(database, "measures", "doc_id, language", "doc_id", replacements.restored)
    languages = {row["doc_id"]: row["language"] for row in measured}
    edits: dict[str, list[tuple[int, int, str]]] = {}
    for row in looked_up(database, "all_edits", 'doc_id, start, "end" AS stop, replacement', "doc_id", replacements.restored):
        edits.setdefault(row["doc_id"], []).append((row["start"], row["stop"], row["replacement"]))
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
) -> Tables:
    """documents, findings, edits, outcomes, duplicates and curated as they are to be; the new files are written."""
    decided: dict[str, tuple[str, str | None]] = {
        doc_id: ("duplicate", keeper) for doc_id, (keeper, _) in replacements.keeper_of.items()
    }
    back = set(restored["doc_id"].to_pylist())
    decided |= {doc_id: ("kept", None) if doc_id in back else ("filtered", NOTHING_LEFT) for doc_id in replacements.restored}
    changes: dict[str, tuple[Iterable[str], Change]] = {
        **{table: (doc_ids, blanked(doc_ids, columns)) for table, columns in TEXTS.items()},
        "outcomes": ([*doc_ids, *decided], _outcomes_changed(set(doc_ids), name, decided)),
        "duplicates": (decided, _duplicates_changed(replacements)),
        "curated": (doc_ids, without(doc_ids)),
        "repeats": (doc_ids, without(doc_ids)),
    }
    return {
        table: rewritten(corpus, table, files_with(database, corpus, table, "doc_id", ids), change)
        for table, (ids, change) in changes.items()
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
    count = layout_of("curated").files(corpus.records)  # as jobs/spark/tables.py deals them: by_doc_id
    places = [int(doc_id[:8], 16) * count >> 32 for doc_id in restored["doc_id"].to_pylist()]
    files = {one.file[: one.file.rindex("-")]: one for one in curated}
    for place in sorted(set(places)):
        name = part("curated", place)
        known = files.get(name[: name.rindex("-")])
        present = [] if known is None else list(read_groups(corpus.root, known))
        added = restored.filter(pa.array([one == place for one in places]))
        both = pa.concat_tables([*present, added]).sort_by("doc_id").combine_chunks()
        files[name[: name.rindex("-")]] = store_table(corpus.root, name, both.to_batches(), CURATED)
    return [files[name] for name in sorted(files)]
