"""Sentences that stand in the file of another language: Spanish among the Catalan ones, Indonesian among the Malay."""

from collections.abc import Iterator

import numpy as np

from pipeline.language.model import LanguageModel, alone
from pipeline.teach.languages.corpus import Corpus, Lines, hash_share
from pipeline.teach.languages.examples import LARGE
from pipeline.teach.languages.labels import NOISE
from pipeline.teach.languages.learn import bare, flat, learn

AHEAD = 2.0  # e^2: seven times as likely in the other language


def drop_foreign(corpus: Corpus, seed: int) -> dict[str, int]:
    """Takes out training sentences that a table, which was taught by the other half of them, sees in a larger language; how many
    of each label. Held-out ones stay as they are."""
    foreign = [(label, line) for half in range(2) for label, line in foreign_lines(corpus, half, seed)]
    for label in {label for label, _ in foreign}:
        gone = {line for of, line in foreign if of == label}
        corpus.sentences[label].training = [line for line in corpus.sentences[label].training if line not in gone]
    return {label: sum(of == label for of, _ in foreign) for label in sorted({label for label, _ in foreign})}


def foreign_lines(corpus: Corpus, half: int, seed: int) -> Iterator[tuple[str, str]]:
    """(label, sentence) of one half, by what the other taught."""
    names = [*sorted(corpus.sentences), NOISE]
    other = Corpus({label: Lines(halves(corpus, label)[1 - half]) for label in names[:-1]})
    model = bare(names, learn(other, names, seed + 1000 + half, passes=1))
    for label in names[:-1]:
        lines = halves(corpus, label)[half]
        for place in np.flatnonzero(in_a_larger_language(model, lines, label)):
            yield label, lines[place]


def halves(corpus: Corpus, label: str) -> tuple[list[str], list[str]]:
    lines = corpus.sentences[label].training
    first = [hash_share("half " + line) < 0.5 for line in lines]
    return [line for line, is_in in zip(lines, first, strict=True) if is_in], [
        line for line, is_in in zip(lines, first, strict=True) if not is_in
    ]


def in_a_larger_language(model: LanguageModel, lines: list[str], label: str) -> np.ndarray:
    """bool [lines]"""
    larger = np.array([name in LARGE and name != label for name in model.names])
    votes, count = model.votes(alone(flat(lines))), len(lines)
    return np.asarray(larger[votes.best[:count]] & (votes.margin[:count] >= AHEAD))
