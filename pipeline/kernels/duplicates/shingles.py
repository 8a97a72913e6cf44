"""Words, shingles and their hashes over flat (bytes, offsets) text.

A *word* is what `normalise` leaves between two spaces; a *shingle* is `shingle_words` consecutive words joined by single
spaces, or the whole text where it has fewer words. A shingle is hashed with CRC-32 (IEEE, `zlib.crc32`).
"""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.characters import decode

# What a code point does to the words: pipeline/duplicates/normalise.py fills the table.
SEPARATOR, DROPPED, DIGIT, LETTER = np.uint8(0), np.uint8(1), np.uint8(2), np.uint8(3)
ALONE = np.uint8(4)  # a word of its own
DECIMAL_MARK = np.uint8(5)  # ends a word like SEPARATOR, unless it stands once inside a number
AS_IT_IS = np.uint8(6)  # a letter that has no form in the table
STARTS = np.uint8(7)  # begins a word; letters behind it go on with it


class CharacterForms(NamedTuple):
    """What each code point becomes; beyond the table each is AS_IT_IS."""

    kinds: np.ndarray  # uint8 [code points]
    places: np.ndarray  # int32 [code points + 1]: `utf8[places[c]:places[c + 1]]` is what c becomes
    utf8: np.ndarray  # uint8
    growth: int  # a text grows at most this many times, spaces between the words included


SPACE, ZERO = np.uint8(0x20), np.uint8(0x30)
NO_NUMBER, WHOLE_PART, AFTER_MARK, FRACTION = 0, 1, 2, 3


def _crc_tables() -> np.ndarray:
    """Tables for eight bytes a step [8, 256]: row 0 is the usual byte table, row k advances it by k zero bytes."""
    tables = np.zeros((8, 256), np.uint32)
    value = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        value = np.where(value & 1, (value >> 1) ^ np.uint32(0xEDB88320), value >> 1).astype(np.uint32)
    tables[0] = value
    for step in range(1, 8):
        value = (value >> 8) ^ tables[0][value & 0xFF]
        tables[step] = value
    return tables


CRC = _crc_tables()


@part
def normalise(data, start, end, forms, out):  # type: ignore[no-untyped-def]
    """Write the words of data[start:end], joined by single spaces, to `out` and return their length in bytes.

    `out` has room for `forms.growth * (end - start)` bytes. One pass, no look-ahead: a decimal mark inside a number is
    undecided until the next character is known.
    """
    kinds, places, utf8 = forms.kinds, forms.places, forms.utf8
    length = 0
    number = NO_NUMBER
    word_ended = True  # its space is written when the next one begins
    at = start
    while at < end:
        begin = at
        if data[at] < 0x80:  # most of most text; two thirds of the time
            code, at = np.int64(data[at]), at + 1
        else:
            code, size = decode(data, at, end)
            at += size
        kind = kinds[code] if code < kinds.size else AS_IT_IS
        if kind == DROPPED:
            continue
        if kind == DIGIT and number != NO_NUMBER:  # the number goes on, its "0" is written
            number = FRACTION if number == AFTER_MARK else number
            continue
        if kind == DECIMAL_MARK and number == WHOLE_PART:
            number = AFTER_MARK
            continue
        word_ended |= number == AFTER_MARK or kind in (ALONE, STARTS)
        number = WHOLE_PART if kind == DIGIT else NO_NUMBER
        if kind in (SEPARATOR, DECIMAL_MARK):
            word_ended = True
            continue
        if word_ended and length:
            out[length] = SPACE
            length += 1
        word_ended = kind == ALONE
        if kind == DIGIT:
            out[length] = ZERO
            length += 1
        elif kind == AS_IT_IS:
            for place in range(begin, at):
                out[length] = data[place]
                length += 1
        else:
            for place in range(places[code], places[code + 1]):
                out[length] = utf8[place]
                length += 1
    return length


@kernel
def scratch(offsets, growth):  # type: ignore[no-untyped-def]
    """Room for the words of the longest row."""
    longest = np.int64(0)
    for row in range(offsets.size - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return np.empty(longest * growth, np.uint8)


@kernel
def normalised_texts(data, offsets, forms):  # type: ignore[no-untyped-def]
    """The words of every row, flat: (bytes, offsets [rows + 1])."""
    words = scratch(offsets, forms.growth)
    found = np.empty((offsets[-1] - offsets[0]) * forms.growth, np.uint8)
    ends = np.zeros(offsets.size, np.int64)
    for row in range(offsets.size - 1):
        length = normalise(data, offsets[row], offsets[row + 1], forms, words)
        found[ends[row] : ends[row] + length] = words[:length]
        ends[row + 1] = ends[row] + length
    return found[: ends[-1]], ends


@inlined
def crc32(data, start, end, tables):  # type: ignore[no-untyped-def]
    """zlib.crc32(data[start:end]), eight bytes a step."""
    crc = np.uint32(0xFFFFFFFF)
    at = start
    while at + 8 <= end:
        low = crc ^ (
            np.uint32(data[at])
            | np.uint32(data[at + 1]) << np.uint32(8)
            | np.uint32(data[at + 2]) << np.uint32(16)
            | np.uint32(data[at + 3]) << np.uint32(24)
        )
        crc = np.uint32(
            tables[7, low & 0xFF]
            ^ tables[6, (low >> 8) & 0xFF]
            ^ tables[5, (low >> 16) & 0xFF]
            ^ tables[4, (low >> 24) & 0xFF]
            ^ tables[3, data[at + 4]]
            ^ tables[2, data[at + 5]]
            ^ tables[1, data[at + 6]]
            ^ tables[0, data[at + 7]]
        )
        at += 8
    while at < end:
        crc = np.uint32((crc >> np.uint32(8)) ^ tables[0, (crc ^ data[at]) & 0xFF])
        at += 1
    return np.uint32(crc ^ np.uint32(0xFFFFFFFF))


@part
def next_shingle_hashes(words, length, position, shingle_words, tables, out):  # type: ignore[no-untyped-def]
    """Hash the shingles of words[:length] that start at or after byte `position`, until `out` is full.

    Returns (hashes written, position to go on from; `length` when done). Each byte is read `shingle_words` times at most
    once per shingle it is in, so time is linear whatever the length of a word.
    """
    count = 0
    if position >= length:
        return count, length
    last = position  # end of the shingle that starts at `position`
    for _ in range(shingle_words):
        last += last < length and words[last] == SPACE
        while last < length and words[last] != SPACE:
            last += 1
    while count < out.size:
        out[count] = crc32(words, position, last, tables)
        count += 1
        if last == length:
            return count, length
        while words[position] != SPACE:
            position += 1
        position += 1
        last += 1
        while last < length and words[last] != SPACE:
            last += 1
    return count, position
