"""What the model is shown: pieces and paragraphs of a label's lines, international words among them, and noise."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.teach.languages.corpus import MAX_EXAMPLE_LETTERS, Corpus
from pipeline.teach.languages.labels import NOISE, is_claimed
from pipeline.teach.languages.noise import noise, one_of_noise

# Languages most pages are written in: twice the examples, so that doubt falls their way (Spanish before Catalan).
LARGE = frozenset({"de", "en", "es", "fr", "id", "it", "ja", "nl", "pl", "pt", "ru", "zh"})
# In one pass: of a label's sentences; of its declaration beside sentences, alone, and of a language that is not claimed.
SENTENCES, BESIDE, ALONE, UNCLAIMED, NOISE_LINES = 1000, 150, 500, 200, 1500
CODE_SHARE = 0.15  # of all examples: program text, listings or encoded bytes stand among the words, at most as many
INTERNATIONAL_LABELS = 8  # a word of 4 or more ASCII letters in so many languages ("linux", "karl") belongs to none of them


class Example(NamedTuple):
    label: str
    letters: str


def examples(corpus: Corpus, labels: Sequence[str], seed: int) -> list[Example]:
    """One pass over `labels`, in random order; another seed gives another pass."""
    rng, words = random.Random(seed), international_words(one.training for one in corpus.sentences.values())  # noqa: S311
    made = [Example(NOISE, letters) for _, letters in noise(NOISE_LINES, f"{seed} noise")]
    for label in labels:
        for count, lines in wanted(corpus, label):
            pieces = pieces_of(lines, f"{seed} {label} {count}", count)
            made += [
                Example(label, sprinkled(with_code(piece, rng) if is_claimed(label) else piece, words, rng)) for piece in pieces
            ]
    rng.shuffle(made)
    return made


def wanted(corpus: Corpus, label: str) -> Iterator[tuple[int, list[str]]]:
    """(examples, of which lines) for each source that has the label."""
    sentences, declared = (
        source[label].training if label in source else [] for source in (corpus.sentences, corpus.declarations)
    )
    if sentences:
        yield SENTENCES * (1 + (label in LARGE)), sentences
    if declared:
        yield BESIDE if sentences else ALONE if is_claimed(label) else UNCLAIMED, declared


def pieces_of(lines: list[str], seed: str, count: int) -> Iterator[str]:
    """Every length a page may show: a third whole lines, a third pieces of 12 to 60 letters, a third paragraphs."""
    rng = random.Random(seed)  # noqa: S311
    for _ in range(count):
        kind = rng.random()
        if kind < 0.35:
            yield rng.choice(lines)
        elif kind < 0.65:
            line, size = rng.choice(lines), rng.randrange(12, 60)
            start = rng.randrange(max(1, len(line) - size))
            start = line.find(" ", start, start + 20) + 1 or start
            yield line[start : start + size]
        else:
            yield " ".join(rng.choice(lines) for _ in range(rng.randrange(2, 9)))[:MAX_EXAMPLE_LETTERS]


def international_words(of_labels: Iterable[Sequence[str]]) -> list[str]:
    """Names and borrowed words, which say nothing of the language they stand in."""
    labels: Counter[str] = Counter()
    for lines in of_labels:
        labels.update({word for line in lines for word in line.split() if len(word) >= 4 and word.isascii()})
    return sorted(word for word, count in labels.items() if count >= INTERNATIONAL_LABELS)


def sprinkled(line: str, words: list[str], rng: random.Random) -> str:
    """Half of all lines get international words put in, up to 40 % of their length, so that a model cannot lean on them."""
    if not words or rng.random() < 0.5:
        return line
    mixed = line.split(" ")
    for _ in range(int(len(mixed) * 0.4 * rng.random()) + (rng.random() < 0.3)):
        mixed.insert(rng.randrange(len(mixed) + 1), rng.choice(words))
    return " ".join(mixed)


def with_code(line: str, rng: random.Random) -> str:
    """Some lines get what is no language put in, so that among prose the prose decides."""
    if rng.random() >= CODE_SHARE:
        return line
    code, place = one_of_noise(rng), line.find(" ", rng.randrange(len(line))) + 1
    return f"{line[:place]}{code[: len(line)]} {line[place:]}"
