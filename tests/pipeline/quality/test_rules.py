"""The table of rules, what a recipe may change in it, and verdicts at the bounds."""

import dataclasses
import pickle
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RecipeError
from pipeline.language.codes import language_of_label
from pipeline.quality.measures import measure
from pipeline.quality.rules import BROKEN, RULE_GROUPS, RULES, Rule, RuleSettings, judge, resolve, rule_settings
from pipeline.quality.stop_words import PARTICLES, STOP_WORDS
from pipeline.quality.verdicts import LISTED, applies
from pipeline.tables import JUDGED_COLUMNS, MEASURES, SAFETY_MEASURES
from tests.paths import SHARED

GOOD = dict.fromkeys(MEASURES)  # null measures break nothing


def pages(*changes: dict[str, Any]) -> pa.RecordBatch:
    """One page each that breaks nothing but for the changes."""
    known = {"language": pa.string(), "host": pa.string(), "url": pa.string()}
    known |= dict.fromkeys(("language_confidence", "language_share"), pa.float32())
    good = GOOD | {"language": "en", "language_confidence": 1.0, "language_share": 1.0}
    good |= {"host": "a.example", "url": "http://a.example/"}
    schema = pa.schema([*MEASURES.items(), *JUDGED_COLUMNS.items(), *known.items()])
    return pa.RecordBatch.from_pylist([good | change for change in changes], schema=schema)


def broken(page: dict[str, Any], **tables: Any) -> list[str]:
    return judge(pages(page), resolve(rule_settings(tables))).column("rule").to_pylist()


def test_rules_are_listed_once_by_stage_over_measures_that_exist() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert [rule.stage for rule in RULES] == sorted((rule.stage for rule in RULES), key=RULE_GROUPS.index)
    assert {rule.measure for rule in RULES} <= {
        *MEASURES, *SAFETY_MEASURES, *LISTED, *JUDGED_COLUMNS, "language_confidence", "language_share",
    }  # fmt: skip
    assert all(rule.source for rule in RULES)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.measure in MEASURES], ids=lambda rule: rule.name)
def test_a_rule_is_broken_beyond_its_bound_and_not_at_it(rule: Rule) -> None:
    language = min(rule.languages or {"en"})
    for bound, beyond in ((rule.minimum, -1), (rule.maximum, 1)):
        if bound is None:
            continue
        kind = MEASURES.get(rule.measure, pa.float32())
        next_share = float(np.nextafter(np.float32(bound), np.float32(beyond * np.inf)))
        past = bound + beyond if kind == pa.int32() else next_share
        assert rule.name not in broken({rule.measure: bound, "language": language})
        assert rule.name in broken({rule.measure: past, "language": language})


def test_the_first_row_of_a_page_is_its_earliest_rule() -> None:
    found = judge(pages({"word_count": 3, "repeated_line_share": 0.5}, {}, {"kept_sentence_count": 1}), resolve(RuleSettings()))
    assert found.to_pylist() == [
        {"row": 0, "stage": "gopher_repetition", "rule": "dup_line_frac", "value": 0.5, "bound": 0.3},
        {"row": 0, "stage": "gopher_quality", "rule": "gopher_short_doc", "value": 3.0, "bound": 50.0},
        {"row": 2, "stage": "c4", "rule": "too_few_sentences", "value": 1.0, "bound": 5.0},
    ]


def slowly_broken(page: dict[str, Any], rules: tuple[Rule, ...]) -> list[str]:
    """Rules over numbers, one page and one rule at a time."""
    found = []
    for rule in rules:
        value = page.get(rule.measure)
        if rule.measure in LISTED or value is None or page["language"] in rule.exempt_languages:
            continue
        if rule.languages is not None and page["language"] not in rule.languages:
            continue
        too_low = rule.minimum is not None and value < np.float32(rule.minimum)
        too_high = rule.maximum is not None and value > np.float32(rule.maximum)
        found += [rule.name] if too_low or too_high else []
    return found


counts, shares = st.one_of(st.none(), st.integers(0, 200_000)), st.one_of(st.none(), st.floats(0, 12, width=32))
values = {name: counts if kind == pa.int32() else shares for name, kind in MEASURES.items()}
languages = st.sampled_from(["en", "ja", "ko", "th", "xx", None])


