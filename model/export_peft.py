"""Adapters as PEFT reads them, beside a base that `winnow export --format hf` writes."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from model.export_hf import NAMES
from model.network.transformer import Transformer
from model.post.lora import LowRank
from model.post.settings import TuneSettings
from pipeline.errors import UsageError

_LINEARS = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "output": "o_proj"}
_LINEARS |= {"gate": "gate_proj", "up": "up_proj", "down": "down_proj"}


def export_peft(model: Transformer, settings: TuneSettings, folder: Path, *, base: str) -> None:
    """Writes adapter_config.json and adapter_model.safetensors; `base` is where the model without the adapter lies."""
    if settings.adapter == "lora":
        config, weights = _low_rank(model, settings)
    elif settings.adapter == "prefix":
        config, weights = _prefix(model, settings)
    else:
        raise UsageError(f"PEFT knows no adapter of this kind ({settings.adapter}): lora or prefix")
    folder.mkdir(parents=True, exist_ok=True)
    common = {"base_model_name_or_path": base, "task_type": "CAUSAL_LM", "inference_mode": True}
    (folder / "adapter_config.json").write_text(json.dumps(common | config, indent=2) + "\n")
    on_cpu = {name: weight.detach().cpu().contiguous() for name, weight in sorted(weights.items())}
    save_file(on_cpu, folder / "adapter_model.safetensors", metadata={"format": "pt"})


def _low_rank(model: Transformer, settings: TuneSettings) -> tuple[dict[str, Any], dict[str, Tensor]]:
    weights: dict[str, Tensor] = {}
    for name, layer in model.named_modules():
        if isinstance(layer, LowRank):
            _, _, number, rest = name.split(".", 3)
            place = f"base_model.model.model.layers.{number}.{NAMES[rest]}"
            weights |= {f"{place}.lora_A.weight": layer.a, f"{place}.lora_B.weight": layer.b}
    config = {
        "peft_type": "LORA", "r": settings.rank, "lora_alpha": settings.alpha, "lora_dropout": 0.0, "bias": "none",
        "target_modules": sorted(_LINEARS[name] for name in settings.targets),
    }  # fmt: skip
    return config, weights


def _prefix(model: Transformer, settings: TuneSettings) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """PEFT has one table: for each place the keys and the values of every layer."""
    assert model.prefix is not None
    shape = model.shape
    table_TLXKD = torch.stack([model.prefix.keys, model.prefix.values], 2).transpose(0, 1)
    config = {
        "peft_type": "PREFIX_TUNING", "num_virtual_tokens": settings.prefix_tokens,
        "token_dim": shape.kv_heads * shape.head_width, "num_transformer_submodules": 1,
        "num_attention_heads": shape.kv_heads, "num_layers": shape.layers,
        "encoder_hidden_size": shape.width, "prefix_projection": False,
    }  # fmt: skip
    return config, {"prompt_embeddings": table_TLXKD.reshape(settings.prefix_tokens, -1)}
