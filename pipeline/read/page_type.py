"""What kind of page a page is: an article, a forum, documentation, a service, a listing, a collection of products, a product; or
one that only leads to others, which pipeline/read/navigation.py tells.

pipeline/models/page_type.tsv holds trees (pipeline/read/trees.py says how), by turns one for each of TAUGHT_TYPES; their leaves
add up to what speaks for a type. pipeline/models/page_type.md says what taught it and how often it is right.
"""

import functools

import numpy as np

from pipeline.kernels.main_text.page_type import TYPE_FEATURES
from pipeline.kernels.scores.trees import Tests, grouped_scores
from pipeline.read.navigation import NAVIGATION, is_navigation
from pipeline.read.trees import as_tests, parsed_trees, tables_of
from pipeline.shipped import shipped
from pipeline.tables import TAUGHT_TYPES

SHIPPED_TYPES = shipped("pipeline/models/page_type.tsv")
MIN_LEAD = 1000  # thousandths of a logit before the next type; a page with less is of no type that could be told


@functools.cache
def shipped_tests() -> Tests:
    """The model that ships; read once per process."""
    return type_tests(tables_of(SHIPPED_TYPES))


def type_tests(tables: list[list[str]]) -> Tests:
    """The trees of lines, one list a tree, as the kernel asks them."""
    return as_tests(parsed_trees(tables, TYPE_FEATURES), TYPE_FEATURES)


def page_type(title: str, text: str, row: np.ndarray) -> str | None:
    """One of PAGE_TYPES, null where it could not be told; `text` is the main text, `row` float32 [TYPE_FEATURES] of page_row."""
    return NAVIGATION if is_navigation(title, text, row) else taught_type(row)


def taught_type(row: np.ndarray, tests: Tests | None = None) -> str | None:
    """One of TAUGHT_TYPES, null where none leads by MIN_LEAD; `row`: float32 [TYPE_FEATURES] of page_row."""
    scores = grouped_scores(row, tests or shipped_tests(), len(TAUGHT_TYPES))
    second, best = np.sort(scores)[-2:]
    return TAUGHT_TYPES[int(np.argmax(scores))] if best - second >= MIN_LEAD else None
