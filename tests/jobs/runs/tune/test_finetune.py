"""Tunings as people begin, kill and go on with them: every method, every adapter, to the bit."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from jobs.runs.loaded import load_model
from jobs.runs.record import read_run
from jobs.runs.train.initial import BASE
from jobs.runs.train.metrics import read_metrics
from jobs.runs.train.train_model import train_run
from model.checkpoint_files import MODEL, folder_of, read_state, saved_steps
from model.training.parallel import Team
from pipeline.errors import CorpusError, InputError, UsageError
from tests.jobs.running import WINNOW
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import ROWS_OF, asked_rows, base_plan, hashes, judged_rows, sft_rows, tuned, wanted, write_rows

KINDS: list[tuple[str, dict[str, Any]]] = [
    ("sft", {}),
    ("sft", {"adapter": "lora"}),
    ("sft", {"adapter": "prefix"}),
    ("sft", {"adapter": "bottleneck"}),
    ("dpo", {}),
    ("dpo", {"preference": "ipo", "adapter": "lora"}),
    ("dpo", {"preference": "kto"}),
    ("reward", {}),
    ("grpo", {}),
    ("grpo", {"adapter": "prefix"}),
    ("distil", {"top": 20}),
    ("classify", {}),
    ("classify", {"adapter": "lora"}),
    ("distil", {"answers": "own", "divergence": "reverse", "adapter": "lora"}),
]


def rows_of(method: str, changes: dict[str, Any]) -> list[dict[str, Any]]:
    if changes.get("answers") == "own":
        return asked_rows()
    return judged_rows() if changes.get("preference") == "kto" else ROWS_OF[method]()


@pytest.mark.parametrize(("method", "changes"), KINDS, ids=str)
def test_a_tuning_that_stops_anywhere_goes_on_to_the_same_bits(
    base: Path, tmp_path: Path, method: str, changes: dict[str, Any]
) -> None:
    data = write_rows(tmp_path / "data.jsonl", rows_of(method, changes))
    asked = wanted(base, data, method, **changes)
    whole = tuned(tmp_path / "whole", asked)
    assert [one.step for one in whole] == [1, 2, 3, 4, 5, 6]
    data.unlink()  # a tuning keeps what it was begun with
    write_rows(data, rows_of(method, changes))
    tuned(tmp_path / "cut", asked, until=3)
    tuned(tmp_path / "cut", None)
    assert hashes(tmp_path / "cut") == hashes(tmp_path / "whole")
    assert read_metrics(tmp_path / "cut")[-1]["loss"] == whole[-1].loss
    record = read_run(tmp_path / "whole")
    reads = {"row_tokens": 96, "batch_rows": 4, "seed": 0, "steps": 8}
    assert record.parent == {"run": str(base), "step": 8, "model_sha256": read_state(base, 8).model_sha256, "reads": reads}


@pytest.mark.parametrize(("method", "changes"), KINDS, ids=str)
def test_a_tuning_moves_what_it_trains_and_leaves_its_parent_as_it_was(
    base: Path, tmp_path: Path, method: str, changes: dict[str, Any]
) -> None:
    data = write_rows(tmp_path / "data.jsonl", rows_of(method, changes))
    before = hashes(base)
    tuned(tmp_path / "run", wanted(base, data, method, **changes), until=2)
    assert hashes(base) == before
    model, record, _ = load_model(tmp_path / "run")
    saved = load_file(folder_of(tmp_path / "run", 2) / MODEL)
    kept = load_file(tmp_path / "run" / BASE)
    assert torch.equal(kept["embedding.weight"], load_file(folder_of(base, 8) / MODEL)["embedding.weight"])
    if "adapter" in changes:
        assert not saved.keys() & kept.keys()
        assert sum(weight.numel() for weight in saved.values()) < 0.5 * sum(weight.numel() for weight in kept.values())
        frozen = {name.replace("base.", ""): weight for name, weight in model.named_parameters() if not weight.requires_grad}
        assert frozen.keys() == kept.keys() and all(torch.equal(frozen[name], kept[name]) for name in kept)
    else:
        assert kept.keys() <= saved.keys() and any(not torch.equal(saved[name], kept[name]) for name in kept)
    assert record.tuning is not None and record.tuning["settings"]["method"] == method


def test_killing_a_tuning_at_any_moment_and_going_on_gives_the_same_bits(base: Path, tmp_path: Path) -> None:
    data, rng = write_rows(tmp_path / "data.jsonl", sft_rows(40)), random.Random(2)
    options = ["--method", "sft", "--data", data, "--adapter", "lora", "--steps", 120]
    options += ["--set", "examples=4", "--set", "save_every=10", "--set", "threads=1"]
    inside("finetune", base, *options, "--output", tmp_path / "whole")
    command = [*WINNOW, *map(str, ["finetune", base, *options, "--output", tmp_path / "cut"])]
    metrics, kills = tmp_path / "cut" / "metrics.jsonl", 0
    for _ in range(2):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        begun, more = _lines(metrics), rng.randrange(5, 40)
        while process.poll() is None and _lines(metrics) < begun + more:
            time.sleep(0.005)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills
    inside("finetune", "--output", tmp_path / "cut")
    assert hashes(tmp_path / "cut") == hashes(tmp_path / "whole")


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_tuning_lowers_the_loss_of_what_it_learns_and_of_what_is_held_out(base: Path, tmp_path: Path) -> None:
    rows = [{"prompt": f"page {n}", "response": "yes that is what it says"} for n in range(40)]
    data = write_rows(tmp_path / "data.jsonl", rows)
    steps = tuned(tmp_path / "run", wanted(base, data, "sft", steps=40, held_out=8, rate_share=0.3))
    looks = [one.validation_loss for one in steps if one.validation_loss is not None]
    assert steps[-1].loss < 0.5 * steps[0].loss and looks[-1] < 0.5 * steps[0].loss


@pytest.mark.parametrize("preference", ["dpo", "ipo"])
def test_preferences_are_learned_and_begin_at_the_model_before(base: Path, tmp_path: Path, preference: str) -> None:
    data = write_rows(tmp_path / "data.jsonl", ROWS_OF["dpo"]())
    steps = tuned(tmp_path / "run", wanted(base, data, "dpo", steps=20, preference=preference, rate_share=0.1))
    assert steps[0].measures["margin"] == 0 and steps[0].measures["chosen_reward"] == 0  # the reference is exact
    assert steps[-1].measures["accuracy"] == 1 and steps[-1].measures["margin"] > 0.1


def test_what_is_called_good_becomes_likelier_than_what_is_called_bad(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", judged_rows())
    steps = tuned(tmp_path / "run", wanted(base, data, "dpo", steps=20, preference="kto", rate_share=0.1))
    assert steps[0].measures["good_reward"] == steps[0].measures["divergence"] == 0
    assert steps[-1].measures["good_reward"] > steps[-1].measures["bad_reward"] + 0.1


def test_a_reward_model_tells_pairs_apart_and_judges_answers(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "pairs.jsonl", ROWS_OF["reward"]())
    steps = tuned(tmp_path / "judge", wanted(base, data, "reward", steps=30, rate_share=0.3))
    assert steps[0].loss == pytest.approx(0.693147, abs=1e-5) and steps[-1].measures["accuracy"] == 1
    asked = write_rows(tmp_path / "asked.jsonl", ROWS_OF["grpo"]())
    judged = tuned(tmp_path / "run", wanted(base, asked, "grpo", reward=str(tmp_path / "judge")), until=2)
    assert judged[0].measures["reward"] != 0


def test_answers_that_are_rewarded_become_more_frequent(base: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "short.py"
    plugin.write_text("def reward(prompt, answer, expected):\n    return float('7' in answer)\n")
    data = write_rows(tmp_path / "data.jsonl", ROWS_OF["grpo"]())
    asked = wanted(base, data, "grpo", steps=30, reward=f"{plugin}:reward", rate_share=0.2, group=8)
    steps = tuned(tmp_path / "run", asked)
    rewards = [one.measures["reward"] for one in steps]
    assert sum(rewards[-5:]) > sum(rewards[:5]) + 1 and steps[-1].measures["divergence"] > 0
    plugin.write_text("def reward(prompt, answer, expected):\n    return 0.0\n")
    with pytest.raises(InputError, match="has changed since"):
        tuned(tmp_path / "run", None)


def test_a_tuning_of_a_tuning_names_its_parent_and_takes_its_merged_weights(base: Path, tmp_path: Path) -> None:
    sft = write_rows(tmp_path / "sft.jsonl", sft_rows())
    tuned(tmp_path / "sft", wanted(base, sft, "sft", adapter="lora"))
    pairs = write_rows(tmp_path / "pairs.jsonl", ROWS_OF["dpo"]())
    tuned(tmp_path / "dpo", wanted(tmp_path / "sft", pairs, "dpo"), until=2)
    record = read_run(tmp_path / "dpo")
    assert record.parent is not None and record.parent["run"] == str(tmp_path / "sft")
    layer = "stack.blocks.0.attention.query"
    before = load_file(tmp_path / "sft" / BASE)[f"{layer}.weight"]
    adapter = load_file(folder_of(tmp_path / "sft", 6) / MODEL)
    merged = before + 2.0 * (adapter[f"{layer}.b"] @ adapter[f"{layer}.a"])
    assert torch.equal(load_file(tmp_path / "dpo" / BASE)[f"{layer}.weight"], merged)


def test_a_tuned_run_speaks_is_measured_and_trains_on_nothing_else(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    for adapter in ("none", "lora", "prefix", "bottleneck"):
        tuned(tmp_path / adapter, wanted(base, data, "sft", adapter=adapter), until=2)
        assert inside("generate", tmp_path / adapter, "--prompt", "page", "--max-tokens", 4, "--temperature", 0)
    with pytest.raises(UsageError, match="is a tuning"):
        list(train_run(base.parent / "corpus", tmp_path / "none", base_plan(), Team()))
    with pytest.raises(UsageError, match="it is no tuning"):
        tuned(base, None)


def test_options_that_were_not_those_it_was_begun_with_are_refused(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    tuned(tmp_path / "run", wanted(base, data, "sft"), until=2)
    with pytest.raises(UsageError, match=r"preference = dpo, not kto"):
        tuned(tmp_path / "run", wanted(base, data, "sft", preference="kto"))
    with pytest.raises(UsageError, match=r"steps = 6, not 9"):
        tuned(tmp_path / "run", wanted(base, data, "sft", steps=9))
    write_rows(data, sft_rows(11))
    with pytest.raises(UsageError, match="--data = "):
        tuned(tmp_path / "run", wanted(base, data, "sft"))


@pytest.mark.parametrize("name", ["base.safetensors", "examples"])
def test_a_changed_byte_of_what_a_tuning_keeps_is_found(base: Path, tmp_path: Path, name: str) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    tuned(tmp_path / "run", wanted(base, data, "sft"), until=2)
    [path] = [one for one in (tmp_path / "run").iterdir() if one.name.startswith(name)]
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"is not (as it was written|the weights that the tuning began with)"):
        tuned(tmp_path / "run", None)


def test_a_kill_before_run_json_leaves_nothing_to_go_on_with(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    asked = wanted(base, data, "sft")
    tuned(tmp_path / "whole", asked)
    tuned(tmp_path / "run", asked, until=2)
    for step in saved_steps(tmp_path / "run"):
        shutil.rmtree(folder_of(tmp_path / "run", step))
    (tmp_path / "run" / "run.json").unlink()
    tuned(tmp_path / "run", asked)
    assert hashes(tmp_path / "run") == hashes(tmp_path / "whole")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--method", "grpo"], ["--reward"]),
        (["--method", "grpo", "--reward", "no.such:thing"], ["no.such:thing", "cannot be loaded"]),
        (["--method", "ppo"], ["ppo", "sft, dpo"]),
        (["--method", "sft", "--adapter", "lorra"], ["adapter", "lorra"]),
        (["--method", "sft", "--set", "targets=query,lock"], ["lock"]),
        (["--method", "sft", "--set", "beta=-1"], ["beta", "above 0"]),
        (["--method", "sft", "--set", "depth=1"], ["depth=1"]),
        (["--method", "dpo"], ["line 1", "chosen"]),
        (["--method", "sft", "--set", "held_out=500"], ["held_out"]),
    ],
    ids=str,
)
def test_what_cannot_be_tuned_is_one_line(base: Path, tmp_path: Path, options: list[str], words: list[str]) -> None:
    data = write_rows(tmp_path / "data.jsonl", ROWS_OF["grpo"]() if "grpo" in options else sft_rows())
    refused("finetune", base, *options, "--data", data, "--output", tmp_path / "run", words=tuple(words))


def test_run_json_tells_how_a_run_was_tuned(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    inside("finetune", base, "--method", "sft", "--data", data, "--output", tmp_path / "run", "--steps", 2, "--set", "threads=1")
    told = json.loads((tmp_path / "run" / "run.json").read_text())
    assert told["parent"]["run"] == str(base) and told["tuning"]["data"]["file"] == str(data)
    assert told["plan"]["optimizer"] == "adamw" and told["tuning"]["settings"]["examples"] == 16
    assert "jobs/runs/tune/finetune.py" in told["code"] and "model/post/sft.py" in told["code"]
    assert (tmp_path / "run" / "report.html").exists()


def test_a_reward_function_that_fails_is_named_with_the_prompt_it_failed_on(base: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def judge(prompt, answer, expected):\n    return float('no number')\n")
    data = write_rows(tmp_path / "asked.jsonl", asked_rows())
    with pytest.raises(UsageError, match=r"mine.py:judge failed on the prompt .*could not convert") as error:
        tuned(tmp_path / "run", wanted(base, data, "grpo", 1, reward=f"{tmp_path / 'mine.py'}:judge"))
    assert "\n" not in str(error.value)
