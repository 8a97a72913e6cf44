"""The model that tells a page's main text from its furniture: boosted trees over the features of blocks.

pipeline/models/main_text.tsv holds them (pipeline/read/trees.py says how); pipeline/models/main_text.md says what taught them and
how well they do.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.kernels.main_text.names import FEATURES
from pipeline.kernels.scores.trees import Tests
from pipeline.read.trees import Leaf, Tree, as_tests, parsed_trees, tables_of
from pipeline.shipped import shipped

SHIPPED_MODEL = shipped("pipeline/models/main_text.tsv")


class Model(NamedTuple):
    """The trees as they were written, to explain by, and as the kernel asks them."""

    trees: list[Tree]
    tests: Tests


@functools.cache
def shipped_model() -> Model:
    """The model that ships; read once per process."""
    return parsed(tables_of(SHIPPED_MODEL))


def parsed(tables: list[list[str]]) -> Model:
    """The trees of lines, one list a tree."""
    trees = parsed_trees(tables, FEATURES)
    return Model(trees, as_tests(trees, FEATURES, shared="page_"))


def shares(trees: Sequence[Tree], row: np.ndarray) -> dict[str, int]:
    """What each feature of a block adds to its score, in thousandths of a logit; float32 [FEATURES].

    A step's share is the mean behind it less the mean before it (Saabas 2014); the shares and the roots' means sum to the score.
    """
    found: dict[str, int] = {}
    for tree in trees:
        at: int | Leaf = 0
        while not isinstance(at, Leaf):
            split = tree[at]
            at = split.at_most if row[split.feature] <= split.bound else split.above
            mean = at.score if isinstance(at, Leaf) else tree[at].mean
            found[FEATURES[split.feature]] = found.get(FEATURES[split.feature], 0) + mean - split.mean
    return found
