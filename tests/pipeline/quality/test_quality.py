"""Measures against their slow twin, the published definitions on small texts, and the edits that C4's line rules become."""

import subprocess
import sys
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.quality.edits import LINE_EDITS
from pipeline.quality.measures import C4_LINES, EDIT_REASONS, LineRules, line_edits, measure
from pipeline.quality.stop_words import PARTICLES, STOP_WORDS
from pipeline.tables import MEASURES
from tests.paths import PROJECT
from tests.reference import quality as reference

ALL_RULES = LineRules(require_terminal_punctuation=True, max_word_chars=12, drop_blank_lines=True)
NO_RULES = LineRules(
    max_word_chars=None, min_words_per_line=None, drop_javascript_lines=False, drop_policy_lines=False, remove_citations=False
)

FRAGMENTS = [
    *("the ", "be ", "to ", "and ", "of ", "le la ", "Word ", "well-known ", "don't ", "1,000.5 ", "a,1", "__init__ "),
    *("x[1] ", "a" * 13 + " "),
    *("[12]", "[edit]", "[citation needed]", "[[3]]", "[²]", "[", "]", "{", "}", "#", "##", "- item", "• item ", "_"),
    *("«", "» ", "²"),
    *("\n", "\n\n", "\n\n\n", "\r\n", "\r", "\x0b", "\x1c", "\x85", "\u2028", "\t", " ", "\u3000", "\u200b", "\x00"),
    *(".", ". ", "! ", "?", '." ', "...", "…", "....", "J. Smith. ", "e.g. this ", "。", "！", "؟ "),
    *("lorem ipsum ", "LOREM IPSUM", "Uses JavaScript. ", "Privacy Policy ", "use of cookies ", "uses cookies"),
    *("これは一つの文です。", "漢字", "カタカナー", "中文沒有空格。", "ภาษาไทยไม่มีช่องว่าง ", "ພາສາລາວ", "漢字ไทย", "မြန်မာ"),
    *(
        "한국어 문장 ",
        "Ελληνικά ",
        "русский ",
        "हिन्दी ",
        "e\u0301",
        "\u0301",
        "הָאוֹר ",
        "كِتَابٌ ",
        "Vie\u0323\u0302t ",
        "👩‍👩‍👧",
        "❤\ufe0f❤\ufe0f",
        "\U000e0041",
        "\ue000",
    ),
    "a\u00adb",
]
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
languages = st.sampled_from(["en", "fr", "ja", "th", "zh", "xx", None])
line_rules = st.sampled_from([C4_LINES, ALL_RULES, NO_RULES])


def measures_of(text: str, language: str | None = "en", rules: LineRules = C4_LINES) -> dict[str, float | None]:
    return measure(pa.array([text]), pa.array([language], pa.string()), rules).to_pylist()[0]


def expected_measures(text: str, language: str | None, rules: LineRules) -> dict[str, float | None]:
    exact = reference.measures(text, language, rules)
    shares = {name for name, kind in MEASURES.items() if pa.types.is_float32(kind)}
    return {name: float(np.float32(value)) if value is not None and name in shares else value for name, value in exact.items()}


def edits_of(text: str, rules: LineRules = C4_LINES) -> list[tuple[str, str]]:
    """(what is deleted, why)."""
    return [(text[edit["start"] : edit["end"]], edit["reason"]) for edit in line_edits(pa.array([text]), rules).to_pylist()]


def edited(text: str, rules: LineRules = C4_LINES) -> str:
    for edit in reversed(line_edits(pa.array([text]), rules).to_pylist()):
        text = text[: edit["start"]] + edit["replacement"] + text[edit["end"] :]
    return text


@example(rows=[("Â\x91", "en")], rules=C4_LINES)  # a control character is no quotation mark: good text has none
@given(st.lists(st.tuples(texts, languages), max_size=4), line_rules)
def test_every_measure_equals_its_slow_twin(rows: list[tuple[str, str | None]], rules: LineRules) -> None:
    text, language = (pa.array([row[i] for row in rows], pa.string()) for i in (0, 1))
    assert measure(text, language, rules).to_pylist() == [expected_measures(*row, rules) for row in rows]


