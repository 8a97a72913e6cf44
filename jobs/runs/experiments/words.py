"""Invented words and a small invented world to write about: text that a tiny model can learn, and that nobody owns."""

import random

_CONSONANTS, _VOWELS = "bdfgklmnprstv", "aeiou"
_GIBBERISH = "jqwxyz"


def rng_of(seed: int) -> random.Random:
    """The same seed, the same text."""
    return random.Random(seed)  # noqa: S311 - no secret depends on it


def invented(rng: random.Random, count: int, syllables: int, *, gibberish: bool = False) -> list[str]:
    """So many different words; gibberish has none of the other words' consonants."""
    consonants = _GIBBERISH if gibberish else _CONSONANTS
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(rng.choice(consonants) + rng.choice(_VOWELS) for _ in range(syllables))] = None
    return list(found)


class World:
    """Towns with a river, a trade and what they sell. Its sentences can be predicted once its facts are known."""

    def __init__(self, seed: int, towns: int = 24) -> None:
        rng = rng_of(seed)
        self.towns = [word.capitalize() for word in invented(rng, towns, 3)]
        rivers, trades, goods = (invented(rng, 8, 2) for _ in range(3))
        self.facts = {town: (rng.choice(rivers).capitalize(), rng.choice(trades), rng.choice(goods)) for town in self.towns}

    def sentence(self, rng: random.Random) -> str:
        town = rng.choice(self.towns)
        river, trade, goods = self.facts[town]
        return rng.choice(
            [
                f"{town} lies on the river {river}.",
                f"The people of {town} live by {trade}.",
                f"In the market of {town} they sell {goods}.",
                f"Whoever follows the {river} comes to {town}, where {goods} is cheap.",
            ]
        )

    def page(self, rng: random.Random, sentences: int = 4) -> str:
        return " ".join(self.sentence(rng) for _ in range(sentences))
