"""What the sample crawl plants of personal data and of an exam is what the scan finds there."""

import tomllib
from pathlib import Path

import pyarrow as pa

from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import build_recipe
from jobs.sample import RECIPE
from jobs.sample.private import DATA, EXAM, QUESTIONS, exam, private_visits, recipe_with_exam
from jobs.stages.scan.read_benchmarks import read_benchmarks
from pipeline.contamination.overlap import contaminated
from pipeline.personal.scan import personal
from pipeline.read.html import HtmlSettings, extract


def texts() -> pa.Array:
    return pa.array([extract(visit.reply.body, HtmlSettings()).text for visit in private_visits()], pa.string())


def test_each_kind_is_planted_once_and_the_token_drops_its_page(tmp_path: Path) -> None:
    recipe = build_recipe(tomllib.loads(recipe_with_exam(RECIPE.read_bytes(), tmp_path).decode()))
    findings, _ = personal(texts(), pa.array(["en"] * 3), recipe.personal)
    found = {(one["row"], one["rule"], one["severity"]) for one in findings.to_pylist()}
    names = {"ip": "ip_address"}
    assert found == {(0, names.get(kind, kind), "warn") for kind in DATA} | {(1, "secret", "severe")}


def test_the_exam_is_found_by_the_recipe_that_lies_beside_it_and_is_no_input(tmp_path: Path) -> None:
    (tmp_path / EXAM).write_bytes(exam())
    (tmp_path / "page.jsonl").write_text('{"text": "x"}\n')
    recipe = build_recipe(tomllib.loads(recipe_with_exam(RECIPE.read_bytes(), tmp_path).decode()))
    index = read_benchmarks(recipe.contamination)
    assert index is not None and len(index.names) == len(QUESTIONS)
    findings, _ = contaminated(texts(), index, recipe.contamination)
    assert [(one["row"], one["severity"], one["reason"][:17]) for one in findings.to_pylist()] == [
        (2, "severe", "_exam:1 question:")
    ]
    assert [Path(one.path).name for one in list_inputs([str(tmp_path)], skip_bad=False)] == ["page.jsonl"]
