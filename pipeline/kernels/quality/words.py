"""Words and punctuation marks of a text, by Unicode character classes; and what Gopher counts of them.

A token is one of
- a word: letters, digits and combining marks, with single joiners (’ . - / _ …) where a letter or digit is on both sides,
  and , : inside numbers; e.g. "don't", "well-known", "sources.list", "1,000.5";
- a piece of a run of letters of a script written without spaces: 2 characters of Han and kana, 4 of Thai, Lao, Khmer and Burmese;
  a run of n is the nearest whole number of words and the last takes the rest, e.g. "これは文です" (6) -> "これ", "は文", "です";
- a mark: a run of one same punctuation mark or symbol, e.g. "...", "--", "(".
"""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.characters import (
    CLASS_BITS,
    DIGIT,
    DIGIT_JOINER,
    EXTEND,
    JOINER,
    LETTER,
    RUN,
    SPACE,
    continues_run,
    decode,
    run_word_chars,
    words_in_run,
)

IS_WORD = 1  # has a letter or digit
IS_ALPHABETIC = 2  # has a letter
_HASH_START = np.uint64(0xCBF29CE484222325)  # FNV-1a, 64 bits
_HASH_PRIME = np.uint64(0x100000001B3)
_ASCII_WORD = np.zeros(256, dtype=np.uint8)  # class of ASCII letters and digits, else 0
_ASCII_WORD[[*range(0x41, 0x5B), *range(0x61, 0x7B)]] = LETTER
_ASCII_WORD[0x30:0x3A] = DIGIT


class Tokens(NamedTuple):
    """Tokens of a batch; those of row i are `[offsets[i]:offsets[i + 1]]`."""

    offsets: np.ndarray  # int64 [rows + 1]
    hashes: np.ndarray  # uint64 [tokens], FNV-1a of the token's UTF-8
    chars: np.ndarray  # int32 [tokens], code points
    kinds: np.ndarray  # uint8 [tokens], IS_WORD | IS_ALPHABETIC; 0 is a mark


@part
def _joins(data: np.ndarray, at: int, end: int, table: np.ndarray, joiner: int, last: int) -> bool:
    """Whether a joiner that ends before `at` and follows class `last` has its word go on at `at`."""
    if at >= end:
        return False
    code_point, _ = decode(data, at, end)
    following = table[code_point] & CLASS_BITS
    if joiner == JOINER:
        return following in (LETTER, DIGIT)
    return following == DIGIT and last == DIGIT


@part
def _end_of_run(data: np.ndarray, at: int, end: int, table: np.ndarray, word_chars: int) -> int:
    while at < end:
        code_point, width = decode(data, at, end)
        if not continues_run(table[code_point], word_chars):
            break
        at += width
    return at


@part
def _hashed(value: np.uint64, data: np.ndarray, at: int, width: int) -> np.uint64:
    for i in range(at, at + width):
        value = (value ^ np.uint64(data[i])) * _HASH_PRIME
    return value


@part
def _add_run(
    data: np.ndarray, at: int, stop: int, word_chars: int, hashes: np.ndarray, chars: np.ndarray, kinds: np.ndarray, count: int
) -> int:
    """Appends the words of one run; the new count."""
    run_chars = 0
    for i in range(at, stop):
        run_chars += (data[i] & 0xC0) != 0x80
    words = words_in_run(run_chars, word_chars)
    for word in range(words):
        value, length = _HASH_START, 0
        while at < stop and (length < word_chars or word == words - 1):
            _, width = decode(data, at, stop)
            value = _hashed(value, data, at, width)
            length += 1
            at += width
        hashes[count], chars[count], kinds[count] = value, length, IS_WORD | IS_ALPHABETIC
        count += 1
    return count


