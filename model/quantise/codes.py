"""A matrix as small whole numbers: rounded to the nearest, in groups along its inputs, each with a scale of its own.

    [0.9, -0.31, 0.02, 1.4], 4 bits, one group  ->  scale 0.2, codes [4, -2, 0, 7]

No weight moves by more than half the scale of its group, and no scale exceeds the group's largest weight / levels by more than
2^-7. Shapes: N rows, K inputs, G groups of a row.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.errors import UsageError

LEVELS = {8: 127, 4: 7}  # codes go from -levels to levels


class Codes(NamedTuple):
    """codes int8 [N, K]; scales bf16 [N, G]."""

    codes: Tensor
    scales: Tensor


def encode(weight_NK: Tensor, bits: int, group: int) -> Codes:
    """`group` weights share a scale; the last group of a row may have fewer. Raises UsageError for what is not finite."""
    weight = weight_NK.detach().float()
    if not torch.isfinite(weight).all():
        raise UsageError("a weight is infinite or not a number: no model of whole numbers is made of it")
    largest = torch.stack([part.abs().amax(1) for part in weight.split(group, dim=1)], dim=1)
    scales = rounded_up(largest / LEVELS[bits])
    spread = spread_out(scales, group, weight.shape[1])
    codes = torch.where(spread > 0, weight / spread, 0).round().clamp(-LEVELS[bits], LEVELS[bits])
    return Codes(codes.to(torch.int8), scales)


def decode(codes: Codes, group: int) -> Tensor:
    """The matrix that the codes stand for, fp32 [N, K]."""
    return codes.codes.float() * spread_out(codes.scales, group, codes.codes.shape[1])


def spread_out(scales_NG: Tensor, group: int, inputs: int) -> Tensor:
    """Each weight's scale, fp32 [N, K]; one scale a row stays [N, 1]."""
    if scales_NG.shape[1] == 1:
        return scales_NG.float()
    return scales_NG.float().repeat_interleave(group, dim=1)[:, :inputs]


def rounded_up(values: Tensor) -> Tensor:
    """The bf16 numbers that are nearest from above: a scale that were smaller would cut its largest weight off."""
    near = values.bfloat16()
    return torch.where(near.float() < values, torch.nextafter(near, torch.full_like(near, torch.inf)), near)


def packed(codes_NK: Tensor) -> Tensor:
    """Codes of 4 bits two in a byte, uint8 [N, ceil(K / 2)]; the first is the lower half, and each is stored plus 8."""
    stored = (codes_NK + 8).to(torch.uint8)
    if stored.shape[1] % 2:
        stored = torch.nn.functional.pad(stored, (0, 1), value=8)
    return stored[:, ::2] | stored[:, 1::2] << 4


def unpacked(bytes_NB: Tensor, inputs: int) -> Tensor:
    """The same codes again, int8 [N, K]."""
    halves = torch.stack([bytes_NB & 15, bytes_NB >> 4], dim=-1).flatten(1)
    return halves[:, :inputs].to(torch.int8) - 8
