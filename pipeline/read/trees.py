"""Boosted trees as tables that people can read.

One split a line, `feature  bound  mean  at-most  above`, an empty line between trees. What follows a split is `#n`, the split in
line n of its tree, or a leaf: thousandths of a logit. `mean` is that of the rows that came by when the trees were taught.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.kernels.scores.trees import MOST_LEAVES, Tests


class Split(NamedTuple):
    """`at_most` and `above` are where a row goes on: a split of the same tree by its number, or the score of a leaf."""

    feature: int
    bound: float  # float32
    mean: int
    at_most: "int | Leaf"
    above: "int | Leaf"


class Leaf(NamedTuple):
    score: int


Tree = list[Split]


def tables_of(file: Path) -> list[list[str]]:
    """The lines of each tree of a file."""
    return [tree.splitlines() for tree in file.read_text("utf-8").split("\n\n")]


def parsed_trees(tables: list[list[str]], features: Sequence[str]) -> list[Tree]:
    """The trees of lines that name these features."""
    columns = {name: column for column, name in enumerate(features)}
    return [[_split(line, columns) for line in lines] for lines in tables]


def _split(line: str, columns: dict[str, int]) -> Split:
    feature, bound, mean, at_most, above = line.split("\t")
    return Split(columns[feature], float(np.float32(bound)), int(mean), _target(at_most), _target(above))


def _target(word: str) -> int | Leaf:
    return int(word[1:]) if word.startswith("#") else Leaf(int(word))


# ---------------------------------------------------------------- for the kernel

_Test = tuple[int, float, int, int]  # feature, bound, tree, leaves that remain above the bound


def as_tests(trees: Sequence[Tree], features: Sequence[str], shared: str | None = None) -> Tests:
    """The splits of trees by feature; first those that all rows share which are asked together, as their names begin."""
    differs = [shared is None or not name.startswith(shared) for name in features]
    leaves = np.zeros((len(trees), MOST_LEAVES), np.int32)
    found: list[_Test] = []
    for number, tree in enumerate(trees):
        scores = _collect(tree, 0, number, found)
        leaves[number, : len(scores)] = scores
    found.sort(key=lambda test: (differs[test[0]], *test))
    asked, first = np.unique([(differs[feature], feature) for feature, *_ in found], axis=0, return_index=True)
    return Tests(
        asked[:, 1].astype(np.uint16),
        np.append(first, len(found)).astype(np.uint32),
        np.array([test[1] for test in found], np.float32),
        np.array([test[2] for test in found], np.uint16),
        np.array([test[3] for test in found], np.uint32),
        leaves,
        int((asked[:, 0] == 0).sum()),
    )


def _collect(tree: Tree, at: int, number: int, found: list[_Test], before: int = 0) -> list[int]:
    """The scores of the leaves below a split, from left to right; enters its tests. `before`: leaves to the left of it."""
    split = tree[at]
    left = _collect_below(tree, split.at_most, number, found, before)
    remain = ~(((1 << len(left)) - 1) << before) & 0xFFFF_FFFF
    found.append((split.feature, split.bound, number, remain))
    return left + _collect_below(tree, split.above, number, found, before + len(left))


def _collect_below(tree: Tree, target: int | Leaf, number: int, found: list[_Test], before: int) -> list[int]:
    return [target.score] if isinstance(target, Leaf) else _collect(tree, target, number, found, before)
