"""Benchmarks as sorted arrays: which n-grams they have, and of which strings.

An entry is an n-gram of a string. What is read while a page is looked through are four bytes of its hash, at most half a one for
its bucket, which is the rest of its hash, and at most one for a bit that says whether it is worth a look. Two more say whose
n-gram it is, or three, where there are more than 65,536 strings; then the bit takes half as much. So an entry has at most eight.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.contamination.settings import ContaminationSettings
from pipeline.contamination.words import character_forms
from pipeline.kernels.overlap import Table, text_words, word_ngrams

STRINGS = pa.schema(
    [
        ("benchmark", pa.string()),  # name of its file
        ("item", pa.int64()),  # its line there, from 1
        ("field", pa.string()),
        ("text", pa.string()),
    ]
)
MIN_BUCKET_BITS = 4
BATCH_STRINGS = 4096
_NOTHING = np.zeros((2, 0), np.uint64)


class Index(NamedTuple):
    """All that the scan of a page needs."""

    table: Table
    strings: np.ndarray  # uint8 [entries, bytes of a number]: whose n-gram it is, ascending among equal n-grams
    word_counts: np.ndarray  # int32 [strings]
    lengths: np.ndarray  # int64: words of the n-grams, the longer first; the shorter only where a string needs it
    names: tuple[tuple[str, int, str], ...]  # of each string: benchmark, item, field
    too_short: int  # strings that are not looked for
    left_out: int  # n-grams of too many strings, or of few different words

    @property
    def lookup_bytes(self) -> int:
        """Of what is read for each n-gram of a page."""
        return sum(int(one.nbytes) for one in self.table[:3])

    @property
    def bytes(self) -> int:
        """Of the n-grams and of whose they are."""
        return self.lookup_bytes + int(self.strings.nbytes)

    def string_of(self, entry: int) -> int:
        return int.from_bytes(self.strings[entry].tobytes(), "little")

    def ngram_words(self, string: int) -> int:
        """Words of the n-grams of a string."""
        return int(self.lengths[0] if self.word_counts[string] >= self.lengths[0] else self.lengths[-1])


def build_index(strings: pa.RecordBatch, settings: ContaminationSettings) -> Index:
    """`strings` has the schema STRINGS."""
    bounds, hashes = _words(strings.column("text"))
    counts = np.diff(bounds)
    long_enough, too_short = counts >= settings.ngram_words, counts < settings.short_ngram_words
    kinds = ((settings.ngram_words, long_enough), (settings.short_ngram_words, ~long_enough & ~too_short))
    wanted = [(words, rows) for words, rows in kinds if rows.any()] or [(settings.ngram_words, long_enough)]
    telling, left_out = zip(*(_telling(bounds, hashes, rows, words) for words, rows in wanted), strict=True)
    pairs = np.concatenate(telling, axis=1)
    rare = _rare(pairs[0], settings.max_strings)
    table, of_strings = _tabled(pairs[0, rare], pairs[1, rare], number_bytes(len(counts)))
    names = tuple(zip(*(strings.column(name).to_pylist() for name in STRINGS.names[:3]), strict=True))
    lengths = np.array([words for words, _ in wanted], np.int64)
    dropped = sum(left_out) + int((~rare).sum())
    return Index(table, of_strings, counts.astype(np.int32), lengths, names, int(too_short.sum()), dropped)


def _words(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(bounds [strings + 1], hashes): a batch at a time, as a word takes sixteen times its bytes while it is sought."""
    counts, hashes = [np.zeros(1, np.int64)], [np.zeros(0, np.uint64)]
    for first in range(0, len(texts), BATCH_STRINGS):
        bounds, found = text_words(*flatten(texts.slice(first, BATCH_STRINGS)), character_forms())
        counts.append(np.diff(bounds))
        hashes.append(found)
    return np.cumsum(np.concatenate(counts)), np.concatenate(hashes)


def _telling(bounds: np.ndarray, hashes: np.ndarray, wanted: np.ndarray, words: int) -> tuple[np.ndarray, int]:
    """(uint64 [2, n]: hash and string of n-grams, each once a string; how many of few different words are left out)."""
    rows, values, distinct = word_ngrams(bounds, hashes, words)
    telling = wanted[rows] & (2 * distinct >= words)
    pairs = np.stack((values[telling], rows[telling].astype(np.uint64)))
    kept = np.unique(pairs, axis=1) if telling.any() else _NOTHING
    return kept, int(wanted[rows].sum() - telling.sum())


def _rare(values: np.ndarray, max_strings: int) -> np.ndarray:
    """Which n-grams few enough strings have."""
    _, inverse, strings = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(strings[inverse] <= max_strings)


def number_bytes(strings: int) -> int:
    """How many bytes tell them apart."""
    return max(1, (max(0, strings - 1).bit_length() + 7) // 8)


def _tabled(values: np.ndarray, strings: np.ndarray, width: int) -> tuple[Table, np.ndarray]:
    """Eight to sixteen entries a bucket, up to half a byte of `starts` an entry, two to eight bits of `met`."""
    size = len(values).bit_length()
    bits = max(MIN_BUCKET_BITS, size - 4)
    buckets, remainders = (values >> np.uint64(64 - bits)).astype(np.int64), values.astype(np.uint32)
    order = np.lexsort((strings, remainders, buckets))
    starts = np.zeros(2**bits + 1, np.uint32)
    starts[1:] = np.cumsum(np.bincount(buckets, minlength=2**bits))
    met = np.zeros(2 ** max(3, size + (2 if width < 3 else 1)), np.uint8)
    met[values & np.uint64(len(met) - 1)] = 1
    numbers = strings[order].astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width]
    return Table(starts, remainders[order], np.packbits(met, bitorder="little"), 64 - bits), np.ascontiguousarray(numbers)


def table_of(rows: Sequence[tuple[str, int, str, str]]) -> pa.RecordBatch:
    """Rows of STRINGS as a batch."""
    columns = list(zip(*rows, strict=True)) or [()] * len(STRINGS)
    return pa.record_batch([pa.array(one, kind) for one, kind in zip(columns, STRINGS.types, strict=True)], schema=STRINGS)
