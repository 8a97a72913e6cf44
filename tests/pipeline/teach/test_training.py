"""What the sentence model is taught: patterns that expand whole, in every language, the same for a seed; extracts of pages."""

import random

from pipeline.teach import collected, more_orders
from pipeline.teach.grammar import expand
from pipeline.teach.planting import EXTRACT_BYTES, extract
from pipeline.teach.sentences import generated


def test_every_pattern_expands_and_a_seed_gives_the_same_rows() -> None:
    rows = generated(1)
    assert rows == generated(1) and len(rows) == len(set(rows))
    assert [text for text, _, _ in rows if "{" in text or "][" in text] == []


def test_every_language_of_more_orders_is_taught() -> None:
    taught = {family.split(".")[0] for _, family, label in generated(1) if label == 1}
    assert more_orders.LANGUAGES.keys() <= taught and more_orders.TURNS.keys() <= taught


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
