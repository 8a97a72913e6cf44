"""Whose turn it is: the rows of several corpora in one endless sequence, by whole weights, as arithmetic in both directions.

Of any W rows in a row, W the sum of the weights, each corpus has exactly its weight; after any number of rows none is a whole row
away from its share. So a step's share is the plan's to within two rows, and rows are all of one length, padding included.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from pipeline.errors import UsageError

MOST_CHARACTERS = 1000
LARGEST = 1 << 16  # sum of the weights: the pattern is held in memory


class Turns:
    """The pattern that repeats: which corpus has the turn, and how many turns it has had before."""

    def __init__(self, weights: Sequence[int]) -> None:
        self.weights = np.array(weights, np.int64)
        self.length = int(self.weights.sum())
        self._corpus = _pattern([int(weight) for weight in weights])
        self._places = [np.flatnonzero(self._corpus == number) for number in range(len(weights))]
        self._before = np.empty(self.length, np.int64)
        for places in self._places:
            self._before[places] = np.arange(len(places))

    def at(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(the corpus that has each of these positions, the position in its own sequence), int64 [positions]."""
        rounds, places = np.divmod(positions, self.length)
        corpus = self._corpus[places]
        return corpus, rounds * self.weights[corpus] + self._before[places]

    def positions(self, corpus: int, own: np.ndarray) -> np.ndarray:
        """The way back: where in the common sequence a corpus has these positions of its own."""
        rounds, places = np.divmod(own, self.weights[corpus])
        return rounds * self.length + self._places[corpus][places]

    def had(self, corpus: int, positions: int) -> int:
        """Turns of a corpus among the first so many positions."""
        rounds, places = divmod(positions, self.length)
        return rounds * int(self.weights[corpus]) + int(np.searchsorted(self._places[corpus], places))


def _pattern(weights: list[int]) -> np.ndarray:
    """Of those whose turn is due the earliest deadline: it keeps to shares wherever anything does (Baruah et al. 1996)."""
    length, had = sum(weights), [0] * len(weights)
    pattern = np.empty(length, np.int64)
    for place in range(length):
        due = (number for number, weight in enumerate(weights) if had[number] * length // weight <= place)
        pattern[place] = chosen = min(due, key=lambda number: (-(-(had[number] + 1) * length // weights[number]), number))
        had[chosen] += 1
    return pattern


ALONE = Turns([1])


def whole_weights(text: str, corpora: int) -> tuple[int, ...]:
    """Weights as people write them, "3,1" or "0.7,0.3", as the smallest whole numbers of the same shares."""
    try:
        if len(text) > MOST_CHARACTERS or "e" in text.lower():  # an exponent makes a number that fills the memory
            raise ValueError
        given = [Fraction(part.strip()) for part in text.split(",")]
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"--weights {text}: a number for each corpus, with commas, such as 3,1") from None
    if len(given) != corpora or min(given) <= 0:
        raise UsageError(f"--weights {text}: {corpora} corpora want {corpora} numbers above 0, with commas, such as 3,1")
    common = math.lcm(*(part.denominator for part in given))
    whole = [int(part * common) for part in given]
    divisor = math.gcd(*whole)
    whole = [part // divisor for part in whole]
    if sum(whole) > LARGEST:
        raise UsageError(f"--weights {text}: as whole numbers they add up to {sum(whole):,}, more than {LARGEST:,}: round them")
    return tuple(whole)
