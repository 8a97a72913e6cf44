"""A run distilled from a larger one: nearer to it afterwards, and refused where lineage could not follow."""

from pathlib import Path
from typing import Any

import pytest

from jobs.runs.quantise.quantise_run import quantise_run
from jobs.runs.record import began_with, lineage, read_run
from jobs.runs.report import write_run_report
from jobs.runs.train.metrics import read_metrics
from jobs.runs.tune.begin import Wanted
from jobs.runs.unlearn.examples import take_examples_out
from model.checkpoint_files import saved_steps
from model.quantise.network import quantise_settings
from pipeline.errors import CorpusError, UsageError
from tests.jobs.running import change_run
from tests.jobs.runs.test_runs import refused
from tests.jobs.runs.tune.tuned import asked_rows, hashes, make_base, sft_rows, teacher_beside, tuned, wanted, write_rows


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("distil"))


@pytest.mark.parametrize("changes", [{}, {"divergence": "reverse"}, {"top": 8, "softness": 2.0}, {"answers": "own"}], ids=str)
def test_a_student_comes_nearer_to_its_teacher(base: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    rows = asked_rows(8) if changes.get("answers") == "own" else sft_rows(8)
    asked = wanted(base, write_rows(tmp_path / "data.jsonl", rows), "distil", steps=16, rate_share=0.3, **changes)
    steps = tuned(tmp_path / "run", asked)
    away = [one.measures["divergence"] for one in steps]
    assert sum(away[-3:]) < 0.7 * sum(away[:3])
    assert read_metrics(tmp_path / "run")[-1]["measures"]["divergence"] == away[-1]
    assert f"taught by <code>{teacher_beside(base)}</code>, step 4" in write_run_report(tmp_path / "run").read_text()


def test_held_out_examples_are_measured_by_plain_loss_and_divergence(base: Path, tmp_path: Path) -> None:
    asked = wanted(base, write_rows(tmp_path / "data.jsonl", sft_rows()), "distil", held_out=3)
    [*_, last] = tuned(tmp_path / "run", asked)
    assert last.validation_loss > 0 and last.validation_measures["divergence"] > 0


def test_lineage_goes_through_both_and_each_stands_before_what_it_was_made_of(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    teacher = teacher_beside(base)
    tuned(tmp_path / "student", wanted(base, data, "distil"))
    tuned(tmp_path / "next", wanted(tmp_path / "student", data, "sft"))
    assert lineage(tmp_path / "next") == [tmp_path / "next", tmp_path / "student", base, teacher]
    assert began_with(tmp_path / "next") == [tmp_path / "student", base]
    reads = read_run(teacher).loader
    taught = [{"row_tokens": reads.row_tokens, "batch_rows": reads.batch_rows, "seed": reads.seed, "steps": 4}]
    assert read_run(tmp_path / "student").taught == read_run(tmp_path / "next").taught == taught
    change_run(teacher, teacher, parent=read_run(tmp_path / "student").parent | {"run": str(tmp_path / "next")})
    try:
        with pytest.raises(CorpusError, match="was made of"):
            lineage(tmp_path / "next")
    finally:
        change_run(teacher, teacher, parent=None)


def test_an_example_of_the_teacher_is_gone_from_the_student(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    others = write_rows(tmp_path / "others.jsonl", [row | {"id": f"own-{row['id']}"} for row in sft_rows()])
    tuned(tmp_path / "teacher", wanted(teacher_beside(base), data, "sft", steps=2))
    asked = wanted(base, others, "distil")
    tuned(tmp_path / "student", asked_of(asked, tmp_path / "teacher"))
    before = hashes(tmp_path / "student")
    said = take_examples_out(tmp_path / "student", frozenset({"e3"}), oracle=True, say=lambda _: None, show=lambda _: None)
    assert said["exact"] and hashes(tmp_path / "student") != before
    assert [Path(one["run"]).name for one in said["chain"]] == ["teacher", "student"]


def asked_of(asked: Wanted, teacher: Path) -> Wanted:
    return Wanted(asked.parent, asked.step, asked.data, asked.settings, asked.plan, None, teacher)


def test_a_teacher_may_be_quantised(base: Path, tmp_path: Path) -> None:
    quantise_run(teacher_beside(base), tmp_path / "teacher", quantise_settings(8))
    asked = wanted(base, write_rows(tmp_path / "data.jsonl", sft_rows()), "distil", steps=2)
    tuned(tmp_path / "student", asked_of(asked, tmp_path / "teacher"))
    assert saved_steps(tmp_path / "student") == [2]
    assert lineage(tmp_path / "student")[-1] == teacher_beside(base)


def test_a_teacher_that_has_changed_teaches_no_further(base: Path, tmp_path: Path) -> None:
    tuned(tmp_path / "run", wanted(base, write_rows(tmp_path / "data.jsonl", sft_rows()), "distil"), until=2)
    tuning = read_run(tmp_path / "run").tuning
    assert tuning is not None
    change_run(tmp_path / "run", tuning=tuning | {"teacher": tuning["teacher"] | {"model_sha256": "0" * 64}})
    with pytest.raises(CorpusError, match="no longer has the weights"):
        tuned(tmp_path / "run", None)


def test_what_cannot_teach_is_one_line(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    given = ("finetune", base, "--data", data, "--output", tmp_path / "run")
    refused(*given, "--method", "distil", words=("--teacher",))
    refused(*given, "--method", "sft", "--teacher", base, words=("no other method has one",))
    other = make_base(tmp_path / "other")
    refused(*given, "--method", "distil", "--teacher", other, words=("other shards",))
    asked = wanted(base, data, "distil")
    with pytest.raises(UsageError, match="fewer than the student's"):
        (tmp_path / "short").mkdir()
        change_run(teacher_beside(base), tmp_path / "short", plan=read_run(base).plan | {"row_tokens": 32})
        (tmp_path / "short" / "step-0000004").symlink_to(teacher_beside(base) / "step-0000004")
        tuned(tmp_path / "run", asked_of(asked, tmp_path / "short"))
    assert not (tmp_path / "run" / "run.json").exists()
