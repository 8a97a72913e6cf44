"""A page in the vocabulary of chat models is reported, once, as a note; a page that has some of its words is not."""

import pytest

from pipeline.poison.findings import SCORES, ScanSettings
from pipeline.poison.words.model_vocabulary import findings, surprise
from tests.crawls import prose

MODEL = (
    "In today's fast-paced world, gardens play a pivotal role. This comprehensive guide delves into the intricate tapestry of "
    "meticulous planning that underscores a vibrant border. Additionally, it showcases groundbreaking insights, fostering a "
    "holistic approach that seamlessly resonates with every gardener, a testament to unwavering care."
)
PERSON = prose("person", 20)


def test_a_page_in_the_vocabulary_of_models_gets_one_note_at_its_first_word() -> None:
    text = f"Über Gärten: {MODEL} {PERSON}"
    (one,) = findings(0, "text", text.encode())
    assert (one.rule, one.attack, one.severity) == ("model_vocabulary", "artefact", "note")
    assert text[one.start : one.end] == "fast-paced"
    assert one.excerpt.startswith("19 of 527 words: additionally, comprehensive, delves,")
    assert SCORES[one.severity] < ScanSettings().min_score


@pytest.mark.parametrize(
    "text",
    [
        "",
        PERSON,
        f"{PERSON} A pivotal and comprehensive study of the intricate realm.",
        "Foster care fosters fostering. " * 40,
        f"{MODEL} " + PERSON * 60,
    ],
)
def test_some_such_words_one_word_often_or_a_passage_in_a_long_text_are_not_reported(text: str) -> None:
    assert findings(0, "text", text.encode()) == []


def test_surprise_is_the_tail_of_poisson() -> None:
    assert surprise(1, 2.0) == 0
    assert surprise(10, 1.0) == pytest.approx(6.95, abs=0.02)  # 1 - sum of the first ten terms is 1.1e-7
