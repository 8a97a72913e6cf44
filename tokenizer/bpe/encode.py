"""Text to token ids and back.

A word's ids come from a small table of words seen before or, if it is not there, from the merges: short words by looking for
the best pair again and again, long ones by a heap, so that a word of 10 MB costs n log n. `<|endoftext|>` typed in a page is
text and gets the ids of its letters, never the special one; so do all special tokens.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.kernels.cache import kernel, part
from tokenizer.bpe.split import Splitter, next_word, splitter_of
from tokenizer.bpe.vocabulary import Vocabulary, read_tokenizer
from tokenizer.bpe.word_hash import SEED, word_hash, word_head

_NEVER = np.int64(1 << 62)  # rank of a pair that is not merged
_LONG_WORD = 48  # bytes from which the heap is the faster way; moves with the machine, not with the result
_GAP = -1
_MAX_REMEMBERED_BYTES = 16  # longer words are rare, and looking for one costs as much as its merges
_MAX_REMEMBERED_IDS = 7


class MergeTable(NamedTuple):
    """The merges as kernels read them. Shapes: keys, ranks, made [a power of two]; lengths [vocabulary]; byte_ids [256]."""

    keys: np.ndarray  # int64, left << 32 | right, -1 where free
    ranks: np.ndarray  # int64, the smaller merges first
    made: np.ndarray  # int64
    lengths: np.ndarray  # int64, bytes of a token
    byte_ids: np.ndarray  # int64


class WordMemory(NamedTuple):
    """Words and their ids; a newer word takes the place of an older one. Shapes: words [slots, 3], ids [slots, 8]."""

    words: np.ndarray  # uint64: first eight bytes, second eight bytes, size
    ids: np.ndarray  # int32, their number first


class Encoded(NamedTuple):
    """`ids[offsets[i]:offsets[i + 1]]` are the tokens of row i; a null row has none."""

    ids: np.ndarray  # uint16, or uint32 where the vocabulary exceeds 65,535
    offsets: np.ndarray  # int64 [rows + 1]


def id_type(vocabulary_size: int) -> np.dtype:
    """The type in which ids of so large a vocabulary are kept."""
    return np.dtype(np.uint16 if vocabulary_size <= 65_535 else np.uint32)


@kernel
def _merge_of(left: int, right: int, table: MergeTable) -> int:
    """Slot of the merge of two neighbours, -1 if there is none."""
    key = (left << 32) | right
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    slot = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(table.keys.size - 1))
    while table.keys[slot] >= 0:
        if table.keys[slot] == key:
            return slot
        slot = (slot + 1) & (table.keys.size - 1)
    return -1


@kernel
def fill_merge_table(left: np.ndarray, right: np.ndarray, made: np.ndarray, table: MergeTable) -> None:
    for rank in range(left.size):
        key = (left[rank] << 32) | right[rank]
        mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
        slot = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(table.keys.size - 1))
        while table.keys[slot] >= 0:
            slot = (slot + 1) & (table.keys.size - 1)
        table.keys[slot], table.ranks[slot], table.made[slot] = key, rank, made[rank]


@part
def _encode_short(data: np.ndarray, start: int, end: int, table: MergeTable, out: np.ndarray, at: int) -> int:
    """Writes the ids of a word to `out` from `at` on; where they end."""
    size = end - start
    tokens, merges = np.empty(_LONG_WORD, np.int64), np.empty(_LONG_WORD, np.int64)
    for place in range(size):
        tokens[place] = table.byte_ids[data[start + place]]
        if place > 0:
            merges[place - 1] = _merge_of(tokens[place - 1], tokens[place], table)
    while size > 1:
        best, best_rank = -1, _NEVER
        for place in range(size - 1):
            if merges[place] >= 0 and table.ranks[merges[place]] < best_rank:
                best, best_rank = place, table.ranks[merges[place]]
        if best < 0:
            break
        tokens[best] = table.made[merges[best]]
        size -= 1
        for place in range(best + 1, size):
            tokens[place] = tokens[place + 1]
            merges[place - 1] = merges[place]
        if best > 0:
            merges[best - 1] = _merge_of(tokens[best - 1], tokens[best], table)
        if best < size - 1:
            merges[best] = _merge_of(tokens[best], tokens[best + 1], table)
    for place in range(size):
        out[at + place] = tokens[place]
    return at + size


@part
def _push(heap: np.ndarray, size: int, value: int) -> int:
    at = size
    while at > 0 and value < heap[(at - 1) // 2]:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = value
    return size + 1


@part
def _pop(heap: np.ndarray, size: int) -> int:
    """Takes the smallest value out; the size left."""
    size -= 1
    value, at = heap[size], 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if value <= heap[child]:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value
    return size


@kernel
def _encode_long(data: np.ndarray, start: int, end: int, table: MergeTable, out: np.ndarray, at: int) -> int:
    """As `_encode_short`. A token's id stands at its first and its last byte, the heap holds rank << 32 | first byte."""
    size = end - start
    tokens = np.empty(size, np.int32)
    for place in range(size):
        tokens[place] = table.byte_ids[data[start + place]]
    heap, heap_size = np.empty(2 * size, np.int64), 0
    for place in range(size - 1):
        slot = _merge_of(np.int64(tokens[place]), np.int64(tokens[place + 1]), table)
        if slot >= 0:
            heap_size = _push(heap, heap_size, (table.ranks[slot] << 32) | place)
    while heap_size > 0:
        rank, place = heap[0] >> 32, heap[0] & 0xFFFFFFFF
        heap_size = _pop(heap, heap_size)
        left = np.int64(tokens[place])
        if left == _GAP:
            continue
        middle = place + table.lengths[left]
        if middle >= size:
            continue
        right = np.int64(tokens[middle])
        slot = _merge_of(left, right, table)
        if slot < 0 or table.ranks[slot] != rank:  # one of the two has grown since
            continue
        made, after = table.made[slot], middle + table.lengths[right]
        tokens[middle - 1] = tokens[middle] = _GAP
        tokens[place] = tokens[after - 1] = made
        if place > 0:
            before = np.int64(tokens[place - 1])
            slot = _merge_of(before, made, table)
            if slot >= 0:
                heap_size = _push(heap, heap_size, (table.ranks[slot] << 32) | (place - table.lengths[before]))
        if after < size:
            slot = _merge_of(made, np.int64(tokens[after]), table)
            if slot >= 0:
                heap_size = _push(heap, heap_size, (table.ranks[slot] << 32) | place)
    place = 0
    while place < size:
        out[at] = tokens[place]
        place += table.lengths[tokens[place]]
        at += 1
    return at


