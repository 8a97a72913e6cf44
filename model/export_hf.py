"""A run's weights as `transformers` reads them: Qwen3 for a dense decoder, Qwen3-MoE for one with experts, else Llama."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from model.hf_rope import rope_config
from model.network.shape import DECODER, Shape
from model.network.transformer import Transformer
from pipeline.errors import UsageError

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
NAMES = {
    "attention_norm": "input_layernorm",
    "feed_forward_norm": "post_attention_layernorm",
    "attention.query": "self_attn.q_proj",
    "attention.key": "self_attn.k_proj",
    "attention.value": "self_attn.v_proj",
    "attention.output": "self_attn.o_proj",
    "attention.query_norm": "self_attn.q_norm",
    "attention.key_norm": "self_attn.k_norm",
    "feed_forward.gate": "mlp.gate_proj",
    "feed_forward.up": "mlp.up_proj",
    "feed_forward.down": "mlp.down_proj",
    "feed_forward.router": "mlp.gate",
}


def config(shape: Shape, *, context: int, end_of_text: int, dtype: str = "float32") -> dict[str, Any]:
    """config.json."""
    windows = [shape.window_of(layer) for layer in range(shape.layers)]
    name, kind = (
        ("Qwen3Moe", "qwen3_moe") if shape.experts else ("Qwen3", "qwen3") if shape.query_key_norms else ("Llama", "llama")
    )
    config = {
        "architectures": [f"{name}ForCausalLM"],
        "model_type": kind,
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "intermediate_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_width,
        "hidden_act": "silu",
        "max_position_embeddings": context,
        "rms_norm_eps": shape.norm_epsilon,
        **rope_config(shape),
        "tie_word_embeddings": shape.tied,
        "attention_bias": False,
        **({} if shape.query_key_norms else {"mlp_bias": False}),
        "bos_token_id": end_of_text,
        "eos_token_id": end_of_text,
        "dtype": dtype,
    }
    if shape.experts:
        config |= {
            "num_experts": shape.experts,
            "num_experts_per_tok": shape.experts_used,
            "moe_intermediate_size": shape.hidden,
            "norm_topk_prob": True,
            "decoder_sparse_step": 1,
            "mlp_only_layers": [],
        }
    if any(window is not None for window in windows):
        config |= {
            "use_sliding_window": True,
            "sliding_window": shape.window,
            "layer_types": ["full_attention" if window is None else "sliding_attention" for window in windows],
        }
    return config


def weights(model: Transformer, dtype: str = "float32") -> dict[str, Tensor]:
    """model.safetensors, by their names; in bfloat16 each is the nearest number of 8 bits, half as large."""
    weights = {}
    for name, weight in model.state_dict().items():
        if name in ("embedding.weight", "stack.norm.weight", "scores.weight"):
            theirs = {"embedding": "model.embed_tokens", "stack.norm": "model.norm", "scores": "lm_head"}[name[: -len(".weight")]]
            weights[f"{theirs}.weight"] = weight
            continue
        _, _, layer, rest = name.split(".", 3)
        place = f"model.layers.{layer}"
        if rest in ("feed_forward.gate", "feed_forward.up", "feed_forward.down"):  # of experts: one tensor for all
            theirs = NAMES[rest].removeprefix("mlp.")
            weights |= {f"{place}.mlp.experts.{number}.{theirs}.weight": one.T for number, one in enumerate(weight)}
        else:
            weights[f"{place}.{NAMES[rest.removesuffix('.weight')]}.weight"] = weight
    return {name: weight.detach().cpu().to(DTYPES[dtype]).contiguous() for name, weight in weights.items()}


def export_hf(model: Transformer, folder: Path, *, context: int, end_of_text: int, dtype: str = "float32") -> None:
    """Writes config.json, generation_config.json and model.safetensors; the tokenizer is the corpus' own file."""
    shape = model.shape
    special = [shape.experts > 0, "S" in shape.windows, not shape.query_key_norms]
    if shape.kind != DECODER or sum(special) > 1:
        raise UsageError(
            f"an {shape.kind} with {shape.experts} experts, windows {shape.windows} and query_key_norms={shape.query_key_norms} "
            "has no counterpart in transformers: export a decoder with one of these at most"
        )
    folder.mkdir(parents=True, exist_ok=True)
    settings = config(shape, context=context, end_of_text=end_of_text, dtype=dtype)
    (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
    generation = {"bos_token_id": end_of_text, "eos_token_id": end_of_text}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    with torch.no_grad():
        save_file(weights(model, dtype), folder / "model.safetensors", metadata={"format": "pt"})
