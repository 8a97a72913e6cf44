"""N-grams of words looked up in an index of a benchmark's: one pass over the text, memory for one n-gram.

A word is a run of characters that have a form (pipeline/contamination/words.py), hashed by FNV-1a over its form; an n-gram is a
polynomial in the hashes of its words, so that it rolls. Of its mixed 64 bits the upper ones choose a bucket of the index, the
lower 32 are kept there: with a few n-grams a bucket another one is taken for them once in 10^9 looks.
"""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.characters import decode
from pipeline.kernels.duplicates.fingerprints import row_words
from pipeline.kernels.duplicates.minhash import mix64
from pipeline.kernels.duplicates.shingles import ALONE, AS_IT_IS, DROPPED, SEPARATOR

_HASH_START = np.uint64(0xCBF29CE484222325)  # FNV-1a, 64 bits
_HASH_PRIME = np.uint64(0x100000001B3)
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd: no power of it vanishes


@kernel
def text_words(data, offsets, forms):  # type: ignore[no-untyped-def]
    """(row offsets [rows + 1], hashes): the words of every row."""
    rows = offsets.size - 1
    room = offsets[rows] - offsets[0]
    hashes, starts, ends = np.empty(room, np.uint64), np.empty(room, np.int32), np.empty(room, np.int32)
    bounds = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        first = bounds[row]
        bounds[row + 1] = first + row_words(
            data, offsets[row], offsets[row + 1], forms, hashes[first:], starts[first:], ends[first:]
        )
    return bounds, hashes[: bounds[rows]]


class Table(NamedTuple):
    """N-grams by their hashes. Shapes: starts [2^(64 - shift) + 1], remainders [entries], met [2^bits / 8]."""

    starts: np.ndarray  # uint32: entries[starts[b]:starts[b + 1]] are bucket b's
    remainders: np.ndarray  # uint32, ascending within a bucket
    met: np.ndarray  # uint8, a bit for the lowest bits of each hash: small enough for a core's own cache, it answers most looks
    shift: int  # bits of a hash below those that name its bucket


@kernel
def word_ngrams(bounds, hashes, words):  # type: ignore[no-untyped-def]
    """(row, hash, distinct words) of each n-gram of `words` words, row by row."""
    rows = bounds.size - 1
    total = np.int64(0)
    for row in range(rows):
        total += max(np.int64(0), bounds[row + 1] - bounds[row] - words + 1)
    of_rows, values, distinct = np.empty(total, np.int64), np.empty(total, np.uint64), np.empty(total, np.int64)
    count = 0
    for row in range(rows):
        for first in range(bounds[row], bounds[row + 1] - words + 1):
            value = np.uint64(0)
            for place in range(first, first + words):
                value = value * _BASE + mix64(hashes[place])
            of_rows[count], values[count] = row, mix64(value + np.uint64(words))
            distinct[count] = distinct_words(hashes, first, first + words)
            count += 1
    return of_rows, values, distinct


@inlined
def distinct_words(hashes, start, end):  # type: ignore[no-untyped-def]
    count = 0
    for place in range(start, end):
        new = 1
        for other in range(start, place):
            if hashes[other] == hashes[place]:
                new = 0
        count += new
    return count


@inlined
def first_entry(value, table):  # type: ignore[no-untyped-def]
    """Place of the first entry of an n-gram, -1 where the table lacks it."""
    bit = np.int64(value & np.uint64(8 * table.met.size - 1))
    if not table.met[bit >> 3] >> (bit & 7) & 1:
        return np.int64(-1)
    bucket = np.int64(value >> np.uint64(table.shift))
    remainder = np.uint32(value & np.uint64(0xFFFFFFFF))
    for place in range(np.int64(table.starts[bucket]), np.int64(table.starts[bucket + 1])):
        if table.remainders[place] == remainder:
            return place
    return np.int64(-1)


@inlined
def ascii_word(data, at, end, ascii_forms, value):  # type: ignore[no-untyped-def]
    """(hash, byte behind) of the letters and digits from `at` on: nearly all of most text."""
    while at < end and data[at] < 0x80 and ascii_forms[data[at]]:
        value = (value ^ np.uint64(ascii_forms[data[at]])) * _HASH_PRIME
        at += 1
    return value, at


