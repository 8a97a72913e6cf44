"""What the sample crawl plants of personal data, of an exam and for lists is what is found there."""

import tomllib
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import build_recipe
from jobs.sample import RECIPE
from jobs.sample.private import DATA, EXAM, QUESTIONS, beside, exam, listed_visits, private_visits, recipe_with_places
from jobs.stages.lists.read_benchmarks import read_benchmarks
from jobs.stages.lists.read_block_lists import read_block_lists
from jobs.stages.lists.read_word_lists import read_safety_lists
from pipeline.blocked.match import blocked
from pipeline.contamination.overlap import contaminated
from pipeline.errors import InputError
from pipeline.personal.scan import personal
from pipeline.quality.safety import safety_words
from pipeline.read.html import HtmlSettings, extract


def texts() -> pa.Array:
    return pa.array([extract(visit.reply.body, HtmlSettings()).text for visit in private_visits()], pa.string())


def test_each_kind_is_planted_once_and_the_token_drops_its_page(tmp_path: Path) -> None:
    recipe = build_recipe(tomllib.loads(recipe_with_places(RECIPE.read_bytes(), tmp_path).decode()))
    findings, _ = personal(texts(), pa.array(["en"] * 3), recipe.personal)
    found = {(one["row"], one["rule"], one["severity"]) for one in findings.to_pylist()}
    names = {"ip": "ip_address"}
    assert found == {(0, names.get(kind, kind), "warn") for kind in DATA} | {(1, "secret", "severe")}


def test_the_exam_is_found_by_the_recipe_that_lies_beside_it_and_is_no_input(tmp_path: Path) -> None:
    (tmp_path / EXAM).write_bytes(exam())
    (tmp_path / "page.jsonl").write_text('{"text": "x"}\n')
    recipe = build_recipe(tomllib.loads(recipe_with_places(RECIPE.read_bytes(), tmp_path).decode()))
    index = read_benchmarks(recipe.contamination)
    assert index is not None and len(index.names) == len(QUESTIONS)
    findings, _ = contaminated(texts(), index, recipe.contamination)
    assert [(one["row"], one["severity"], one["reason"][:17]) for one in findings.to_pylist()] == [
        (2, "severe", "_exam:1 question:")
    ]
    assert [Path(one.path).name for one in list_inputs([str(tmp_path)], skip_bad=False) if one.error is None] == ["page.jsonl"]


def test_the_lists_beside_the_crawl_name_one_house_and_the_words_of_one_page(tmp_path: Path) -> None:
    for name, content in beside().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    recipe = build_recipe(tomllib.loads(recipe_with_places(RECIPE.read_bytes(), tmp_path).decode()))
    visits = listed_visits()
    lists, words = read_block_lists(recipe.blocked), read_safety_lists(recipe.safety)
    assert lists is not None and words is not None
    assert blocked(pa.array([visit.url for visit in visits]), lists.listed) == [(1, 1)]
    text = pa.array([extract(visit.reply.body, HtmlSettings()).text for visit in visits], pa.string())
    assert safety_words(text, pa.array(["en", "en"]), words).column("safety_word_count").to_pylist() == [6, 0]
    with pytest.raises(InputError, match="holds no input"):
        list_inputs([str(tmp_path)], skip_bad=False)
