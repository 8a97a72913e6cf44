"""What a language model says of samples of letters: whole numbers are added up, and no function's last bit is a machine's own.

The model is a table of n-grams (grams.py), `said`: for each its last REST_BITS bits and how many entries follow, then the
entries, a label in LABEL_BITS bits and above them how much the n-gram speaks for it; first[bits] is where the n-grams begin whose
other bits are these. One read finds an n-gram and the next its entries: the table is larger than what a processor has at hand. A
language's sum, divided by the root of the number of n-grams, and its bias make its score. Sums are exact; the few operations on
float64 behind them are + - * / and the root, which every machine rounds the same way; the exponential is written out here for
that reason.
"""

import numpy as np

from pipeline.kernels.cache import inlined, kernel, part
from pipeline.kernels.language.grams import KEY_BITS, LONGEST, code_points, grams_of

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # their sum is ln 2; k * LN2_HIGH is exact for |k| < 2048
TERMS = 14
CUES = 16
LABEL_BITS, LABEL_MASK = 16, 0xFFFF  # of an entry
FIRST_BITS = 20  # n-grams are looked up by so many bits first
REST_BITS = KEY_BITS - FIRST_BITS
REST_MASK = (1 << REST_BITS) - 1
COUNT_BITS, COUNT_MASK = 24, (1 << 24) - 1  # of a label's sum, the lower bits count the entries that made it


@part
def exponential(x: float) -> float:
    """e^x by its series within ln 2 / 2 of zero, the same bits everywhere; x is held within -700 and 700."""
    x = min(max(x, -700.0), 700.0)
    k = np.floor(x / 0.6931471805599453 + 0.5)
    rest = (x - k * LN2_HIGH) - k * LN2_LOW
    total = 1.0
    for term in range(TERMS, 0, -1):
        total = 1.0 + total * rest / term
    return float(np.ldexp(total, np.int32(k)))


@kernel
def exponential_of(x: np.ndarray) -> np.ndarray:
    """e^x of each number."""
    out = np.empty(len(x))
    for i in range(len(x)):
        out[i] = exponential(x[i])
    return out


@part
def add_votes(grams: np.ndarray, count: int, first: np.ndarray, said: np.ndarray, sums: np.ndarray, places: np.ndarray) -> None:
    """Adds what the n-grams say to the labels' sums. All are looked up before any is counted: the reads wait for each other
    less."""
    found = 0
    for i in range(count):
        bits, rest = np.uint64(grams[i] >> REST_BITS), grams[i] & REST_MASK
        place, end = first[bits], first[bits + np.uint64(1)]
        while place < end and said[place] & REST_MASK != rest:
            place += 1 + (said[place] >> REST_BITS)
        if place < end:
            places[found] = place
            found += 1
    for i in range(found):
        head = np.uint64(places[i])
        for entry in range(head + np.uint64(1), head + np.uint64(1 + (said[head] >> REST_BITS))):
            packed = said[entry]
            sums[np.uint64(packed & LABEL_MASK)] += (np.int64(packed >> LABEL_BITS) << COUNT_BITS) + 1


@part
def decide(
    sums: np.ndarray, count: int, bias: np.ndarray, language: np.ndarray, kin: np.ndarray, step: float
) -> tuple[int, float, float, int]:
    """(label, margin, clear, found): the label of the best score, -1 where no n-gram is known; what it is ahead of the best label
    of another language, and of one that is no kin of its own; and how many n-grams speak for or against it."""
    if count == 0 or not sums.any():
        return -1, 0.0, 0.0, 0
    scale = step / np.sqrt(float(count))
    highest, score = -1, 0.0
    for label in range(len(bias)):
        its = (sums[label] >> COUNT_BITS) * scale + bias[label]
        if highest < 0 or its > score:
            highest, score = label, its
    second, stranger = -np.inf, -np.inf  # the second is never below the best stranger: most labels end at one comparison
    for label in range(len(bias)):
        its = (sums[label] >> COUNT_BITS) * scale + bias[label]
        if its > stranger and language[label] != language[highest]:
            second = max(second, its)
            if kin[label] & kin[highest] == 0:
                stranger = its
    return highest, score - second, score - stranger, int(sums[highest] & COUNT_MASK)


@part
def agreeing(
    best: np.ndarray, seen: np.ndarray, start: int, end: int, counts: np.ndarray, label: int, language: np.ndarray
) -> int:
    """The n-grams of those samples of a page that by themselves are in the language of `label`."""
    found = 0
    for sample in range(start, end):
        if counts[sample] and label >= 0 and best[sample] >= 0 and language[best[sample]] == language[label]:
            found += seen[sample]
    return found


