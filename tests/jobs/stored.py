"""Corpora written straight, no stage run; and what any corpus holds, as its manifest has it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from jobs.corpus.files.parquet import part, read_groups, store_table
from jobs.corpus.files.stored import store
from jobs.corpus.files.tables import folder_of
from jobs.corpus.folder import FORMAT, MANIFEST, Corpus, Tables
from pipeline.blocks import StoredFile
from pipeline.tables import TABLES

TEXTS = {"tokenizer": "tokenizer/tokenizer-HASH.json", "report": "report/report-HASH.html"}
Rows = Sequence[Mapping[str, Any]]


def put(
    root: Path,
    rows: Mapping[str, Rows] | None = None,
    texts: Mapping[str, str] | None = None,
    stored: Tables | None = None,
    **changes: Any,
) -> Corpus:
    """The corpus with these in the place of its own, published; it may be there or not.

    Tables by their rows, which may lack columns, or by files that are `stored`; tokenizer and report by their text. `changes` are
    those of the manifest, as `stages`.
    """
    corpus = Corpus(str(root))
    manifest = dict(corpus.manifest) if corpus.exists(MANIFEST) else {"format": FORMAT, "stages": {}, "tables": {}}
    new: Tables = {name: written(root, name, some) for name, some in (rows or {}).items()}
    new |= {name: [store(str(root), TEXTS[name], text.encode())] for name, text in (texts or {}).items()}
    root.mkdir(parents=True, exist_ok=True)
    corpus.publish(new | (stored or {}), manifest | changes)
    return corpus


def written(root: Path | str, table: str, rows: Rows) -> list[StoredFile]:
    """The one file of a table with these rows; none where there are none."""
    schema = TABLES[table]
    whole = pa.Table.from_pylist([dict.fromkeys(schema.names) | dict(row) for row in rows], schema)
    return [store_table(str(root), part(folder_of(table), 0), whole.to_batches(), schema)] if whole.num_rows else []


def table(corpus: Corpus, name: str) -> list[dict[str, Any]]:
    """All rows, in the order of the files."""
    return [row for one in corpus.files(name) for group in read_groups(corpus.root, one) for row in group.to_pylist()]


def files(corpus: Corpus, name: str) -> list[Path]:
    """Where the files of a table, or of what is none, lie."""
    return [Path(corpus.path(one.file)) for one in corpus.files(name)]


def flipped(path: Path, place: int = -1) -> None:
    """Changes one bit, in the middle of the file where nothing else is said."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if place < 0 else place] ^= 1
    path.write_bytes(data)
