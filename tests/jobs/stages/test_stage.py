"""Which stages are made again, and what is said of it. Stages of a few lines, without Spark."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.corpus.folder import Corpus, changing, open_corpus
from jobs.corpus.inputs import InputFile
from jobs.corpus.recipe import Recipe, build_recipe
from jobs.stages import stage as module
from jobs.stages.stage import Plan, Stage, Work, plan_stages, run_stage
from pipeline.tables import TABLES
from tests.jobs.stored import files, put, written

CRAWL = (InputFile("crawl.warc.gz", 100, "2026-01-01"),)


def making(*publishes: str) -> Any:
    def run(work: Work) -> dict[str, int]:
        for one in publishes:
            work.publish_files(one, written(Path(work.corpus.root), one, [{}]))
        return {"records": 1}

    return run


FIRST = Stage("first", (), ("http",), ("documents",), making("documents"))
SECOND = Stage("second", ("first",), ("rules",), ("verdicts",), making("verdicts"))
THIRD = Stage("third", ("second",), (), ("outcomes",), making("outcomes"))
STAGES = (FIRST, SECOND, THIRD)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    assert made(tmp_path / "C") == ["first", "second", "third"]
    return tmp_path / "C"


def made(
    root: Path, recipe: Recipe | None = None, inputs: tuple[InputFile, ...] = CRAWL, keep: frozenset[str] = frozenset()
) -> list[str]:
    """The stages that a run makes."""
    with changing(str(root)) as corpus:
        work = Work(corpus=corpus, recipe=recipe or Recipe(), inputs=inputs, keep=keep)
        return [one.name for one in STAGES if run_stage(one, work, lambda _: None)]


def planned(root: Path, recipe: Recipe | None = None, inputs: tuple[InputFile, ...] = CRAWL) -> dict[str, Plan]:
    work = Work(corpus=Corpus(str(root)), recipe=recipe or Recipe(), inputs=inputs)
    return {plan.stage: plan for plan in plan_stages(STAGES, work)}


def bound(minimum: int) -> Recipe:
    return build_recipe({"rules": {"gopher_short_doc": {"minimum": minimum}}})


def test_a_stage_that_nothing_changed_stands(root: Path) -> None:
    assert made(root) == []
    assert [plan.what_happens for plan in planned(root).values()] == ["unchanged"] * 3


def test_nothing_is_made_yet_of_a_corpus_that_is_not_there(tmp_path: Path) -> None:
    plans = planned(tmp_path / "none")
    assert plans["first"].reasons == ("it is not made yet",) and plans["third"].would_run
    assert not (tmp_path / "none").exists()


def test_a_changed_bound_makes_the_stage_again_and_those_that_follow(root: Path) -> None:
    plans = planned(root, bound(30))
    assert plans["first"].reasons == ()
    assert plans["second"].reasons == ("setting rules.gopher_short_doc.minimum: None → 30.0",)
    assert plans["third"].reasons == ("second is made anew",)
    assert made(root, bound(30)) == ["second", "third"]


def test_a_setting_of_another_section_makes_nothing_again(root: Path) -> None:
    recipe = build_recipe({"duplicates": {"min_similarity": 0.9}})
    assert made(root, recipe) == []


def test_other_inputs_make_everything_again_and_are_named(root: Path) -> None:
    more = (*CRAWL, InputFile("more.warc.gz", 7, "2026-01-02"))
    assert planned(root, inputs=more)["first"].reasons == ("input more.warc.gz: new",)
    assert made(root, inputs=more) == ["first", "second", "third"]


def test_another_schema_makes_again_what_reads_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wider = pa.schema([*TABLES["verdicts"], ("why", pa.string())])
    monkeypatch.setitem(TABLES, "verdicts", wider)
    plans = planned(root)
    assert plans["first"].reasons == () and plans["second"].reasons == ("columns of verdicts: changed",)


def test_code_that_changed_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = open_corpus(str(root)).manifest
    code = manifest["stages"]["second"]["made_of"]["code"]
    code["pipeline/quality/verdicts.py"] = "another"
    manifest["stages"]["second"]["fingerprint"] = "of before"
    put(root, **manifest)
    assert planned(root)["second"].reasons == ("pipeline/quality/verdicts.py: gone",)  # the stage of this test reads no code


def test_a_stage_that_lost_a_table_is_made_again(root: Path) -> None:
    [lost] = files(open_corpus(str(root)), "verdicts")
    lost.unlink()
    assert planned(root)["second"].reasons == (f"verdicts/{lost.name} is gone",)
    assert made(root) == ["second", "third"]


def test_a_kept_stage_stands_with_all_that_follows_and_that_is_recorded(root: Path) -> None:
    before = Corpus(str(root)).stages
    assert made(root, bound(30), keep=frozenset({"second"})) == []
    record = Corpus(str(root)).stages["second"]
    assert record["kept"]["although"] == ["setting rules.gopher_short_doc.minimum: None → 30.0"]
    assert record["fingerprint"] == before["second"]["fingerprint"]
    assert made(root, bound(30)) == []  # it was accepted once for all
    assert made(root, bound(31)) == ["second", "third"]  # but not what came after


def test_what_a_file_of_a_setting_holds_counts_and_not_its_name(root: Path, tmp_path: Path) -> None:
    stage = dataclasses.replace(FIRST, sections=("tombstones",))
    seen = set()
    for name, text in (("a", "1"), ("a", "2")):
        (tmp_path / name).write_text(text)
        module_recipe = build_recipe({"tombstones": {"files": [str(tmp_path / name)]}})
        work = Work(corpus=Corpus(str(root)), recipe=module_recipe, inputs=CRAWL)
        from jobs.stages import fingerprint

        fingerprint._file_sha256.cache_clear()
        seen.add(json.dumps(module._parts(stage, work, module.current_manifest(work))["settings"]))
    assert len(seen) == 2
