"""How likely the order of a text's words is, by a linear model on hashed neighbours; one linear pass, the same for all languages.

A token is a run of letters, a number, or a run of one mark; a character of a script without spaces is one that says nothing.
Its class is itself where it has up to three letters (mostly the words of grammar), else its last two letters, with a flag for
a capital. A token adds the weights of its class, its first letters, and the pairs and triples of classes and words that it
closes; where the text has its pair of words a second time, only that it has: real lists and indexes repeat themselves, random
words do not.
"""

import numpy as np

from pipeline.kernels.cache import kernel, part
from pipeline.kernels.letters import decode
from pipeline.kernels.scores.sentence_scores import is_joined_mark, is_unspaced, mixed

FEATURES = 6  # of a token
SEEN_BITS = 15  # of the table of a text's pairs of words
MAX_SAID = 3.0  # the most that one token adds or takes
NEUTRAL = 0.1  # above it a token widens a stretch of gibberish, below it real text has begun
MAX_WORD_LETTERS = 3  # a longer word is known by its end
_PRIME = np.uint64(0x100000001B3)
_START = np.uint64(0xCBF29CE484222325)
_NUMBER, _CAPITAL = np.uint64(0xA24BAED4963EE407), np.uint64(0x9FB21C651E98DF25)
_SEEN = np.uint64(0x2545F4914F6CDD1D)
_CLASS, _BEGIN, _PAIR, _TRIPLE, _WORDS, _GAP = (np.uint64(0xD6E8FEB86659FD93 * salt & (1 << 64) - 1) for salt in range(1, 7))


@kernel
def token_features(data: np.ndarray, start: int, end: int, folded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(places [tokens]: byte where each begins; hashes [tokens, FEATURES]) of one text; 0 stands for a feature it has not."""
    room = 256
    places, hashes = np.empty(room, np.int64), np.empty((room, FEATURES), np.uint64)
    seen = np.zeros(1 << SEEN_BITS, np.bool_)
    count, i = 0, start
    last_word, last, before = np.uint64(0), np.uint64(0), np.uint64(0)
    while i < end:
        begin = i
        point, size = decode(data, i, end)
        letter = int(folded[point]) if point < 0x10000 else 0
        word, kind, opening = np.uint64(0), np.uint64(0), np.uint64(0)
        silent = is_unspaced(point)
        if silent:
            i += size
        elif letter > 1:
            length, value = 0, _START
            previous, latest = np.uint64(0), np.uint64(0)
            capital = letter != point
            while i < end:
                point, size = decode(data, i, end)
                letter = int(folded[point]) if point < 0x10000 else 0
                if letter > 1 and not is_unspaced(point):
                    value = (value ^ np.uint64(letter)) * _PRIME
                    previous, latest = latest, np.uint64(letter)
                    length += 1
                    if length == 3:
                        opening = mixed(value ^ _BEGIN)
                elif not (letter == 1 or is_joined_mark(point) or point in (0x27, 0x2019)):
                    break
                i += size
            word = mixed(value)
            kind = word
            if length > MAX_WORD_LETTERS:
                kind = mixed((previous * _PRIME ^ latest) * _PRIME + np.uint64(min(length, 9) // 4))
            if capital:
                kind ^= _CAPITAL
        elif 0x30 <= point <= 0x39:
            while i < end and 0x30 <= data[i] <= 0x39:
                i += 1
            word = kind = _NUMBER
        else:
            i += size
            if point <= 0x20 or point == 0xA0 or point == 0x3000 or is_joined_mark(point):
                continue
            while i < end and data[i] == data[begin] and size == 1:  # a rule of dashes is one mark
                i += 1
            word = kind = mixed(_START ^ np.uint64(point))
        if count == room:
            room *= 2
            places, hashes = _grown(places, hashes, room)
        places[count] = begin
        pair = mixed(last_word * _PRIME + word ^ _WORDS)
        slot = np.int64(pair >> np.uint64(64 - SEEN_BITS))
        hashes[count] = 0
        if silent:
            last_word, last, before = np.uint64(0), np.uint64(0), np.uint64(0)
            count += 1
            continue
        if seen[slot] and count:
            hashes[count, 0] = _SEEN
        else:
            hashes[count, 0] = mixed(kind ^ _CLASS)
            hashes[count, 1] = opening
            hashes[count, 2] = mixed(last * _PRIME + kind ^ _PAIR) if count else 0
            hashes[count, 3] = mixed((before * _PRIME + last) * _PRIME + kind ^ _TRIPLE) if count > 1 else 0
            hashes[count, 4] = pair if count else 0
            hashes[count, 5] = mixed(before * _PRIME + kind ^ _GAP) if count > 1 else 0
        seen[slot] = True
        before, last, last_word = last, kind, word
        count += 1
    return places[:count], hashes[:count]


@part
def _grown(places: np.ndarray, hashes: np.ndarray, room: int) -> tuple[np.ndarray, np.ndarray]:
    more_places, more_hashes = np.empty(room, np.int64), np.empty((room, FEATURES), np.uint64)
    for place in range(len(places)):
        more_places[place] = places[place]
        for feature in range(FEATURES):
            more_hashes[place, feature] = hashes[place, feature]
    return more_places, more_hashes


@part
def weighed(hashes: np.ndarray, weights: np.ndarray, shift: int) -> np.ndarray:
    """float32 [tokens]: what each token says, above 0 for gibberish."""
    said = np.zeros(len(hashes), np.float32)
    for token in range(len(hashes)):
        for k in range(FEATURES):
            if hashes[token, k]:
                said[token] += weights[np.int64(hashes[token, k] >> np.uint64(shift))]
        said[token] = min(MAX_SAID, max(-MAX_SAID, said[token]))
    return said


@kernel
def stretch_around(said: np.ndarray, middle: int) -> tuple[int, int]:
    """(first, end): the tokens around `middle` that say most beyond NEUTRAL: where gibberish begins, their sum turns."""
    first, end = middle, middle + 1
    total = best = 0.0
    for token in range(middle - 1, -1, -1):
        total += said[token] - NEUTRAL
        if total > best:
            best, first = total, token
    total = best = 0.0
    for token in range(middle + 1, len(said)):
        total += said[token] - NEUTRAL
        if total > best:
            best, end = total, token + 1
    return first, end


@kernel
def worst_windows(
    data: np.ndarray, offsets: np.ndarray, folded: np.ndarray, weights: np.ndarray, shift: int, window: int, least: int
) -> tuple[np.ndarray, np.ndarray]:
    """Of every row the `window` tokens in a row with the highest mean weight, and the stretch that they are the midst of.

    (score [rows], places of the stretch [rows, 2] in bytes). A row of fewer tokens is one window; of fewer than `least`, -inf.
    """
    rows = len(offsets) - 1
    scores, found = np.full(rows, -np.inf), np.zeros((rows, 2), np.int64)
    for row in range(rows):
        places, hashes = token_features(data, offsets[row], offsets[row + 1], folded)
        count = len(places)
        if count < least:
            continue
        size = min(window, count)
        said = weighed(hashes, weights, shift)
        total, last = 0.0, 0
        for token in range(count):
            total += said[token]
            if token >= size:
                total -= said[token - size]
            if token >= size - 1 and total / size > scores[row]:
                scores[row], last = total / size, token
        first, end = stretch_around(said, last - size // 2)
        found[row, 0] = places[first]
        found[row, 1] = places[end] if end < count else offsets[row + 1]
    return scores, found
