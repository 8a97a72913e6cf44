"""Recipes: what ships, what a file or --set lays over what, and that none changes a corpus without a word (2026-11: one did)."""

import tomllib
from pathlib import Path

import pytest

from jobs.corpus.presets import PRESETS
from jobs.corpus.recipe import Recipe, build_recipe, choose_recipe, recipe_values
from jobs.corpus.recipe_text import differences, recipe_toml
from pipeline.errors import RecipeError
from pipeline.quality.rules import Rule, resolve


def rules(recipe: Recipe) -> dict[str, Rule]:
    return {rule.name: rule for rule in resolve(recipe.rules)}


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_printed_of_a_recipe_is_that_recipe(name: str) -> None:
    recipe = build_recipe({"base": name})
    for printed in (recipe_toml(name, recipe), recipe_toml("of a corpus", recipe)):
        assert differences(recipe, build_recipe(tomllib.loads(printed))) == []


def test_published_recipes_have_the_published_rules_and_no_others() -> None:
    stages = {name: {rule.stage for rule in rules(build_recipe({"base": name})).values()} for name in PRESETS}
    assert stages["fineweb"] == {"url", "language", "gopher_repetition", "gopher_quality", "c4", "fineweb"}
    assert stages["gopher"] == {"language", "gopher_repetition", "gopher_quality"}
    assert stages["c4"] == {"language", "c4"}
    assert all("gopher_alphabetic_words" not in rules(build_recipe({"base": name})) for name in ("fineweb", "c4", "gopher"))
    published = [rule for name in ("fineweb", "c4", "gopher") for rule in rules(build_recipe({"base": name})).values()]
    assert all(rule.unless_quality is None for rule in published)
    assert build_recipe({"base": "c4"}).lines.require_terminal_punctuation
    assert not build_recipe({"base": "fineweb"}).lines.require_terminal_punctuation
    assert build_recipe({"base": "gopher"}).lines.min_words_per_line is None
    assert [build_recipe({"base": name}).repeats.sentences for name in ("fineweb", "c4", "gopher")] == [None, 3, None]
    assert all(build_recipe({"base": name}).repeats.host_pages is None for name in ("fineweb", "c4", "gopher"))


def test_a_file_lays_over_its_base(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('base = "fineweb"\n[rules.gopher_short_doc]\nminimum = 30\n')
    chosen = choose_recipe(str(file))
    assert chosen.whole
    assert differences(build_recipe({"base": "fineweb"}), chosen.recipe) == ["rules.gopher_short_doc.minimum: 50 → 30"]


def test_a_change_lays_over_what_the_corpus_was_made_with() -> None:
    standing = recipe_values(build_recipe({"base": "c4", "duplicates": {"min_similarity": 0.9}}))
    chosen = choose_recipe(None, ["rules.too_few_sentences.minimum=3", "lines.drop_policy_lines=false"], standing)
    assert not chosen.whole
    assert differences(build_recipe(standing), chosen.recipe) == [
        "lines.drop_policy_lines: true → false",
        "rules.too_few_sentences.minimum: 5 → 3",
    ]


def test_base_corpus_changes_what_the_file_names_and_a_file_without_base_is_whole(tmp_path: Path) -> None:
    standing = recipe_values(build_recipe({"rules": {"curly_bracket": {"enabled": False}}, "shards": {"shard_tokens": 5000}}))
    file = tmp_path / "loosen-one-bound.toml"
    file.write_text("[rules.gopher_short_doc]\nminimum = 30\n")
    whole = choose_recipe(str(file), standing=standing)
    assert whole.whole
    assert len(differences(build_recipe(standing), whole.recipe)) > 1  # it would put back what it does not name
    file.write_text('base = "corpus"\n' + file.read_text())
    laid = choose_recipe(str(file), standing=standing)
    assert not laid.whole
    assert differences(build_recipe(standing), laid.recipe) == ["rules.gopher_short_doc.minimum: 50 → 30"]
    with pytest.raises(RecipeError, match='base = "corpus" needs a corpus'):
        choose_recipe(str(file))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("rules.no_such_rule.minimum=1", "unknown key rules.no_such_rule"),
        ("rules.gopher_short_doc.minimum=many", "is not allowed"),
        ("minimum=3", "--set takes SECTION.NAME=VALUE"),
        ("rules.gopher_short_doc.minimum", "--set takes SECTION.NAME=VALUE"),
        ("." * 100 + "=1", "--set takes SECTION.NAME=VALUE"),
        (".".join("a" * 50) + "=1", "too large"),
    ],
)
def test_a_change_that_means_nothing_is_refused_in_a_line(change: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        choose_recipe(None, [change])


@pytest.mark.parametrize("base", ["nothing", 3, ["c4"]])
def test_a_base_that_is_none_is_refused(base: object) -> None:
    with pytest.raises(RecipeError, match="recipe"):
        build_recipe({"base": base})


def test_a_bound_can_be_taken_back() -> None:
    assert build_recipe({"lines": {"max_word_chars": "none"}}).lines.max_word_chars is None


def test_differences_tell_bounds_and_not_how_they_were_written() -> None:
    """A bound that is written out and equal to the table's is no difference."""
    assert differences(Recipe(), build_recipe({"rules": {"gopher_short_doc": {"minimum": 50}}})) == []
