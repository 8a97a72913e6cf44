"""Codes against a slow twin, the promised bounds, and the kernels against the decoded matrix."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.quantise.codes import LEVELS, Codes, decode, encode, packed, rounded_up, unpacked
from model.quantise.layers import FEW_ROWS, CodedLinear, CodedTable
from pipeline.errors import UsageError

NUMBERS = st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False) | st.floats(-1, 1, width=32, allow_subnormal=False)
MATRICES = arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=NUMBERS).map(torch.from_numpy)
BITS = st.sampled_from([8, 4])


def slow(row: list[float], bits: int, scale: float) -> list[int]:
    """The nearest of the levels, one weight after another."""
    levels = range(-LEVELS[bits], LEVELS[bits] + 1)
    return [min(levels, key=lambda level: abs(weight - level * scale)) if scale else 0 for weight in row]


@given(weight=MATRICES, bits=BITS, group=st.integers(1, 10))
def test_codes_are_the_nearest_levels_of_their_group(weight: torch.Tensor, bits: int, group: int) -> None:
    found = encode(weight, bits, group)
    for row, codes, scales in zip(weight.tolist(), found.codes.tolist(), found.scales.tolist(), strict=True):
        assert len(scales) == math.ceil(len(row) / group)
        for number, scale in enumerate(scales):
            part = slice(number * group, (number + 1) * group)
            for weight_, code, nearest in zip(row[part], codes[part], slow(row[part], bits, scale), strict=True):
                assert abs(weight_ - code * scale) <= abs(weight_ - nearest * scale) + 1e-6 * abs(weight_)


@given(weight=MATRICES, bits=BITS, group=st.integers(1, 10))
def test_no_weight_moves_by_more_than_half_its_scale(weight: torch.Tensor, bits: int, group: int) -> None:
    found = encode(weight, bits, group)
    moved = (decode(found, group) - weight).abs().double()
    for number, of_group in enumerate(weight.split(group, dim=1)):
        scale, largest = found.scales[:, number].double(), of_group.abs().amax(1).double()
        part = slice(number * group, (number + 1) * group)
        assert (moved[:, part] <= (scale[:, None] / 2) * (1 + 1e-5) + 1e-45).all()
        assert (scale <= largest / LEVELS[bits] * (1 + 2**-7) + 1e-40).all() and (
            scale >= largest / LEVELS[bits] * (1 - 1e-6)
        ).all()


@given(weight=MATRICES, bits=BITS, group=st.integers(1, 10), seed=st.integers(0, 9))
def test_a_product_is_off_by_no_more_than_its_inputs_times_half_the_scales(
    weight: torch.Tensor, bits: int, group: int, seed: int
) -> None:
    x = torch.randn(3, weight.shape[1], generator=torch.Generator().manual_seed(seed)).double()
    found = encode(weight, bits, group)
    spread = found.scales.double().repeat_interleave(group, 1)[:, : weight.shape[1]]
    off = (x @ decode(found, group).double().T - x @ weight.double().T).abs()
    assert (off <= x.abs() @ (spread / 2 * (1 + 1e-5)).T + 1e-30).all()


@given(codes=arrays(np.int8, st.tuples(st.integers(1, 3), st.integers(1, 9)), elements=st.integers(-8, 7)))
def test_two_codes_fit_a_byte(codes: np.ndarray) -> None:
    given_ = torch.from_numpy(codes)
    assert torch.equal(unpacked(packed(given_), codes.shape[1]), given_)
    assert packed(given_).shape == (len(codes), -(-codes.shape[1] // 2))


@given(value=st.floats(0, 2.0**126, width=32, allow_subnormal=False))
def test_a_scale_is_never_rounded_down(value: float) -> None:
    [found] = rounded_up(torch.tensor([value]))
    assert found.float() >= torch.tensor(value) and found.dtype == torch.bfloat16
    assert float(found) <= value * (1 + 2**-7) + 1e-40


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(UsageError, match="infinite or not a number"):
        encode(torch.tensor([[1.0, torch.nan]]), 8, 2)


@pytest.mark.parametrize(("bits", "group", "shape"), [(8, 0, (50, 48)), (4, 64, (48, 128)), (4, 32, (16, 64))])
@pytest.mark.parametrize("rows", [1, FEW_ROWS])
def test_a_few_rows_go_through_a_kernel_that_rounds_what_it_is_given(
    bits: int, group: int, shape: tuple[int, int], rows: int
) -> None:
    generator = torch.Generator().manual_seed(1)
    layer = CodedLinear(torch.randn(shape, generator=generator), bits, group)
    x = torch.randn(rows, shape[1], generator=generator)
    assert layer.has_kernel
    exact = x.double() @ layer.weight.double().T
    # bf16 keeps 8 bits of an input, of each scale's product, and of the sum.
    allowed = 2**-7 * (x.abs().double() @ layer.weight.abs().double().T)
    assert ((layer(x) - exact).abs() <= allowed).all()
    many = torch.cat([x] * 8)
    assert torch.allclose(layer(many)[:rows].double(), exact, atol=1e-4)


@pytest.mark.parametrize(
    ("bits", "group", "shape"),
    [(8, 16, (48, 64)), (8, 0, (48, 70)), (8, 0, (48, 72)), (4, 64, (16, 70)), (4, 48, (48, 48)), (4, 64, (17, 64))],
)
def test_shapes_without_a_kernel_are_exact(bits: int, group: int, shape: tuple[int, int]) -> None:
    layer = CodedLinear(torch.randn(shape), bits, group)
    x = torch.randn(1, shape[1])
    assert not layer.has_kernel and torch.allclose(layer(x), x @ layer.weight.T, atol=1e-5)


@pytest.mark.parametrize(("bits", "group"), [(8, 0), (4, 8)])
def test_a_table_looks_up_what_it_decodes(bits: int, group: int) -> None:
    table = CodedTable(torch.randn(10, 12), bits, group)
    ids = torch.tensor([3, 3, 9])
    assert torch.equal(table(ids), table.weight[ids])


def test_zeros_stay_zeros() -> None:
    found = encode(torch.zeros(2, 4), 4, 2)
    assert torch.equal(decode(Codes(*found), 2), torch.zeros(2, 4))
