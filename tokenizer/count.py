"""How often each word occurs: all that the learner needs to know of a corpus, and what can be taken back from it.

A count is a sum over documents, so counts of parts add up to the counts of the whole, and the counts of removed
documents subtract to exactly those of a corpus that never had them. Counts are i64: 2^31 is 1 % of a large crawl's spaces.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from pipeline.arrays import flatten
from pipeline.errors import UsageError
from tokenizer.characters import CLASSES
from tokenizer.split import next_word
from tokenizer.word_hash import SEED, same_tail, word_hash, word_head

WORD_COUNTS = pa.schema([
    ("word", pa.binary()),      # UTF-8
    ("count", pa.int64()),      # occurrences
    ("documents", pa.int64()),  # documents that have it
])


# Columns of the table of words: one cache line a word.
_HEAD, _SIZE, _START, _COUNT, _DOCUMENTS, _LAST_ROW, _HASH, _COLUMNS = range(8)


@njit(cache=True)
def _larger(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(slots, words) with four times the room for words, and twice as many slots as that."""
    more = np.empty((4 * words.shape[0], _COLUMNS), np.int64)
    more[: words.shape[0]] = words
    larger = np.full(2 * more.shape[0], -1, np.int32)
    mask = larger.size - 1
    for word in range(words.shape[0]):
        slot = words[word, _HASH] & mask
        while larger[slot] >= 0:
            slot = (slot + 1) & mask
        larger[slot] = word
    return larger, more


@njit(cache=True)
def _find(data: np.ndarray, start: int, size: int, head: int, hashed: int, slots: np.ndarray, words: np.ndarray) -> int:
    """The slot that holds the word, or the free one where it belongs."""
    slot = hashed & (slots.size - 1)
    while slots[slot] >= 0:
        word = slots[slot]
        if words[word, _HEAD] == head and words[word, _SIZE] == size and same_tail(data, start, data, words[word, _START], size):
            break
        slot = (slot + 1) & (slots.size - 1)
    return slot


@njit(cache=True)
def count_words_kernel(
    data: np.ndarray, offsets: np.ndarray, classes: np.ndarray, max_word_bytes: int, seed: np.uint64
) -> np.ndarray:
    """The table of distinct words, in order of first occurrence; int64 [words, _COLUMNS]."""
    slots, words, used = np.full(4096, -1, np.int32), np.empty((2048, _COLUMNS), np.int64), 0
    for row in range(offsets.size - 1):
        end, row_end = offsets[row], offsets[row + 1]
        while end < row_end:
            start = end
            end = next_word(data, start, row_end, classes)
            size = end - start
            if size > max_word_bytes:
                continue
            head = word_head(data, start, end)
            hashed = np.int64(word_hash(data, start, end, head, seed) >> np.uint64(1))
            slot = _find(data, start, size, np.int64(head), hashed, slots, words)
            if slots[slot] < 0:
                if used == words.shape[0]:
                    slots, words = _larger(words)
                    slot = _find(data, start, size, np.int64(head), hashed, slots, words)
                slots[slot] = used
                words[used, _HEAD], words[used, _SIZE], words[used, _START] = np.int64(head), size, start
                words[used, _COUNT], words[used, _DOCUMENTS], words[used, _LAST_ROW], words[used, _HASH] = 0, 0, -1, hashed
                used += 1
            word = slots[slot]
            words[word, _COUNT] += 1
            if words[word, _LAST_ROW] != row:
                words[word, _LAST_ROW] = row
                words[word, _DOCUMENTS] += 1
    return words[:used]


@njit(cache=True)
def _gather(data: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    offsets = np.zeros(starts.size + 1, np.int64)
    offsets[1:] = np.cumsum(sizes)
    gathered = np.empty(offsets[-1], np.uint8)
    for row in range(starts.size):
        for at in range(sizes[row]):
            gathered[offsets[row] + at] = data[starts[row] + at]
    return gathered, offsets


def count_words(text: pa.Array | pa.ChunkedArray, max_word_bytes: int) -> pa.RecordBatch:
    """Words of these documents with their counts, in order of first occurrence; schema WORD_COUNTS. Linear in the bytes.

    Words longer than `max_word_bytes` are left out: what a page can put into the learner's memory must have a bound.
    """
    data, offsets = flatten(text)
    table = count_words_kernel(data, offsets, CLASSES, max_word_bytes, SEED)
    gathered, word_offsets = _gather(data, table[:, _START], table[:, _SIZE])
    words = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(table), [None, pa.py_buffer(word_offsets), pa.py_buffer(gathered)]
    )
    return pa.record_batch(
        [words.cast(pa.binary()), pa.array(table[:, _COUNT]), pa.array(table[:, _DOCUMENTS])], schema=WORD_COUNTS
    )


def _summed(parts: list[pa.Table]) -> pa.Table:
    totals = pa.concat_tables(parts).group_by("word").aggregate([("count", "sum"), ("documents", "sum")])
    return totals.rename_columns({"count_sum": "count", "documents_sum": "documents"}).select(WORD_COUNTS.names).sort_by("word")


def merge(*parts: pa.Table) -> pa.Table:
    """Counts of the corpus that these parts make together, sorted by word."""
    return _summed(list(parts))


def subtract(counts: pa.Table, removed: pa.Table) -> pa.Table:
    """Counts of a corpus that never had the removed documents, sorted by word."""
    taken = removed.set_column(1, "count", pc.negate(removed["count"]))
    taken = taken.set_column(2, "documents", pc.negate(taken["documents"]))
    left = _summed([counts, taken])
    if left.num_rows and pc.min(left["count"]).as_py() < 0:
        word = left.filter(pc.less(left["count"], 0))["word"][0].as_py()
        raise UsageError(
            f"the removed documents have {word!r} more often than the counts they are taken from: "
            "subtract only documents that were counted, with the same settings, once"
        )
    return left.filter(pc.greater(left["count"], 0))
