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

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.duplicates.normalise import character_forms
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.kernels.duplicates.minhash import EMPTY, band_keys, set_similarities, text_shingle_sets, text_signatures
from pipeline.kernels.duplicates.shingles import CRC


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
