"""Examples out of a tuning and of those that came after it: the same bits as a chain that never saw them."""

import json
import shutil
from pathlib import Path

import pytest

from jobs.runs.record import read_run
from jobs.runs.tune.examples import read_examples
from jobs.runs.unlearn import examples as taking
from jobs.runs.unlearn.oracle import main as train_oracle
from model.checkpoint_files import saved_steps
from pipeline.errors import UsageError
from tests.jobs.running import change_run
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import ROWS_OF, hashes, sft_rows, tuned, wanted, write_rows


@pytest.fixture(scope="module")
def chain(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with base, sft (LoRA) and dpo, each tuned from the one before."""
    folder = tmp_path_factory.mktemp("chain")
    sft = write_rows(folder / "sft.jsonl", sft_rows(40))
    tuned(folder / "sft", wanted(base, sft, "sft", adapter="lora", held_out=4))
    pairs = write_rows(folder / "pairs.jsonl", ROWS_OF["dpo"]())
    tuned(folder / "dpo", wanted(folder / "sft", pairs, "dpo"))
    return folder


@pytest.fixture
def copy(chain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("sft", "dpo"):
        shutil.copytree(chain / name, tmp_path / name)
    parent = read_run(tmp_path / "dpo").parent
    assert parent is not None
    change_run(tmp_path / "dpo", parent=parent | {"run": str(tmp_path / "sft")})
    # the oracle in this process, where torch is loaded already
    monkeypatch.setattr(taking, "train_oracle", lambda run, oracle, until: train_oracle(str(run), str(oracle), str(until)))
    return tmp_path


def test_an_example_of_the_last_tuning_is_gone_from_it_to_the_bit(copy: Path) -> None:
    before = {name: hashes(copy / name) for name in ("sft", "dpo")}
    said = json.loads(inside("takedown", copy / "dpo", "--example", "p3", "--oracle", "--json"))
    assert said["exact"] and said["after"] == said["oracle"] != said["before"]
    assert hashes(copy / "sft") == before["sft"] and hashes(copy / "dpo") != before["dpo"]
    kept = json.loads((copy / "dpo" / "takedowns" / f"{said['request']}.json").read_text())
    assert {name: value for name, value in kept.items() if name != "checksum"} == said


def test_an_example_of_an_earlier_tuning_is_gone_from_all_that_came_after(copy: Path) -> None:
    before = {name: hashes(copy / name) for name in ("sft", "dpo")}
    record = read_run(copy / "sft")
    assert record.tuning is not None
    used = read_examples(copy / "sft", record.tuning["examples"])[0].id
    said = json.loads(inside("takedown", copy / "dpo", "--example", used, "--oracle", "--json"))
    assert said["exact"] and all(hashes(copy / name) != before[name] for name in before)
    assert [one["steps"] > 0 for one in said["chain"]] == [True, True]
    assert not list(copy.glob("*/.oracle")) and not list(copy.glob("*/.next"))


def test_nothing_of_an_example_is_left_in_what_a_tuning_keeps(copy: Path) -> None:
    record = read_run(copy / "dpo")
    assert record.tuning is not None
    before = {one.id: one for one in read_examples(copy / "dpo", record.tuning["examples"])}
    inside("takedown", copy / "dpo", "--example", "p3", "--example", "p7")
    [path] = (copy / "dpo").glob("examples-*.parquet")
    now = read_run(copy / "dpo")
    assert now.tuning is not None and now.tuning["examples"]["file"] == path.name != record.tuning["examples"]["file"]
    for one in read_examples(copy / "dpo", now.tuning["examples"]):
        same = before[one.id]
        assert len(one.text.tokens) == len(same.text.tokens) and one.removed == (one.id in ("p3", "p7"))
        if one.removed:
            assert set(one.text.tokens.tolist()) == {1} and not one.text.scored.any()
            assert one.rejected is not None and set(one.rejected.tokens.tolist()) == {1}
        else:
            assert (one.text.tokens == same.text.tokens).all()


def test_only_steps_from_the_first_that_read_it_are_trained_again(copy: Path) -> None:
    said = json.loads(inside("takedown", copy / "dpo", "--example", "p3", "--json"))
    [_, entry] = said["chain"]
    assert entry["rollback"] == entry["first_read"] // 2 * 2 and entry["steps"] == 6 - entry["rollback"]
    assert entry["purged"] == [step for step in (2, 4, 6) if step > entry["first_read"]]
    assert saved_steps(copy / "dpo") == [2, 4, 6] and not said["exact"]


def test_the_same_again_changes_nothing_and_a_tuning_goes_on_afterwards(copy: Path) -> None:
    inside("takedown", copy / "dpo", "--example", "p3")
    before = hashes(copy / "dpo")
    assert json.loads(inside("takedown", copy / "dpo", "--example", "p3", "--json"))["after"]["model_sha256"] == before[0]
    assert hashes(copy / "dpo") == before
    shutil.rmtree(copy / "dpo" / "step-0000006")
    tuned(copy / "dpo", None)
    assert hashes(copy / "dpo") == before


def test_an_example_that_was_held_out_is_gone_without_a_step(copy: Path) -> None:
    record = read_run(copy / "sft")
    assert record.tuning is not None
    name = read_examples(copy / "sft", record.tuning["held_out"])[0].id
    before = hashes(copy / "sft")
    said = json.loads(inside("takedown", copy / "sft", "--example", name, "--oracle", "--json"))
    now = read_run(copy / "sft")
    assert said["exact"] and hashes(copy / "sft") == before and now.tuning is not None
    assert [one.removed for one in read_examples(copy / "sft", now.tuning["held_out"]) if one.id == name] == [True]


def test_an_id_that_nobody_has_is_refused(copy: Path, base: Path) -> None:
    refused("takedown", copy / "dpo", "--example", "p99", words=("no example p99",))
    with pytest.raises(UsageError, match="is no tuning"):
        inside("takedown", base, "--example", "p1")
