"""A page as segments (sentences, lines), each scored by linear models on hashed n-grams of its words, in one linear pass.

A segment ends at a line break, behind a terminal (. ! ? and those of other scripts), or after MAX_SEGMENT_BYTES. Its words are
runs of letters in lower case, single characters where a script has no spaces, "0" for any number, and a few telling marks.
Features are words, pairs, triples, pairs with a gap, stems of four letters, and how the segment opens and closes; then what
its words do in an order to a model (pipeline/poison/words/cues.py), alone, in pairs, in triples and in their order. The lowest
bit of a feature's hash tells the two sorts apart: 1 where it is the same in every language.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.letters import decode

MAX_SEGMENT_BYTES = 600
MIN_SEGMENT_WORDS = 2
STEM_LETTERS = 4
HANGUL = 0xAC00
CONTENT_LETTERS = 4  # a word this long, or a pair of unspaced characters, says what a text is about
ABOUT_BITS = 13  # of the table that counts a page's words
MAX_PHRASE, MAX_UNSPACED = 3, 8  # words of a cue; characters of one where a script has no spaces
MAX_TRIPLED = 9  # kinds of cues in a segment, beyond which they are not counted in triples
CUE_FEATURES = 512  # room for those that do not grow with the words
OPENS, OPENS_PAIR, CLOSES, STEM, PAIR, TRIPLE, GAP, PREFIX, PHRASE, CUE, CUE_OPENS, CUE_PAIR, CUE_TRIPLE, CUE_NEXT, CUE_COUNT = (
    np.uint64(0x9E3779B97F4A7C15 * salt & (1 << 64) - 1) for salt in range(1, 16)
)
_MULTIPLY = np.uint64(0xFF51AFD7ED558CCD)
_PRIME = np.uint64(0x100000001B3)
_START = np.uint64(0xCBF29CE484222325)
NUMBER = np.uint64(0xA24BAED4963EE407)
EVERYWHERE = np.uint64(1)  # the lowest bit: a feature that no language owns


@inlined
def mixed(value: np.uint64) -> np.uint64:
    """Every bit of the value in every bit of the answer (the finaliser of MurmurHash3)."""
    value = (value ^ (value >> np.uint64(33))) * _MULTIPLY
    return value ^ (value >> np.uint64(29))


@inlined
def is_unspaced(point: int) -> bool:
    """Scripts without spaces: every character is a word. Hangul has spaces."""
    return (
        (0x2E80 <= point < 0xA000 and point >= 0x3005)
        or 0x0E00 <= point < 0x0F00
        or 0x1000 <= point < 0x10A0
        or 0x1780 <= point < 0x1800
        or 0xF900 <= point < 0xFB00
        or 0x20000 <= point < 0x40000
    )


@inlined
def is_terminal(point: int) -> bool:
    return point in (0x2E, 0x21, 0x3F, 0x3002, 0xFF01, 0xFF1F, 0x061F, 0x06D4, 0x0964, 0x2026)


@inlined
def is_joined_mark(point: int) -> bool:
    """Vowel signs and marks of scripts from Hebrew to Sinhala, and combining accents: parts of a word, no letters."""
    if 0x0590 <= point < 0x0E00:
        return point not in (0x060C, 0x061B, 0x061F, 0x06D4, 0x0964, 0x0965)
    return 0x0300 <= point < 0x0370


@inlined
def is_telling(point: int) -> bool:
    """Marks that are words of their own: ? ! : " ` @ [ ] < > { } = $ # /"""
    return point in (
        0x3F,
        0x21,
        0x3A,
        0x22,
        0x60,
        0x40,
        0x5B,
        0x5D,
        0x3C,
        0x3E,
        0x7B,
        0x7D,
        0x3D,
        0x24,
        0x23,
        0x2F,
        0xFF1F,
        0xFF01,
    )


@kernel
def segment_end(data: np.ndarray, start: int, end: int) -> int:
    """The byte behind the segment that begins at `start`."""
    i = start
    stop = min(end, start + MAX_SEGMENT_BYTES)
    space = -1
    while i < stop:
        byte = data[i]
        if byte == 10:
            return i + 1
        if byte == 32:
            space = i
        if byte < 0x80:
            i += 1
            if byte in (0x2E, 0x21, 0x3F):
                j = i
                while j < end and data[j] in (0x22, 0x27, 0x29, 0x5D):
                    j += 1
                if j < end and data[j] == 32 and j - start > 3:
                    k = j + 1
                    if k < end and not 0x61 <= data[k] <= 0x7A:
                        return k
            continue
        point, size = decode(data, i, end)
        i += size
        if is_terminal(point) and point != 0x2026:
            return i
    if i >= end:
        return end
    if space > start + MAX_SEGMENT_BYTES // 2:
        return space + 1
    while i > start + 1 and i < end and data[i] & 0xC0 == 0x80:
        i -= 1
    return i


