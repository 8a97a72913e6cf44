"""What the sentence model is taught: patterns that expand whole, in every language, the same for a seed; extracts of pages."""

import random

import pytest

from pipeline.teach import collected, patterns
from pipeline.teach import generated as module
from pipeline.teach.generated import generated
from pipeline.teach.grammar import expand
from pipeline.teach.planting import EXTRACT_BYTES, extract
from tests.examples import deep

ENGLISH = (patterns.orders, patterns.asides, patterns.tasks, patterns.chores, patterns.mentions, patterns.prompts)


@pytest.fixture(autouse=True)
def few_of_each_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENGLISH", "OTHER", "MENTIONS", "COLLECTED"):
        monkeypatch.setattr(module, f"{name}_PER_PATTERN", 40 if deep() else 4)


def test_every_pattern_expands_and_a_seed_gives_the_same_rows() -> None:
    rows = generated(1)
    assert rows == generated(1) and len(rows) == len(set(rows))
    assert [text for text, _, _ in rows if "{" in text or "][" in text] == []


def names_in(*patterns: str) -> set[str]:
    return {part.split("}")[0] for pattern in patterns for part in pattern.split("{")[1:]}


@pytest.mark.parametrize("text", ENGLISH, ids=lambda text: text.__name__)
def test_every_name_in_english_patterns_stands_for_words(text) -> None:
    families, words = text()
    wanted = names_in(*(pattern for family in families.values() for pattern in family))
    assert families and wanted <= words.keys()
    assert all(names_in(*some) <= words.keys() and some for some in words.values())


def test_words_of_a_text_come_before_those_that_others_lend_it() -> None:
    lent, own = patterns.tasks().words, patterns.mentions().words
    assert own["thing"] != lent["thing"] and own["topic"] == lent["topic"]
    assert patterns.asides().words["order"] == tuple(one for family in patterns.orders().families.values() for one in family)


def test_patterns_of_every_language_name_only_goals_and_topics_that_it_has() -> None:
    for code, language in patterns.languages().items():
        wanted = names_in(*language.orders, *language.tasks, *language.goals)
        assert language.orders and len(code) == 2, code
        assert wanted <= {name for name, some in (("goal", language.goals), ("topic", language.topics)) if some}, code


def test_every_language_is_taught_orders() -> None:
    taught = {family.split(".")[0] for _, family, label in generated(1) if label == collected.ORDER}
    assert patterns.languages().keys() <= taught


def test_collected_patterns_are_each_there_once_and_expand() -> None:
    found = list(collected.patterns())
    assert len({one.pattern for one in found}) == len(found)
    assert {one.label for one in found} == {collected.ORDER, collected.REQUEST, collected.MENTION}
    rng = random.Random(1)
    for one in found:
        sentence = expand(one.pattern, {}, rng)
        assert len(one.language) == 2 and sentence and not {"[", "]", "{", "}"} & set(sentence), one


def test_an_extract_is_some_paragraphs_in_a_row() -> None:
    page = "\n\n".join(f"Paragraph {number} says something about the garden." for number in range(200))
    for seed in range(20):
        part = extract(page, random.Random(seed))
        assert part in page and len(part) <= 2 * EXTRACT_BYTES[1]
    assert extract("", random.Random(1)) == ""
