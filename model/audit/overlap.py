"""ROUGE-L (Lin 2004): the longest common subsequence of words. Own code, in memory that grows with one text, not with both."""

from typing import NamedTuple

import numpy as np


class Rouge(NamedTuple):
    recall: float  # share of the truth's words; what TOFU reports
    precision: float  # share of the answer's words
    f: float  # their harmonic mean; what MUSE reports


def words_of(text: str) -> list[str]:
    """Lower case, cut at everything that is no letter or digit. No stemmer, as MUSE; TOFU and OpenUnlearning stem.

    rouge-score takes only ASCII letters and digits for words; these are letters and digits of any script.
    """
    return "".join(character if character.isalnum() else " " for character in text.lower()).split()


def common_subsequence(one: list[str], other: list[str]) -> int:
    """Length of the longest common subsequence; time len(one)·len(other), memory len(other)."""
    numbers = {word: number for number, word in enumerate(dict.fromkeys(other))}
    coded = np.array([numbers[word] for word in other], np.int64)
    row = np.zeros(len(other) + 1, np.int64)
    for word in one:
        if word in numbers:
            row[1:] = np.maximum.accumulate(np.maximum(row[1:], row[:-1] + (coded == numbers[word])))
    return int(row[-1])


def rouge_l(truth: str, answer: str) -> Rouge:
    """0 throughout where either has no word."""
    wanted, said = words_of(truth), words_of(answer)
    common = common_subsequence(wanted, said)
    if not common:
        return Rouge(0.0, 0.0, 0.0)
    return Rouge(common / len(wanted), common / len(said), 2 * common / (len(wanted) + len(said)))
