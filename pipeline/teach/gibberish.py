"""Text that no one wrote: tokens of a vocabulary at random, words by their frequency, real text with its words shuffled."""

import random
from collections.abc import Sequence


def uniform(vocabulary: Sequence[str], size: int, chance: random.Random) -> str:
    """Tokens as they come, joined as a tokenizer joins them: "Ġ" is the blank before a word."""
    return "".join(chance.choices(vocabulary, k=size)).replace("Ġ", " ").replace("Ċ", "\n")


def salad(words: Sequence[str], size: int, chance: random.Random) -> str:
    """Words of real text in random order; `words` holds each as often as the text does."""
    return " ".join(chance.choices(words, k=size))


def distinct(words: Sequence[str], size: int, chance: random.Random) -> str:
    """Different words, common or rare alike."""
    return " ".join(chance.choices(sorted(set(words)), k=size))


def shuffled(words: Sequence[str], size: int, chance: random.Random) -> str:
    """A stretch of real text with its words in random order; now and then only within a few words of their place."""
    start = chance.randrange(max(1, len(words) - size))
    stretch = list(words[start : start + size])
    if chance.random() < 0.3:
        reach = chance.choice((6, 12, 25))
        return " ".join(word for _, word in sorted((place + chance.random() * reach, word) for place, word in enumerate(stretch)))
    chance.shuffle(stretch)
    return " ".join(stretch)
