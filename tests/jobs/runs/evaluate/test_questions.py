"""Choices with shots and calibration, pairs, answers in words: each against a slow twin or a run that is told what to say."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.runs.evaluate.asked import agreement, final, majority, same
from jobs.runs.evaluate.choices import Question, choice_losses, confidence, prompt_of
from jobs.runs.evaluate.measures import calibration_error, mean, share
from jobs.runs.generate_text import load_run
from jobs.runs.loaded import load_model
from model.evaluate import answer_losses
from pipeline.errors import InputError
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import make_base, tuned, wanted, write_rows


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("questions"))


ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30)


@given(answers=ANSWERS, bins=st.integers(1, 12))
def test_calibration_is_the_mean_gap_of_bins(answers: list[tuple[float, bool]], bins: int) -> None:
    expected = 0.0
    for number in range(bins):
        inside_ = [one for one in answers if min(int(one[0] * bins), bins - 1) == number]
        if inside_:
            gap = sum(right for _, right in inside_) / len(inside_) - sum(sure for sure, _ in inside_) / len(inside_)
            expected += len(inside_) / len(answers) * abs(gap)
    sure, right = (np.array(column) for column in zip(*answers, strict=True))
    assert calibration_error(sure, right, bins) == pytest.approx(expected, abs=1e-9)


def test_who_is_as_sure_as_right_has_no_error() -> None:
    assert calibration_error(np.array([0.75] * 4), np.array([True, True, True, False])) == 0
    assert calibration_error(np.array([1.0, 1.0]), np.array([False, True])) == 0.5


@given(losses=st.lists(st.floats(0, 50), min_size=1, max_size=5))
def test_confidence_is_a_softmax(losses: list[float]) -> None:
    expected = max(math.exp(-one) for one in losses) / sum(math.exp(-one) for one in losses)
    assert confidence(np.array(losses)) == pytest.approx(expected, rel=1e-6)


@given(of=st.integers(1, 500), data=st.data())
def test_an_interval_of_a_share_holds_it_and_stays_a_share(of: int, data: st.DataObject) -> None:
    found = share(data.draw(st.integers(0, of)), of)
    assert -1e-12 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1 + 1e-12


def test_wilson_is_as_published() -> None:
    """Newcombe 1998, table I: 81 of 263."""
    assert share(81, 263)[1:] == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_a_bootstrap_interval_holds_the_mean() -> None:
    values = np.random.default_rng(1).normal(2, 1, 400)
    found = mean(values)
    assert found.low < values.mean() < found.high and found.high - found.low == pytest.approx(4 * 1 / 20, rel=0.2)


QUESTIONS = [Question(f"page {n} says", [" yes", " no more"], n % 2) for n in range(6)]


@given(order=st.permutations(range(6)), asked=st.integers(0, 5), shots=st.integers(0, 5))
def test_shots_are_solved_questions_and_never_the_one_that_is_asked(order: list[int], asked: int, shots: int) -> None:
    prompt = prompt_of(QUESTIONS[asked], [QUESTIONS[n] for n in order], shots)
    *solved, last = prompt.split("\n\n")
    assert last == QUESTIONS[asked].context and len(solved) == shots == len(set(solved))
    assert set(solved) <= {one.solved for one in QUESTIONS} - {QUESTIONS[asked].solved}
    assert prompt == prompt_of(QUESTIONS[asked], QUESTIONS, shots)


def write_lines(path: Path, lines: list[Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_choices_are_judged_with_and_without_shots(base: Path, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "choices.jsonl", [one._asdict() for one in QUESTIONS])
    plain = json.loads(inside("evaluate", base, "--choices", path, "--json"))
    shot = json.loads(inside("evaluate", base, "--choices", path, "--shots", 2, "--json"))
    loaded = load_run(base)
    for found, shots in ((plain, 0), (shot, 2)):
        losses = [choice_losses(loaded, prompt_of(one, QUESTIONS, shots), one.choices) for one in QUESTIONS]
        right = [bool(each.argmin() == one.answer) for each, one in zip(losses, QUESTIONS, strict=True)]
        assert found["accuracy"] == sum(right) / 6 and found["questions"] == 6 and found["shots"] == shots
        sure = np.array([confidence(each) for each in losses])
        assert found["calibration_error"] == pytest.approx(calibration_error(sure, np.array(right)))
    others = write_lines(tmp_path / "others.jsonl", [QUESTIONS[0]._asdict()])
    assert json.loads(inside("evaluate", base, "--choices", path, "--shots", 1, "--examples", others, "--json"))["questions"] == 6
    refused("evaluate", base, "--choices", path, "--shots", 6, words=("--shots 6",))


def test_pairs_are_differences_of_log_p(base: Path, tmp_path: Path) -> None:
    pairs = [
        {"first": "the page of a crawl", "second": "crawl a of page the", "kind": "order"},
        {"first": "yes no", "second": "yes no", "kind": "same"},
        {"first": "x" * 200, "second": "no"},
    ]
    found = json.loads(inside("evaluate", base, "--pairs", write_lines(tmp_path / "pairs.jsonl", pairs), "--json"))
    model, loaded = load_model(base)[0], load_run(base)
    one, other = (loaded.tokens_of(pairs[0][side]) for side in ("first", "second"))
    expected = answer_losses(model, other[:1], [other[1:]])[0] - answer_losses(model, one[:1], [one[1:]])[0]
    assert found["pairs"] == 2 and found["too_long"] == 1
    assert found["kinds"]["order"]["difference"] == pytest.approx(expected) and expected != 0
    assert found["kinds"]["same"] == found["kinds"]["same"] | {"difference": 0.0, "first_likelier": 0.5}
    assert found["kinds"]["all"]["pairs"] == 2
    assert "order" in inside("evaluate", base, "--pairs", tmp_path / "pairs.jsonl")


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("5 + 7 is 12.\nSo 12 apples", "12"),
        ("#### 1,234", "1234"),
        ("it is -3.50", "-3.5"),
        ("Let me think.\n\n  The  Answer is Yes \n\n", "the answer is yes"),
        ("", ""),
    ],
)
def test_what_counts_of_an_answer(text: str, counts: str) -> None:
    assert final(text) == counts and same(text, counts)


def test_the_most_common_answer_counts() -> None:
    assert majority(["3", "4", "4", "3", "4"]) == "4" and majority(["3", "4"]) == "3" and agreement(["3", "4", "4"]) == 2 / 3


def test_answers_in_words_by_majority_and_over_paraphrases(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", [{"prompt": f"page {n}", "response": f"so {n % 2}"} for n in range(8)])
    tuned(tmp_path / "run", wanted(base, data, "sft", steps=300, rate_share=0.5, examples=8))
    lines = [{"prompts": [f"page {n}", f"page {n + 2}"], "answer": n % 2} for n in range(4)]
    path = write_lines(tmp_path / "asked.jsonl", [*lines, {"prompt": "x" * 200, "answer": "y"}])
    given_ = ("--chat", "--max-tokens", 6, "--samples", 5, "--temperature", 0.5, "--json")
    found = json.loads(inside("evaluate", tmp_path / "run", "--asked", path, *given_))
    assert (found["questions"], found["too_long"], found["samples"]) == (4, 1, 5)
    assert min(found["majority"]["value"], found["single"]["value"]) > 0.5  # of four questions one is a quarter
    assert 0.5 < found["agreement"] <= 1 and found["consistency"]["value"] > 0.5
    assert "(" in inside("evaluate", tmp_path / "run", "--asked", path, "--chat", "--max-tokens", 4)


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ("--choices", {"context": "x"}),
        ("--choices", {"context": "x", "choices": ["a"], "answer": 1}),
        ("--choices", {"context": "x", "choices": ["a"], "answer": True}),
        ("--choices", {"context": "x", "choices": [], "answer": 0}),
        ("--pairs", {"first": "x"}),
        ("--pairs", {"first": "x", "second": 1}),
        ("--pairs", {"first": "x", "second": "y", "kind": 1}),
        ("--asked", {"prompt": "x"}),
        ("--asked", {"prompts": [], "answer": "y"}),
        ("--asked", {"prompt": "x", "answer": None}),
        ("--asked", ["x"]),
    ],
    ids=str,
)
def test_a_line_that_is_none_is_named(base: Path, tmp_path: Path, option: str, line: Any) -> None:
    with pytest.raises(InputError, match=r"line 1: .* each line is"):
        inside("evaluate", base, option, write_lines(tmp_path / "x.jsonl", [line]))


def test_one_test_at_a_time(base: Path, tmp_path: Path) -> None:
    refused("evaluate", base, "--choices", tmp_path / "a", "--pairs", tmp_path / "b", words=("one at a time",))
    refused("evaluate", base, "--choices", tmp_path / "none", words=("cannot be read",))
