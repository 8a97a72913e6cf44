"""The tables of a corpus without some pages, written aside: texts emptied, outcomes changed, the replacements brought back."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.corpus.folder import Corpus
from jobs.corpus.parquet import write_table
from jobs.takedown.reach import by_id, looked_up
from jobs.takedown.replacements import Replacements
from jobs.takedown.rewrite import Change, blanked, files_with, rewrite, with_columns, without
from pipeline.lineage import NOTHING_LEFT, apply_edits
from pipeline.tables import CURATED, PAGE_TEXTS

TEXTS = {"documents": PAGE_TEXTS, "findings": ("excerpt", "decoded"), "edits": ("replacement",)}


def restored_pages(database: duckdb.DuckDBPyConnection, replacements: Replacements) -> pa.Table:
    """Rows for `curated` of the pages that come back, edits made, n_tokens still null; without those that nothing is left of."""
    documents = by_id(database, "documents", "doc_id, url, language, text", replacements.restored)
    edits: dict[str, list[tuple[int, int, str]]] = {}
    for row in looked_up(database, "edits", 'doc_id, start, "end" AS stop, replacement', "doc_id", replacements.restored):
        edits.setdefault(row["doc_id"], []).append((row["start"], row["stop"], row["replacement"]))
    pages = [documents[doc_id] for doc_id in sorted(replacements.restored)]
    texts = [apply_edits(page["text"], edits.get(page["doc_id"], [])) for page in pages]
    found = [
        {"doc_id": page["doc_id"], "url": page["url"], "language": page["language"], "text": text, "n_tokens": None}
        for page, text in zip(pages, texts, strict=True)
        if text
    ]
    return pa.Table.from_pylist(found, CURATED)


def change_tables(
    corpus: Corpus,
    database: duckdb.DuckDBPyConnection,
    staged: Path,
    name: str,
    doc_ids: list[str],
    replacements: Replacements,
    restored: pa.Table,
) -> None:
    """Rewritten files of documents, findings, edits, outcomes, duplicates and curated."""
    for table, columns in TEXTS.items():
        for file in files_with(database, corpus, table, "doc_id", doc_ids):
            rewrite(Path(corpus.path(file)), staged / file, blanked(doc_ids, columns))
    decided: dict[str, tuple[str, str | None]] = {
        doc_id: ("duplicate", keeper) for doc_id, (keeper, _) in replacements.keeper_of.items()
    }
    back = set(restored["doc_id"].to_pylist())
    decided |= {doc_id: ("kept", None) if doc_id in back else ("filtered", NOTHING_LEFT) for doc_id in replacements.restored}
    for file in files_with(database, corpus, "outcomes", "doc_id", [*doc_ids, *decided]):
        rewrite(Path(corpus.path(file)), staged / file, _outcomes_changed(set(doc_ids), name, decided))
    for file in files_with(database, corpus, "duplicates", "doc_id", decided):
        rewrite(Path(corpus.path(file)), staged / file, _duplicates_changed(replacements))
    for file in files_with(database, corpus, "curated", "doc_id", doc_ids):
        rewrite(Path(corpus.path(file)), staged / file, without(doc_ids))


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


def add_curated(corpus: Corpus, staged: Path, restored: pa.Table, spans: pa.Table) -> None:
    """Restored pages, with their numbers of tokens, among the documents whose doc_ids begin alike.

    Files of `curated` are cut by the first digits of doc_id (jobs/stages/select_documents.py: in_files).
    """
    lengths = dict(zip(spans["doc_id"].to_pylist(), spans["length"].to_pylist(), strict=True))
    restored = with_columns(restored, {"n_tokens": [lengths[doc_id] for doc_id in restored["doc_id"].to_pylist()]})
    files = sorted(Path(corpus.path("curated")).glob("*.parquet"))
    places = [int(doc_id[:8], 16) * len(files) >> 32 for doc_id in restored["doc_id"].to_pylist()]
    for place in sorted(set(places)):
        target = staged / "curated" / files[place].name
        present = pq.read_table(target if target.exists() else files[place], page_checksum_verification=True).cast(CURATED)
        added = restored.filter(pa.array([one == place for one in places]))
        write_table(target, pa.concat_tables([present, added]).sort_by("doc_id"))
