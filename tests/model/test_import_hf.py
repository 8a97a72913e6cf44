"""What is exported comes back weight for weight; what is no such model is refused in a line, and nothing is unpickled."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from model.export_hf import export_hf
from model.import_hf import read_shape, read_weights
from model.network.attention import Layout, PackedAttend
from model.network.transformer import Transformer, initialise
from pipeline.errors import UsageError
from tests.model.test_export_hf import SHAPES, shape


def exported(folder: Path, **changes: Any) -> Transformer:
    model = initialise(Transformer(shape(**changes)), seed=3)
    export_hf(model, folder, context=64, end_of_text=0)
    return model


def changed(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("kind", [kind for kind in SHAPES if kind != "experts"])
def test_what_is_exported_comes_back_weight_for_weight(tmp_path: Path, kind: str) -> None:
    model = exported(tmp_path, **SHAPES[kind])
    found = read_shape(tmp_path)
    again = read_weights(tmp_path, found).state_dict()
    assert [found.window_of(layer) for layer in range(found.layers)] == [
        model.shape.window_of(one) for one in range(found.layers)
    ]
    assert again.keys() == model.state_dict().keys()
    assert all(torch.equal(again[name], weight) for name, weight in model.state_dict().items())


def test_weights_in_several_files_are_read_by_their_index(tmp_path: Path) -> None:
    model = exported(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    (tmp_path / "model.safetensors").unlink()
    names = sorted(tensors)
    parts = {"a.safetensors": names[:5], "b.safetensors": names[5:]}
    for file, some in parts.items():
        save_file({name: tensors[name] for name in some}, tmp_path / file)
    index = {"weight_map": {name: file for file, some in parts.items() for name in some}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    again = read_weights(tmp_path, read_shape(tmp_path)).state_dict()
    assert all(torch.equal(again[name], weight) for name, weight in model.state_dict().items())
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "../a.safetensors"}}))
    with pytest.raises(UsageError, match="outside its folder"):
        read_weights(tmp_path, read_shape(tmp_path))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"model_type": "mistral"}, "mistral"),
        ({"rms_norm_eps": 0}, "rms_norm_eps"),
        ({"mlp_bias": True}, "mlp_bias"),
        ({"attention_bias": True}, "attention_bias"),
        ({"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4}}, "scales rotary positions"),
        ({"num_hidden_layers": "many"}, "num_hidden_layers"),
        ({"num_attention_heads": 3}, "must divide"),
        ({"use_sliding_window": True, "sliding_window": 4, "layer_types": ["chunked"]}, "windows is '\\?'"),
    ],
    ids=str,
)
def test_another_architecture_is_refused_in_a_line(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    exported(tmp_path, kv_heads=2)
    changed(tmp_path, **changes)
    with pytest.raises(UsageError, match=why):
        read_shape(tmp_path)


def test_a_llama_that_transformers_has_written_computes_the_same_logits_here(tmp_path: Path) -> None:
    """Its config leaves out the width of a head; read as a Qwen3 it is refused, for it has no norms of queries and keys."""
    transformers = pytest.importorskip("transformers", reason="pip install transformers")
    sizes = {"vocab_size": 192, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    torch.manual_seed(5)
    theirs = transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes, num_key_value_heads=2, rms_norm_eps=1e-5)).eval()
    theirs.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config.pop("head_dim", None)
    (tmp_path / "config.json").write_text(json.dumps(config))
    model = read_weights(tmp_path, read_shape(tmp_path))
    ids = torch.randint(0, 192, (1, 40), generator=torch.Generator().manual_seed(2))
    attend = PackedAttend(Layout.of(torch.tensor([0, 40], dtype=torch.int32), torch.device("cpu")))
    with torch.no_grad():
        assert (model.logits(model(ids[0], torch.arange(40), attend).states_NE) - theirs(ids).logits[0]).abs().max() < 1e-4
    changed(tmp_path, model_type="qwen3")
    with pytest.raises(UsageError, match=r"differ in model\.layers\.0\.self_attn"):
        read_weights(tmp_path, read_shape(tmp_path))


@pytest.mark.parametrize("left_out", [(), ("head_dim", "num_key_value_heads")], ids=["all said", "left out"])
def test_a_qwen3_whose_heads_are_no_part_of_the_width_computes_the_same_logits_here(
    tmp_path: Path, left_out: tuple[str, ...]
) -> None:
    """32 heads of 128 on a width of 24, as transformers fills in what a config leaves out."""
    transformers = pytest.importorskip("transformers", reason="pip install transformers")
    sizes = {"vocab_size": 192, "hidden_size": 24, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 32}
    torch.manual_seed(5)
    theirs = transformers.Qwen3ForCausalLM(transformers.Qwen3Config(**sizes, num_key_value_heads=32 if left_out else 4)).eval()
    theirs.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["head_dim"] == 128
    (tmp_path / "config.json").write_text(json.dumps({name: value for name, value in config.items() if name not in left_out}))
    found = read_shape(tmp_path)
    assert (found.width, found.heads, found.head_width, found.kv_heads) == (24, 32, 128, 32 if left_out else 4)
    model, ids = read_weights(tmp_path, found), torch.randint(0, 192, (1, 40), generator=torch.Generator().manual_seed(2))
    attend = PackedAttend(Layout.of(torch.tensor([0, 40], dtype=torch.int32), torch.device("cpu")))
    with torch.no_grad():
        assert (model.logits(model(ids[0], torch.arange(40), attend).states_NE) - theirs(ids).logits[0]).abs().max() < 1e-4


def test_weights_that_are_not_the_configs_are_refused(tmp_path: Path) -> None:
    exported(tmp_path)
    changed(tmp_path, num_hidden_layers=3)
    with pytest.raises(UsageError, match=r"differ in model\.layers\.2"):
        read_weights(tmp_path, read_shape(tmp_path))
    changed(tmp_path, num_hidden_layers=2, intermediate_size=49)
    with pytest.raises(UsageError, match="has the sizes"):
        read_weights(tmp_path, read_shape(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(UsageError, match="cannot be read"):
        read_weights(tmp_path, read_shape(tmp_path))


def test_nothing_but_safetensors_and_json_is_opened(tmp_path: Path) -> None:
    exported(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(UsageError, match="has no model"):
        read_weights(tmp_path, read_shape(tmp_path))
    (tmp_path / "config.json").write_text("[" * 100_000)
    with pytest.raises(UsageError, match="json cannot be read"):
        read_shape(tmp_path)
