"""Quantised runs as people make them: what they are worth, what reads them, and what becomes of them when a page is taken out."""

import json
from pathlib import Path

import pytest
import torch

from jobs.corpus.files import readers
from jobs.runs.loaded import load_model
from jobs.runs.quantise.quantise_run import made, quantise_run
from jobs.runs.record import read_run
from jobs.runs.tune.again import born_again
from jobs.runs.unlearn.examples import take_examples_out
from model.checkpoint_files import read_state, saved_steps
from model.quantise.network import CodedTransformer, quantise_settings, quantised, restored
from pipeline.errors import CorpusError, UsageError
from tests.jobs.running import change_run
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import hashes, make_base, sft_rows, tuned, wanted, write_rows


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("quantise"))


@pytest.mark.parametrize(("bits", "most"), [(8, 0.002), (4, 0.05)])
def test_bits_a_byte_and_size_before_and_after(base: Path, tmp_path: Path, bits: int, most: float) -> None:
    said = inside("quantise", base, "--bits", bits, "--output", tmp_path / "run", "--tokens", 8, "--json")
    before, after = json.loads(said)
    assert abs(after["bits_per_byte"] - before["bits_per_byte"]) <= most
    assert after["bytes"] < before["bytes"] * (0.35 if bits == 8 else 0.3) and after["tokens_per_second"] > 0
    (tmp_path / "choices.jsonl").write_text('{"context": "the page of", "choices": [" a crawl", " no"], "answer": 0}\n')
    evaluated = json.loads(inside("evaluate", tmp_path / "run", "--choices", tmp_path / "choices.jsonl", "--json"))
    assert evaluated["questions"] == 1
    inside("generate", tmp_path / "run", "--max-tokens", 4)


def test_a_loaded_run_computes_with_the_codes_that_were_written(base: Path, tmp_path: Path) -> None:
    settings = quantise_settings(4)
    quantise_run(base, tmp_path / "run", settings)
    model, record, step = load_model(tmp_path / "run")
    expected = quantised(load_model(base)[0], settings)
    assert isinstance(model, CodedTransformer) and step == 8 and record.quantised == settings.to_json()
    assert {name: value.tolist() for name, value in model.state_dict().items()} == {
        name: value.tolist() for name, value in expected.state_dict().items()
    }


def test_restored_weights_give_the_same_states(base: Path) -> None:
    from tests.model.small import packed

    coded = quantised(load_model(base)[0], quantise_settings(4))
    ids, (positions, attend) = torch.arange(12), packed([7, 5])
    with torch.no_grad():
        one, other = (model(ids, positions, attend).states_NE for model in (coded, restored(coded)))
    assert torch.allclose(one, other, atol=1e-5)


def test_it_is_made_once_and_goes_on_where_it_was_killed(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from model import checkpoint

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(checkpoint, "save", killed)
        quantise_run(base, tmp_path / "run", quantise_settings(8))
    assert saved_steps(tmp_path / "run") == []
    quantise_run(base, tmp_path / "run", quantise_settings(8))
    first = hashes(tmp_path / "run")
    quantise_run(base, tmp_path / "run", quantise_settings(8))
    assert hashes(tmp_path / "run") == first
    with pytest.raises(UsageError, match="name a new folder"):
        quantise_run(base, tmp_path / "run", quantise_settings(4))


def test_it_is_on_record_and_names_its_parent(base: Path, tmp_path: Path) -> None:
    quantise_run(base, tmp_path / "run", quantise_settings(8))
    record = read_run(tmp_path / "run")
    assert record.parent is not None and record.parent["run"] == str(base)
    assert record.parent["model_sha256"] == read_state(base, 8).model_sha256
    assert str(tmp_path / "run") in {one.folder for one in readers.registered(record.corpus, readers.RUN)}


def test_a_damaged_byte_is_noticed(base: Path, tmp_path: Path) -> None:
    quantise_run(base, tmp_path / "run", quantise_settings(8))
    [weights] = (tmp_path / "run").glob("step-*/model.safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(CorpusError, match="is not what its"):
        load_model(tmp_path / "run")


def test_a_parent_with_other_weights_makes_no_run_of_the_old_name(base: Path, tmp_path: Path) -> None:
    quantise_run(base, tmp_path / "run", quantise_settings(8))
    record = read_run(tmp_path / "run")
    assert record.parent is not None
    change_run(tmp_path / "run", tmp_path / "run", parent=record.parent | {"model_sha256": "0" * 64})
    stale = read_run(tmp_path / "run")
    with pytest.raises(CorpusError, match="has other weights"):
        made(tmp_path / "new", stale)
    assert born_again(tmp_path / "next", stale) == record


def test_an_example_is_gone_from_what_was_made_of_its_tuning(base: Path, tmp_path: Path) -> None:
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    tuned(tmp_path / "tuned", wanted(base, data, "sft"))
    quantise_run(tmp_path / "tuned", tmp_path / "small", quantise_settings(8))
    before = hashes(tmp_path / "small")
    said = take_examples_out(tmp_path / "small", frozenset({"e3"}), oracle=True, say=lambda _: None, show=lambda _: None)
    assert said["exact"] and hashes(tmp_path / "small") != before
    inside("export", tmp_path / "small", "--format", "hf", "--output", tmp_path / "hf")
    assert "Assistant" in json.loads((tmp_path / "hf" / "tokenizer_config.json").read_text())["chat_template"]
    assert [Path(one["run"]).name for one in said["chain"]] == ["tuned", "small"]
    quantise_run(tmp_path / "tuned", tmp_path / "anew", quantise_settings(8))
    assert hashes(tmp_path / "anew") == hashes(tmp_path / "small")


def test_what_cannot_be_made_smaller_is_one_line(base: Path, tmp_path: Path) -> None:
    quantise_run(base, tmp_path / "run", quantise_settings(8))
    refused("quantise", tmp_path / "run", "--output", tmp_path / "x", words=("is quantised already",))
    refused("quantise", base, "--bits", "5", "--output", tmp_path / "x", words=("bits is 5",))
    refused("train", "--output", tmp_path / "run", words=("trains no further",))
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    tuned(tmp_path / "tuned", wanted(base, data, "sft", adapter="prefix"), until=2)
    refused("quantise", tmp_path / "tuned", "--output", tmp_path / "x", words=("cannot be merged",))
    assert not (tmp_path / "x" / "run.json").exists()


def test_a_run_may_be_tuned_from_rounded_weights_and_exported(base: Path, tmp_path: Path) -> None:
    quantise_run(base, tmp_path / "run", quantise_settings(8))
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    tuned(tmp_path / "tuned", wanted(tmp_path / "run", data, "sft"), until=2)
    before, after = read_run(tmp_path / "run").parent, read_run(tmp_path / "tuned").parent
    assert read_run(tmp_path / "tuned").quantised is None
    assert before is not None and after is not None and after["reads"] == before["reads"]
    inside("export", tmp_path / "run", "--format", "hf", "--output", tmp_path / "hf")
    from safetensors.torch import load_file

    exported = load_file(tmp_path / "hf" / "model.safetensors")["model.embed_tokens.weight"]
    assert torch.equal(exported, load_model(tmp_path / "run")[0].head_VE)
