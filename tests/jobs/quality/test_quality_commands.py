"""`winnow quality`: a model trained from files, named in a recipe, and held against labels."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jobs.commands.app import app
from jobs.corpus.recipe import build_recipe, quality_model
from jobs.quality.pages import Pages, read_pages, without_copies
from jobs.quality.train import train
from pipeline.errors import RecipeError, UsageError

PROSE = "The keeper of the light has to climb the stairs in the evening, and with the lamp lit he writes what he saw of the sea."
JUNK = "BUY NOW | SALE 50% | Add to cart | Home | Login | FREE!!! | Cheap watches 24/7 | Click Click Click | 1 2 3 4 5"


def rows(file: Path, texts: list[str], **columns: Any) -> Path:
    file.write_text("".join(json.dumps({"text": text, **columns}) + "\n" for text in texts))
    return file


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("judged")
    good = rows(
        folder / "good.jsonl", [f"{PROSE} It was night {n} of that year, and the wind came from the west." for n in range(25)]
    )
    bad = rows(folder / "bad.jsonl", [f"{JUNK} item number {n} in the shop" for n in range(25)])
    labels = folder / "labels.jsonl"
    lines = [{"text": f"{PROSE} The {n}th boat came in.", "label": 1} for n in range(5)]
    labels.write_text(
        "".join(json.dumps(row) + "\n" for row in [*lines, *({"text": f"{JUNK} {n}", "label": 0} for n in range(5))])
    )
    return {"good": good, "bad": bad, "labels": labels, "model": folder / "mine.json"}


@pytest.fixture(scope="module")
def sheet(files: dict[str, Path]) -> dict[str, Any]:
    return train([str(files["good"])], [str(files["bad"])], files["model"])


def test_a_trained_model_is_named_in_a_recipe(files: dict[str, Path], sheet: dict[str, Any]) -> None:
    assert (sheet["pages"], sheet["good"], sheet["auc"]) == (50, 25, 1.0)
    recipe = build_recipe({"quality": {"model": str(files["model"])}})
    assert quality_model(recipe.quality) is not None
    assert quality_model(build_recipe({"quality": {"model": "none"}}).quality) is None
    with pytest.raises(RecipeError, match="cannot be read"):
        quality_model(build_recipe({"quality": {"model": str(files["model"]) + ".gone"}}).quality)


@pytest.mark.usefixtures("sheet")
def test_the_sheet_says_what_the_model_was_made_of(files: dict[str, Path]) -> None:
    told = files["model"].with_suffix(".md").read_text()
    assert "50 different pages, 25 of them good" in told and "AUC 1.0" in told and "| `en` | 50 |" in told


@pytest.mark.usefixtures("sheet")
def test_a_model_is_held_against_labels(files: dict[str, Path]) -> None:
    command = ["quality", "evaluate", str(files["model"]), "--labels", str(files["labels"]), "--json"]
    found = json.loads(CliRunner().invoke(app, command).stdout)
    assert (found["pages"], found["good"], found["auc"], found["precision"]) == (10, 5, 1.0, 1.0)
    half = json.loads(CliRunner().invoke(app, [*command, "--keep-share", "1"]).stdout)
    assert half["precision"] == 0.5


def test_a_text_that_both_sides_have_is_no_lesson() -> None:
    good, bad = Pages(["a", "b", "b"], ["en"] * 3, ["h"] * 3, [1] * 3), Pages(["a", "c"], ["en"] * 2, ["h"] * 2, [0] * 2)
    kept, copies = without_copies([good, bad])
    assert (kept.texts, kept.good, copies) == (["b", "c"], [1, 0], 3)


def test_too_few_pages_and_labels_that_are_none_are_refused_in_a_line(files: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a model needs 20 different bad pages, there are 1"):
        train([str(files["good"])], [str(rows(tmp_path / "one.jsonl", [JUNK]))], tmp_path / "model.json")
    with pytest.raises(UsageError, match='every row needs "label"'):
        read_pages([str(rows(tmp_path / "odd.jsonl", [PROSE], label="yes"))], None)
