"""Sentences that teach the sentence model, made of every pattern in texts/. A seed gives the same sentences every time."""

import random
from collections.abc import Iterator

from pipeline.teach import collected, patterns
from pipeline.teach.collected import MENTION, ORDER, REQUEST
from pipeline.teach.grammar import expand

ENGLISH_PER_PATTERN = 180
OTHER_PER_PATTERN = 60
MENTIONS_PER_PATTERN = 300
COLLECTED_PER_PATTERN = 40

Row = tuple[str, str, int]  # (sentence, family, label); labels: 1 an order to a model, 2 a request, 0 a mention


def generated(seed: int) -> list[Row]:
    """The rows of every pattern, in the order of the files, none twice."""
    rng = random.Random(seed)  # noqa: S311 - no secrets here
    return list(dict.fromkeys((*_english(rng), *_mentions(rng), *_other_languages(rng), *_collected(rng))))


def number_of(pattern: str) -> int:
    """Which half of its language a pattern belongs to."""
    return sum(pattern.encode()) % 2


def _english(rng: random.Random) -> Iterator[Row]:
    texts = ((ORDER, patterns.orders()), (ORDER, patterns.asides()), (REQUEST, patterns.tasks()), (REQUEST, patterns.chores()))
    for label, (families, words) in texts:
        for name, family in families.items():
            for pattern in family:
                for _ in range(ENGLISH_PER_PATTERN):
                    yield expand(pattern, words, rng), f"en.{name}", label


def _mentions(rng: random.Random) -> Iterator[Row]:
    for families, words in (patterns.mentions(), patterns.prompts()):
        for family in families.values():
            for pattern in family:
                for _ in range(MENTIONS_PER_PATTERN):
                    yield expand(pattern, words, rng), "mention", MENTION


def _other_languages(rng: random.Random) -> Iterator[Row]:
    for code, language in patterns.languages().items():
        words = {"topic": language.topics, "goal": language.goals}
        for label, some in ((ORDER, language.orders), (REQUEST, language.tasks)):
            for number, pattern in enumerate(some):
                for _ in range(OTHER_PER_PATTERN):
                    yield expand(pattern, words, rng), f"{code}.{number % 2}", label


def _collected(rng: random.Random) -> Iterator[Row]:
    for label, language, family, pattern in collected.patterns():
        name = f"{language}.{family}" if language == "en" else f"{language}.{number_of(pattern)}"
        for _ in range(COLLECTED_PER_PATTERN):
            yield expand(pattern, {}, rng), name if label else "mention", label
