"""Patterns that were collected one by one, as many people would say it: orders, requests, and what only looks like them.

The text files beside this page, in our own words: "language.family", a tab, a pattern of grammar.py. What only looks
like an order has no family.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ORDER, REQUEST, MENTION = 1, 2, 0
FILES = {"collected_orders.txt": ORDER, "collected_requests.txt": REQUEST, "collected_mentions.txt": MENTION}


class Pattern(NamedTuple):
    label: int  # as in train_classifier.generated
    language: str  # ISO 639-1
    family: str
    pattern: str


def patterns() -> Iterator[Pattern]:
    """In the order of the files."""
    for name, label in FILES.items():
        for line in (Path(__file__).parent / name).read_text("utf-8").splitlines():
            place, _, pattern = line.partition("\t")
            language, _, family = place.partition(".")
            yield Pattern(label, language, family, pattern)