@given(st.lists(st.fixed_dictionaries({**values, "language": languages}), max_size=5))
def test_verdicts_equal_a_loop_over_pages_and_rules(rows: list[dict[str, Any]]) -> None:
    rules = resolve(RuleSettings())
    expected = [(row, name) for row, page in enumerate(rows) for name in slowly_broken(page, rules)]
    assert [(one["row"], one["rule"]) for one in judge(pages(*rows), rules).to_pylist()] == expected


def test_tables_and_slices_are_judged_like_batches() -> None:
    batch = pages({"word_count": 3}, {}, {"word_count": 4})
    rules = resolve(RuleSettings())
    assert judge(pa.Table.from_batches([batch.slice(0, 1), batch.slice(1)]), rules) == judge(batch, rules)
    assert judge(batch.slice(2), rules).column("row").to_pylist() == [0]
    assert judge(batch.slice(3), rules).schema == judge(batch, ()).schema == BROKEN


def test_hosts_are_blocked_with_everything_below_them() -> None:
    table = {"values": ["bad.example"]}
    for host in ("bad.example", "www.bad.example"):
        assert broken({"host": host}, blocked_host=table) == ["blocked_host"]
    for other in ("notbad.example", "example", "", None):
        assert broken({"host": other}, blocked_host=table) == []


def test_hosts_are_read_from_urls_where_there_is_no_host_column() -> None:
    batch = pages({"url": "http://WWW.bad.example:80/"}, {"url": "http://[broken"}).drop_columns(["host"])
    rules = resolve(rule_settings({"blocked_host": {"values": ["bad.example"]}}))
    assert judge(batch, rules).to_pylist() == [{"row": 0, "stage": "url", "rule": "blocked_host", "value": 1.0, "bound": 0.0}]


@pytest.mark.parametrize(("url", "expected"), [
    ("http://a.example/PORN/1", True), ("http://free-xxx.example/", True), ("http://a.example/essex", False),
    ("http://a.example/chapter-xxxii", False), ("http://a.example/a?b=porn", True), (None, False),
])  # fmt: skip
def test_url_words_are_whole_words(url: str | None, expected: bool) -> None:
    assert ("blocked_url_word" in broken({"url": url})) is expected


def test_words_of_a_blocklist_are_no_patterns() -> None:
    assert broken({"url": "http://a.example/cxx"}, blocked_url_word={"values": ["c++", ".*"]}) == []


def test_all_languages_stay_unless_some_are_listed() -> None:
    assert broken({"language": "tlh"}) == broken({"language": None}) == []
    assert broken({"language": "tlh"}, language={"values": ["en"]}) == ["language"]
    assert broken({"language": None}, language={"values": ["en"]}) == ["language"]
    assert broken({"language_confidence": 0.5}) == ["language_confidence"]


def test_a_page_in_no_language_of_ours_is_dropped_for_its_language_unless_a_recipe_keeps_it() -> None:
    assert broken({"language": "und", "language_confidence": 0.0}) == ["language", "language_confidence"]
    off = {"language": {"enabled": False}, "language_confidence": {"enabled": False}}
    assert broken({"language": "und", "language_confidence": 0.0}, **off) == []


def test_pages_that_mix_languages_stay_unless_a_share_is_asked_for() -> None:
    assert broken({"language_share": 0.4}) == []
    assert broken({"language_share": 0.4}, language_share={"minimum": 0.5}) == ["language_share"]
    assert broken({"language_share": None}, language_share={"minimum": 0.5}) == []


def test_exempt_languages_are_not_judged() -> None:
    assert broken({"mean_word_chars": 2.0, "language": "de"}) == ["gopher_below_avg_threshold"]
    assert broken({"mean_word_chars": 2.0, "language": "ja"}) == []
    assert broken({"mean_word_chars": 2.0, "language": "ja"}, gopher_below_avg_threshold={"exempt_languages": []}) != []


