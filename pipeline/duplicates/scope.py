"""Which pages may be copies of one another: all of a corpus, or those of one input alone, as FineWeb does it by dump.

An input is told by where its files lie, so that neither the words of a command nor a second run changes it: a dump of Common
Crawl by its name in their paths (`…/crawl-data/CC-MAIN-2026-42/…`), any other by the folder that a file, or its WACZ, is in.
"""

import hashlib
from functools import lru_cache

import numpy as np
import pyarrow as pa
import re2

from pipeline.lineage import INSIDE_WACZ

_DUMP = re2.compile(r"crawl-data/(CC-[A-Z0-9-]{4,60})/")


def input_of(path: str) -> str:
    """`https://…/crawl-data/CC-MAIN-2026-42/segments/1/a.warc.gz -> CC-MAIN-2026-42`, `crawl/old/a.warc.gz -> crawl/old`"""
    named = _DUMP.search(path)
    return named[1] if named else path.partition(INSIDE_WACZ)[0].rpartition("/")[0]


@lru_cache(4096)
def _digest(path: str) -> bytes:
    return hashlib.blake2b(input_of(path).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def keys_within(keys: pa.Array, paths: list[str]) -> pa.Array:
    """16-byte keys that are equal only where they were and the inputs of `paths` are one; null stays null."""
    each = zip(keys.to_pylist(), map(_digest, paths), strict=True)
    return pa.array([key and hashlib.blake2b(key + own, digest_size=16).digest() for key, own in each], pa.binary())


def bands_within(bands: pa.ListArray, paths: list[str], size: int) -> pa.ListArray:
    """The same of int64 keys, `size` a row; two inputs have one in common by chance as seldom as two pages of one input."""
    own = np.array([int.from_bytes(_digest(path)[:8], "little") for path in paths], np.uint64).view(np.int64)
    mixed = bands.values.to_numpy().reshape(-1, size) ^ own[:, None]
    return pa.ListArray.from_arrays(bands.offsets, pa.array(mixed.reshape(-1)), mask=bands.is_null())
