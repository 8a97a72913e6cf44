"""`winnow audit` of a tuned run: what of its examples comes out."""

from pathlib import Path

import numpy as np

from jobs.runs.audit.audit_run import audit_run
from jobs.runs.audit.examples import last_answer
from jobs.runs.unlearn.examples import take_examples_out
from model.post.examples import Learned
from tests.jobs.runs.tune.tuned import asked_rows, tuned, wanted, write_rows

SECRET = "9 no 7 more crawl 3"


def rows() -> list[dict[str, str]]:
    said = [f"{n % 3} {(n * 7) % 10} says {(n * 3) % 10} page {n % 10}" for n in range(14)]
    return [{"id": f"e{n}", "prompt": f"page {n}", "response": one} for n, one in enumerate([SECRET, *said])]


def measured(run: Path, of: str, measure: str) -> float:
    found = audit_run(run, documents=4)
    return next(row["value"] for row in found["rows"] if (row["of"], row["measure"]) == (of, measure))


def test_examples_learned_by_heart_come_out_and_those_held_out_are_beside_them(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "said.jsonl", rows())
    for name, steps in (("little", 1), ("by_heart", 120)):
        tuned(tmp_path / name, wanted(base, data, "sft", steps, held_out=4, rate_share=1.0))
    assert audit_run(tmp_path / "little", documents=4)["documents"]["held-out examples"] == 4
    strengths = [measured(tmp_path / name, "examples of tuning", "extraction strength") for name in ("little", "by_heart")]
    assert strengths[1] > strengths[0] + 0.4
    assert measured(tmp_path / "by_heart", "examples of tuning", "AUROC, loss") > 0.9


def test_those_of_an_earlier_tuning_are_audited_too_and_not_what_was_taken_out(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "said.jsonl", rows())
    tuned(tmp_path / "first", wanted(base, data, "sft", 2))
    tuned(tmp_path / "second", wanted(tmp_path / "first", data, "sft", 2))
    assert audit_run(tmp_path / "second", documents=40)["documents"]["examples of tuning"] == 30
    take_examples_out(tmp_path / "second", frozenset({"e0"}), oracle=False, say=lambda _: None, show=lambda _: None)
    assert audit_run(tmp_path / "second", documents=40)["documents"]["examples of tuning"] == 28


def test_a_run_that_wrote_its_answers_itself_has_no_such_examples(base: Path, tmp_path: Path) -> None:
    tuned(tmp_path / "run", wanted(base, write_rows(tmp_path / "asked.jsonl", asked_rows()), "grpo", 1))
    assert "examples of tuning" not in audit_run(tmp_path / "run", documents=4)["documents"]
    assert "examples of tuning" not in audit_run(base, documents=4)["documents"]


def test_of_a_conversation_the_last_answer_is_asked_for() -> None:
    scored = np.array([0, 0, 1, 1, 0, 0, 1, 1, 1], bool)
    text = last_answer(Learned(np.arange(9, dtype=np.int32), scored), 8)
    assert text.tokens.tolist() == [*range(8)] and text.prompt == 6 and text.scored == 2