def test_pages_of_a_type_go_where_a_recipe_lists_it_and_those_of_no_type_stay() -> None:
    wanted = {"unwanted_page_type": {"values": ["product", "collection"]}}
    assert [broken({"page_type": one}, **wanted) for one in ("product", "collection", "article", None)] == [
        ["unwanted_page_type"], ["unwanted_page_type"], [], [],
    ]  # fmt: skip
    assert broken({"page_type": "product"}) == []


def test_a_rule_judges_no_page_of_a_type_that_it_exempts() -> None:
    short = {"gopher_short_doc": {"exempt_page_types": ["documentation", "listing"]}}
    assert [broken({"word_count": 9, "page_type": one}, **short) for one in ("documentation", "listing", "forum", None)] == [
        [], [], ["gopher_short_doc"], ["gopher_short_doc"],
    ]  # fmt: skip
    [rule] = [one for one in resolve(rule_settings(short)) if one.name == "gopher_short_doc"]
    assert [applies(rule, "en", one) for one in ("documentation", "forum", None)] == [False, True, True]


@pytest.mark.parametrize(
    "tables",
    [
        {"unwanted_page_type": {"values": ["products"]}},
        {"gopher_short_doc": {"exempt_page_types": ["docs"]}},
        {"own": {"terse": {"measure": "word_count", "minimum": 9, "exempt_page_types": ["docs"]}}},
    ],
)
def test_a_type_that_no_page_can_have_is_refused(tables: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="is no type of page; the types are article, forum, documentation, service"):
        rule_settings(tables)


def test_a_recipe_changes_bounds_by_name() -> None:
    assert broken({"word_count": 30}, gopher_short_doc={"minimum": 20}) == []
    assert broken({"word_count": 30}, gopher_short_doc={"enabled": False}) == []
    assert broken({"word_count": 30}, gopher_short_doc={"languages": ["de"]}) == []
    without_stop_words = {"stop_word_count": 0, "language": "tlh"}
    assert broken(without_stop_words) == []
    assert broken(without_stop_words, gopher_enough_stop_words={"languages": ["all"]}) == ["gopher_enough_stop_words"]


def test_settings_without_changes_are_the_table() -> None:
    assert resolve(RuleSettings()) == resolve(rule_settings({})) == tuple(rule for rule in RULES if rule.enabled)
    assert resolve(RuleSettings(legal=True)) == RULES


@pytest.mark.parametrize(("tables", "message"), [
    ({"short_doc": {}}, "rules.short_doc is not a rule"),
    ({"gopher_short_doc": {"min": 3}}, "rules.gopher_short_doc.min is no setting"),
    ({"gopher_short_doc": {"minimum": "50"}}, "rules.gopher_short_doc.minimum is '50'; write a number"),
    ({"gopher_short_doc": {"minimum": True}}, "write a number"),
    ({"gopher_short_doc": {"minimum": float("nan")}}, "write a number"),
    ({"gopher_short_doc": {"enabled": 1}}, "write true or false"),
    ({"gopher_short_doc": {"enabled": "no"}}, "write true or false"),
    ({"legal": "yes"}, "write true or false"),
    ({"gopher_short_doc": {"languages": "en"}}, "write a list of strings"),
    ({"gopher_short_doc": 50}, "rules.gopher_short_doc is 50; write a table"),
    ({"gopher_short_doc": {"minimum": 9, "maximum": 8}}, "minimum = 9 is above rules.gopher_short_doc.maximum = 8"),
    ({"gopher_short_doc": {"minimum": 200}, "gopher_long_doc": {"maximum": 100}}, "above rules.gopher_long_doc.maximum = 100"),
    ({"language": {"minimum": 1}}, "rules.language.minimum means nothing"),
    ({"gopher_short_doc": {"values": ["x"]}}, "rules.gopher_short_doc.values means nothing"),
])  # fmt: skip
def test_recipes_that_cannot_be_meant_are_refused(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message.replace(".", r"\.")):
        resolve(rule_settings(tables))


def test_settings_survive_the_manifest_and_the_way_to_a_worker() -> None:
    changed = rule_settings({"gopher_short_doc": {"minimum": 20, "languages": ["en"]}})
    assert RuleSettings(**dataclasses.asdict(changed)) == changed  # type: ignore[call-overload]
    assert pickle.loads(pickle.dumps(changed)) == changed
    assert pickle.loads(pickle.dumps(resolve(changed))) == resolve(changed)


