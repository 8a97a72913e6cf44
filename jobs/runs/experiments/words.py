"""Invented words and a small invented world to write about: text that a tiny model can learn, and that nobody owns."""

import random

_CONSONANTS, _VOWELS = "bdfgklmnprstv", "aeiou"
_GIBBERISH = "jqwxyz"


def chance_of(seed: int) -> random.Random:
    """The same seed, the same text."""
    return random.Random(seed)  # noqa: S311 - no secret depends on it


def invented(chance: random.Random, count: int, syllables: int, *, gibberish: bool = False) -> list[str]:
    """So many different words; gibberish has none of the other words' consonants."""
    consonants = _GIBBERISH if gibberish else _CONSONANTS
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choice(consonants) + chance.choice(_VOWELS) for _ in range(syllables))] = None
    return list(found)


class World:
    """Towns with a river, a trade and what they sell. Its sentences can be predicted once its facts are known."""

    def __init__(self, seed: int, towns: int = 24) -> None:
        chance = chance_of(seed)
        self.towns = [word.capitalize() for word in invented(chance, towns, 3)]
        rivers, trades, goods = (invented(chance, 8, 2) for _ in range(3))
        self.facts = {
            town: (chance.choice(rivers).capitalize(), chance.choice(trades), chance.choice(goods)) for town in self.towns
        }

    def sentence(self, chance: random.Random) -> str:
        town = chance.choice(self.towns)
        river, trade, goods = self.facts[town]
        return chance.choice(
            [
                f"{town} lies on the river {river}.",
                f"The people of {town} live by {trade}.",
                f"In the market of {town} they sell {goods}.",
                f"Whoever follows the {river} comes to {town}, where {goods} is cheap.",
            ]
        )

    def page(self, chance: random.Random, sentences: int = 4) -> str:
        return " ".join(self.sentence(chance) for _ in range(sentences))
