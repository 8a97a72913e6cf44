"""lm-evaluation-harness runs a task of its own from local files, and its numbers are ours."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.runs.evaluate.choices import choice_losses
from jobs.runs.generate_text import answers, load_run
from model.generate import SamplingSettings
from tests.jobs.runs.test_runs import inside
from tests.jobs.runs.tune.tuned import make_base

pytestmark = pytest.mark.filterwarnings("ignore")
lm_eval = pytest.importorskip("lm_eval", reason="pip install lm-eval")

TASK = """
task: our_choices
dataset_path: json
dataset_kwargs: {data_files: {test: DATA}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{context}}"
doc_to_choice: choices
doc_to_target: answer
target_delimiter: ""
metric_list: [{metric: acc}]
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("harness"))


@pytest.fixture(scope="module")
def model(base: Path) -> Any:
    from jobs.runs.evaluate.harness import WinnowLM

    return WinnowLM(base)


def requests(*arguments: tuple[Any, ...]) -> list[Any]:
    from lm_eval.api.instance import Instance

    return [Instance("loglikelihood", {}, one, 0) for one in arguments]


def test_a_local_task_gives_our_numbers(base: Path, model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    lines = [{"context": f"page {n} says", "choices": [" yes", " no more", " what"], "answer": n % 3} for n in range(9)]
    data = tmp_path / "choices.jsonl"
    data.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "ours.yaml").write_text(TASK.replace("DATA", str(data)))
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(tmp_path / "tasks"), include_defaults=False)
    found = lm_eval.simple_evaluate(model, tasks=["our_choices"], task_manager=manager, bootstrap_iters=0)
    ours = json.loads(inside("evaluate", base, "--choices", data, "--json"))
    assert found["results"]["our_choices"]["acc,none"] == pytest.approx(ours["accuracy"], abs=1e-6)
    loaded = load_run(base)
    for sample in found["samples"]["our_choices"]:
        theirs = [-float(one[0][0]) for one in sample["resps"]]
        line = sample["doc"]
        assert theirs == pytest.approx(choice_losses(loaded, line["context"], line["choices"]).tolist(), abs=1e-6)


def test_an_exported_run_asked_by_the_harness_itself_has_the_same_log_p(base: Path, model: Any, tmp_path: Path) -> None:
    """Its own model class on transformers' weights and tokens shares nothing with our adapter but the run."""
    pytest.importorskip("accelerate", reason="pip install accelerate")
    from lm_eval.models.huggingface import HFLM

    inside("export", base, "--format", "hf", "--output", tmp_path / "hf")

    def theirs(*, begins: bool) -> Any:
        return HFLM(str(tmp_path / "hf"), device="cpu", dtype="float32", batch_size=4, add_bos_token=begins)

    asked = requests(*((f"page {n} says", choice) for n in range(6) for choice in (" yes", " no more", " what it says")))
    for (log_p, best), (expected, greedy) in zip(
        model.loglikelihood(asked), theirs(begins=True).loglikelihood(asked), strict=True
    ):
        assert log_p == pytest.approx(expected, rel=1e-6, abs=3e-6) and best == greedy
    texts = requests(("the page of a crawl says what it says",))  # whose beginning the harness puts there itself
    assert model.loglikelihood_rolling(texts) == pytest.approx(theirs(begins=False).loglikelihood_rolling(texts), rel=1e-6)


def test_a_continuation_is_greedy_where_it_is_what_the_run_says(base: Path, model: Any) -> None:
    [said] = answers(load_run(base), "the page", SamplingSettings(max_tokens=5, temperature=0), 1)
    found = model.loglikelihood(requests(("the page", said), ("the page", " xyz"), ("the page", "")))
    assert [greedy for _, greedy in found] == [True, False, True] and found[0][0] > found[1][0] and found[2][0] == 0.0


def test_a_rolling_likelihood_is_that_of_all_tokens(base: Path, model: Any) -> None:
    text = "the page of a crawl says what it says " * 10
    loaded = load_run(base)
    tokens = loaded.tokens_of(text)
    assert len(tokens) > 96
    [found] = model.loglikelihood_rolling(requests((text,)))
    parts = [tokens[at : at + 97] for at in range(0, len(tokens) - 1, 96)]
    assert sum(len(part) - 1 for part in parts) == len(tokens) - 1
    [short] = model.loglikelihood_rolling(requests(("the page",)))
    losses = choice_losses(loaded, "", ["the page"])
    assert losses is not None and short == pytest.approx(-losses[0], abs=1e-6) and found < short


def test_a_long_context_loses_its_beginning(model: Any) -> None:
    long, short = model.loglikelihood(requests(("says what it " * 60, " says"), ("says what it " * 3, " says")))
    assert np.isfinite(long[0]) and np.isfinite(short[0])


def test_texts_end_before_their_stops(base: Path, model: Any) -> None:
    [said] = answers(load_run(base), "the page", SamplingSettings(max_tokens=8, temperature=0), 1)
    stop = said[3:5]
    given = {"until": [stop], "max_gen_toks": 8}
    assert model.generate_until(requests(("the page", given))) == [said[: said.index(stop)]]
