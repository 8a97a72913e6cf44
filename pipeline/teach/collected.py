"""Patterns that were collected one by one, as many people would say it: orders, requests, and what only looks like them.

A section of their files is "language.family"; what only looks like an order has no family.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.lists import sections
from pipeline.shipped import shipped

ORDER, REQUEST, MENTION = 1, 2, 0
FILES = (
    (ORDER, shipped("pipeline/teach/texts/collected_orders.txt")),
    (REQUEST, shipped("pipeline/teach/texts/collected_requests.txt")),
    (MENTION, shipped("pipeline/teach/texts/collected_mentions.txt")),
)


class Pattern(NamedTuple):
    label: int  # ORDER, REQUEST or MENTION
    language: str  # ISO 639-1
    family: str
    pattern: str


def patterns() -> Iterator[Pattern]:
    """In the order of the files."""
    for label, file in FILES:
        for place, entries in sections(file).items():
            language, _, family = place.partition(".")
            for pattern in entries:
                yield Pattern(label, language, family, pattern)