@kernel
def words_of(
    data: np.ndarray,
    start: int,
    end: int,
    folded: np.ndarray,
    keys: np.ndarray,
    kinds: np.ndarray,
    words: np.ndarray,
    stems: np.ndarray,
    letters: np.ndarray,
    cues: np.ndarray,
) -> int:
    """Hashes of the words, of their first letters (0 where the word is as short), their lengths, and the kind of cue that each
    begins (0: none); how many there are."""
    count, length, stem_length, cue = 0, 0, STEM_LETTERS, np.uint8(0)
    value, stem = _START, np.uint64(0)
    i = start
    number = False
    while i <= end:
        point, size = decode(data, i, end) if i < end else (32, 1)
        letter = 0
        if point < 0x10000:
            letter = int(folded[point])
        single = is_unspaced(point)
        if letter > 1 and not single:
            if number:
                words[count], stems[count], letters[count], cues[count] = NUMBER, 0, 0, 0
                count, number = count + 1, False
            value = (value ^ np.uint64(letter)) * _PRIME
            length += 2 if letter >= HANGUL else 1  # a syllable is two letters or three
            if stem == 0 and length >= STEM_LETTERS:
                stem, stem_length = value, length
            longer = cue_of(keys, kinds, mixed(value ^ PREFIX))
            cue = longer if longer else cue
            i += size
            continue
        if (length and (point in (0x27, 0x2019) or is_joined_mark(point))) or letter == 1:
            if is_joined_mark(point) and letter != 1:
                value = (value ^ np.uint64(point)) * _PRIME
                longer = cue_of(keys, kinds, mixed(value ^ PREFIX))
                cue = longer if longer else cue
            i += size
            continue
        if length:
            words[count], letters[count], cues[count] = mixed(value), length, cue
            stems[count] = mixed(stem ^ STEM) if length > stem_length else 0
            count += 1
            value, stem, length, stem_length, cue = _START, np.uint64(0), 0, STEM_LETTERS, np.uint8(0)
        digit = 0x30 <= point <= 0x39
        if number and not digit and point not in (0x2E, 0x2C):
            words[count], stems[count], letters[count], cues[count] = NUMBER, 0, 0, 0
            count, number = count + 1, False
        if digit:
            number = True
        elif single or is_telling(point):
            words[count], stems[count], letters[count] = mixed(_START ^ np.uint64(point)), 0, 1 if single else 0
            cues[count] = 0
            count += 1
        i += size
    if len(keys) > 1:
        _mark_phrases(words, letters, count, keys, kinds, cues)
    return count


@part
def _mark_phrases(
    words: np.ndarray, letters: np.ndarray, count: int, keys: np.ndarray, kinds: np.ndarray, cues: np.ndarray
) -> None:
    """Whole words and runs of words that are cues: the longest at each place, which takes in the words behind it."""
    i = 0
    while i < count:
        value, taken = np.uint64(0), 1
        unspaced = letters[i] == 1
        for k in range(i, min(count, i + (MAX_UNSPACED if unspaced else MAX_PHRASE))):
            if unspaced and letters[k] != 1:
                break
            value = value * _PRIME + words[k]
            found = cue_of(keys, kinds, mixed(value ^ PHRASE))
            if found:
                cues[i], taken = found, k - i + 1
        for k in range(i + 1, i + taken):
            cues[k] = 0
        i += taken


@kernel
def phrase_key(words: np.ndarray, start: int, count: int) -> np.uint64:
    """What a run of words is looked up by."""
    value = np.uint64(0)
    for k in range(start, start + count):
        value = value * _PRIME + words[k]
    return mixed(value ^ PHRASE)


@kernel
def prefix_key(data: np.ndarray, folded: np.ndarray) -> np.uint64:
    """What the beginning of a word is looked up by; `data` is that beginning."""
    value, i = _START, 0
    while i < len(data):
        point, size = decode(data, i, len(data))
        letter = int(folded[point]) if point < 0x10000 else 0
        if letter > 1:
            value = (value ^ np.uint64(letter)) * _PRIME
        i += size
    return mixed(value ^ PREFIX)


