"""The report of a run: what it says to the same prompts over time, before and after a tuning; rates by group."""

from pathlib import Path

import pytest

from jobs.commands.app import app
from jobs.runs import report
from jobs.runs.report import rates_curve, write_run_report
from jobs.runs.spoken import BEGINNINGS, Conversation, Spoken, conversation
from jobs.runs.train.metrics import read_metrics
from tests.jobs.runs.tune.tuned import pair_rows, tuned, wanted, write_rows

SECRET = "crawl says 7 7 7"


def rows() -> list[dict[str, str]]:
    return [{"id": f"e{n}", "prompt": SECRET if n == 2 else f"page {n}", "response": "yes yes yes"} for n in range(8)]


@pytest.fixture
def chain(base: Path, tmp_path: Path) -> Path:
    """A tuning of a tuning."""
    tuned(tmp_path / "first", wanted(base, write_rows(tmp_path / "data.jsonl", rows()), "sft", 40, rate_share=1.0, examples=8))
    tuned(tmp_path / "second", wanted(tmp_path / "first", write_rows(tmp_path / "pairs.jsonl", pair_rows()), "dpo", 2))
    return tmp_path / "second"


def test_a_tuning_answers_its_examples_before_and_after(chain: Path) -> None:
    found = conversation(chain.with_name("first"))
    assert found is not None and [found.columns[0], found.columns[-1]] == ["before", "step 40"]
    before, after = ([row.texts[place].split() for row in found.rows] for place in (0, -1))
    assert all(text == ["yes", "yes", "yes"] for text in after) and before != after
    page = write_run_report(chain.with_name("first")).read_text()
    assert "Before and after" in page and "yes yes yes" in page and "Learning rates" in page
    assert conversation(chain.with_name("first")) == found, "the same each time"


def test_a_training_goes_on_from_fixed_beginnings(base: Path) -> None:
    found = conversation(base)
    assert found is not None and found.columns == ["step 4", "step 8"] and len(found.rows) == len(BEGINNINGS)


def test_an_example_that_is_taken_out_leaves_the_reports_of_all_runs_that_learned_it(
    chain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = [write_run_report(chain.with_name(name)) for name in ("first", "second")]
    assert SECRET in pages[0].read_text()
    app(["takedown", str(chain), "--example", "e2"], standalone_mode=False)
    assert "trained again" in capsys.readouterr().out
    assert not any(SECRET in page.read_text() for page in pages)


def test_what_writes_no_text_says_nothing(base: Path, tmp_path: Path) -> None:
    tuned(tmp_path / "judge", wanted(base, write_rows(tmp_path / "pairs.jsonl", pair_rows()), "reward", 2))
    assert conversation(tmp_path / "judge") is None


def test_what_a_run_says_is_shown_and_never_obeyed(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Conversation(["before"], [Spoken("<script>alert(1)</script>", ["<img src=x onerror=alert(1)>\u202e"])])
    monkeypatch.setattr(report, "_conversation", lambda _: said)
    page = write_run_report(base).read_text()
    assert "&lt;script&gt;" in page and "&lt;img src=x" in page and "U+202E" in page
    assert "<script" not in page and "<img" not in page and "\u202e" not in page


def test_rates_are_shown_by_group(base: Path) -> None:
    lines = [line | {"embedding_rate": line["learning_rate"] / 4} for line in read_metrics(base)]
    assert "matrices up to 0.01; embedding, head, norms up to 0.0025" in rates_curve(lines)
