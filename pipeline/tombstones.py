"""What keeps a removed page from coming back: hashes of its address and the MinHash signature of its text, and nothing else.

A page that is read again is the removed one if it has the address, or if its text is at least as alike as a copy is. Neither
hash says what the page was: whoever holds a tombstone learns no address and no word from it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.duplicates import DuplicateSettings, signatures
from pipeline.settings import setting
from pipeline.urls import url_key

TOMBSTONES = pa.schema([
    ("doc_id", pa.string()),                  # of the capture that was removed
    ("request", pa.string()),                 # the takedown that removed it
    ("url_sha256", pa.string()),              # of the URL's key (pipeline/urls.py); null where it had none
    ("signature", pa.list_(pa.uint32())),     # MinHash of its shingles; null where it had no words
    ("shingle_words", pa.int32()),            # with how many words a shingle, and with which permutations, it was made
    ("signature_seed", pa.int64()),
])
COPY_SIMILARITY = 0.9  # share of equal hashes from which a text counts as the removed one
_ROWS_COMPARED = 1 << 22  # hashes compared at once


@dataclass(frozen=True, kw_only=True)
class TombstoneSettings:
    """Which pages of earlier crawls stay removed. A corpus' own takedowns always do."""

    files: tuple[str, ...] = setting((), "tombstones.parquet of other corpora, CORPUS/takedowns/REQUEST/tombstones.parquet")


def tombstones(
    doc_ids: Sequence[str], urls: Sequence[str | None], texts: pa.Array, request: str, settings: DuplicateSettings
) -> pa.Table:
    """TOMBSTONES of pages about to be removed."""
    count = len(doc_ids)
    return pa.table(
        {
            "doc_id": pa.array(doc_ids, pa.string()),
            "request": pa.array([request] * count, pa.string()),
            "url_sha256": pa.array([url_hash(url) for url in urls], pa.string()),
            "signature": pa.array(signatures(texts, settings).to_pylist(), pa.list_(pa.uint32())),
            "shingle_words": pa.array([settings.shingle_words] * count, pa.int32()),
            "signature_seed": pa.array([settings.seed] * count, pa.int64()),
        },
        schema=TOMBSTONES,
    )


def url_hash(url: str | None) -> str | None:
    return hashlib.sha256(url_key(url).encode("utf-8", "surrogatepass")).hexdigest() if url else None


class Graveyard:
    """All tombstones that a reader of pages has to mind."""

    def __init__(self, stones: pa.Table) -> None:
        rows = stones.to_pylist()
        self._by_url = {row["url_sha256"]: row["request"] for row in reversed(rows) if row["url_sha256"]}
        self._groups: dict[tuple[int, int, int], list[tuple[list[int], str]]] = {}
        for row in rows:
            if row["signature"]:
                key = (row["shingle_words"], row["signature_seed"], len(row["signature"]))
                self._groups.setdefault(key, []).append((row["signature"], row["request"]))

    def __bool__(self) -> bool:
        return bool(self._by_url or self._groups)

    def requests(self, urls: Sequence[str | None], texts: pa.Array) -> list[str | None]:
        """For each page, the takedown that removed it; null for pages that may stay."""
        found = [self._by_url.get(url_hash(url)) for url in urls]
        for (words, seed, size), stones in self._groups.items():
            settings = DuplicateSettings(shingle_words=words, seed=seed, bands=1, rows=size)
            made = signatures(texts, settings)
            known = np.array([signature for signature, _ in stones], np.uint32)
            pages = made.values.to_numpy().reshape(-1, size)
            for row in np.flatnonzero(~np.asarray(made.is_null())).tolist():
                at = _first_alike(pages[row], known)
                if found[row] is None and at is not None:
                    found[row] = stones[at][1]
        return found


def _first_alike(page: np.ndarray, known: np.ndarray) -> int | None:
    """The first tombstone whose signature has COPY_SIMILARITY of the page's hashes. Shapes: page [k], known [stones, k]."""
    step = max(1, _ROWS_COMPARED // len(page))
    for start in range(0, len(known), step):
        alike = np.flatnonzero((known[start : start + step] == page).mean(axis=1) >= COPY_SIMILARITY)
        if len(alike):
            return start + int(alike[0])
    return None
