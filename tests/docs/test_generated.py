"""Pages that are made from the code are what the code says now."""

import dataclasses
import re

import pytest

from docs.generate import comment_of, comments_by_line, meaning_of, pages
from docs.readme_map import PROJECT
from jobs.corpus.recipe import Recipe
from jobs.corpus.recipe_text import recipe_toml
from model.training.plan import TrainPlan

CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", *sorted(f"docs/{page.name}" for page in (PROJECT / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files_that_are_there(name: str) -> None:
    page = PROJECT / name
    assert [link for link in LINK.findall(CODE.sub("", page.read_text("utf-8"))) if not (page.parent / link).exists()] == []


def test_the_readme_fits_a_reader() -> None:
    assert len((PROJECT / "README.md").read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize(
    "name",
    [
        "docs/tables.md",
        "docs/recipe.md",
        "docs/cli.md",
        "docs/content-lists.md",
        "docs/map.md",
        "README.md",
        "airflow_dags/stages.json",
    ],
)
def test_a_generated_page_is_up_to_date(name: str, made: dict[str, str]) -> None:
    assert (PROJECT / name).read_text("utf-8") == made[name], "run `make docs`"


def test_a_column_without_a_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match="column url has no comment"):
        meaning_of("url", {"url": "", "url_of": "as found"})


def test_a_meaning_goes_on_in_the_lines_below_that_hold_nothing_else() -> None:
    text = 'a = [\n    ("x", int),  # one\n    # two\n    ("y", int),\n]\n'
    assert [comment_of(comments_by_line(text), line) for line in (2, 4)] == ["one two", ""]


def test_the_bounds_shown_are_those_that_are_refused(made: dict[str, str]) -> None:
    shown = [line for line in made["docs/recipe.md"].splitlines() if line.startswith("| `shard_tokens`")]
    assert "from 1 to 2,000,000,000" in shown[0]


@pytest.mark.parametrize("settings", [*(type(getattr(Recipe(), one.name)) for one in dataclasses.fields(Recipe)), TrainPlan])
def test_every_section_says_what_it_is(settings: type) -> None:
    """`winnow recipe` printed the constructor's signature where a section had no docstring, until 2026-11."""
    assert settings.__doc__ and not settings.__doc__.startswith(f"{settings.__name__}(")


def test_the_printed_recipe_holds_no_signature() -> None:
    assert "Settings(" not in recipe_toml()
