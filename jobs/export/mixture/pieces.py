"""What each row of a mixture is made of, for layouts that have no room to say so: pieces-SPLIT.parquet, to trace a token by.

Token `at + i` of row `row` is token `start + i` of the document, of which 0 is the `<|endoftext|>` before it. Rows are numbered
from 0 as they lie in the export; what a takedown has written over is nobody's.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.export.mixture.rows import MixedSource, Row
from tokenizer.shards.files import ShardManifest

PIECES = pa.schema(
    {"row": pa.int64(), "corpus": pa.string(), "doc_id": pa.string(), "at": pa.int32(), "start": pa.int64(), "length": pa.int32()}
)


def write_pieces(source: MixedSource, folder: Path) -> None:
    for split in source.splits:
        number = 0
        with pq.ParquetWriter(folder / f"pieces-{split}.parquet", PIECES, compression="zstd", write_page_checksum=True) as file:
            for rows in source.of_split[split].loaded():
                pieces = [piece for place, row in enumerate(rows, number) for piece in _pieces(source, place, row)]
                file.write_batch(pa.RecordBatch.from_pylist(pieces, PIECES))
                number += len(rows)


def _pieces(source: MixedSource, number: int, row: Row) -> Iterator[dict[str, Any]]:
    at = 0
    for span in row.spans:
        if not is_removed(row.tokens[at : at + span.length], source.manifest):
            named = {"row": number, "corpus": source.corpora[row.corpus].root, "doc_id": span.doc_id}
            yield named | {"at": at, "start": span.start, "length": span.length}
        at += span.length


def is_removed(piece: np.ndarray, manifest: ShardManifest) -> bool:
    """Whether a takedown has left nothing of a piece but the `<|endoftext|>` before it."""
    said = piece[piece != manifest.end_of_text]
    return len(said) > 0 and bool((said == manifest.removed).all())
