"""How sure an answer is, learned: how often it was right, on held-out text, where languages that a table never saw are asked too.

Languages are left out whole, a fold at a time; what a table without them says of them is wrong whatever it says, and teaches the
probability not to believe it. So .65 means 65 in 100 in a world where as many pages may be in a language that nobody taught.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.kernels.language.votes import cues_of
from pipeline.language.model import Certainty, LanguageModel, Table, alone, assemble
from pipeline.teach.languages.corpus import Corpus, hash_share
from pipeline.teach.languages.labels import NOISE, is_claimed
from pipeline.teach.languages.learn import flat, learn
from pipeline.teach.languages.noise import noise

FOLDS, FOLD_PASSES = 3, 2
LENGTHS = (None, 60, 25)  # letters that are shown of each held-out line
LEFT_OUT_SHARE = 0.35  # of all answers' weight
LABEL_PENALTY, PENALTY = 12.0, 1e-2
STEPS = 25
NOISE_LINES = 600


class Asked(NamedTuple):
    """Held-out lines and what they are in: a label, or "" where the table was never taught it."""

    letters: list[str]
    truth: list[str]


class Given(NamedTuple):
    """Answers of a claimed label, with what they were told by; arrays of the same length."""

    best: np.ndarray
    margin: np.ndarray
    found: np.ndarray
    seen: np.ndarray
    right: np.ndarray
    left_out: np.ndarray


def fold_of(label: str) -> int:
    """Which fold a language is left out in; the scripts of one language go together."""
    return int(hash_share("fold " + label.split("_")[0]) * FOLDS)


def left_out_labels(corpus: Corpus, fold: int) -> list[str]:
    return [label for label in corpus.claimed if fold_of(label) == fold]


def fold_tables(corpus: Corpus, labels: Sequence[str], seed: int) -> Iterator[tuple[list[str], list[str], Table]]:
    """(labels left out, labels taught, their table) of each fold."""
    for fold in range(FOLDS):
        out = left_out_labels(corpus, fold)
        taught = [label for label in labels if label not in out]
        yield out, taught, learn(corpus, taught, seed + 100 * (fold + 1), FOLD_PASSES)


def held_out(corpus: Corpus, labels: Sequence[str]) -> Asked:
    """Held-out lines of these labels, at every length."""
    letters, truth = [], []
    for label in labels:
        sources = (corpus.sentences, corpus.declarations)
        lines = [line for source in sources if label in source for line in source[label].held_out]
        if label == NOISE:
            lines = [line for _, line in noise(NOISE_LINES, "held out")]
        for length in LENGTHS:
            letters += [line[:length] for line in lines]
            truth += [label] * len(lines)
    return Asked(letters, truth)


def given(names: Sequence[str], table: Table, asked: Asked, out: Sequence[str]) -> Given:
    """What a table answers, where it answers with a claimed label. Labels of one language are one answer."""
    model = bare(names, table)
    count = len(asked.letters)
    best, margin, found, seen = (array[:count] for array in model.votes(alone(flat(asked.letters))))
    answered = np.flatnonzero((best >= 0) & model.taught[best])
    says = np.array([names[label].split("_")[0] for label in best[answered]])
    truth = np.array([asked.truth[row].split("_")[0] for row in answered])
    left_out = np.array([asked.truth[row] in set(out) for row in answered], bool)
    return Given(best[answered], margin[answered], found[answered], seen[answered], says == truth, left_out)


def bare(names: Sequence[str], table: Table) -> LanguageModel:
    """A model of a table that is not yet sure of anything."""
    count = len(names)
    nothing = Certainty(np.ones(count), np.zeros(count), np.zeros(7))
    return assemble(tuple(names), np.array([is_claimed(name) for name in names]), table, nothing)


def typical_shares(names: Sequence[str], answers: Given) -> np.ndarray:
    """float64 [labels]: the mean share of a text's n-grams that the table has for its label, over right answers."""
    right = answers.right & ~answers.left_out
    shares = answers.found[right] / np.maximum(1, answers.seen[right])
    sums = np.bincount(answers.best[right], shares, len(names))
    counts = np.bincount(answers.best[right], minlength=len(names))
    mean = shares.mean() if len(shares) else 1.0
    return np.asarray((sums + 3 * mean) / (counts + 3))


def learn_certainty(
    names: Sequence[str], typical: np.ndarray, answers: Sequence[Given], labels: Sequence[np.ndarray]
) -> Certainty:
    """Slopes of the cues and an offset of each label, by ridge logistic regression (Newton); labels [i] are numbers in
    `names`."""
    cues = np.concatenate(
        [cues_of(a.margin, a.found / np.maximum(1, a.seen) / typical[n], a.seen) for a, n in zip(answers, labels, strict=True)]
    )
    number = np.concatenate(labels)
    right = np.concatenate([a.right for a in answers]).astype(float)
    left_out = np.concatenate([a.left_out for a in answers])
    weight = np.where(left_out, LEFT_OUT_SHARE / max(1, left_out.sum()), (1 - LEFT_OUT_SHARE) / max(1, (~left_out).sum())) * len(
        number
    )
    middle, spread = cues.mean(0), cues.std(0)
    scaled = np.concatenate([(cues - middle) / spread, np.ones((len(cues), 1))], 1)
    width, count = scaled.shape[1], len(names)
    common, own = np.zeros(width), np.zeros(count)
    for _ in range(STEPS):  # the common part and the offsets in turn: the second has a diagonal curvature
        chance = 1 / (1 + np.exp(-(scaled @ common + own[number])))
        curve = weight * chance * (1 - chance)
        gradient = scaled.T @ (weight * (chance - right)) + PENALTY * common
        common -= np.linalg.solve((scaled * curve[:, None]).T @ scaled + PENALTY * np.eye(width), gradient)
        chance = 1 / (1 + np.exp(-(scaled @ common + own[number])))
        pull = np.bincount(number, weight * (chance - right), count) + LABEL_PENALTY * own
        own -= pull / (np.bincount(number, weight * chance * (1 - chance), count) + LABEL_PENALTY)
    slopes = common[:-1] / spread
    return Certainty(typical, own + common[-1] - float(slopes @ middle), slopes)
