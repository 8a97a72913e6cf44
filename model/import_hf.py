"""A folder as `transformers` has it, read as a model of ours: what model/export_hf.py writes, and any dense Qwen3 or Llama.

Weights come from safetensors alone: nothing in such a folder is unpickled or run.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from model.export_hf import NAMES
from model.hf_rope import is_size, read_rope
from model.network.shape import Shape
from model.network.transformer import Transformer
from pipeline.errors import UsageError

CONFIG, WEIGHTS, INDEX, TOKENIZER = "config.json", "model.safetensors", "model.safetensors.index.json", "tokenizer.json"
MOST_BYTES = 16 << 20  # of a config or an index

# What the architecture fixes: another value is another model.
_FIXED = {"hidden_act": "silu", "attention_bias": False, "mlp_bias": False}
_KINDS = {"qwen3": True, "llama": False}  # whether queries and keys are normalised
_NUMBERS = {
    "vocabulary": "vocab_size",
    "layers": "num_hidden_layers",
    "width": "hidden_size",
    "heads": "num_attention_heads",
    "kv_heads": "num_key_value_heads",
    "head_width": "head_dim",
    "hidden": "intermediate_size",
}
_OUTSIDE = {"embedding": "model.embed_tokens", "stack.norm": "model.norm", "scores": "lm_head"}


def read_shape(folder: Path) -> Shape:
    """Of config.json. Raises UsageError, in a line, where it is no model that this one can be."""
    config = _json(folder / CONFIG)
    for name, value in _FIXED.items():
        if config.get(name, False if value is False else None) != value:
            raise UsageError(
                f"{folder / CONFIG} has {name} = {config.get(name)!r}: only {value!r} can be begun with (a dense Qwen3 or Llama)"
            )
    kind = config.get("model_type")
    if kind not in _KINDS:
        raise UsageError(f"{folder / CONFIG} has model_type = {kind!r}: only {' and '.join(_KINDS)} can be begun with")
    config = _with_what_is_left_out(config)
    try:
        base, scaling = read_rope(config)
    except UsageError as error:
        raise UsageError(f"{folder / CONFIG} {error}") from None
    numbers: dict[str, Any] = {name: config.get(theirs) for name, theirs in _NUMBERS.items()}
    epsilon: Any = config.get("rms_norm_eps")
    if any(not is_size(value) for value in (*numbers.values(), base, epsilon)):
        names = ", ".join([*_NUMBERS.values(), "rope_theta", "rms_norm_eps"])
        raise UsageError(f"{folder / CONFIG} lacks one of {names} as a number above 0")
    windows: dict[str, Any] = (
        {"windows": _windows(config), "window": config["sliding_window"]} if config.get("use_sliding_window") else {}
    )
    tied = config.get("tie_word_embeddings") is True
    others: dict[str, Any] = windows | {"query_key_norms": _KINDS[str(kind)], "norm_epsilon": float(epsilon)}
    return Shape(**numbers, rope_base=float(base), rope_scaling=scaling, tied=tied, **others)


def _with_what_is_left_out(config: dict[str, Any]) -> dict[str, Any]:
    """As transformers fills it in: of Llama heads follow from the rest, of Qwen3 they have a size of their own."""
    width, heads = config.get("hidden_size"), config.get("num_attention_heads")
    head = width // heads if isinstance(width, int) and isinstance(heads, int) and heads > 0 else None
    left_out = {"num_key_value_heads": heads, "head_dim": head}
    if config["model_type"] == "qwen3":
        left_out = {"num_key_value_heads": 32, "head_dim": 128}
    return {**left_out, "rope_theta": 10_000.0} | {name: value for name, value in config.items() if value is not None}


def _windows(config: dict[str, Any]) -> str:
    kinds = {"full_attention": "L", "sliding_attention": "S"}
    return "".join(kinds.get(str(kind), "?") for kind in config.get("layer_types", []))


def read_weights(folder: Path, shape: Shape) -> Transformer:
    """The model with the folder's weights, in fp32. Raises UsageError where a name or a size is not the shape's."""
    model = Transformer(shape)
    found = _tensors(folder)
    wanted = {_their_name(name): weight for name, weight in model.state_dict().items()}
    if shape.tied:
        found.pop("lm_head.weight", None)  # the embedding once more
    if different := sorted(wanted.keys() ^ found.keys()):
        raise UsageError(f"{folder} and its {CONFIG} differ in {different[0]}: it is no dense Qwen3 or Llama of that size")
    with torch.no_grad():
        for name, weight in wanted.items():
            if found[name].shape != weight.shape:
                raise UsageError(
                    f"{folder}: {name} has the sizes {list(found[name].shape)}, and {CONFIG} says {list(weight.shape)}"
                )
            weight.copy_(found[name])
    return model


def _their_name(name: str) -> str:
    place, _, kind = name.rpartition(".")
    if place in _OUTSIDE:
        return f"{_OUTSIDE[place]}.{kind}"
    _, _, layer, rest = place.split(".", 3)
    return f"model.layers.{layer}.{NAMES[rest]}.{kind}"


def weight_files(folder: Path) -> list[Path]:
    """The one file of weights, or those that the index names."""
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if not (folder / INDEX).is_file():
        raise UsageError(f"{folder} has no {WEIGHTS}: weights in other formats are not read, `save_pretrained` writes this one")
    names = sorted({str(name) for name in dict(_json(folder / INDEX).get("weight_map", {})).values()})
    if any(Path(name).name != name for name in names):
        raise UsageError(f"{folder / INDEX} names files outside its folder: it is not read")
    return [folder / name for name in names]


def _tensors(folder: Path) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for path in weight_files(folder):
        try:
            found |= load_file(path)
        except (OSError, SafetensorError) as error:
            raise UsageError(f"{path} cannot be read ({error}): bring the whole file") from error
    return found


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
        values = json.loads(path.read_text("utf-8"))
        if not isinstance(values, dict):
            raise ValueError("it is no object")
        return values
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} cannot be read ({error}): --init-from takes a run, or a folder as transformers saves it"
        ) from error
