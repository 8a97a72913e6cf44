"""`--device` of every command that computes with a model: one function decides, and what is not there is one line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from jobs.runs.evaluate import evaluate_run
from jobs.runs.evaluate.evaluate_run import Cost
from jobs.runs.experiments.trial import BEFORE, device_for
from jobs.runs.record import read_run
from jobs.runs.serve import serve
from pipeline.errors import UsageError
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import make_base, write_rows
from tests.model.training.test_parallel import machine
from tests.paths import PROJECT

COMMANDS = {
    "train": ["CORPUS", "--output", "NEW"],
    "ablate": ["CORPUS", "CORPUS", "--output", "NEW"],
    "finetune": ["RUN", "--method", "sft", "--data", "FILE", "--output", "NEW"],
    "generate": ["RUN"],
    "evaluate": ["RUN"],
    "serve": ["RUN"],
    "audit": ["RUN"],
    "experiment": [str(PROJECT / "docs/experiments/canaries.toml"), "--output", "NEW"],
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("device"))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("asked", "why"), [("tpu", "--device tpu: cpu, cuda or cuda:N"), ("cuda:99", "this machine has")])
def test_a_device_that_is_not_there_is_refused_in_a_line(base: Path, tmp_path: Path, command: str, asked: str, why: str) -> None:
    places = {"RUN": base, "CORPUS": base.parent / "corpus", "NEW": tmp_path / "new", "FILE": tmp_path / "none.jsonl"}
    refused(command, *(places.get(one, one) for one in COMMANDS[command]), "--device", asked, words=(why,))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["generate", "RUN", "--prompt", "the page", "--max-tokens", "12", "--seed", "3"],
        ["evaluate", "RUN", "--json"],
        ["evaluate", "RUN", "--json", "--choices", "CHOICES"],
        ["evaluate", "RUN", "--json", "--pairs", "PAIRS"],
        ["evaluate", "RUN", "--json", "--asked", "ASKED", "--max-tokens", "6"],
        ["audit", "RUN", "--json", "--documents", "4", "--reference", "RUN"],
    ],
)
def test_a_cpu_that_is_asked_for_computes_what_a_machine_without_a_gpu_does(
    monkeypatch: pytest.MonkeyPatch, base: Path, tmp_path: Path, arguments: list[str]
) -> None:
    """The machine says that it has a GPU: whoever did not ask device_of would take it."""
    lines = [{"context": f"page {n} says", "choices": [" yes", " no"], "answer": n % 2} for n in range(3)]
    places = {
        "RUN": base,
        "CHOICES": write_rows(tmp_path / "choices.jsonl", lines),
        "PAIRS": write_rows(tmp_path / "pairs.jsonl", [{"first": "the page says", "second": "the page of a crawl"}]),
        "ASKED": write_rows(tmp_path / "asked.jsonl", [{"prompt": "2 and 3 is", "answer": 5}]),
    }
    command = [places.get(one, one) for one in arguments]
    monkeypatch.setattr(evaluate_run, "_placed", placed)
    machine(monkeypatch, 0, None)
    expected = inside(*command)
    machine(monkeypatch, 1, None)
    assert inside(*command, "--device", "cpu") == expected and expected.strip()


def placed(_: str, costs: dict[str, Cost]) -> Iterator[tuple[Cost, str, str]]:
    """The corpus of these tests has shards and no tables of pages."""
    return ((cost, "en", "host") for cost in costs.values())


def test_an_experiment_goes_on_where_its_first_model_was_begun(
    monkeypatch: pytest.MonkeyPatch, base: Path, tmp_path: Path
) -> None:
    machine(monkeypatch, 1, None)
    assert str(device_for(tmp_path, None)) == "cuda:0" and str(device_for(tmp_path, "cpu")) == "cpu"
    (tmp_path / BEFORE).mkdir()
    (tmp_path / BEFORE / "run.json").write_text((base / "run.json").read_text())
    assert read_run(tmp_path / BEFORE).device == "cpu" and str(device_for(tmp_path, None)) == "cpu"


def test_one_function_alone_looks_for_a_gpu() -> None:
    looks = [str(path.relative_to(PROJECT)) for folder in ("jobs", "model") for path in sorted((PROJECT / folder).rglob("*.py"))
             if "cuda.is_available" in path.read_text("utf-8")]  # fmt: skip
    assert looks == ["model/training/parallel.py"]


def test_a_serving_run_is_loaded_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, base: Path) -> None:
    devices = []

    def load_run(_: Path, __: int | None, device: torch.device) -> None:
        devices.append(str(device))
        raise UsageError("it was asked for")

    monkeypatch.setattr(serve, "load_run", load_run)
    machine(monkeypatch, 2, None)
    refused("serve", base, "--device", "cuda:1", words=("it was asked for",))
    assert devices == ["cuda:1"]