@part
def _tokenise_row(
    data: np.ndarray, start: int, end: int, table: np.ndarray,
    hashes: np.ndarray, chars: np.ndarray, kinds: np.ndarray, count: int,
) -> int:  # fmt: skip
    """Appends the tokens of one row from index `count` on; the new count."""
    at = start
    while at < end:
        if data[at] == 0x20:
            at += 1
            continue
        mark, width = decode(data, at, end)
        kind = table[mark] & CLASS_BITS
        if kind == SPACE:
            at += width
            continue
        if kind == RUN:
            word_chars = run_word_chars(table[mark])
            stop = _end_of_run(data, at, end, table, word_chars)
            count = _add_run(data, at, stop, word_chars, hashes, chars, kinds, count)
            at = stop
            continue
        is_word = kind in (LETTER, DIGIT)
        value, length, flags, last = _HASH_START, 0, 0, kind
        while True:
            value = _hashed(value, data, at, width)
            length += 1
            flags |= IS_ALPHABETIC * (kind == LETTER)
            at += width
            while is_word and at < end and _ASCII_WORD[data[at]]:
                last = _ASCII_WORD[data[at]]
                value = (value ^ np.uint64(data[at])) * _HASH_PRIME
                flags |= IS_ALPHABETIC * (last == LETTER)
                length += 1
                at += 1
            if at >= end:
                break
            code_point, width = decode(data, at, end)
            kind = table[code_point] & CLASS_BITS
            if is_word and kind in (LETTER, DIGIT):
                last = kind
            elif kind == EXTEND:
                continue
            elif not is_word:
                if code_point != mark:
                    break
            elif kind not in (JOINER, DIGIT_JOINER) or not _joins(data, at + width, end, table, kind, last):
                break
        hashes[count], chars[count], kinds[count] = value, length, flags | IS_WORD * is_word
        count += 1
    return count


@kernel
def _tokenise(
    data: np.ndarray, offsets: np.ndarray, table: np.ndarray, hashes: np.ndarray, chars: np.ndarray, kinds: np.ndarray
) -> np.ndarray:
    token_offsets = np.zeros(len(offsets), dtype=np.int64)
    for row in range(len(offsets) - 1):
        token_offsets[row + 1] = _tokenise_row(
            data, offsets[row], offsets[row + 1], table, hashes, chars, kinds, token_offsets[row]
        )
    return token_offsets


def tokenise(data: np.ndarray, offsets: np.ndarray, table: np.ndarray) -> Tokens:
    """All tokens of all rows. Reserves 13 bytes per byte of text and touches those of real tokens, about one in five."""
    room = int(offsets[-1] - offsets[0])
    hashes, chars, kinds = np.empty(room, np.uint64), np.empty(room, np.int32), np.empty(room, np.uint8)
    token_offsets = _tokenise(data, offsets, table, hashes, chars, kinds)
    count = token_offsets[-1]
    return Tokens(token_offsets, hashes[:count], chars[:count], kinds[:count])


@kernel
def count_words(offsets: np.ndarray, chars: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """int64 [rows, 4]: words, marks, code points in words, tokens with a letter."""
    counts = np.zeros((len(offsets) - 1, 4), dtype=np.int64)
    for row in range(len(counts)):
        for token in range(offsets[row], offsets[row + 1]):
            if kinds[token] & IS_WORD:
                counts[row, 0] += 1
                counts[row, 2] += chars[token]
            else:
                counts[row, 1] += 1
            counts[row, 3] += (kinds[token] & IS_ALPHABETIC) != 0
    return counts


@kernel
def hash_words(data: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """uint64 [rows]: the hash of each row as one token, comparable with Tokens.hashes."""
    hashes = np.empty(len(offsets) - 1, dtype=np.uint64)
    for row in range(len(hashes)):
        value = _HASH_START
        for i in range(offsets[row], offsets[row + 1]):
            value = (value ^ np.uint64(data[i])) * _HASH_PRIME
        hashes[row] = value
    return hashes


@kernel
def count_listed(offsets: np.ndarray, hashes: np.ndarray, lists: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """int64 [rows, 2]: how many different words of its list occur in each row, and how often any of them does.

    `listed` [lists, up to 64 words] holds ascending hashes, padded with the largest number; `lists` [rows] says which list is
    each row's, -1 for none.
    """
    counts = np.zeros((len(lists), 2), dtype=np.int64)
    for row in range(len(lists)):
        if lists[row] < 0:
            continue
        words = listed[lists[row]]
        seen = np.uint64(0)
        for token in range(offsets[row], offsets[row + 1]):
            place = np.searchsorted(words, hashes[token])
            if place < len(words) and words[place] == hashes[token]:
                seen |= np.uint64(1) << np.uint64(place)
                counts[row, 1] += 1
        while seen:
            seen &= seen - np.uint64(1)
            counts[row, 0] += 1
    return counts
