"""What makes two documents the same: one address, one text, or mostly the same shingles. Pure;
jobs/stages/duplicates/drop_duplicates.py joins.

A document's shingles are its windows of `shingle_words` words of normalised text (pipeline/duplicates/normalise.py), hashed with
CRC-32. Signatures are datasketch's, so its LSH index can be asked about ours; three lines reproduce them (a test runs these):

    words = normalised(pa.array([page]))[0].as_py().split(" ")
    sketch = MinHash(num_perm=112, seed=1, scheme="affine32", hashfunc=zlib.crc32)
    sketch.update_batch({" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))})
"""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.duplicates.normalise import character_forms
from pipeline.errors import RecipeError
from pipeline.kernels.duplicates.minhash import EMPTY, band_keys, set_similarities, text_shingle_sets, text_signatures
from pipeline.kernels.duplicates.shingles import CRC
from pipeline.settings import setting

MAX_PERMUTATIONS = 1024  # 4 KiB a signature


@dataclass(frozen=True, kw_only=True)
class DuplicateSettings:
    """Which copies are looked for, and how alike two texts must be."""

    same_url: bool = setting(True, "drop all but the newest fetch of a URL")
    row_urls: str = setting(
        "dated",
        'of rows (JSON, Parquet) with one URL the newest stands: "dated" where their dates differ, "always", "never"; '
        "alike texts are found all the same",
    )
    exact: bool = setting(True, "drop all but one document of the same text")
    near: bool = setting(True, "drop all but one of documents that share most of their shingles")
    shingle_words: int = setting(5, "words in a shingle", "FineWeb")
    bands: int = setting(14, "bands of the signature; two documents are compared when one band is equal", "FineWeb")
    rows: int = setting(8, "hashes in a band", "FineWeb")
    # A pair of similarity s is compared with probability 1 - (1 - s^8)^14: .57 at .7, .77 at .75, .92 at .8, 1.00 at .9.
    # Half of all pairs are found at (1 - .5^(1/14))^(1/8) = .685; a bound below that would promise what is mostly missed.
    min_similarity: float = setting(0.75, "Jaccard similarity of shingles from which a pair is near duplicates", "FineWeb")
    seed: int = setting(1, "chooses the permutations of the signature", "datasketch's default")
    # On 6,563 texts of manuals .9979 of the true pairs end in one component with the best alone, .9986 with one neighbour,
    # and not one more with 15 or with every pair of the bucket: what is left is what MinHash itself misses.
    bucket_neighbours: int = setting(1, "in a bucket, compare with the best and so many next in value", "measured")
    # There, 12 of 1,345 near copies are less than .75 similar to their keeper, the least .66: one page half translated into
    # several languages, one screen a few moves later. Such may go; what a long chain drifts to may not.
    min_keeper_similarity: float = setting(0.5, "a copy of a copy that is less similar to the keeper stays", "measured")

    def __post_init__(self) -> None:
        if self.row_urls not in ("dated", "always", "never"):
            raise RecipeError(f'duplicates.row_urls is {self.row_urls!r}; it must be "dated", "always" or "never"')
        for name in ("shingle_words", "bands", "rows", "bucket_neighbours"):
            if getattr(self, name) < 1:
                raise RecipeError(f"duplicates.{name} is {getattr(self, name)}; it must be 1 or more")
        if self.bands * self.rows > MAX_PERMUTATIONS:
            raise RecipeError(f"duplicates.bands times rows is {self.bands * self.rows}; it can be at most {MAX_PERMUTATIONS}")
        if not 0 < self.min_similarity <= 1:
            raise RecipeError(f"duplicates.min_similarity is {self.min_similarity}; it must be above 0 and at most 1")
        if not 0 <= self.min_keeper_similarity <= self.min_similarity:
            raise RecipeError(
                f"duplicates.min_keeper_similarity is {self.min_keeper_similarity}; "
                f"it must be from 0 to min_similarity, which is {self.min_similarity}"
            )
        if not 0 <= self.seed < 2**32:
            raise RecipeError(f"duplicates.seed is {self.seed}; it must be from 0 to 4294967295")


@functools.cache
def permutations(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Odd multipliers and increments of datasketch's "affine32" scheme, uint32 [count] each."""
    random = np.random.RandomState(seed)
    multipliers = random.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return multipliers, random.randint(0, 1 << 32, count, dtype=np.uint32)


def signatures(text: pa.Array | pa.ChunkedArray, settings: DuplicateSettings) -> pa.FixedSizeListArray:
    """uint32 [bands * rows] for each row; null where the text has no words."""
    count = settings.bands * settings.rows
    matrix = text_signatures(*flatten(text), character_forms(), settings.shingle_words, CRC, *permutations(count, settings.seed))
    # The least of a text's minima is EMPTY only if each of its hashes maps there under every permutation: there are no words.
    empty = (matrix == EMPTY).all(axis=1)
    return pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), count, mask=pa.array(empty))


def signature_bands(signatures: pa.FixedSizeListArray, settings: DuplicateSettings) -> pa.ListArray:
    """int64 [bands] for each row: one key per band, null where there is no signature."""
    matrix = signatures.values.to_numpy().reshape(-1, settings.bands * settings.rows)
    keys = band_keys(matrix[signatures.offset : signatures.offset + len(signatures)], settings.bands, settings.rows)
    offsets = np.arange(0, keys.size + 1, settings.bands, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(keys.reshape(-1)), mask=signatures.is_null())


def text_keys(text: pa.Array | pa.ChunkedArray) -> pa.Array:
    """128 bits that only equal texts share; null for an empty text, which says nothing that could be a copy."""
    data, offsets = flatten(text)
    bounds = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    return pa.array([_text_key(data[start:end]) if end > start else None for start, end in bounds], pa.binary())


def _text_key(utf8: np.ndarray) -> bytes:
    return hashlib.blake2b(utf8.data, digest_size=16).digest()


def shingle_sets(text: pa.Array | pa.ChunkedArray, settings: DuplicateSettings) -> pa.Array:
    """Each row's sorted distinct shingle hashes, as the bytes of a uint32 array (Spark has no unsigned numbers).

    32 bits: two texts of n shingles share n^2 / 2^32 by chance, 0.1 % of them even where both have 4 million.
    """
    hashes, offsets = text_shingle_sets(*flatten(text), character_forms(), settings.shingle_words, CRC)
    buffers = [None, pa.py_buffer(4 * offsets), pa.py_buffer(hashes)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers).cast(pa.binary())


def similarities(left: pa.Array | pa.ChunkedArray, right: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Jaccard similarity (float32) of each row of two arrays of shingle sets; 1 for two texts without words."""
    return pa.array(set_similarities(*_unpacked(left), *_unpacked(right)).astype(np.float32))


def _unpacked(sets: pa.Array | pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    data, offsets = flatten(sets)
    hashes = data[offsets[0] : offsets[-1]].copy()  # aligned, as a slice of a buffer need not be
    return hashes.view(np.uint32), (offsets - offsets[0]) // 4
