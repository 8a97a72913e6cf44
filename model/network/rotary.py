"""Rotary positions (Su et al. 2021), halves rotated against each other as Llama and Qwen have it; plain or stretched."""

import math

import torch
from torch import Tensor

from model.network.scaling import LINEAR, LLAMA3, PLAIN
from model.network.shape import Shape

Rotation = tuple[Tensor, Tensor]  # cosines and sines, [N, D]


def rotations(positions_N: Tensor, shape: Shape) -> Rotation:
    """In fp32: a float of 16 bits cannot tell late positions apart."""
    angles = positions_N[:, None].float() / periods(shape, positions_N.device)
    angles = torch.cat([angles, angles], dim=-1)
    sharper = shape.rope_scaling.attention
    return angles.cos() * sharper, angles.sin() * sharper


def rotated(x_NHD: Tensor, rotation: Rotation) -> Tensor:
    cosines, sines = (part[:, None].to(x_NHD.dtype) for part in rotation)
    first, second = x_NHD.chunk(2, dim=-1)
    return x_NHD * cosines + torch.cat([-second, first], dim=-1) * sines


def periods(shape: Shape, device: torch.device) -> Tensor:
    """Tokens in which each pair of dimensions turns by one radian, [D / 2]."""
    exponents = torch.arange(0, shape.head_width, 2, device=device, dtype=torch.float32) / shape.head_width
    plain = shape.rope_base**exponents
    if shape.rope_scaling.type == PLAIN:
        return plain
    kept = _kept(shape, plain)
    return plain / (kept + (1 - kept) / shape.rope_scaling.factor)


def _kept(shape: Shape, plain: Tensor) -> Tensor:
    """Share of its own frequency that each pair keeps; the rest of it is divided by the factor."""
    scaling = shape.rope_scaling
    if scaling.type == LINEAR:
        return torch.zeros_like(plain)
    few, many = scaling.turns
    if scaling.type == LLAMA3:
        turns = scaling.context / (2 * math.pi * plain)
        return ((turns - few) / (many - few)).clamp(0, 1)
    first, last = _pair_that_turns(many, shape), _pair_that_turns(few, shape)
    if scaling.whole:
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, shape.head_width - 1)
    pairs = torch.arange(len(plain), device=plain.device, dtype=torch.float32)
    return 1 - ((pairs - first) / ((last - first) or 0.001)).clamp(0, 1)  # 0.001: transformers' own way round nothing between


def _pair_that_turns(times: float, shape: Shape) -> float:
    """Number of the pair that goes round so often within the context, a fraction where none does exactly."""
    context = shape.rope_scaling.context
    return shape.head_width * math.log(context / (times * 2 * math.pi)) / (2 * math.log(shape.rope_base))
