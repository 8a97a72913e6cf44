"""Items of benchmarks on pages: the index and the look beside their slow twin, and what counts as an item."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contamination.index import Index, build_index, table_of
from pipeline.contamination.items import strings
from pipeline.contamination.overlap import _hits, contaminated, places
from pipeline.contamination.settings import ContaminationSettings
from tests.bench.content.contamination import (
    false_hits,
    gsm8k,
    novel_pages,
    recall,
    texts_folder,
)
from tests.reference import overlap as reference

QUESTION = (
    "A glazier cuts seventeen panes from a sheet and breaks every fifth one on the stairs. How many whole panes reach the roof "
    "when two more are lent to the neighbour before noon?"
)
SETTINGS = ContaminationSettings(benchmarks=("exam",))
SMALL = ContaminationSettings(benchmarks=("exam",), ngram_words=8, short_ngram_words=4, max_strings=2)
WORDS = st.sampled_from(
    [
        "one",
        "Two",
        "three,",
        "d'été",
        "五",
        "数字",
        "１２",
        "№",
        "½",
        "🎉",
        "مرحبا",
        "हिन्दी",
        "ﬁn",
        "a\u0301",
        "\u200b",
        "\ue000x",
        "-",
    ]
)
TEXT = st.lists(WORDS, max_size=30).map(" ".join)


def index_of(*texts: str, settings: ContaminationSettings = SETTINGS) -> Index:
    return build_index(table_of([("exam", number, "question", text) for number, text in enumerate(texts, 1)]), settings)


def found(page: str, *texts: str, settings: ContaminationSettings = SETTINGS) -> list[tuple[int, int, int]]:
    """(string, start, end)."""
    return [(one.string, one.start, one.end) for one in places(pa.array([page]), index_of(*texts, settings=settings), settings)]


@given(st.lists(TEXT, max_size=4), st.lists(st.one_of(TEXT, st.text(max_size=40)), min_size=1, max_size=4))
def test_hits_are_those_of_the_twin(items: list[str], pages: list[str]) -> None:
    pages += [f"{pages[0]} {item}" for item in items[:2]]
    column = pa.chunked_array([pa.array(["before", *pages], pa.string()).slice(1), pa.array([None], pa.string())])
    index = index_of(*items, settings=SMALL)
    seen = {
        (row, string): [(hit.word, hit.start, hit.end) for hit in some] for (row, string), some in _hits(column, index).items()
    }
    expected: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for row, page in enumerate(pages):
        for word, start, end, string in reference.hits(page, items, SMALL):
            expected.setdefault((row, string), []).append((word, start, end))
    assert seen == expected


def test_an_item_is_found_whatever_its_case_marks_and_spacing() -> None:
    page = (
        "Before it. " + QUESTION.upper().replace(" ", "\u00a0 ").replace("?", "…").replace("FIFTH", "ＦＩＦＴＨ") + " After it."
    )
    (one,) = places(pa.array([page]), index_of(QUESTION), SETTINGS)
    assert page[one.start : one.end].endswith("NOON") and page[one.start :].startswith("A\u00a0 GLAZIER")
    assert one.share == 1.0 and one.words == len(QUESTION.split())


def test_a_finding_says_which_item_where_and_how_much() -> None:
    page = "Quiz of the week: " + " ".join(QUESTION.split()[:20]) + " and so on."
    findings, edits = contaminated(pa.array(["nothing", None, page]), index_of("other words", QUESTION), SETTINGS)
    (row,) = findings.to_pylist()
    assert (row["row"], row["rule"], row["attack"], row["severity"]) == (2, "benchmark_item", "contamination", "severe")
    assert row["reason"] == "exam:2 question: 20 of 33 words"
    assert page[row["start"] : row["end"]] == " ".join(QUESTION.split()[:20])
    assert edits.num_rows == 0


def test_by_recipe_the_span_is_cut_or_only_labelled() -> None:
    page = f"Before. {QUESTION} After."
    cut = ContaminationSettings(action="cut")
    findings, edits = contaminated(pa.array([page]), index_of(QUESTION, QUESTION), cut)
    assert findings.column("severity").to_pylist() == ["warn", "warn"]
    (edit,) = edits.to_pylist()  # of two equal items one
    assert page[: edit["start"]] + edit["replacement"] + page[edit["end"] :] == "Before. ? After."
    label = ContaminationSettings(action="label")
    assert [part.num_rows for part in contaminated(pa.array([page]), index_of(QUESTION), label)] == [1, 0]


def test_what_many_items_say_belongs_to_none() -> None:
    """A prompt's frame stands on thousands of pages: until max_strings it would have condemned each of them."""
    frame = "Read the following question with care and answer it with the letter of the one choice that fits best of all:"
    items = [
        f"{frame} {number} {word}"
        for number, word in enumerate("ash beech cedar fir hazel larch maple oak pine rowan elm".split())
    ]
    assert found(f"Our exams say: {frame} and nothing else.", *items) == []
    assert [one[0] for one in found(f"Our exams say: {frame} and nothing else.", *items[:10])] == [*range(10)]


