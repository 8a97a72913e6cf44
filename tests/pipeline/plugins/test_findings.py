"""What a detector of somebody else gives, taken or refused."""

from typing import Any

import pyarrow as pa
import pytest

from pipeline.errors import RecipeError
from pipeline.plugins.detected import Consequence, DetectedSettings
from pipeline.plugins.findings import DetectorSettings, found

TEXTS = ["one 😀 two", None, "three"]
PAGES = pa.record_batch({"doc_id": ["a", "b", "c"], "text": TEXTS, "url": ["http://a.example/", None, None]})


def taken(*spans: Any, columns: tuple[str, ...] = ("text",)) -> list[dict[str, Any]]:
    """Of a function that gives a list for each of the three pages."""
    of_text = dict(zip(TEXTS, [*spans, None, None, None], strict=False))
    rows: list[dict[str, Any]] = found(
        "mine", lambda text, *_: pa.array([of_text[one] for one in text.to_pylist()]), columns, PAGES
    ).to_pylist()
    return rows


def span(start: Any, end: Any, **more: Any) -> dict[str, Any]:
    return {"start": start, "end": end, "kind": "word", **more}


def test_spans_are_characters_and_become_rows_of_their_page() -> None:
    [first, last] = taken([span(4, 5)], [], [span(0, 5, score=0.5, detail="a number")])
    assert first == {
        "doc_id": "a", "detector": "mine", "kind": "word", "field": "text", "start": 4, "end": 5, "score": None, "detail": None,
        "excerpt": "one 😀 two",
    }  # fmt: skip
    assert (last["doc_id"], last["score"], last["detail"], last["excerpt"]) == ("c", 0.5, "a number", "three")


def test_a_finding_may_lie_in_another_text_that_the_function_asks_for() -> None:
    [only] = taken([span(0, 4, field="url")], columns=("text", "url"))
    assert (only["field"], only["excerpt"]) == ("url", "http://a.example/")
    with pytest.raises(RecipeError, match=r"its field 'url': .* whose column it asks for, at document a"):
        taken([span(0, 4, field="url")])


def test_nothing_found_is_no_row() -> None:
    assert taken() == taken([], [], []) == []


def test_personal_data_around_a_finding_is_masked_in_its_excerpt() -> None:
    pages = pa.record_batch({"doc_id": ["a"], "text": ["write to jo.doe@gmail.com now"]})
    [row] = found("mine", lambda text: pa.array([[span(0, 5)]]), ("text",), pages).to_pylist()
    assert row["excerpt"] == "write to <EMAIL> now"


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([span(3, 3)], "begins at 3 and ends at 3: it has to end behind its beginning"),
        ([span(5, 2)], "begins at 5 and ends at 2"),
        ([span(-1, 2)], "span -1 to 2 of a text of 9 characters"),
        ([span(0, 12)], "span 0 to 12 of a text of 9 characters .places are characters, not bytes"),
        ([span(0.5, 2)], "whole numbers of characters"),
        ([span(None, 2)], "whole numbers of characters"),
        ([span(False, True)], "whole numbers of characters"),
        ([{"start": 0, "end": 1}], "this one has start, end"),
        ([span(0, 1, severity="severe")], "this one has .*severity"),
        ([span(0, 1) | {"kind": "A Word"}], "its kind 'A Word'"),
        ([span(0, 1, score=1.5)], "its score is 1.5: a number from 0 to 1"),
        ([span(0, 1, detail=3)], "its detail is int"),
        ([3], "this one has int"),
        (span(0, 1), "it gave dict for a page"),
        ([span(0, 1)] * 10_001, "it found 10,001 spans on a page: at most 10,000"),
    ],
)
def test_what_is_no_span_of_the_page_is_refused_by_function_and_page(spans: Any, said: str) -> None:
    with pytest.raises(RecipeError, match=f"plug-in mine: ValueError: .*{said}.*, at document a"):
        taken(spans)


def test_a_span_of_a_page_without_text_is_refused_as_that_pages() -> None:
    with pytest.raises(RecipeError, match=r"span 0 to 1 of a text of 0 characters .*, at document b"):
        taken([], [span(0, 1)])


def test_a_function_that_fails_is_named_with_the_page() -> None:
    with pytest.raises(RecipeError, match=r"plug-in mine: TypeError: .*, at document b"):
        found("mine", lambda text: pa.array([[] for one in text.to_pylist() if len(one) > 0]), ("text",), PAGES)


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ({"mine": {"action": "burn"}}, "detected.by.mine.action is 'burn': one of label, drop, cut, mask"),
        ({"mine": {"outcome": "kept"}}, "detected.by.mine.outcome is 'kept'"),
        ({"mine": {"min_score": 2}}, "detected.by.mine.min_score is 2: a number, at least 0, at most 1"),
        (
            {"mine": {"acton": "drop"}},
            "detected.by.mine: acton is no setting; write a table with any of action, outcome, min_score",
        ),
        ({"mine": "drop"}, "detected.by.mine: it is 'drop'"),
        ({"Mine": {}}, "detected.by.Mine: small letters"),
    ],
)
def test_a_consequence_that_there_is_not_is_refused(by: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        DetectedSettings(by=by)


def test_a_detector_without_a_table_only_labels_and_one_that_is_not_named_has_none() -> None:
    settings = DetectedSettings(by={"mine": {"action": "drop"}})
    assert settings.of("mine").severity == "severe" and settings.of("other") == Consequence()
    settings.require(("mine",))
    with pytest.raises(RecipeError, match=r"detected.by.mine: detectors.functions has no such detector; it names other"):
        settings.require(("other",))
    with pytest.raises(RecipeError, match=r"detectors.functions names 'text'"):
        DetectorSettings(functions=("text",))
