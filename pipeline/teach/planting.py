"""Pages with one sentence put in, at the start, the end, as a paragraph or inside one."""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

MIN_PARAGRAPH = 80
EXTRACT_BYTES = (200, 1600)


class Planted(NamedTuple):
    page: str
    sentence: str
    family: str
    label: int  # as in generated.py


def planted(rows: Sequence[tuple[str, str, int]], pages: Mapping[str, Sequence[str]], rng: random.Random) -> list[Planted]:
    """Every (sentence, family, label) in a page of its family's language ("de.0": German), English where there is none."""
    out = []
    for sentence, family, label in rows:
        hosts = pages.get(family.split(".")[0]) or pages["en"]
        said = varied(sentence, rng)
        out.append(Planted(plant(rng.choice(hosts), said, rng), said, family, label))
    return out


def extract(page: str, rng: random.Random) -> str:
    """Some paragraphs in a row, as long as an e-mail or a review."""
    paragraphs = page.split("\n\n")
    start, wanted = rng.randrange(len(paragraphs)), rng.randint(*EXTRACT_BYTES)
    stop, size = start, 0
    while stop < len(paragraphs) and size < wanted:
        size += len(paragraphs[stop])
        stop += 1
    return "\n\n".join(paragraphs[start:stop])[: 2 * EXTRACT_BYTES[1]]


def varied(sentence: str, rng: random.Random) -> str:
    """As careless people write: three in ten without their full stop, two in ten with a small first letter."""
    if rng.random() < 0.3:
        sentence = sentence.rstrip(".。।")
    return sentence[:1].lower() + sentence[1:] if rng.random() < 0.2 else sentence


def plant(page: str, sentence: str, rng: random.Random) -> str:
    place = rng.choice(("start", "end", "paragraph", "inside", "inside"))
    if place == "start":
        return f"{sentence}\n\n{page}"
    if place == "end":
        return f"{page}\n\n{sentence}"
    paragraphs = page.split("\n\n")
    if place == "paragraph":
        at = rng.randrange(1, len(paragraphs) + 1)
        return "\n\n".join([*paragraphs[:at], sentence, *paragraphs[at:]])
    long = [at for at, one in enumerate(paragraphs) if ". " in one and len(one) > MIN_PARAGRAPH]
    if not long:
        return f"{page} {sentence}"
    at = rng.choice(long)
    parts = paragraphs[at].split(". ")
    cut = rng.randrange(1, len(parts))
    paragraphs[at] = ". ".join(parts[:cut]) + ". " + sentence + " " + ". ".join(parts[cut:])
    return "\n\n".join(paragraphs)