@inlined
def cue_of(keys: np.ndarray, kinds: np.ndarray, key: np.uint64) -> np.uint8:
    """The kind stored under the key, 0 where there is none; a table of one slot is empty."""
    mask = np.uint64(len(keys) - 1)
    slot = (key >> np.uint64(40)) & mask
    while keys[slot] != 0:
        if keys[slot] == key:
            return kinds[slot]
        slot = (slot + np.uint64(1)) & mask
    return np.uint8(0)


@kernel
def filled_cues(keys: np.ndarray, kinds: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """The table that cue_of reads, 1 << bits slots; fewer than half of them may be filled."""
    table, kept = np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.uint8)
    mask = np.uint64(len(table) - 1)
    for number in range(len(keys)):
        slot = (keys[number] >> np.uint64(40)) & mask
        while table[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot], kept[slot] = keys[number], kinds[number]
    return table, kept


@kernel
def features_of(words: np.ndarray, stems: np.ndarray, cues: np.ndarray, count: int, out: np.ndarray) -> int:
    """Hashes of the n-grams of `count` words and of their cues into `out`; how many there are (at most 7 a word and
    CUE_FEATURES)."""
    n = 0
    if count:
        out[0] = mixed(words[0] ^ OPENS)
        out[1] = mixed(words[count - 1] ^ CLOSES)
        n = 2
        if count > 1:
            out[2] = mixed(words[0] * _PRIME + words[1] ^ OPENS_PAIR)
            n = 3
    for i in range(count):
        out[n] = words[i]
        n += 1
        if stems[i]:
            out[n] = stems[i]
            n += 1
        if i:
            out[n] = mixed(words[i - 1] * _PRIME + words[i] ^ PAIR)
            n += 1
        if i > 1:
            pair = words[i - 2] * _PRIME
            out[n] = mixed(pair + words[i] ^ GAP)
            out[n + 1] = mixed((pair + words[i - 1]) * _PRIME + words[i] ^ TRIPLE)
            n += 2
    for k in range(n):
        out[k] &= ~EVERYWHERE
    return _features_of_cues(cues, count, out, n)


@part
def _features_of_cues(cues: np.ndarray, count: int, out: np.ndarray, n: int) -> int:
    """The same of cues: those that are there, each two and three of them in any order, and each with the next."""
    present = np.zeros(256, np.bool_)
    before = np.uint64(0)
    for i in range(count):
        if cues[i]:
            cue = np.uint64(cues[i])
            present[cues[i]] = True
            out[n] = (
                mixed(before << np.uint64(8) | cue ^ CUE_NEXT) | EVERYWHERE
                if before
                else mixed(np.uint64(min(i, 2)) << np.uint64(8) | cue ^ CUE_OPENS) | EVERYWHERE
            )
            n += 1
            before = cue
    some = np.flatnonzero(present)
    for a in range(len(some)):
        one = np.uint64(some[a])
        out[n] = mixed(one ^ CUE) | EVERYWHERE
        n += 1
        for b in range(a):
            two = one << np.uint64(8) | np.uint64(some[b])
            out[n] = mixed(two ^ CUE_PAIR) | EVERYWHERE
            n += 1
            if len(some) <= MAX_TRIPLED:
                for c in range(b):
                    out[n] = mixed(two << np.uint64(8) | np.uint64(some[c]) ^ CUE_TRIPLE) | EVERYWHERE
                    n += 1
    out[n] = mixed(np.uint64(min(len(some), 8)) ^ CUE_COUNT) | EVERYWHERE
    return n + 1


