"""Trainings that begin with the weights of a run or of a folder: the same bits whenever they stop, and their parent on record."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from jobs.runs.loaded import load_model
from jobs.runs.record import as_parent, began_with, read_run
from jobs.runs.train.init_from import given_shape, origin_of
from jobs.runs.train.initial import BASE
from jobs.runs.train.train_model import train_run
from jobs.runs.unlearn.affected import from_elsewhere
from model.checkpoint_files import read_state, saved_steps
from model.generate import Cache, extend
from model.import_hf import read_shape, read_weights
from model.network.attention import Layout, PackedAttend
from model.network.scaling import RopeScaling
from model.network.transformer import Transformer
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of
from pipeline.errors import UsageError
from tests.jobs.runs.test_runs import inside, refused
from tests.jobs.runs.tune.tuned import ROWS, hashes, sft_rows, tuned, wanted, write_rows

SETTINGS = ["--steps", 6, "--set", f"row_tokens={ROWS}", "--set", "batch_rows=4", "--set", "threads=1", "--set", "save_every=2"]


def said(_: str) -> None:
    pass


def begun(base: Path, run: Path, *more: object) -> Path:
    inside("train", base.parent / "corpus", "--output", run, "--init-from", base, *SETTINGS, *more)
    return run


@pytest.fixture(scope="module")
def child(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that began with the weights of `base`, on its corpus."""
    return begun(base, tmp_path_factory.mktemp("child") / "run")


