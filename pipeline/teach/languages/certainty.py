"""How sure an answer is, learned: how often it was right of pages made of lines that no table saw (pages.py), of every length and
cut into parts as pages are; languages that a table was never taught are asked too.

Languages are left out whole, a fold at a time; what a table without them says of them is wrong whatever it says, and teaches the
probability not to believe it. So .65 means 65 in 100 in a world where many pages are in a language that nobody taught, and where
of the others English has the most.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.arrays import flatten
from pipeline.kernels.language.votes import cues_of
from pipeline.language.identify import shown
from pipeline.language.model import Certainty, Table, Votes
from pipeline.teach.languages.corpus import Corpus, hash_share
from pipeline.teach.languages.examples import LARGE, international_words
from pipeline.teach.languages.labels import NOISE, is_claimed
from pipeline.teach.languages.learn import bare, learn
from pipeline.teach.languages.noise import noise
from pipeline.teach.languages.pages import pages_of

FOLDS, FOLD_PASSES = 3, 2
CLAIMED_PAGES, UNCLAIMED_PAGES, NOISE_PAGES = 40, 20, 300  # of a label
LEFT_OUT_SHARE = 0.55  # of all answers' weight, before some count more
# What a right answer weighs by its language: how common its pages are on the web, roughly (W3Techs' shares of websites: English
# half, those of LARGE 1 to 6 in 100, the third list about 1 in 200 and more). Names of rare languages are most often wrong.
ENGLISH, OTHER_LARGE, MIDDLE, RARE = 60.0, 8.0, 3.0, 0.5
MIDDLE_LANGUAGES = frozenset("ar cs da el fa fi hu ko ro sv th tr uk vi".split())
LABEL_PENALTY, PENALTY = 0.3, 1e-2
STEPS = 25
NOISE_LINES = 600


class Asked(NamedTuple):
    """Pages, what they are in, and whether the table was never taught that."""

    pages: list[str]
    truth: list[str]
    left_out: list[bool]


class Fold(NamedTuple):
    """Labels that are left out, those that are taught, and their table."""

    out: list[str]
    taught: list[str]
    table: Table


class Given(NamedTuple):
    """Answers of a claimed label, with what they were told by; arrays of the same length."""

    votes: Votes
    right: np.ndarray
    left_out: np.ndarray


def fold_of(label: str) -> int:
    """Which fold a language is left out in; the scripts of one language go together."""
    return int(hash_share("fold " + label.split("_")[0]) * FOLDS)


def left_out_labels(corpus: Corpus, fold: int) -> list[str]:
    return [label for label in corpus.claimed if fold_of(label) == fold]


def fold_tables(corpus: Corpus, labels: Sequence[str], seed: int) -> Iterator[Fold]:
    """Each fold, taught."""
    for fold in range(FOLDS):
        out = left_out_labels(corpus, fold)
        taught = [label for label in labels if label not in out]
        yield Fold(out, taught, learn(corpus, taught, seed + 100 * (fold + 1), FOLD_PASSES))


def asked(corpus: Corpus, labels: Sequence[str], out: Sequence[str], seed: str) -> Asked:
    """Pages of held-out lines of these labels; of those that are left out, of the other lines, so that held-out ones can tell
    how it went."""
    names, found = international_words(one.training for one in corpus.sentences.values()), Asked([], [], [])
    for label in [*labels, *out]:
        lines = [line for _, line in noise(NOISE_LINES, "held out")] if label == NOISE else of_label(corpus, label, label in out)
        count = NOISE_PAGES if label == NOISE else CLAIMED_PAGES if is_claimed(label) else UNCLAIMED_PAGES
        pages = list(pages_of(lines, count, names, f"{seed} {label}")) if lines else []
        found.pages.extend(pages)
        found.truth.extend([label] * len(pages))
        found.left_out.extend([label in out] * len(pages))
    return found


def of_label(corpus: Corpus, label: str, training: bool) -> list[str]:
    sides = [source[label] for source in (corpus.sentences, corpus.declarations) if label in source]
    return [line for side in sides for line in (side.training if training else side.held_out)]


def given(names: Sequence[str], table: Table, of: Asked) -> Given:
    """What a table answers, where it answers with a claimed label. Labels of one language are one answer."""
    model = bare(names, table)
    parts, _ = shown(flatten(pa.array(of.pages, pa.large_string())))
    of_pages = Votes(*(array[len(parts.counts) :] for array in model.votes(parts)))
    answered = np.flatnonzero((of_pages.best >= 0) & model.taught[of_pages.best])
    says = np.array([names[label].split("_")[0] for label in of_pages.best[answered]])
    truth = np.array([of.truth[row].split("_")[0] for row in answered])
    return Given(Votes(*(array[answered] for array in of_pages)), says == truth, np.array(of.left_out)[answered])


def typical_shares(names: Sequence[str], answers: Given) -> np.ndarray:
    """float64 [labels]: the mean share of a page's n-grams that the table has for its label, over right answers."""
    right = answers.right & ~answers.left_out
    best, shares = answers.votes.best[right], answers.votes.found[right] / answers.votes.seen[right]
    mean = shares.mean() if len(shares) else 1.0
    return np.asarray((np.bincount(best, shares, len(names)) + 3 * mean) / (np.bincount(best, minlength=len(names)) + 3))


def learn_certainty(
    names: Sequence[str], typical: np.ndarray, answers: Sequence[Given], labels: Sequence[np.ndarray]
) -> Certainty:
    """Slopes of the cues and an offset of each label, by ridge logistic regression (Newton); labels [i] are numbers in
    `names`."""
    cues = np.concatenate([cues_of_answers(one, typical[number]) for one, number in zip(answers, labels, strict=True)])
    number = np.concatenate(labels)
    right = np.concatenate([one.right for one in answers]).astype(float)
    weight = weights_of(names, number, right, np.concatenate([one.left_out for one in answers]))
    middle, spread = cues.mean(0), np.maximum(cues.std(0), 1e-9)
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


def cues_of_answers(answers: Given, typical: np.ndarray) -> np.ndarray:
    votes = answers.votes
    return np.asarray(
        cues_of(votes.margin, votes.clear, votes.found / votes.seen / typical, votes.seen, votes.agree / votes.seen, votes.parts)
    )


def weights_of(names: Sequence[str], number: np.ndarray, right: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """float64 [answers]: LEFT_OUT_SHARE for those of languages left out together; a right one counts by how common its language
    is."""
    of_left_out, of_others = LEFT_OUT_SHARE / max(1, left_out.sum()), (1 - LEFT_OUT_SHARE) / max(1, (~left_out).sum())
    common = np.array([commonness(name.split("_")[0]) for name in names])
    share = np.where(left_out, of_left_out, of_others)
    return np.asarray(share * len(number) * np.where(right > 0, common[number], 1.0))


def commonness(language: str) -> float:
    """What a right answer in it weighs."""
    if language == "en":
        return ENGLISH
    return OTHER_LARGE if language in LARGE else MIDDLE if language in MIDDLE_LANGUAGES else RARE
