"""Pages of one label's lines, as the identifier meets them: as short as a title and as long as a chapter, with what stands on
pages besides, between the lines and among their words."""

import math
import random
from collections.abc import Iterator, Sequence

from pipeline.teach.languages.noise import one_of_noise

SHORTEST, LONGEST = 15, 2000  # letters; drawn evenly by their logarithm
PIECE = 100  # a shorter page is a piece of a line
WITH_FURNITURE, MOST_FURNITURE = 0.5, 0.5  # pages that have it, and its share of their lines
WITH_TERMS, MOST_TERMS = 0.5, 0.7  # pages that have words of no language among theirs, and how many to a word of the language
MENU = (
    "home about us contact log in sign up search next previous top menu skip to content all rights reserved privacy policy "
    "terms of use share print download read more comments archive categories tags help"
).split()


def pages_of(lines: Sequence[str], count: int, names: Sequence[str], seed: str) -> Iterator[str]:
    """`count` pages; `names` are words that stand in every language ("linux", "karl")."""
    rng = random.Random(seed)  # noqa: S311 - no secrets here
    terms = [*names, *(word for _ in range(50) for word in one_of_noise(rng).split())]
    for _ in range(count):
        size = int(math.exp(rng.uniform(math.log(SHORTEST), math.log(LONGEST))))
        page = piece_of(rng.choice(lines), size, rng) if size < PIECE else "\n".join(furnished(lines, size, terms, rng))
        yield page if rng.random() >= WITH_TERMS else with_terms(page, terms, rng.uniform(0, MOST_TERMS), rng)


def piece_of(line: str, size: int, rng: random.Random) -> str:
    """From the beginning of a word, where one begins near."""
    start = rng.randrange(max(1, len(line) - size))
    start = line.find(" ", start, start + 20) + 1 or start
    return line[start : start + size]


def furnished(lines: Sequence[str], size: int, terms: Sequence[str], rng: random.Random) -> Iterator[str]:
    """Lines of about `size` letters together, some of them no text."""
    share = rng.uniform(0, MOST_FURNITURE) * (rng.random() < WITH_FURNITURE)
    while size > 0:
        line = furniture(terms, rng) if rng.random() < share else rng.choice(lines)[:size]
        size -= len(line) + 1
        yield line


def furniture(terms: Sequence[str], rng: random.Random) -> str:
    """A line of numbers, of an English menu, an address, program text, or names."""
    made = (
        f"{rng.randrange(1, 31)}.{rng.randrange(1, 13)}.{rng.randrange(1990, 2030)} | {rng.randrange(1000)}",
        " ".join(rng.choices(MENU, k=rng.randrange(1, 8))).title(),
        f"https://www.{rng.choice(terms)}.{rng.choice(('com', 'org', 'net'))}/{rng.choice(terms)}/index.html",
        one_of_noise(rng)[:120],
        " ".join(rng.choices(terms, k=rng.randrange(1, 6))),
    )
    return rng.choice(made)


def with_terms(page: str, terms: Sequence[str], share: float, rng: random.Random) -> str:
    """A term behind `share` of all words."""
    return "\n".join(
        " ".join(f"{word} {rng.choice(terms)}" if rng.random() < share else word for word in line.split(" "))
        for line in page.split("\n")
    )
