"""A text cut where something begins or ends: edits, findings, characters without ink. Pure; the template draws the pieces."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from pipeline.invisible import is_invisible, spelled

PLAIN = "\n\t"  # without ink, and known to all


class Span(NamedTuple):
    """Code points start to end of a text, and what is said of them."""

    start: int
    end: int
    kind: str  # edit, finding
    note: str


class Piece(NamedTuple):
    text: str  # as it is shown
    kinds: frozenset[str]  # edit, finding, invisible
    notes: tuple[str, ...]


def pieces(text: str, spans: Iterable[Span], start: int = 0) -> list[Piece]:
    """`text` is what stands from `start` on in a longer one; spans are positions of that one, and may overlap."""
    inside = [
        span._replace(start=max(span.start - start, 0), end=min(span.end - start, len(text)))
        for span in spans
        if span.start - start < len(text) and span.end > start
    ]
    borders = sorted({0, len(text), *(span.start for span in inside), *(span.end for span in inside)})
    found = list[Piece]()
    for left, right in pairwise(borders):
        over = [span for span in inside if span.start <= left and right <= span.end]
        kinds, notes = frozenset(span.kind for span in over), tuple(dict.fromkeys(span.note for span in over))
        found += [Piece(shown, kinds | more, notes) for shown, more in _runs(text[left:right])]
    return found


def _runs(text: str) -> list[tuple[str, frozenset[str]]]:
    """The text in stretches with ink and without; the latter spelled out."""
    found, ink = list[tuple[str, frozenset[str]]](), list[str]()
    for character in text:
        if is_invisible(character) and character not in PLAIN:
            if ink:
                found.append(("".join(ink), frozenset()))
                ink = []
            found.append((spelled(character), frozenset({"invisible"})))
        else:
            ink.append(character)
    return [*found, ("".join(ink), frozenset())] if ink else found