@given(st.lists(st.sampled_from(["a", "b", "c", "."]), max_size=60).map(" ".join))
def test_ngrams_of_few_words_equal_their_slow_twin(text: str) -> None:
    """Four tokens make texts of mostly repeated n-grams, where an error in the chain from n-1 to n would show."""
    assert measures_of(text) == expected_measures(text, "en", C4_LINES)


@given(st.lists(st.one_of(st.none(), texts), min_size=2, max_size=5), st.integers(0, 4))
def test_slices_and_nulls_measure_as_their_rows_do(rows: list[str | None], first: int) -> None:
    text = pa.array(rows, pa.string()).slice(first)
    expected = [measures_of(row or "") for row in rows[first:]]
    assert measure(text, pa.array(["en"] * len(text), pa.string())).to_pylist() == expected


def test_columns_are_exactly_the_declared_measures() -> None:
    for text in (pa.array([], pa.string()), pa.array(["one", None])):
        assert measure(text, pa.nulls(len(text), pa.string())).schema == pa.schema(list(MEASURES.items()))


def test_pages_on_both_sides_of_a_piece_border_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = ["the first page", "", "be a second page", "x" * 50, "the last"]
    text, language = pa.array(pages), pa.array(["en"] * 5)
    whole, edits = measure(text, language), line_edits(text)
    monkeypatch.setattr("pipeline.arrays.PIECE_BYTES", 20)
    assert measure(text, language) == whole
    assert line_edits(text) == edits


@pytest.mark.parametrize(("text", "expected"), [
    ("don't well-known sources.list 1,000.5 10:30", ["don't", "well-known", "sources.list", "1,000.5", "10:30"]),
    ("one,two (three) -- four... five", ["one", ",", "two", "(", "three", ")", "--", "four", "...", "five"]),
    ("これは文です。漢字", ["これ", "は文", "です", "。", "漢字"]),
    ("ภาษาไทยไม่มี", ["ภาษา", "ไทยไ", "ม่มี"]),
    ("한국어 문장", ["한국어", "문장"]),
    ("a,1 b:2 3,c", ["a", ",", "1", "b", ":", "2", "3", ",", "c"]),
    ("/etc/apt x=1 e.g. C++", ["/", "etc/apt", "x=1", "e.g", ".", "C", "++"]),
])  # fmt: skip
def test_tokens_are_what_the_docstring_says(text: str, expected: list[str]) -> None:
    assert [str(token) for token in reference.tokens(text)] == expected
    measured = measures_of(text)
    assert measured["word_count"] + measured["mark_count"] == len(expected)  # type: ignore[operator]


@pytest.mark.parametrize(("line", "expected"), [
    ("One sentence. Another one! A third?", 3),
    ("No mark at the end of it", 1),
    ('He said "Stop." Then he left.', 2),
    ("Written by J. Smith in 1871.", 1),
    ("He got a grade of A.. Then he left.", 2),
    ("Use version 1.2.3 or e.g. the next one.", 1),
    ("Wait... what? Yes... Now.", 3),
    ("これは文です。これも文です！", 2),
    ("यह एक वाक्य है। यह दूसरा है।", 2),
    ("... ! ?", 1),
])  # fmt: skip
def test_sentences_end_where_a_reader_would_say(line: str, expected: int) -> None:
    assert reference.sentences(line) == expected
    assert measures_of(line, rules=NO_RULES)["kept_sentence_count"] == expected


def test_repeated_ngrams_are_stepped_over_whole() -> None:
    words = "a b c d e"
    text = " ".join([words] * 3)  # 5-grams: one new, then "a b c d e" twice more
    assert measures_of(text)["duplicate_5_gram_char_share"] == pytest.approx(10 / len(text))


def test_the_first_of_equally_frequent_ngrams_is_the_top_one() -> None:
    text = "aa bb x aa bb y c d z c d"
    assert measures_of(text)["top_2_gram_char_share"] == pytest.approx(2 * len("aa bb") / len(text))


def test_stop_words_are_those_of_the_pages_language() -> None:
    text = "le chat et la souris sont dans un jardin avec the cat"
    assert measures_of(text, "fr")["stop_word_count"] == len({"le", "et", "la", "dans", "un", "avec"})
    assert measures_of(text, "en")["stop_word_count"] == 1
    assert measures_of(text, "xx")["stop_word_count"] is None