@kernel
def score_segments(
    data: np.ndarray,
    offsets: np.ndarray,
    folded: np.ndarray,
    keys: np.ndarray,
    kinds: np.ndarray,
    weights: np.ndarray,
    shift: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Segments of a batch with what each model (a column of `weights` [buckets, models]) says of them.

    Gives (first [rows + 1]: first segment of each row; places [n, 2]: bytes; scores [n, models]: sum of weights over the fourth
    root of the number of features; content [n, 2]: words that say what the text is about, and how many of them stand nowhere
    else on the page).
    A bucket is the hash shifted right by `shift`. `keys` and `kinds`: pipeline.poison.words.cues.tables().
    """
    rows = len(offsets) - 1
    models = weights.shape[1]
    first = np.zeros(rows + 1, np.int64)
    room = 1024
    places, scores = np.empty((room, 2), np.int64), np.empty((room, models), np.float32)
    content = np.empty((room, 2), np.int32)
    capacity = 2 * MAX_SEGMENT_BYTES + 8
    words, stems = np.empty(capacity, np.uint64), np.empty(capacity, np.uint64)
    letters, cues = np.empty(capacity, np.int32), np.zeros(capacity, np.uint8)
    features = np.empty(7 * capacity + CUE_FEATURES, np.uint64)
    about = np.zeros(1 << ABOUT_BITS, np.int32)
    topics, topic_room = np.empty(4096, np.int32), 4096
    topic_ends = np.empty(room, np.int64)
    n = 0
    for row in range(rows):
        first[row] = n
        i, end = offsets[row], offsets[row + 1]
        about[:] = 0
        used = 0
        while i < end:
            stop = segment_end(data, i, end)
            count = words_of(data, i, stop, folded, keys, kinds, words, stems, letters, cues)
            if count >= MIN_SEGMENT_WORDS:
                if n == room:
                    room *= 2
                    places, scores = _larger(places, room), _larger(scores, room)
                    content, topic_ends = _larger(content, room), _longer(topic_ends, n, room)
                total = features_of(words, stems, cues, count, features)
                for model in range(models):
                    scores[n, model] = 0
                for k in range(total):
                    bucket = features[k] >> np.uint64(shift)
                    for model in range(models):
                        scores[n, model] += weights[bucket, model]
                for model in range(models):
                    scores[n, model] *= np.float32(total) ** np.float32(-0.25)
                if used + count > topic_room:
                    topic_room = 2 * (used + count)
                    topics = _longer(topics, used, topic_room)
                for k in range(count):
                    slot = np.int64(-1)
                    if letters[k] >= CONTENT_LETTERS:  # by its stem, so that an inflected word is the same word
                        slot = np.int64((stems[k] if stems[k] else words[k]) >> np.uint64(64 - ABOUT_BITS))
                    elif letters[k] == 1 and k and letters[k - 1] == 1:
                        slot = np.int64(mixed(words[k - 1] * _PRIME + words[k]) >> np.uint64(64 - ABOUT_BITS))
                    if slot >= 0:
                        topics[used] = slot
                        about[slot] += 1
                        used += 1
                topic_ends[n] = used
                places[n, 0], places[n, 1] = i, stop
                n += 1
            i = stop
        begin = 0
        for segment in range(first[row], n):
            for k in range(begin, topic_ends[segment]):
                about[topics[k]] -= 1
            new = 0
            for k in range(begin, topic_ends[segment]):
                new += about[topics[k]] == 0
            for k in range(begin, topic_ends[segment]):
                about[topics[k]] += 1
            content[segment, 0], content[segment, 1] = topic_ends[segment] - begin, new
            begin = topic_ends[segment]
    first[rows] = n
    return first, places[:n], scores[:n], content[:n]


@part
def _larger(table: np.ndarray, room: int) -> np.ndarray:
    larger = np.empty((room, table.shape[1]), table.dtype)
    for row in range(len(table)):
        for column in range(table.shape[1]):
            larger[row, column] = table[row, column]
    return larger


@kernel
def _longer(values: np.ndarray, used: int, room: int) -> np.ndarray:
    longer = np.empty(room, values.dtype)
    for place in range(used):  # a loop: numba takes a second to compile an assignment to a slice, for its error message
        longer[place] = values[place]
    return longer


@kernel
def segment_features(
    data: np.ndarray, offsets: np.ndarray, folded: np.ndarray, keys: np.ndarray, kinds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(offsets [rows + 1], feature hashes) with every row taken as one segment, cut after MAX_SEGMENT_BYTES: for training."""
    rows = len(offsets) - 1
    capacity = 2 * MAX_SEGMENT_BYTES + 8
    words, stems = np.empty(capacity, np.uint64), np.empty(capacity, np.uint64)
    letters, cues = np.empty(capacity, np.int32), np.zeros(capacity, np.uint8)
    features = np.empty(7 * capacity + CUE_FEATURES, np.uint64)
    bounds, out, n = np.zeros(rows + 1, np.int64), np.empty(1 << 16, np.uint64), 0
    for row in range(rows):
        stop = min(offsets[row + 1], offsets[row] + MAX_SEGMENT_BYTES)
        count = words_of(data, offsets[row], stop, folded, keys, kinds, words, stems, letters, cues)
        total = features_of(words, stems, cues, count, features)
        if n + total > len(out):
            out = _longer(out, n, 2 * len(out) + total)
        for place in range(total):
            out[n + place] = features[place]
        n += total
        bounds[row + 1] = n
    return bounds, out[:n]