@kernel
def votes(
    data: np.ndarray, offsets: np.ndarray, bounds: np.ndarray, counts: np.ndarray, first: np.ndarray, said: np.ndarray,
    bias: np.ndarray, language: np.ndarray, kin: np.ndarray, step: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """(label, margin, clear, found, n-grams, n-grams that agree, parts) of each sample, and behind them of each page; the first
    four as `decide` has them.

    A page is the samples bounds[page] to bounds[page + 1] of which `counts` is true, taken together: its parts, those of them
    that have letters. Those agree whose own label is of the page's language; a sample agrees with itself. language[label] tells
    which labels are one language, and those are kin that share a bit of kin[label].
    """
    samples, pages, labels = len(offsets) - 1, len(bounds) - 1, len(bias)
    best, margin = np.full(samples + pages, -1, np.int32), np.zeros(samples + pages)
    clear = np.zeros(samples + pages)
    found, seen = np.zeros(samples + pages, np.int64), np.zeros(samples + pages, np.int64)
    agree, parts = np.zeros(samples + pages, np.int64), np.zeros(samples + pages, np.int64)
    longest = 0
    for sample in range(samples):
        longest = max(longest, offsets[sample + 1] - offsets[sample])
    points, grams = np.empty(longest + 2, np.int64), np.empty((LONGEST + 1) * (longest + 2), np.int64)
    places, sums, together = np.empty(len(grams), np.int32), np.empty(labels, np.int64), np.empty(labels, np.int64)
    for page in range(pages):
        together[:] = 0
        whole = samples + page
        for sample in range(bounds[page], bounds[page + 1]):
            if offsets[sample] == offsets[sample + 1]:
                continue
            sums[:] = 0
            count = grams_of(points, code_points(data, offsets[sample], offsets[sample + 1], points), grams)
            add_votes(grams, count, first, said, sums, places)
            best[sample], margin[sample], clear[sample], found[sample] = decide(sums, count, bias, language, kin, step)
            seen[sample], agree[sample], parts[sample] = count, count if best[sample] >= 0 else 0, 1
            if counts[sample]:
                together += sums
                seen[whole] += count
                parts[whole] += 1
        best[whole], margin[whole], clear[whole], found[whole] = decide(together, seen[whole], bias, language, kin, step)
        agree[whole] = agreeing(best, seen, bounds[page], bounds[page + 1], counts, best[whole], language)
    return best, margin, clear, found, seen, agree, parts


@kernel
def probabilities(
    best: np.ndarray, margin: np.ndarray, clear: np.ndarray, found: np.ndarray, seen: np.ndarray, agree: np.ndarray,
    parts: np.ndarray, typical: np.ndarray, offset: np.ndarray, slopes: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """How likely each answer is right: a logistic function of `cues` and of the label's own offset; 0 where there is no
    answer."""
    likely = np.zeros(len(best))
    values = np.empty(CUES)
    for row in range(len(best)):
        if best[row] >= 0:
            known = found[row] / seen[row] / typical[best[row]]
            cues(margin[row], clear[row], known, seen[row], agree[row] / seen[row], parts[row], values)
            logit = offset[best[row]]
            for i in range(CUES):
                logit += slopes[i] * values[i]
            likely[row] = 1.0 / (1.0 + exponential(-logit))
    return likely


@inlined
def cues(margin: float, clear: float, known: float, seen: int, agree: float, parts: int, values: np.ndarray) -> None:
    """What tells a right answer from a wrong one: how far it is ahead, of its kin and of all others; the share of n-grams that
    the language has, relative to what is usual in it; how much text there is; the share of it that says the same by itself, and
    how many parts do not."""
    ahead, clear = min(margin, 12.0), min(clear, 20.0)
    known = min(known, 1.5)
    size = np.sqrt(min(float(seen), 3000.0)) / 10.0
    values[0] = ahead
    values[1] = known
    values[2] = size
    values[3] = ahead * known
    values[4] = known * size
    values[5] = known * known
    values[6] = 1.0 / (0.5 + size)
    values[7] = agree
    values[8] = agree * size
    values[9] = agree * known
    values[10] = agree * ahead
    values[11] = ahead * size
    values[12] = parts * (1.0 - agree)
    values[13] = clear - ahead
    values[14] = (clear - ahead) * known
    values[15] = (clear - ahead) * agree


@kernel
def cues_of(
    margin: np.ndarray, clear: np.ndarray, known: np.ndarray, seen: np.ndarray, agree: np.ndarray, parts: np.ndarray
) -> np.ndarray:
    """`cues` of each answer [answers, CUES]."""
    out = np.empty((len(margin), CUES))
    for row in range(len(margin)):
        cues(margin[row], clear[row], known[row], seen[row], agree[row], parts[row], out[row])
    return out
