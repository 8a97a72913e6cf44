"""What winnow's own judgement keeps and drops, by genre; each page falls to the published rules, or ought to fall to ours."""

import pyarrow as pa
import pytest

from jobs.corpus.recipe import build_recipe
from pipeline.quality.measures import measure
from pipeline.quality.rules import judge, resolve
from pipeline.quality.score import shipped_model

PROSE = (
    "The keeper of the light climbed the stairs every evening, and when the lamp was lit he wrote down what he had seen of the "
    "sea. He had been there for thirty years and had never missed a night. When the fog came in from the west he rang the bell, "
    "as his father had done before him, and the fishermen who heard it turned their boats towards the harbour. "
)
MANUAL = """The function opens a file and returns a handle that can be read from. It takes the following arguments.

open(path, mode='r', encoding=None)

path is the name of the file, relative to the working directory of the process that calls it. If the file does not exist, an error
is raised, and the caller has to decide what should be done about it. The mode says whether the file is opened for reading or
for writing.

for (i = 0; i < n; i++) {
    total += values[i];
}

The loop above adds the values one by one. When the list is long it is better to use the function that is described in the next
section, because it keeps the error of the sum small. See also the chapter on numbers, where this is explained with an example.
"""
VERSE = """The wind was in the willow tree,
And all the leaves were turning,
The boats were coming in from sea,
And in the house was burning"""
POEM = f"{VERSE}\nA lamp that she had lit for me,\nThe night of my returning,\n{VERSE}\nA lamp for all to see and be"


def broken(text: str, base: str, language: str = "en") -> list[str]:
    recipe = build_recipe({"base": base})
    measured = measure(pa.array([text]), pa.array([language]), recipe.lines, shipped_model())
    for name, value in (("language", language), ("language_confidence", 0.99), ("url", "http://a.example/")):
        measured = measured.append_column(name, pa.array([value]))
    return judge(measured, resolve(recipe.rules)).column("rule").to_pylist()  # type: ignore[no-any-return]


def test_code_among_prose_is_no_reason() -> None:
    assert "curly_bracket" in broken(MANUAL, "fineweb")
    assert broken(MANUAL, "default") == []


def test_a_poem_is_no_list() -> None:
    assert {"char_dup_ratio"} <= set(broken(POEM, "fineweb"))
    assert [rule for rule in broken(POEM, "default") if rule in ("line_punct_ratio", "short_line_ratio", "list_ratio")] == []


def test_no_score_pardons_a_page_that_repeats_itself() -> None:
    """A good paragraph, thirty times: the score is that of the paragraph."""
    assert {"duplicated_5_n_grams", "dup_para_frac"} & set(broken("\n\n".join([PROSE] * 30), "default"))


@pytest.mark.parametrize("text", ["\n\n\n", "Home", "Home\n\n\n"])
def test_a_page_of_blank_lines_or_of_one_word_is_no_page(text: str) -> None:
    assert "too_few_words" in broken(text, "default")


def test_a_menu_falls() -> None:
    menu = "\n".join(f"{word} | Home | Login | Cart" for word in ("Shoes", "Shirts", "Hats", "Coats", "Bags", "Belts") * 5)
    assert broken(menu, "default") != []


def test_recipes_for_english_take_no_other_language() -> None:
    assert all(broken(PROSE * 2, base, "de")[0] == "language" for base in ("fineweb", "c4", "gopher"))
    assert "language" not in broken(PROSE * 2, "default", "de")