def test_every_language_finds_its_own_stop_words() -> None:
    for language, words in (STOP_WORDS | PARTICLES).items():
        assert measures_of(" ".join(words), language)["stop_word_count"] == len(words), language
        assert len(set(words)) == len(words), language


@given(texts, line_rules)
def test_text_with_its_edits_is_what_c4_keeps(text: str, rules: LineRules) -> None:
    expected = [line.strip() for line in reference.c4(text, rules).kept if line.strip()]
    assert [line.strip() for line in edited(text, rules).splitlines() if line.strip()] == expected
    if rules.drop_blank_lines and "[" not in text:  # a line of citations alone stays as an empty one, there as here
        assert [line.strip() for line in edited(text, rules).splitlines()] == expected


@given(texts, line_rules)
def test_edits_ascend_and_do_not_overlap(text: str, rules: LineRules) -> None:
    edits = line_edits(pa.array(["x", text]), rules)
    assert edits.schema == LINE_EDITS
    of_text = [edit for edit in edits.to_pylist() if edit["row"] == 1]
    borders = [position for edit in of_text for position in (edit["start"], edit["end"])]
    assert borders == sorted(borders) and all(edit["start"] < edit["end"] <= len(text) for edit in of_text)
    assert {edit["reason"] for edit in of_text} <= set(EDIT_REASONS[1:])


def test_a_dropped_line_takes_its_newline_and_leaves_one_blank_line_between_paragraphs() -> None:
    assert edited("The first paragraph stays.\n\nMenu\n\nThe second paragraph stays.") == (
        "The first paragraph stays.\n\nThe second paragraph stays."
    )
    assert edited("Menu\n\nThe only paragraph stays.\nHome\n\nNext") == "The only paragraph stays."
    assert edited("One line that stays.\nMenu\nAnother line that stays.") == "One line that stays.\nAnother line that stays."


def test_a_page_with_nothing_to_drop_has_no_edits() -> None:
    assert edits_of("A heading of words\n\n\n    indented code stays put\n\n") == []


def test_every_edit_says_why() -> None:
    text = "This line is fine[12].\nPlease enable JavaScript to read.\nRead our privacy policy here.\nMenu"
    assert edits_of(text) == [
        ("[12]", "c4_citation"),
        ("\nPlease enable JavaScript to read.\n", "c4_javascript_line"),  # after the last line that stays its newline goes too
        ("Read our privacy policy here.\n", "c4_policy_line"),
        ("Menu", "c4_short_line"),
    ]


def test_japanese_lines_are_not_short_for_want_of_spaces() -> None:
    assert edits_of("これは空白のない一つの文です。") == []
    assert edits_of("あ" * 3000) == []


def test_measures_are_known_without_loading_numba() -> None:
    """Schemas are read by commands that must answer at once."""
    program = "import sys; from pipeline.quality.measures import MEASURES; assert MEASURES; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


def test_hostile_repetition_takes_linear_time() -> None:
    """A page of one word, one mark, one newline or all different words ends; quadratic work on a megabyte would take hours."""
    size = 1 << 20
    numbers = " ".join(map(str, range(size // 8)))
    pages = ["a " * size, "." * size, "\n" * size, "a\n" * size, numbers, "[" * size, "あ" * (size // 3)]
    measured = measure(pa.array(pages), pa.array(["en"] * len(pages)))
    assert pc.all(pc.greater(measured["text_chars"], 0)).as_py()
    line_edits(pa.array(pages))


@pytest.mark.parametrize(("language", "plain", "marked"), [
    ("he", "הוא את על של כי", "הוּא אֶת עַל שֶׁל כִּי"),
    ("ar", "هذا من في على ما", "هٰذَا مِنْ فِي عَلَى مَا"),
    ("vi", "và của là một các", unicodedata.normalize("NFD", "và của là một các")),
    ("fr", "à été très", unicodedata.normalize("NFD", "à été très")),
])  # fmt: skip
def test_points_and_decomposed_letters_hide_no_word(language: str, plain: str, marked: str) -> None:
    """Vocalised and decomposed text had no stop words, and words of twice their length, until 2026-11."""
    assert plain != marked
    expected, found = measures_of(plain, language), measures_of(marked, language)
    assert found == expected | {"text_chars": len(marked)}
    assert (expected["stop_word_count"] or 0) > 0
