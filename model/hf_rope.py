"""Rotary positions as config.json of `transformers` says them, read and written: the plain ones, linear, llama3 and yarn."""

import math
from typing import Any

from model.network.scaling import LINEAR, LLAMA3, NOT_SCALED, PLAIN, TYPES, YARN, RopeScaling, scaling_of
from model.network.shape import Shape
from pipeline.errors import UsageError

_CONTEXT = "original_max_position_embeddings"
_TURNS = {LLAMA3: ("low_freq_factor", "high_freq_factor"), YARN: ("beta_slow", "beta_fast")}
_NUMBERS = {kind: ("factor", *((_CONTEXT, *_TURNS[kind]) if kind in _TURNS else ())) for kind in TYPES}
_ATTENTION = ("attention_factor", "mscale", "mscale_all_dim")
_KNOWN = {kind: {*names, "rope_type", "type", "rope_theta", "partial_rotary_factor"} for kind, names in _NUMBERS.items()}
_KNOWN[YARN] |= {*_ATTENTION, "truncate"}


def is_size(value: object) -> bool:
    """A number above 0 that is no absurd one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1 << 32


def read_rope(config: dict[str, Any]) -> tuple[Any, RopeScaling]:
    """(base as it stands there, scaling). Raises UsageError, without the place, for positions that are none of these."""
    said: Any = config.get("rope_scaling") or config.get("rope_parameters") or {}  # transformers' own order
    if not isinstance(said, dict) or any(isinstance(value, dict) for value in said.values()):
        raise UsageError("has rotary positions by kind of layer, or none: only one kind for all layers can be begun with")
    rope = {name: value for name, value in said.items() if value is not None}
    base = rope.get("rope_theta", config.get("rope_theta"))
    if any(one.get("partial_rotary_factor", 1) != 1 for one in (rope, config)):
        raise UsageError("rotates a part of each head (partial_rotary_factor): only whole heads can be begun with")
    kind = rope.get("rope_type", rope.get("type", PLAIN))
    if kind not in TYPES:
        raise UsageError(f"scales rotary positions by {kind!r}: only {', '.join(TYPES)} can be begun with")
    return base, NOT_SCALED if kind == PLAIN else _scaling(kind, rope, config)


def _scaling(kind: str, rope: dict[str, Any], config: dict[str, Any]) -> RopeScaling:
    if unknown := sorted(rope.keys() - _KNOWN[kind]):
        raise UsageError(f"scales rotary positions by {kind} with {unknown[0]}, which is not known: it cannot be begun with")
    given = _with_defaults(kind, rope, config)
    for name in (*_NUMBERS[kind], *(one for one in _ATTENTION if one in given)):
        if not is_size(given.get(name)) or (name == _CONTEXT and not isinstance(given[name], int)):
            wanted = "a whole number" if name == _CONTEXT else "a number"
            raise UsageError(f"scales rotary positions by {kind} with {name} = {given.get(name)!r}: {wanted} above 0")
    whole, turns = given.get("truncate", True), [float(given[name]) for name in _TURNS.get(kind, ())]
    if not isinstance(whole, bool):
        raise UsageError(f"scales rotary positions by {kind} with truncate = {whole!r}: true or false")
    context = given[_CONTEXT] if kind in _TURNS else 0
    return scaling_of(
        type=kind, factor=given["factor"], context=context, turns=tuple(turns), attention=_attention(given), whole=whole
    )


def _with_defaults(kind: str, rope: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """With what transformers takes where nothing is said."""
    longest: Any = config.get("max_position_embeddings")
    given = {"beta_slow": 1, "beta_fast": 32, _CONTEXT: longest} | rope
    if config.get(_CONTEXT) is not None:
        given[_CONTEXT] = config[_CONTEXT]
    if kind == YARN and "factor" not in rope and is_size(longest) and is_size(given[_CONTEXT]):
        given["factor"] = longest / given[_CONTEXT]
    return given


def _attention(given: dict[str, Any]) -> float:
    """What a yarn multiplies cosines and sines by; 0 where that follows from the factor alone."""
    if "mscale" in given and "mscale_all_dim" in given and "attention_factor" not in given:  # DeepSeek-V3
        more = math.log(max(1.0, given["factor"]))
        return float((0.1 * given["mscale"] * more + 1) / (0.1 * given["mscale_all_dim"] * more + 1))
    return float(given.get("attention_factor", 0.0))


def rope_config(shape: Shape) -> dict[str, Any]:
    """What config.json says; of stretched ones also under the name that transformers before 5 reads, and knows no other."""
    base = {"rope_theta": shape.rope_base}
    said = {"rope_type": shape.rope_scaling.type} | _said(shape.rope_scaling)
    older = {} if shape.rope_scaling.type == PLAIN else {"rope_scaling": said}
    return base | {"rope_parameters": said | base} | older


def _said(scaling: RopeScaling) -> dict[str, Any]:
    if scaling.type == PLAIN:
        return {}
    if scaling.type == LINEAR:
        return {"factor": scaling.factor}
    said = {"factor": scaling.factor, _CONTEXT: scaling.context} | dict(zip(_TURNS[scaling.type], scaling.turns, strict=True))
    return said | ({"attention_factor": scaling.attention, "truncate": scaling.whole} if scaling.type == YARN else {})
