"""pipeline/quality/safety.py beside its slow twin, and lists as people have them."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.stages.lists.read_word_lists import MAX_LINE_BYTES, read_safety_lists
from pipeline.errors import RecipeError
from pipeline.quality.rules import judge, resolve, rule_settings
from pipeline.quality.safety import SafetySettings, build_lists, language_of, safety_words
from pipeline.tables import SAFETY_MEASURES
from tests.reference.safety import count

pieces = st.sampled_from(["ano", "año", "AÑO", "x y", "x-y", "x", "y", " ", "\n", ".", "ÄB", "äb"])
texts = st.lists(pieces, max_size=12).map("".join)


def measured(text, language, phrases):
    return safety_words(pa.array(text, pa.string()), pa.array(language, pa.string()), build_lists(phrases)).to_pydict()


@given(st.lists(st.none() | texts, max_size=4), st.lists(pieces, max_size=5))
def test_counts_are_those_of_the_twin(batch, phrases):
    found = measured(batch, ["es"] * len(batch), {"es": phrases})
    expected = [count(text or "", phrases) for text in batch]
    assert found["safety_word_count"] == [places for places, _ in expected]
    assert found["safety_word_share"] == pytest.approx([min(places, size) / max(size, 1) for places, size in expected])


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hace un año.", "es", 0),
        ("ANO, ano!", "es", 2),
        ("A two  WORDS thing", "es", 1),
        ("two. words", "es", 0),
        ("anonym", "es", 0),
        ("ano", "fr", None),
        ("ano", None, None),
        ("これは悪い言葉です", "ja", 1),
    ],
)
def test_a_phrase_is_met_as_its_language_writes_it(text, language, expected):
    found = measured([text], [language], {"es": ["ano", "two words"], "ja": ["悪い"]})
    assert found["safety_word_count"] == [expected]
    assert (found["safety_word_share"][0] is None) == (expected is None)


def test_without_a_list_nothing_is_counted():
    found = safety_words(pa.array(["ano"]), pa.array(["es"]), None)
    assert found.schema == pa.schema(list(SAFETY_MEASURES.items()))
    assert found.to_pydict() == {"safety_word_count": [None], "safety_word_share": [None]}


def test_no_page_breaks_the_rules_by_default_and_some_do_with_a_bound():
    rules = [one for one in resolve(rule_settings({})) if one.stage == "safety"]
    table = measured(["ano ano x", "x"], ["es", "es"], {"es": ["ano"]}) | {"language": ["es", "es"]}
    batch = pa.RecordBatch.from_pydict({name: pa.array(values, SAFETY_MEASURES.get(name)) for name, values in table.items()})
    assert judge(batch, tuple(rules)).num_rows == 0
    strict = [one for one in resolve(rule_settings({"safety_words": {"maximum": 1}})) if one.stage == "safety"]
    assert judge(batch, tuple(strict)).to_pylist() == [
        {"row": 0, "stage": "safety", "rule": "safety_words", "value": 2.0, "bound": 1.0}
    ]


@pytest.mark.parametrize(("path", "language"), [("lists/en", "en"), ("pt-BR.txt", "pt"), ("zh_Hans.gz", "zh")])
def test_a_list_is_of_the_language_that_it_is_called_by(path, language):
    assert language_of(path) == language


def test_a_folder_as_ldnoobw_has_it_is_read_and_what_is_no_list_is_left(tmp_path):
    (tmp_path / "es").write_text("ano\n\ntwo words\n")
    (tmp_path / "ja").write_text("悪い\n")
    (tmp_path / "README.md").write_text("# words\n")
    (tmp_path / ".git").write_text("x")
    lists = read_safety_lists(SafetySettings(lists=(str(tmp_path),)))
    assert lists is not None and lists.languages == {"es", "ja"} and set(lists.hashed["es"]) == {1, 2}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("words.txt", "x", "not called by a language"),
        ("en", "\n", "no word in"),
        ("en", None, "cannot be read"),
        ("en", " ".join(["x"] * 17), "17 words"),
        ("en", "x" * (MAX_LINE_BYTES + 5), "no word in"),
    ],
)
def test_a_list_that_counts_nothing_is_refused(tmp_path, name, content, complaint):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(RecipeError, match=complaint):
        read_safety_lists(SafetySettings(lists=(str(tmp_path / name),)))
