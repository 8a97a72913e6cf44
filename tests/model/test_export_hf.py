import json
import warnings
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from model.export_hf import export_hf
from model.network.attention import Layout, PackedAttend
from model.network.shape import Shape
from model.network.transformer import Transformer, initialise
from pipeline.errors import UsageError

SHAPES = {
    "dense": {},
    "grouped queries": {"kv_heads": 2},
    "own head": {"tied": False},
    "windows": {"windows": "SL", "window": 5, "layers": 3},
    "experts": {"experts": 4, "experts_used": 2},
    "llama": {"query_key_norms": False, "norm_epsilon": 1e-5, "kv_heads": 2, "tied": False},
}


def shape(**changes: object) -> Shape:
    chosen = {"vocabulary": 192, "layers": 2, "width": 32, "heads": 4, "kv_heads": 4, "head_width": 16, "hidden": 48} | changes
    return Shape(**chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", SHAPES)
def test_transformers_computes_the_same_logits(tmp_path: Path, kind: str) -> None:
    transformers = pytest.importorskip("transformers", reason="pip install transformers")
    model = initialise(Transformer(shape(**SHAPES[kind])), seed=3)
    with torch.no_grad():  # norms of 1 would hide a norm in the wrong place
        for weight in model.parameters():
            weight += 0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1))
    export_hf(model, tmp_path, context=64, end_of_text=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    ids = torch.randint(0, 192, (1, 40), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        expected = theirs(ids).logits[0]
        attend = PackedAttend(Layout.of(torch.tensor([0, 40], dtype=torch.int32), torch.device("cpu")))
        ours = model.logits(model(ids[0], torch.arange(40), attend).states_NE)
    assert (ours - expected).abs().max() < 1e-4


def test_weights_are_written_half_as_large(tmp_path: Path) -> None:
    model = initialise(Transformer(shape()), seed=3)
    export_hf(model, tmp_path, context=64, end_of_text=0, dtype="bfloat16")
    written = load_file(tmp_path / "model.safetensors")
    assert {one.dtype for one in written.values()} == {torch.bfloat16}
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    assert torch.equal(written["model.embed_tokens.weight"], model.embedding.weight.detach().bfloat16())


def test_an_encoder_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="export a decoder"):
        export_hf(Transformer(shape(kind="encoder")), tmp_path, context=64, end_of_text=0)
    with pytest.raises(UsageError, match="one of these at most"):
        export_hf(Transformer(shape(windows="SL", query_key_norms=False)), tmp_path, context=64, end_of_text=0)
