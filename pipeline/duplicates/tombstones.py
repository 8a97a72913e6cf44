"""What keeps a removed page from coming back: hashes of its address and the MinHash signature of its text, and nothing else.

A page that is read again is the removed one if it has the address, or if its text is at least as alike as a copy is. Neither
hash says what the page was: whoever holds a tombstone learns no address and no word from it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.duplicates.copies import signature_bands, signatures
from pipeline.duplicates.passages import stretches, windows, written_over
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.settings import setting
from pipeline.tables import TOMBSTONES
from pipeline.urls import url_key

COPY_SIMILARITY = 0.9  # share of equal hashes from which a text counts as the removed one
ROWS_OF_BAND = 4  # a copy differs in a tenth of the hashes at most, and there are a quarter as many bands: it shares one


@dataclass(frozen=True, kw_only=True)
class TombstoneSettings:
    """Which pages of earlier crawls stay removed. A corpus' own takedowns always do."""

    files: tuple[str, ...] = setting(
        (), "tombstones of other corpora, CORPUS/takedowns/REQUEST/tombstones-HASH.parquet", content="file"
    )


def tombstones(
    doc_ids: Sequence[str],
    urls: Sequence[str | None],
    texts: pa.Array,
    passages: Sequence[list[int]],
    request: str,
    settings: DuplicateSettings,
) -> pa.Table:
    """TOMBSTONES of pages about to be removed; `passages` are hashes of what was cut out of other pages of each."""
    count = len(doc_ids)
    return pa.table(
        {
            "doc_id": pa.array(doc_ids, pa.string()),
            "request": pa.array([request] * count, pa.string()),
            "url_sha256": pa.array([url_hash(url) for url in urls], pa.string()),
            "signature": pa.array(signatures(texts, settings).to_pylist(), pa.list_(pa.uint32())),
            "shingle_words": pa.array([settings.shingle_words] * count, pa.int32()),
            "signature_seed": pa.array([settings.seed] * count, pa.int64()),
            "passages": pa.array(passages, pa.list_(pa.int64())),
        },
        schema=TOMBSTONES,
    )


def url_hash(url: str | None) -> str | None:
    key = url_key(url) if url else None
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest() if key else None


class Graveyard:
    """All tombstones that a reader of pages has to mind, found by the bands of their signatures."""

    def __init__(self, stones: pa.Table) -> None:
        rows = stones.to_pylist()
        self._by_url = {row["url_sha256"]: row["request"] for row in reversed(rows) if row["url_sha256"]}
        self._passages = np.unique(np.array([one for row in rows for one in row["passages"] or ()], np.int64))
        self._kinds: dict[DuplicateSettings, _Signatures] = {}
        for row in rows:
            if row["signature"]:
                size = len(row["signature"])
                band = ROWS_OF_BAND if size % ROWS_OF_BAND == 0 else 1
                kind = DuplicateSettings(
                    shingle_words=row["shingle_words"], seed=row["signature_seed"], bands=size // band, rows=band
                )
                self._kinds.setdefault(kind, _Signatures(kind)).add(row["signature"], row["request"])

    def __bool__(self) -> bool:
        return bool(self._by_url or self._kinds or len(self._passages))

    def requests(self, urls: Sequence[str | None], texts: pa.Array) -> list[str | None]:
        """For each page, the takedown that removed it; null for pages that may stay."""
        found = [self._by_url.get(url_hash(url)) for url in urls]
        for stones in self._kinds.values():
            found = [one or other for one, other in zip(found, stones.requests(texts), strict=True)]
        return found

    def without_passages(self, texts: list[str]) -> list[str]:
        """The texts with FILLER where they hold what takedowns cut out of pages."""
        if not len(self._passages):
            return texts
        found = windows(pa.array(texts, pa.string()))
        return [written_over(text, stretches(found.row(row), self._passages)) for row, text in enumerate(texts)]


class _Signatures:
    """Tombstones whose signatures were made alike. A page is compared with those that it has a band in common with."""

    def __init__(self, settings: DuplicateSettings) -> None:
        self._settings = settings
        self._stones: list[tuple[np.ndarray, str]] = []
        self._by_band: dict[int, list[int]] = {}

    def add(self, signature: list[int], request: str) -> None:
        known = np.array(signature, np.uint32)
        made = pa.FixedSizeListArray.from_arrays(pa.array(known), len(known))
        for key in self._bands(made)[0] or ():
            self._by_band.setdefault(key, []).append(len(self._stones))
        self._stones.append((known, request))

    def requests(self, texts: pa.Array) -> list[str | None]:
        made = signatures(texts, self._settings)
        pages = made.values.to_numpy().reshape(-1, self._settings.bands * self._settings.rows)
        bands = zip(pages, self._bands(made), strict=True)
        return [None if keys is None else self._first_alike(page, keys) for page, keys in bands]

    def _bands(self, made: pa.FixedSizeListArray) -> list[list[int] | None]:
        keys: list[list[int] | None] = signature_bands(made, self._settings).to_pylist()
        return keys

    def _first_alike(self, page: np.ndarray, keys: list[int]) -> str | None:
        """The request of the first tombstone that has COPY_SIMILARITY of the page's hashes."""
        for place in sorted({place for key in keys for place in self._by_band.get(key, ())}):
            known, request = self._stones[place]
            if (known == page).mean() >= COPY_SIMILARITY:
                return request
        return None