@pytest.fixture(scope="module")
def exported(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "hf"
    inside("export", base, "--format", "hf", "--output", folder)
    return folder


def test_it_begins_with_those_weights_and_names_whose_they_are(base: Path, child: Path) -> None:
    record = read_run(child)
    reads = {"row_tokens": ROWS, "batch_rows": 4, "seed": 0, "steps": 8, "corpora": [0]}
    assert record.parent == {"run": str(base), "step": 8, "model_sha256": read_state(base, 8).model_sha256, "reads": reads}
    assert began_with(child) == [base] and record.more_corpora == []
    fresh, begun_with = load_model(base)[0].state_dict(), origin_of(base, said).model.state_dict()
    assert all(torch.equal(fresh[name], begun_with[name]) for name in fresh)
    first = json.loads((child / "metrics.jsonl").read_text().splitlines()[0])["loss"]
    last = json.loads((base / "metrics.jsonl").read_text().splitlines()[-1])["loss"]
    assert abs(first - last) < 0.5 < abs(first - json.loads((base / "metrics.jsonl").read_text().splitlines()[0])["loss"])


def test_what_is_made_of_it_knows_what_all_before_it_have_read(base: Path, child: Path) -> None:
    record = read_run(child)
    made = replace(record, parent=as_parent(child, record, 6), tuning={"settings": {}}, initial=None)
    own, earlier = made.readings(99)
    assert (own.steps, earlier.steps) == (6, 8) and own.before and earlier.before
    assert [reading.steps for reading in record.readings(3)] == [3, 8] and not record.reading(3).before


def test_it_stops_anywhere_and_goes_on_to_the_same_bits(base: Path, child: Path, tmp_path: Path) -> None:
    origin = origin_of(base, said)
    given = {"steps": 6, "row_tokens": ROWS, "batch_rows": 4, "threads": 1, "save_every": 2}
    plan: TrainPlan = plan_of(**given_shape({"model": None, **given}, origin))
    for measured in train_run(base.parent / "corpus", tmp_path / "run", plan, Team(), workers=0, origin=origin):
        if measured.step == 3:
            break
    assert saved_steps(tmp_path / "run") == [2]
    inside("train", "--output", tmp_path / "run", "--init-from", base)
    assert hashes(tmp_path / "run") == hashes(child)


def test_a_folder_exported_from_a_run_leads_back_to_it(base: Path, child: Path, exported: Path, tmp_path: Path) -> None:
    run = begun_from(exported, base, tmp_path / "run")
    assert hashes(run) == hashes(child) and read_run(run).parent == read_run(child).parent
    inside("export", base, "--format", "hf", "--output", tmp_path / "half", "--dtype", "bfloat16", "--step", 8)
    half, whole = origin_of(tmp_path / "half", said), origin_of(base, said)
    assert half.parent and half.parent[0] == base, "rounded for the export, and still this run's"
    assert all(torch.equal(one, whole.model.state_dict()[name]) for name, one in half.model.state_dict().items())
    weights = load_file(tmp_path / "half" / "model.safetensors")
    weights["model.norm.weight"] += 1
    save_file(weights, tmp_path / "half" / "model.safetensors")
    assert origin_of(tmp_path / "half", said).parent is None, "and with other weights it is not"


def begun_from(folder: Path, base: Path, run: Path) -> Path:
    inside("train", base.parent / "corpus", "--output", run, "--init-from", folder, *SETTINGS)
    return run


@pytest.fixture(scope="module")
def wide_headed(base: Path, exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that began with a Qwen3 of transformers: 4 heads of 16 on a width of 48, two of them to a key."""
    transformers = pytest.importorskip("transformers", reason="pip install transformers")
    folder = tmp_path_factory.mktemp("qwen3")
    torch.manual_seed(5)
    config = transformers.Qwen3Config(
        vocab_size=read_run(base).vocabulary, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, tie_word_embeddings=True,
    )  # fmt: skip
    transformers.Qwen3ForCausalLM(config).save_pretrained(folder / "hf")
    shutil.copyfile(exported / "tokenizer.json", folder / "hf" / "tokenizer.json")
    return begun_from(folder / "hf", base, folder / "run")


def test_heads_of_their_own_size_are_trained_written_and_exported(wide_headed: Path, tmp_path: Path) -> None:
    model, record, _ = load_model(wide_headed)
    shape = record.train_plan.shape(record.vocabulary)
    assert (shape.width, shape.heads, shape.kv_heads, shape.head_width) == (48, 4, 2, 16)
    inside("generate", wide_headed, "--prompt", "the page", "--max-tokens", 4)
    inside("export", wide_headed, "--format", "hf", "--output", tmp_path / "hf")
    again = read_weights(tmp_path / "hf", read_shape(tmp_path / "hf"))
    assert again.shape == shape == model.shape
    assert all(torch.equal(one, again.state_dict()[name]) for name, one in model.state_dict().items())


@pytest.mark.parametrize("adapter", ["", "lora", "prefix", "bottleneck"])
def test_they_are_tuned_with_every_adapter(wide_headed: Path, tmp_path: Path, adapter: str) -> None:
    """And what is written token by token, from a cache of two keys for four heads, is what is read at once."""
    data = write_rows(tmp_path / "data.jsonl", sft_rows())
    tuned(tmp_path / "run", wanted(wide_headed, data, "sft", **({"adapter": adapter} if adapter else {})))
    ids = list(range(1, 21))
    before, after = (scores_at_once(load_model(run)[0], ids) for run in (wide_headed, tmp_path / "run"))
    assert (after - before).abs().max() > 1e-3, "it has learned"
    model = load_model(tmp_path / "run")[0]
    cache = Cache(model, 1, 21)
    with torch.no_grad():
        written = torch.cat([extend(model, [[token]], cache) for token in ids])
    assert (written - after).abs().max() < 1e-4


def scores_at_once(model: Transformer, ids: list[int]) -> torch.Tensor:
    attend = PackedAttend(Layout.of(torch.tensor([0, len(ids)], dtype=torch.int32), torch.device("cpu")))
    with torch.no_grad():
        return model.logits(model(torch.tensor(ids), torch.arange(len(ids)), attend).states_NE)


@pytest.mark.parametrize("bits", [8, 4])
def test_they_are_made_whole_numbers(wide_headed: Path, tmp_path: Path, bits: int) -> None:
    inside("quantise", wide_headed, "--bits", bits, "--output", tmp_path / "run", "--rows", 2, "--tokens", 2)
    coded, model = load_model(tmp_path / "run")[0], load_model(wide_headed)[0]
    assert coded.shape == model.shape
    assert (
        coded.get_submodule("stack.blocks.0.attention.key").weight - model.stack.blocks[0].attention.key.weight
    ).abs().max() < 0.1


YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": ROWS}
STRETCHED = RopeScaling(type="yarn", factor=4.0, context=ROWS, turns=(1.0, 32.0), attention=0.1 * math.log(4) + 1)


def test_a_folder_with_stretched_positions_is_trained_exported_and_read_back_with_them(
    base: Path, exported: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "hf"
    shutil.copytree(exported, folder)
    config = json.loads((folder / "config.json").read_text()) | {"rope_scaling": YARN}
    (folder / "config.json").write_text(json.dumps(config))
    run = begun_from(folder, base, tmp_path / "run")
    record = read_run(run)
    assert record.parent is None, "the run that it was exported from has other positions"
    assert record.train_plan.shape(record.vocabulary).rope_scaling == STRETCHED
    assert load_model(run)[0].shape.rope_scaling == STRETCHED
    inside("generate", run, "--prompt", "the page", "--max-tokens", 4)
    inside("export", run, "--format", "hf", "--output", tmp_path / "again")
    assert read_shape(tmp_path / "again").rope_scaling == STRETCHED
    assert origin_of(tmp_path / "again", said).parent == (run, record, 6)


def test_a_run_s_positions_are_stretched_for_longer_rows_and_it_stays_the_parent(base: Path, child: Path, tmp_path: Path) -> None:
    """What leads to an exact takedown is kept, as it is not where an edited export is begun with."""
    longer = ["--set", "rope_type=yarn", "--set", "rope_factor=4", "--set", f"rope_context={ROWS}", "--set", "row_tokens=384"]
    inside("train", base.parent / "corpus", "--output", tmp_path / "run", "--init-from", base, *SETTINGS, *longer)
    record = read_run(tmp_path / "run")
    assert record.train_plan.shape(record.vocabulary) == replace(
        read_run(child).train_plan.shape(record.vocabulary), rope_scaling=STRETCHED
    )
    assert record.parent and record.parent["run"] == str(base) and record.train_plan.row_tokens == 384
    expected = load_model(base)[0].state_dict()
    assert all(torch.equal(one, expected[name]) for name, one in load_file(tmp_path / "run" / BASE).items())


def test_weights_from_elsewhere_are_kept_and_named(base: Path, child: Path, exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hf"
    shutil.copytree(exported, folder)
    (folder / "export.json").unlink()
    run = begun_from(folder, base, tmp_path / "run")
    record = read_run(run)
    assert record.parent is None and record.initial and record.initial["folder"] == str(folder)
    assert from_elsewhere(run) == [f"it began with weights from {folder}, and what those have read is not on record"]
    assert from_elsewhere(child) == []
    assert record.train_plan.shape(record.vocabulary) == read_run(child).train_plan.shape(record.vocabulary)
    before = hashes(run)
    shutil.rmtree(folder)
    for step in saved_steps(run):
        shutil.rmtree(run / f"step-{step:07d}")
    inside("train", "--output", run)
    assert saved_steps(run)[-1] == 6 and (run / BASE).exists() and hashes(run) == before


def test_what_cannot_be_begun_with_is_refused_in_a_line(base: Path, child: Path, exported: Path, tmp_path: Path) -> None:
    corpus = base.parent / "corpus"
    for arguments, why in [
        (["train", corpus, "-o", tmp_path / "a", "--init-from", base, "--model", "small"], "has tiny, which --init-from brings"),
        (["train", corpus, "-o", tmp_path / "b", "--init-from", tmp_path], "config.json cannot be read"),
        (["train", "-o", child, "--init-from", exported.parent], "was begun with"),
        (["train", "-o", base, "--init-from", child], "was begun with fresh weights"),
        (["export", base, "--format", "hf", "--dtype", "int8", "-o", tmp_path / "a"], "--dtype int8: float32 or bfloat16"),
        (["export", corpus, "--dtype", "bfloat16"], "--step and --dtype are of a run"),
        (["train", corpus, "-o", tmp_path / "a", "--model", "tiny", "--depth", 2], "name one of the two"),
        (["train", corpus, "-o", tmp_path / "a", "--device", "cuda:99"], "--device cuda:99: this machine has"),
    ]:
        refused(*arguments, words=(why,))
    assert not (tmp_path / "a").exists() and not (tmp_path / "b").exists()


def test_a_corpus_of_other_tokens_is_refused_with_the_command_that_helps(base: Path, tmp_path: Path) -> None:
    origin = origin_of(base, said)
    wanted = read_run(base)
    with pytest.raises(UsageError, match=f"tokenizer.from={base.parent / 'corpus'}"):
        origin(tmp_path, type(wanted)(**(vars(wanted) | {"tokenizer_sha256": "0" * 64})))
    assert not (tmp_path / BASE).exists()
