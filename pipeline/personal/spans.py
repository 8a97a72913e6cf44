"""What every detector of personal data gives, and how they look around a match. Offsets are bytes of a page's UTF-8."""

import bisect
import functools
from collections.abc import Iterator
from typing import NamedTuple

import re2

SHOWN = 2  # characters of an excerpt that are not masked
MAX_SHOWN = 60


# What may stand beside a word: no letter, or one of a script that writes words together.
BORDER = r"(?:[^\pL]|[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}])"


class Span(NamedTuple):
    """One piece of personal data."""

    kind: str
    what: str  # which service, country or issuer
    start: int
    end: int


@functools.cache
def compiled(pattern: str) -> "re2._Regexp":
    return re2.compile(pattern, options())


def options() -> re2.Options:
    made = re2.Options()
    made.max_mem, made.log_errors = 64 << 20, False
    return made


def after_word(raw: bytes, start: int, words: str, reach: int = 48) -> bool:
    """Whether one of `words` (a pattern) stands in the `reach` bytes before, in the same paragraph and as a word."""
    pattern = rf"(?i){BORDER}(?:{words})(?:{BORDER}|$)"
    near = bytes_before(raw, start, reach)
    return compiled(pattern).search(near[near.rfind(b"\n\n") + 1 :]) is not None


def bytes_before(raw: bytes, start: int, reach: int) -> bytes:
    """The `reach` bytes before, and the one that parts them from what is before that; a line break at the beginning of a text."""
    first = start - reach - 1
    return raw[first:start] if first >= 0 else b"\n" + raw[:start]


def stands_alone(raw: bytes, start: int, end: int, joins: bytes = b"./-:_@=") -> bool:
    """Whether no letter or digit touches it, and none beyond a mark of `joins`: it is no part of a longer name."""
    before, after = raw[max(0, start - 2) : start], raw[end : end + 2]
    if _is_word(before[-1:]) or _is_word(after[:1]):
        return False
    joined_before = before[-1:] in _single(joins) and _is_word(before[:1]) and len(before) == 2
    return not joined_before and not (after[:1] in _single(joins) and _is_word(after[1:]))


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_"


@functools.cache
def _single(marks: bytes) -> frozenset[bytes]:
    return frozenset(marks[place : place + 1] for place in range(len(marks)))


def masked(found: str) -> str:
    """What an excerpt shows: the first characters and the marks, "jo••@•••••••.•••"."""
    rest = "".join("•" if one.isalnum() else " " if one.isspace() else one for one in found[SHOWN:MAX_SHOWN])
    return found[:SHOWN] + rest + ("…" if len(found) > MAX_SHOWN else "")


def disjoint(spans: list[Span], kinds: tuple[str, ...]) -> list[Span]:
    """In the order of the text; of two that overlap the one whose kind comes first holds, then the longer."""
    taken: list[Span] = []  # by start, none overlapping
    for span in sorted(spans, key=lambda one: (kinds.index(one.kind), one.start - one.end, one.start)):
        place = bisect.bisect_left(taken, span.start, key=lambda one: one.start)
        clear_before = place == 0 or taken[place - 1].end <= span.start
        if clear_before and (place == len(taken) or span.end <= taken[place].start):
            taken.insert(place, span)
    return taken


def code_points(raw: bytes, spans: list[Span]) -> Iterator[tuple[int, int]]:
    """(start, end) in code points of spans that are disjoint and in order: one pass over the text."""
    position, characters = 0, 0
    for span in spans:
        characters += len(raw[position : span.start].decode("utf-8", "ignore"))
        start = characters
        characters += len(raw[span.start : span.end].decode("utf-8", "ignore"))
        yield start, characters
        position = span.end
