"""Boosted trees, asked by feature instead of by tree (QuickScorer; Lucchese et al. 2015).

A split that sends a row to its right rules out the leaves on its left. So each tree begins with all its leaves, as bits, the
splits of one feature stand together by rising bound, and those below the row's value strike out their leaves; what is left
first is the row's leaf. Walking from the roots takes three times as long: processors guess badly where a tree turns.

Leaves are whole thousandths of a logit: a sum is the same in any order and on any processor.
"""

from typing import NamedTuple

import numpy as np

from pipeline.kernels.cache import kernel, part

MOST_LEAVES = 32  # of one tree, a bit each
_ALL = np.uint32(0xFFFF_FFFF)
_DE_BRUIJN = np.uint32(0x077C_B531)
_BIT_AT = np.zeros(32, np.uint8)  # the place of the only bit of a number, by its product with a de Bruijn sequence
for _place in range(32):
    _BIT_AT[((0x077C_B531 << _place) & 0xFFFF_FFFF) >> 27] = _place


class Tests(NamedTuple):
    """The splits of all trees, those of one feature together, by rising bound."""

    features: np.ndarray  # uint16 [features that are asked]
    first: np.ndarray  # uint32 [features + 1]: where the tests of each begin
    bounds: np.ndarray  # float32 [tests]
    trees: np.ndarray  # uint16 [tests]
    left: np.ndarray  # uint32 [tests]: the leaves that remain where the value is above the bound
    leaves: np.ndarray  # int32 [trees, MOST_LEAVES]
    shared: int  # so many of `features`, the first ones, are the same in all rows that are given together


@part
def _strike_out(row: np.ndarray, begin: int, end: int, tests: Tests, left: np.ndarray) -> None:
    for feature in range(begin, end):
        value = row[tests.features[feature]]
        at, stop = tests.first[feature], tests.first[feature + 1]
        while at < stop and value > tests.bounds[at]:
            left[tests.trees[at]] &= tests.left[at]
            at += np.uint32(1)


@part
def _first_bit(bits: np.uint32) -> int:
    lowest = bits & (~bits + np.uint32(1))
    return _BIT_AT[np.uint32(lowest * _DE_BRUIJN) >> np.uint32(27)]


@kernel
def tree_scores(features: np.ndarray, tests: Tests) -> np.ndarray:
    """The score of each row of `features` float32 [rows, features], int64 thousandths of a logit."""
    scores = np.zeros(len(features), np.int64)
    if len(features) == 0:
        return scores
    trees = len(tests.leaves)
    shared = np.full(trees, _ALL, np.uint32)
    _strike_out(features[0], 0, tests.shared, tests, shared)
    left = np.empty(trees, np.uint32)
    for row in range(len(features)):
        left[:] = shared
        _strike_out(features[row], tests.shared, len(tests.features), tests, left)
        for tree in range(trees):
            scores[row] += tests.leaves[tree, _first_bit(left[tree])]
    return scores


@kernel
def grouped_scores(row: np.ndarray, tests: Tests, groups: int) -> np.ndarray:
    """What the trees of each group say of one row, float32 [features], in thousandths; tree t is of group t modulo `groups`."""
    trees = len(tests.leaves)
    left = np.full(trees, _ALL, np.uint32)
    _strike_out(row, 0, len(tests.features), tests, left)
    scores = np.zeros(groups, np.int64)
    for tree in range(trees):
        scores[tree % groups] += tests.leaves[tree, _first_bit(left[tree])]
    return scores