@part
def _encode_word(
    data: np.ndarray, start: int, end: int, table: MergeTable, memory: WordMemory, seed: np.uint64, out: np.ndarray, at: int
) -> int:
    size = end - start
    if size == 1:
        out[at] = table.byte_ids[data[start]]
        return at + 1
    if size >= _LONG_WORD:
        return _encode_long(data, start, end, table, out, at)
    if size > _MAX_REMEMBERED_BYTES:
        return _encode_short(data, start, end, table, out, at)
    head, tail = word_head(data, start, end), word_head(data, start + 8, end)
    slot = np.int64(word_hash(data, start, end, head, seed) & np.uint64(memory.words.shape[0] - 1))
    words, ids = memory.words[slot], memory.ids[slot]
    if words[0] == head and words[1] == tail and words[2] == np.uint64(size):
        for index in range(ids[0]):
            out[at + index] = ids[1 + index]
        return at + ids[0]
    stop = _encode_short(data, start, end, table, out, at)
    if stop - at <= _MAX_REMEMBERED_IDS:
        words[0], words[1], words[2] = head, tail, size
        ids[0] = stop - at
        for index in range(ids[0]):
            ids[1 + index] = out[at + index]
    return stop


@kernel
def encode_kernel(
    data: np.ndarray,
    offsets: np.ndarray,
    splitter: Splitter,
    table: MergeTable,
    memory: WordMemory,
    seed: np.uint64,
    out: np.ndarray,
) -> np.ndarray:
    """Writes the ids of all rows to `out`, which has room for an id per byte; the rows' offsets in it."""
    token_offsets = np.zeros(offsets.size, np.int64)
    at = 0
    for row in range(offsets.size - 1):
        end, row_end = offsets[row], offsets[row + 1]
        while end < row_end:
            start = end
            end = next_word(data, start, row_end, splitter)
            at = _encode_word(data, start, end, table, memory, seed, out, at)
        token_offsets[row + 1] = at
    return token_offsets


@kernel
def decode_kernel(ids: np.ndarray, token_data: np.ndarray, token_offsets: np.ndarray) -> np.ndarray:
    size = 0
    for token in ids:
        size += token_offsets[np.int64(token) + 1] - token_offsets[np.int64(token)]
    decoded, at = np.empty(size, np.uint8), 0
    for token in ids:
        for byte in range(token_offsets[np.int64(token)], token_offsets[np.int64(token) + 1]):
            decoded[at] = token_data[byte]
            at += 1
    return decoded


def _merge_table(vocabulary: Vocabulary) -> MergeTable:
    slots = 1 << (4 * len(vocabulary.left) + 1).bit_length()
    lengths = np.array([len(token) for token in vocabulary.tokens], np.int64)
    keys, ranks, made = np.full(slots, -1, np.int64), np.zeros(slots, np.int64), np.zeros(slots, np.int64)
    table = MergeTable(keys, ranks, made, lengths, vocabulary.byte_ids)
    fill_merge_table(vocabulary.left, vocabulary.right, vocabulary.made, table)
    return table


@lru_cache(maxsize=2)
def load_encoder(tokenizer_json: str) -> "Encoder":
    """The encoder of a tokenizer.json, made once in a process."""
    return Encoder(tokenizer_json)


class Encoder:
    """A tokenizer ready for use; it remembers words from one call to the next, which no result shows."""

    def __init__(self, tokenizer_json: str, remembered_words: int = 1 << 16) -> None:
        self.vocabulary = read_tokenizer(tokenizer_json)
        self.id_type = id_type(len(self.vocabulary))
        self._merges = _merge_table(self.vocabulary)
        self._memory = WordMemory(np.zeros((remembered_words, 3), np.uint64), np.zeros((remembered_words, 8), np.int32))

    def encode(self, text: pa.Array | pa.ChunkedArray) -> Encoded:
        """Ids of these documents, without `<|endoftext|>` or any other special one."""
        data, offsets = flatten(text)
        out = np.empty(offsets[-1] - offsets[0], self.id_type)
        splitter = splitter_of(self.vocabulary.words, data, offsets)
        token_offsets = encode_kernel(data, offsets, splitter, self._merges, self._memory, SEED, out)
        return Encoded(out[: token_offsets[-1]], token_offsets)

    def decode(self, ids: np.ndarray) -> bytes:
        """What these ids stand for; special tokens stand for nothing."""
        ids = np.asarray(ids)
        if len(ids) and int(ids.max()) >= len(self.vocabulary):
            raise ValueError(f"id {int(ids.max())} is beyond the vocabulary of {len(self.vocabulary)}")
        return bytes(decode_kernel(ids, *self.vocabulary.bytes_and_offsets))
