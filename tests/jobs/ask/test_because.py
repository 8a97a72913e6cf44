"""The sentence that `explain` begins with."""

from typing import Any

import pytest

from jobs.ask.because import because

KEEPER = {"doc_id": "b" * 32, "keeper_id": "a" * 32, "keeper_url": "http://a.example/", "warc_offset": 7, "similarity": 0.93}
SHORT = {"rule": "gopher_short_doc", "measure": "word_count", "value": 12, "minimum": 50, "maximum": None, "broken": True}
LISTY = {"rule": "list_ratio", "measure": "newlines_per_word", "value": 0.414, "minimum": None, "maximum": 0.3, "broken": True}


def said(outcome: str, reason: str | None, **found: list[dict[str, Any]]) -> str:
    row = {"outcome": outcome, "reason": reason, "doc_id": "b" * 32, "warc_offset": 7}
    return because(row, found.get("rules", []), found.get("duplicates", []), found.get("findings", []))


def test_a_filtered_page_is_told_its_rule_value_and_bound() -> None:
    expected = "filtered: list_ratio: newlines_per_word 0.414 is above 0.3; it breaks 1 more"
    assert said("filtered", "list_ratio", rules=[SHORT, LISTY]) == expected
    assert said("filtered", "gopher_short_doc", rules=[SHORT]) == "filtered: gopher_short_doc: word_count 12 is below 50"


def test_a_kept_page_is_told_what_its_score_overruled() -> None:
    pardoned = LISTY | {"broken": False, "overruled_by": 0.83}
    assert said("kept", None, rules=[SHORT | {"broken": False}]).endswith("it is the copy that stands")
    told = said("kept", None, rules=[pardoned])
    assert told.endswith("; its score 0.83 overrules list_ratio (newlines_per_word 0.414 is above 0.3)")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("url", "a newer fetch of its URL is kept: http://a.example/"),
        ("exact", "its text is that of http://a.example/, which is kept: of equal texts the best page"),
        ("near", "a near copy (similarity 0.93) of http://a.example/, kept as the best page"),
        ("record", "the same record was met at http://a.example/"),
        ("earlier", "an earlier corpus keeps it, or a page so alike"),
    ],
)
def test_a_copy_is_told_which_page_is_kept_and_why(kind: str, words: str) -> None:
    assert words in said("duplicate", "a" * 32, duplicates=[KEEPER | {"kind": kind}])


def test_where_inputs_are_looked_at_alone_a_copy_is_told_which_one_it_is_of() -> None:
    for name, words in (("CC-MAIN-2026-01", ", among pages of CC-MAIN-2026-01 alone"), ("", ", among pages of its folder alone")):
        assert said("duplicate", "a" * 32, duplicates=[KEEPER | {"kind": "exact", "within": name}]).endswith(words)


def test_a_page_that_others_are_copies_of_is_not_told_of_them() -> None:
    """`duplicates` has the pages that this one is kept for, too."""
    mine = KEEPER | {"kind": "exact"}
    others = [{**mine, "doc_id": "c" * 32, "keeper_id": "b" * 32, "kind": "near", "keeper_url": "http://b.example/"}]
    assert "http://a.example/" in said("duplicate", "a" * 32, duplicates=[*others, mine])


def test_other_fates_are_told_too() -> None:
    found = [{"rule": "hidden_order", "reason": "an order to a model", "field": "hidden"}]
    assert said("poisoned", "hidden_order", findings=found) == "poisoned: hidden_order: an order to a model (in its hidden)"
    assert said("rejected", "http_status") == "rejected: the record gave no page (http_status)"
    assert "takedown t1" in said("removed", "t1")
    assert "lost the lot" in said("sampled", "sample") and "select.max_per_host" in said("sampled", "max_per_host")


def test_a_page_in_no_language_of_ours_is_told_so() -> None:
    rule = {"rule": "language", "measure": "language", "value": 1, "minimum": None, "maximum": None, "broken": True}
    expected = "filtered: language: it is in none of the languages that are wanted, or in none that the model knows ('und')"
    assert said("filtered", "language", rules=[rule]) == expected