def test_an_ordinary_page_breaks_no_rule() -> None:
    sentences = (
        "The harbour of the old town lies open to the west and has seen many ships.",
        "Fishermen mend their nets on the quay in the morning, while the first ferries leave.",
        "To the north stands a lighthouse that was built in 1871 and is still lit every night.",
        "Visitors who have an hour should climb it with a guide and look over the bay.",
        "In winter the storms reach the walls of the houses, and salt settles on the windows.",
        "Nobody would think of moving inland, for the sea is what the people here live from.",
    )
    measured = measure(pa.array(["\n".join(sentences)]), pa.array(["en"])).to_pylist()[0]
    assert broken(measured) == []


@pytest.mark.skipif(SHARED is None, reason="no ../shared here")
def test_the_declaration_of_human_rights_breaks_no_rule_in_any_language_with_a_stop_word_list() -> None:
    assert SHARED is not None
    texts, codes = [], []
    for file in sorted((SHARED / "langid" / "udhr").rglob("udhr_*.xml")):
        declaration = ElementTree.parse(file).getroot()
        language = language_of_label(declaration.get("iso639-3") or "und")
        if language in STOP_WORDS or language in PARTICLES:
            parts = [one.text for one in declaration.iter() if one.tag.endswith(("}para", "}title")) and one.text]
            texts.append("\n".join(parts))
            codes.append(language)
    whole = [i for i, text in enumerate(texts) if len(text) > 4000]  # some files hold a title only
    text, language = pa.array([texts[i] for i in whole]), pa.array([codes[i] for i in whole])
    measured = measure(text, language)
    unknown = {"language_confidence": pa.nulls(len(text), pa.float32()), "url": pa.nulls(len(text), pa.string())}
    batch = pa.RecordBatch.from_pydict({**{name: measured[name] for name in MEASURES}, "language": language, **unknown})
    found = judge(batch, resolve(RuleSettings())).to_pylist()
    assert len(whole) > 50
    assert [(language[one["row"]].as_py(), one["rule"], one["value"]) for one in found] == []


# ---------------------------------------------------------------- legal

RESERVED = {"robots": "max-snippet:-1, noai", "tdm_reservation": 1, "license": "CC-BY-NC-4.0"}


def test_legal_signals_are_judged_only_where_a_recipe_says_so() -> None:
    assert broken(RESERVED) == []
    assert broken(RESERVED, legal=True) == ["legal_robots", "legal_tdm"]
    assert broken(RESERVED, legal=True, legal_tdm={"enabled": False}) == ["legal_robots"]
    assert broken(RESERVED, legal_tdm={"enabled": True}) == ["legal_tdm"]
    assert broken({"tdm_reservation": 0, "robots": "all, ccbot: noai"}, legal=True) == []


@pytest.mark.parametrize(
    ("licence", "wanted", "kept"),
    [
        ("CC-BY-4.0", ["CC-BY"], True),
        ("CC-BY-3.0-DE", ["cc-by"], True),
        ("CC-BY-4.0", ["CC-BY-4.0"], True),
        ("CC-BY-3.0", ["CC-BY-4.0"], False),
        ("CC-BY-NC-4.0", ["CC-BY"], False),
        ("CC-BY-4.0 AND CC0-1.0", ["CC-BY", "CC0"], True),
        ("CC-BY-4.0 AND CC-BY-NC-4.0", ["CC-BY", "CC0"], False),
        (None, ["CC-BY"], False),
    ],
)
def test_every_licence_of_a_page_must_be_wanted(licence: str | None, wanted: list[str], kept: bool) -> None:
    found = broken({"license": licence}, legal_license={"enabled": True, "values": wanted})
    assert found == ([] if kept else ["legal_license"])


def test_settings_with_the_legal_group_survive_a_manifest() -> None:
    changed = RuleSettings(legal=True, legal_tdm={"enabled": False})
    assert RuleSettings(**dataclasses.asdict(changed)) == changed  # type: ignore[call-overload]
    assert [rule.name for rule in resolve(changed) if rule.stage == "legal"] == ["legal_robots", "legal_license"]
