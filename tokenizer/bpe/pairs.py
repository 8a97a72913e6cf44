"""The learner's state as flat arrays, and the kernels that change it.

The words lie in one array, a token id at the first and at the last byte of each token:

    symbols   -1  t h e  -3  t h e n  -4       behind each word stands its number, -3 for the first
    t+h = 300 -1 300 300 e -3 300 300 e n -4

so a token's neighbours are found from its length alone, its word from the tokens behind it, and replacing a pair writes four
cells. Each pair keeps the places
where it may stand as one stretch of a growing array: a pair can only come into being when the newer of its two tokens does,
so its stretch is complete at once and never grows. A place is checked when it is used (`_stands`), not kept up to date.
Counts of pairs only fall, so the heap may hold old ones: whatever comes out on top too high goes back in.
"""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import kernel, part

_GAP = -2  # where two tokens met before they became one
_FIRST_WORD = -3


class Corpus(NamedTuple):
    """All words, flat. Shapes: symbols [bytes and words], counts [words], lengths [vocabulary]."""

    symbols: np.ndarray  # int32, see above
    counts: np.ndarray  # int64, occurrences of a word
    lengths: np.ndarray  # int32, bytes of a token


class Pairs(NamedTuple):
    """One row per pair ever seen often enough. Shapes: all [pairs] but places, table and heap."""

    keys: np.ndarray  # int64, left id << 32 | right id
    counts: np.ndarray  # int64, 0 once merged
    starts: np.ndarray  # int64, its stretch of `places`
    sizes: np.ndarray  # int64
    places: np.ndarray  # int32, a byte where the pair stood when it came into being
    table: np.ndarray  # int32, hash of key -> row, -1 where free
    heap: np.ndarray  # int32, rows, the best first
    heap_counts: np.ndarray  # int64 [pairs], the count by which a row was put there; counts only fall


class Scratch(NamedTuple):
    """Per token that stood left (row 0) or right (row 1) of a merge: what its pairs lose and gain. Shapes: [2, vocabulary]."""

    lost: np.ndarray  # int64, count of the old pair that is gone
    gained: np.ndarray  # int64, count of the new pair
    number: np.ndarray  # int64, places of the new pair
    cursor: np.ndarray  # int64, where its next place is written
    touched: np.ndarray  # int32, tokens with anything but zeros above


class Used(NamedTuple):
    pairs: int
    places: int
    heap: int


@part
def _slot(key: int, table: np.ndarray) -> int:
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(table.size - 1))


@part
def _find(key: int, pairs: Pairs) -> int:
    """Row of a pair, -1 if it never was frequent enough to have one."""
    slot = _slot(key, pairs.table)
    while pairs.table[slot] >= 0:
        if pairs.keys[pairs.table[slot]] == key:
            return pairs.table[slot]
        slot = (slot + 1) & (pairs.table.size - 1)
    return -1


@part
def _enter(row: int, pairs: Pairs) -> None:
    slot = _slot(pairs.keys[row], pairs.table)
    while pairs.table[slot] >= 0:
        slot = (slot + 1) & (pairs.table.size - 1)
    pairs.table[slot] = row


@kernel
def enter_all(used: int, pairs: Pairs) -> None:
    """Fills a table that was made larger."""
    for row in range(used):
        if pairs.counts[row] > 0:
            _enter(row, pairs)


@part
def _better(left: int, right: int, pairs: Pairs) -> bool:
    """Higher count first, then smaller ids; the key orders as (left id, right id)."""
    if pairs.heap_counts[left] != pairs.heap_counts[right]:
        return pairs.heap_counts[left] > pairs.heap_counts[right]
    return pairs.keys[left] < pairs.keys[right]