@inlined
def next_word(data, at, end, forms, ascii_forms, character):  # type: ignore[no-untyped-def]
    """(hash, first and last code point, byte and code point behind it) of the word at or after `at`; first is -1: none.

    `character` is the number of the code point at `at`.
    """
    kinds, places, utf8 = forms.kinds, forms.places, forms.utf8
    value, first, last = _HASH_START, np.int64(-1), np.int64(-1)
    while at < end:
        begin = at
        if data[at] < 0x80:
            value, at = ascii_word(data, at, end, ascii_forms, value)
            if at > begin:
                first = character if first < 0 else first
                character += at - begin
                last = character
                continue
            if first >= 0:
                break
            at, character = at + 1, character + 1
            continue
        code, size = decode(data, at, end)
        kind = kinds[code] if code < kinds.size else AS_IT_IS
        if first >= 0 and kind in (SEPARATOR, ALONE):
            break
        at, character = at + size, character + 1
        if kind in (DROPPED, SEPARATOR):
            continue
        first, last = (character - 1 if first < 0 else first), character
        value = with_form(value, data, begin, at, kind == AS_IT_IS, places, utf8, code)
        if kind == ALONE:
            break
    return value, first, last, at, character


@inlined
def with_form(value, data, begin, at, as_it_is, places, utf8, code):  # type: ignore[no-untyped-def]
    """The hash of a word that goes on with one more character."""
    if as_it_is:
        for byte in range(begin, at):
            value = (value ^ np.uint64(data[byte])) * _HASH_PRIME
    else:
        for byte in range(places[code], places[code + 1]):
            value = (value ^ np.uint64(utf8[byte])) * _HASH_PRIME
    return value


@kernel
def overlaps(data, offsets, forms, ascii_forms, lengths, table):  # type: ignore[no-untyped-def]
    """int64 [hits, 5] in the order of the text: row, number of the n-gram's first word, first entry, start and end.

    start and end are code points of the row. `lengths`: int64, of the n-grams that are looked up, the longest first.
    `ascii_forms`: uint8 [128], what an ASCII character becomes, 0: nothing.
    """
    hits, found = np.empty((64, 5), np.int64), 0
    longest = lengths[0]
    ring, begins = np.zeros(longest, np.uint64), np.zeros(longest, np.int64)
    rolling, leaving = np.zeros(lengths.size, np.uint64), powers(lengths)
    for row in range(offsets.size - 1):
        at, end, character, count = offsets[row], offsets[row + 1], np.int64(0), 0
        place = 0  # in the ring: of the oldest word, which the next one replaces
        rolling[:] = 0
        ring[:] = 0
        while True:
            value, first, last, at, character = next_word(data, at, end, forms, ascii_forms, character)
            if first < 0:
                break
            mixed = mix64(value)
            for kind in range(lengths.size):
                oldest = place - lengths[kind] if place >= lengths[kind] else place + longest - lengths[kind]
                rolling[kind] = rolling[kind] * _BASE + mixed - ring[oldest] * leaving[kind]
            ring[place], begins[place] = mixed, first
            place = place + 1 if place + 1 < longest else 0
            count += 1
            for kind in range(lengths.size):
                words = lengths[kind]
                entry = first_entry(mix64(rolling[kind] + np.uint64(words)), table) if count >= words else np.int64(-1)
                if entry >= 0:
                    hits = with_room(hits, found)
                    begin = begins[place - words if place >= words else place + longest - words]
                    hits[found] = row, count - words, entry, begin, last
                    found += 1
    return hits[:found]


@part
def powers(lengths):  # type: ignore[no-untyped-def]
    """What the oldest word of an n-gram of each length is multiplied with when it leaves."""
    found = np.ones(lengths.size, np.uint64)
    for kind in range(lengths.size):
        for _ in range(lengths[kind]):
            found[kind] *= _BASE
    return found


@part
def with_room(hits, found):  # type: ignore[no-untyped-def]
    """The same with room for one more."""
    if found < hits.shape[0]:
        return hits
    larger = np.empty((2 * found, hits.shape[1]), np.int64)
    larger[:found] = hits
    return larger
