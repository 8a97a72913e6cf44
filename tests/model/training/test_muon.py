from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.training.muon import Muon, orthogonal, product_bits
from tests.model.small import CPU


def slow_orthogonal(matrix: np.ndarray) -> np.ndarray:
    """The iteration on singular values one by one: what the products do to each of them."""
    left, values, right = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    values = values / np.sqrt((values**2).sum())
    for _ in range(5):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    return (left * values) @ right


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_products_do_to_singular_values_what_the_polynomial_says(rows: int, columns: int, seed: int) -> None:
    matrix = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    assert np.allclose(orthogonal(matrix, 32).numpy(), slow_orthogonal(matrix.numpy()), atol=1e-3)


@pytest.mark.parametrize(("bits", "kind"), [(16, torch.bfloat16), (32, torch.float32)])
def test_every_direction_of_an_update_is_about_as_long(bits: int, kind: torch.dtype) -> None:
    found = orthogonal(torch.randn(48, 128, generator=torch.Generator().manual_seed(1)), bits)
    values = torch.linalg.svdvals(found.float())
    assert found.dtype == kind and values.min() > 0.6 and values.max() < 1.3


@pytest.mark.parametrize(("bits", "tolerance"), [(16, 0.0), (32, 1e-3)])
def test_updates_are_those_of_torch(bits: int, tolerance: float) -> None:
    """To the bit in bf16, as torch computes; near them in fp32."""
    generator = torch.Generator().manual_seed(2)
    start = [torch.randn(shape, generator=generator) for shape in ((16, 8), (8, 16), (8, 8))]
    ours, theirs = ([weight.clone().requires_grad_() for weight in start] for _ in range(2))
    common: dict[str, Any] = {"lr": 0.01, "momentum": 0.95, "weight_decay": 0.1}
    optimizers = Muon(ours, bits=bits, **common), torch.optim.Muon(theirs, adjust_lr_fn="match_rms_adamw", **common)
    for _ in range(3):
        for own, their in zip(ours, theirs, strict=True):
            own.grad = torch.randn(own.shape, generator=generator)
            their.grad = own.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    for own, their in zip(ours, theirs, strict=True):
        assert float((own - their).abs().max().detach()) <= tolerance


@pytest.mark.parametrize(
    ("found", "bits"), [({}, 32), ({"avx512_bf16": True}, 16), ({"amx_bf16": True}, 16), ({"avx2": True}, 32)]
)
def test_a_cpu_without_bf16_takes_products_in_fp32(monkeypatch: pytest.MonkeyPatch, found: dict[str, bool], bits: int) -> None:
    """torch.optim.Muon took 2.3 s a layer of `small` there (2026-11-28)."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    assert product_bits(CPU) == bits
