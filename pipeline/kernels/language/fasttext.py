"""What a fastText classifier says of lines of text, in sums of a fixed order: fastText's own answers differ in their last bits
between kinds of CPU.

Follows fastText 0.9.2: dictionary.cc (words, character n-grams, n-grams of words), model.cc and loss.cc. Sums are float32, one
after the other, as there; the exponential is ours (votes.py), and probabilities are float64 until the end.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.language.votes import exponential

BLANK, OPENS, CLOSES = 0x20, 0x3C, 0x3E  # a word is "<word>" where its n-grams are taken
HIERARCHICAL, SOFTMAX = 1, 3  # losses; the others (negative sampling, one against all) ask each label by itself
SMALL_START, SMALL_PRIME = np.uint32(2166136261), np.uint32(16777619)
LARGE_START, LARGE_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
WORDS_PRIME = np.uint64(116049371)
LEAST = 1e-5  # what fastText adds before a logarithm


@inlined
def signed(byte: int) -> np.uint32:
    """A byte as fastText hashes it: as a signed one."""
    return np.uint32(byte | 0xFFFFFF00) if byte >= 0x80 else np.uint32(byte)


@part
def word_id(data: np.ndarray, start: int, end: int, word_keys: np.ndarray, word_ids: np.ndarray) -> int:
    """The number of a word, -1 where it is none of the model's; words are known by 64-bit hashes."""
    key = LARGE_START
    for i in range(start, end):
        key = (key ^ np.uint64(data[i])) * LARGE_PRIME
    place = np.searchsorted(word_keys, key)
    return int(word_ids[place]) if place < len(word_keys) and word_keys[place] == key else -1


@part
def character_grams(
    word: np.ndarray, size: int, shortest: int, longest: int, bucket_row: np.ndarray, rows: np.ndarray, count: int
) -> int:
    """Appends the rows of a word's n-grams; word[:size] is the word between its signs."""
    for i in range(size):
        if word[i] & 0xC0 == 0x80:
            continue
        hashed, j = SMALL_START, i
        for n in range(1, longest + 1):
            if j >= size:
                break
            hashed = np.uint32((hashed ^ signed(word[j])) * SMALL_PRIME)
            j += 1
            while j < size and word[j] & 0xC0 == 0x80:
                hashed = np.uint32((hashed ^ signed(word[j])) * SMALL_PRIME)
                j += 1
            if n >= shortest and not (n == 1 and (i == 0 or j == size)):
                row = bucket_row[np.int64(hashed) % len(bucket_row)]
                if row >= 0:
                    rows[count] = row
                    count += 1
    return count


@part
def word_grams(hashes: np.ndarray, words: int, longest: int, bucket_row: np.ndarray, rows: np.ndarray, count: int) -> int:
    """Appends the rows of n-grams of words; a word's hash is a signed number of 32 bits there."""
    for i in range(words):
        hashed = np.uint64(hashes[i])
        for j in range(i + 1, min(words, i + longest)):
            hashed = hashed * WORDS_PRIME + np.uint64(hashes[j])
            row = bucket_row[np.int64(hashed % np.uint64(len(bucket_row)))]
            if row >= 0:
                rows[count] = row
                count += 1
    return count


@part
def rows_of_line(
    data: np.ndarray, start: int, end: int, word_keys: np.ndarray, word_ids: np.ndarray, line_end: int, line_end_hash: int,
    bucket_row: np.ndarray, shortest: int, longest: int, word_longest: int, rows: np.ndarray, word: np.ndarray,
    hashes: np.ndarray,
) -> int:  # fmt: skip
    """The rows of a line's words, their n-grams, the line's end, and n-grams of words, in fastText's order."""
    count = words = 0
    i = start
    while i < end:
        if data[i] == BLANK:
            i += 1
            continue
        stop = i
        hashed = SMALL_START
        word[0] = OPENS
        while stop < end and data[stop] != BLANK:
            hashed = np.uint32((hashed ^ signed(data[stop])) * SMALL_PRIME)
            word[stop - i + 1] = data[stop]
            stop += 1
        word[stop - i + 1] = CLOSES
        number = word_id(data, i, stop, word_keys, word_ids)
        if number >= 0:
            rows[count] = number
            count += 1
        if longest > 0:
            count = character_grams(word, stop - i + 2, shortest, longest, bucket_row, rows, count)
        hashes[words] = np.int64(np.int32(hashed))
        words += 1
        i = stop
    if line_end >= 0:
        rows[count] = line_end
        count += 1
    hashes[words] = line_end_hash
    return word_grams(hashes, words + 1, word_longest, bucket_row, rows, count) if word_longest > 1 else count


@part
def best_label(hidden: np.ndarray, output: np.ndarray, loss: int, left: np.ndarray, right: np.ndarray) -> tuple[int, float]:
    """(label, probability); left and right are the children of the tree's inner nodes, which follow the labels."""
    labels = len(output)
    scores = np.empty(labels)
    for label in range(labels):
        total = np.float32(0)
        for d in range(len(hidden)):
            total += output[label, d] * hidden[d]
        scores[label] = total
    if loss == SOFTMAX:
        best, parts = int(np.argmax(scores)), 0.0
        for label in range(labels):
            parts += exponential(scores[label] - scores[best])
        return best, 1.0 / parts
    if loss != HIERARCHICAL:
        best = int(np.argmax(scores))
        return best, 1.0 / (1.0 + exponential(-scores[best]))
    chance = np.ones(2 * labels - 1)
    for node in range(2 * labels - 2, labels - 1, -1):
        goes_right = 1.0 / (1.0 + exponential(-scores[node - labels]))
        chance[left[node - labels]] = chance[node] * (1.0 - goes_right + LEAST)
        chance[right[node - labels]] = chance[node] * (goes_right + LEAST)
    best = int(np.argmax(chance[:labels]))
    return best, chance[best]


@kernel
def classify(
    data: np.ndarray, offsets: np.ndarray, word_keys: np.ndarray, word_ids: np.ndarray, line_end: int, line_end_hash: int,
    bucket_row: np.ndarray, shortest: int, longest: int, word_longest: int, matrix: np.ndarray, output: np.ndarray, loss: int,
    left: np.ndarray, right: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """(label, probability) of each line, -1 and 0 of one without a known word or n-gram.

    bucket_row [buckets] gives the row of `matrix` that an n-gram's hash stands for, -1 where it was pruned; line_end is the row
    of the sign that ends a line, -1 where the model has none.
    """
    lines = len(offsets) - 1
    best, probability = np.full(lines, -1, np.int32), np.zeros(lines)
    size = 2
    for line in range(lines):
        size = max(size, offsets[line + 1] - offsets[line] + 2)
    rows = np.empty(size * (max(longest, 1) + 2 + max(word_longest, 1)), np.int64)
    word, hashes = np.empty(size + 2, np.uint8), np.empty(size, np.int64)
    hidden = np.empty(matrix.shape[1], np.float32)
    for line in range(lines):
        if offsets[line] == offsets[line + 1]:
            continue
        count = rows_of_line(
            data, offsets[line], offsets[line + 1], word_keys, word_ids, line_end, line_end_hash, bucket_row, shortest, longest,
            word_longest, rows, word, hashes,
        )  # fmt: skip
        if count == 0:
            continue
        hidden[:] = 0
        for i in range(count):
            for d in range(len(hidden)):
                hidden[d] += matrix[rows[i], d]
        share = np.float32(1.0 / count)
        for d in range(len(hidden)):
            hidden[d] *= share
        best[line], probability[line] = best_label(hidden, output, loss, left, right)
    return best, probability