def test_a_gram_that_the_page_repeats_counts_once() -> None:
    long = " ".join(f"word{number}" for number in range(200))
    start = " ".join(long.split()[:13])
    assert found(" ".join([start] * 20), long) == []
    assert len(found(" ".join(long.split()[:40]), long)) == 1


def test_a_run_of_one_word_is_no_ngram_that_counts() -> None:
    assert found("ha " * 50, "ha " * 20) == []


def test_a_short_string_counts_only_whole() -> None:
    short = "Which river is crossed by the oldest iron bridge?"
    assert found(f"Well: {short} Ask me.", short) == [(0, 6, 6 + len(short) - 1)]
    assert found("Well: which river is crossed by the oldest iron gate?", short) == []
    assert index_of("Too short to be told from anything else?").too_short == 0
    assert index_of("Yes, in 1989.").too_short == 1


def test_an_index_without_ngrams_finds_nothing() -> None:
    assert found(QUESTION, "No.") == [] == found(QUESTION)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"id": "x", "question": "Q", "answer": "A", "source": "a book"}, [("question", "Q"), ("answer", "A")]),
        ({"prompt": "P", "choices": ["a", "b"], "label": 1}, [("prompt", "P"), ("choices", "a"), ("choices", "b")]),
        (
            {"question": {"stem": "Q", "choices": [{"text": "a", "label": "A"}]}, "context": "C"},
            [("question.stem", "Q"), ("question.choices.text", "a")],
        ),
        ({"text": "T", "metadata": {"text": "M"}}, [("text", "T")]),
        ("bare", [("", "bare")]),
        ({"a": 1, "b": None, "c": True}, []),
    ],
)
def test_usual_formats_give_what_is_asked(item: object, expected: list[tuple[str, str]]) -> None:
    assert strings(item) == expected


def test_named_fields_count_and_nothing_else() -> None:
    item = {"question": "Q", "context": "C", "meta": {"hint": "H"}}
    assert strings(item, ("context", "meta.hint")) == [("context", "C"), ("meta.hint", "H")]


def test_a_deep_item_ends() -> None:
    item: object = "end"
    for _ in range(500):
        item = {"q": item}
    assert strings(item) == []


@pytest.fixture(scope="module")
def exam() -> tuple[list[tuple[str, int, str, str]], Index, list[str]]:
    folder = texts_folder()
    if folder is None:
        pytest.skip("../shared/text is not there: it has gsm8k and the novels")
    rows = gsm8k(folder, "test")
    return rows, build_index(table_of(rows), SETTINGS), novel_pages(folder, 500_000)


def test_planted_items_are_found_as_far_as_words_were_changed(exam: tuple) -> None:
    rows, index, pages = exam
    shares = {row["words_changed"]: row["recall_0.2"] for row in recall(rows, index, pages, 100)}
    assert shares[0.0] == 1.0 and shares[0.05] > 0.93 and shares[0.1] > 0.7 and 0.15 < shares[0.2] < 0.6


def test_novels_hold_no_item(exam: tuple) -> None:
    _, index, pages = exam
    assert false_hits(index, pages)["pages_with_a_hit"] == 0


def test_an_ngram_costs_at_most_eight_bytes_with_whose_it_is(exam: tuple) -> None:
    _, index, _ = exam
    assert index.bytes == index.lookup_bytes + 2 * len(index.strings) <= 8 * len(index.strings)


@pytest.mark.parametrize("strings", [200, 70_000])
def test_more_strings_than_two_bytes_tell_apart_are_found_as_themselves(strings: int) -> None:
    """Every string is eight words of its own; each page has one of them."""
    texts = [" ".join(f"w{number}x{place}" for place in range(8)) for number in range(strings)]
    index = build_index(table_of([("exam", number, "question", text) for number, text in enumerate(texts)]), SETTINGS)
    asked = [0, 1, strings // 2, strings - 1]
    found = places(pa.array([f"so {texts[number]} it is" for number in asked]), index, SETTINGS)
    assert [(one.row, one.string, one.share) for one in found] == [(row, number, 1.0) for row, number in enumerate(asked)]
    assert index.bytes <= 8.1 * len(index.strings)