@part
def _rise(at: int, pairs: Pairs) -> None:
    heap = pairs.heap
    while at > 0 and _better(heap[at], heap[(at - 1) // 2], pairs):
        heap[at], heap[(at - 1) // 2] = heap[(at - 1) // 2], heap[at]
        at = (at - 1) // 2


@part
def _sink(at: int, size: int, pairs: Pairs) -> None:
    heap = pairs.heap
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and _better(heap[child + 1], heap[child], pairs):
            child += 1
        if not _better(heap[child], heap[at], pairs):
            break
        heap[at], heap[child] = heap[child], heap[at]
        at = child


@part
def _new_pair(key: int, count: int, number: int, used: Used, pairs: Pairs) -> Used:
    """Gives a pair its row, its stretch of places (yet empty) and its place in the heap."""
    row = used.pairs
    pairs.keys[row], pairs.counts[row], pairs.heap_counts[row] = key, count, count
    pairs.starts[row], pairs.sizes[row] = used.places, number
    _enter(row, pairs)
    pairs.heap[used.heap] = row
    _rise(used.heap, pairs)
    return Used(row + 1, used.places + number, used.heap + 1)


@kernel
def pop_best(heap_size: int, min_count: int, pairs: Pairs) -> tuple[int, int]:
    """(row of the most frequent pair or -1, size of the heap without it). A row whose count fell meanwhile goes back in."""
    while heap_size > 0:
        row = pairs.heap[0]
        count = pairs.counts[row]
        if count >= min_count and count < pairs.heap_counts[row]:
            pairs.heap_counts[row] = count
            _sink(0, heap_size, pairs)
            continue
        heap_size -= 1
        pairs.heap[0] = pairs.heap[heap_size]
        _sink(0, heap_size, pairs)
        if count >= min_count:
            return row, heap_size
    return -1, 0


@kernel
def lay_out(data: np.ndarray, offsets: np.ndarray, byte_ids: np.ndarray, symbols: np.ndarray) -> None:
    """Writes the words as single-byte tokens, the number of each behind it."""
    symbols[0], at = -1, 1
    for word in range(offsets.size - 1):
        for byte in range(offsets[word], offsets[word + 1]):
            symbols[at] = byte_ids[data[byte]]
            at += 1
        symbols[at] = _FIRST_WORD - word
        at += 1


@part
def _count_of_word(place: int, corpus: Corpus) -> int:
    """Occurrences of the word in which a token stands at `place`."""
    symbol = corpus.symbols[place]
    while symbol >= 0:
        place += corpus.lengths[symbol]
        symbol = corpus.symbols[place]
    return corpus.counts[_FIRST_WORD - symbol]


@kernel
def count_byte_pairs(corpus: Corpus, first_merge: int) -> tuple[np.ndarray, np.ndarray]:
    """(count, places) of every pair of single bytes. Shapes: [first_merge, first_merge]."""
    counts = np.zeros((first_merge, first_merge), np.int64)
    number = np.zeros((first_merge, first_merge), np.int64)
    word = 0
    for at in range(1, corpus.symbols.size - 1):
        left, right = corpus.symbols[at], corpus.symbols[at + 1]
        if left >= 0 and right >= 0:
            counts[left, right] += corpus.counts[word]
            number[left, right] += 1
        elif left < 0:
            word += 1
    return counts, number


@kernel
def place_byte_pairs(corpus: Corpus, counts: np.ndarray, number: np.ndarray, min_count: int, pairs: Pairs) -> Used:
    used = Used(0, 0, 0)
    cursor = np.full(counts.shape, -1, np.int64)
    for left in range(counts.shape[0]):
        for right in range(counts.shape[1]):
            if counts[left, right] >= min_count:
                cursor[left, right] = used.places
                used = _new_pair((left << 32) | right, counts[left, right], number[left, right], used, pairs)
    for at in range(corpus.symbols.size - 1):
        left, right = corpus.symbols[at], corpus.symbols[at + 1]
        if left >= 0 and right >= 0 and cursor[left, right] >= 0:
            pairs.places[cursor[left, right]] = at
            cursor[left, right] += 1
    return used


@part
def _stands(place: int, left: int, right: int, corpus: Corpus) -> bool:
    """Whether the pair is still there: where a token begins or began stands its id, or that of the one that took it in."""
    return corpus.symbols[place] == left and corpus.symbols[place + corpus.lengths[left]] == right


@part
def _touch(side: int, token: int, touched_size: int, scratch: Scratch) -> int:
    if scratch.lost[side, token] == 0 and scratch.gained[side, token] == 0:
        scratch.touched[side, touched_size] = token
        return touched_size + 1
    return touched_size


@kernel
def _replace(row: int, new: int, corpus: Corpus, pairs: Pairs, scratch: Scratch, touched: np.ndarray) -> int:
    """Replaces the pair wherever it stands, from left to right; the places move to the front of its stretch. Their number."""
    symbols = corpus.symbols
    left, right = pairs.keys[row] >> 32, pairs.keys[row] & 0xFFFFFFFF
    start, merged = pairs.starts[row], 0
    for index in range(start, start + pairs.sizes[row]):
        place = pairs.places[index]
        if not _stands(place, left, right, corpus):
            continue
        count = _count_of_word(place, corpus)
        middle = place + corpus.lengths[left]
        after = middle + corpus.lengths[right]
        if symbols[place - 1] >= 0:  # if it is `new`, that pair is not in the table yet, and nothing is lost
            touched[0] = _touch(0, symbols[place - 1], touched[0], scratch)
            scratch.lost[0, symbols[place - 1]] += count
        if symbols[after] >= 0:
            touched[1] = _touch(1, symbols[after], touched[1], scratch)
            scratch.lost[1, symbols[after]] += count
        symbols[middle - 1] = symbols[middle] = _GAP
        symbols[place] = symbols[after - 1] = new
        pairs.places[start + merged] = place
        merged += 1
    return merged


@part
def _see_neighbours(row: int, merged: int, new: int, corpus: Corpus, pairs: Pairs, scratch: Scratch, touched: np.ndarray) -> None:
    """Counts the pairs that the new token makes with what stands beside it; new-new counts once, as the left one's."""
    symbols, start = corpus.symbols, pairs.starts[row]
    for index in range(start, start + merged):
        place = pairs.places[index]
        count = _count_of_word(place, corpus)
        before, after = symbols[place - 1], symbols[place + corpus.lengths[new]]
        if before >= 0 and before != new:
            touched[0] = _touch(0, before, touched[0], scratch)
            scratch.gained[0, before] += count
            scratch.number[0, before] += 1
        if after >= 0:
            touched[1] = _touch(1, after, touched[1], scratch)
            scratch.gained[1, after] += count
            scratch.number[1, after] += 1


@kernel
def _place(row: int, merged: int, new: int, corpus: Corpus, pairs: Pairs, scratch: Scratch) -> None:
    """Writes the places of the new pairs, in the order of the text: a run such as `a a a` must merge from its left."""
    symbols, start = corpus.symbols, pairs.starts[row]
    for index in range(start, start + merged):
        place = pairs.places[index]
        before, after = symbols[place - 1], symbols[place + corpus.lengths[new]]
        if before >= 0 and before != new and scratch.cursor[0, before] >= 0:
            pairs.places[scratch.cursor[0, before]] = place - corpus.lengths[before]
            scratch.cursor[0, before] += 1
        if after >= 0 and scratch.cursor[1, after] >= 0:
            pairs.places[scratch.cursor[1, after]] = place
            scratch.cursor[1, after] += 1


@kernel
def merge_pair(row: int, new: int, min_count: int, used: Used, corpus: Corpus, pairs: Pairs, scratch: Scratch) -> Used:
    """Makes token `new` of the pair in `row`: replaces it everywhere and brings counts, pairs and heap up to date."""
    left, right = pairs.keys[row] >> 32, pairs.keys[row] & 0xFFFFFFFF
    touched = np.zeros(2, np.int64)
    merged = _replace(row, new, corpus, pairs, scratch, touched)
    _see_neighbours(row, merged, new, corpus, pairs, scratch, touched)
    for side in range(2):
        for index in range(touched[side]):
            token = np.int64(scratch.touched[side, index])
            if scratch.lost[side, token] > 0:
                old = _find((token << 32) | left if side == 0 else (right << 32) | token, pairs)
                if old >= 0:
                    pairs.counts[old] -= scratch.lost[side, token]
            scratch.cursor[side, token] = -1
            if scratch.gained[side, token] >= min_count:
                scratch.cursor[side, token] = used.places
                key = (token << 32) | new if side == 0 else (new << 32) | token
                used = _new_pair(key, scratch.gained[side, token], scratch.number[side, token], used, pairs)
    _place(row, merged, new, corpus, pairs, scratch)
    for side in range(2):
        for index in range(touched[side]):
            token = scratch.touched[side, index]
            scratch.lost[side, token], scratch.gained[side, token], scratch.number[side, token] = 0, 0, 0
    pairs.counts[row], pairs.sizes[row] = 0, 0
    return used


@kernel
def drop_stale_places(used: Used, min_count: int, corpus: Corpus, pairs: Pairs) -> int:
    """Moves the places that still hold to the front, in place: stretches lie in the order of their rows. The places left."""
    kept = 0
    for row in range(used.pairs):
        start, stop = pairs.starts[row], pairs.starts[row] + pairs.sizes[row]
        left, right = pairs.keys[row] >> 32, pairs.keys[row] & 0xFFFFFFFF
        pairs.starts[row] = kept
        if pairs.counts[row] >= min_count:
            for index in range(start, stop):
                if _stands(pairs.places[index], left, right, corpus):
                    pairs.places[kept] = pairs.places[index]
                    kept += 1
        pairs.sizes[row] = kept - pairs.starts[row]
    return kept
