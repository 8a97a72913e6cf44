"""Two texts word by word: what both have, what only one has. Bounded, whatever the texts."""

from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

MOST_WORDS = 1_500  # of each text, after what they begin and end with alike: the comparison is quadratic
CONTEXT = 12  # words of a long equal stretch that stay on each side


class Stretch(NamedTuple):
    kind: str  # same, gone (only in the first), new (only in the second), skipped
    text: str
    words: int


def differences(first: str, second: str) -> tuple[list[Stretch], bool]:
    """(stretches in order, whether both texts were compared to their ends)."""
    one, other = first.split(), second.split()
    begin = _alike(one, other)
    end = _alike(one[begin:][::-1], other[begin:][::-1])
    left, right = one[begin : len(one) - end], other[begin : len(other) - end]
    found = [_stretch("same", one[:begin])]
    for kind, a, b, c, d in SequenceMatcher(None, left[:MOST_WORDS], right[:MOST_WORDS], autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(_stretch("same", left[a:b]))
        else:
            found += [_stretch("gone", left[a:b]), _stretch("new", right[c:d])]
    whole = len(left) <= MOST_WORDS and len(right) <= MOST_WORDS
    found += [_stretch("same", one[len(one) - end :])] if whole else []
    return [short for stretch in found if stretch.words for short in _shortened(stretch)], whole


def _alike(one: list[str], other: list[str]) -> int:
    """How many words they begin with alike."""
    return next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _stretch(kind: str, words: list[str]) -> Stretch:
    return Stretch(kind, " ".join(words), len(words))


def _shortened(stretch: Stretch) -> list[Stretch]:
    """A long equal stretch as its beginning, how much is left out, and its end."""
    words = stretch.text.split()
    if stretch.kind != "same" or len(words) <= 3 * CONTEXT:
        return [stretch]
    parts = [words[start:end] for start, end in pairwise((0, CONTEXT, len(words) - CONTEXT, len(words)))]
    return [_stretch("same", parts[0]), _stretch("skipped", parts[1]), _stretch("same", parts[2])]
