"""The published losses against published numbers and identities (definitions: docstrings of model/unlearning/formulas.py)."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.unlearning.formulas import (
    direct_preference,
    divergence,
    misdirection,
    negative_preference,
    simple_negative_preference,
    steering_vector,
)

nats = st.floats(0, 200)
betas = st.floats(0.01, 10)


def double(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_npo_of_the_reference_itself_is_two_ln_two_over_beta() -> None:
    assert negative_preference(double(7), double(7), 0.1).item() == pytest.approx(13.862943611, abs=1e-6)


def test_npo_of_five_nats_where_the_reference_has_three() -> None:
    assert negative_preference(double(5), double(3), 0.1).item() == pytest.approx(11.962777388, abs=1e-6)


@given(nats, nats, betas)
def test_the_gradient_of_npo_is_ascent_times_its_weight(now: float, before: float, beta: float) -> None:
    """W = 2 p^beta / (p^beta + p_ref^beta), in (0, 2); 1 where p is p_ref."""
    value = double(now).requires_grad_()
    negative_preference(value, double(before), beta).sum().backward()
    with np.errstate(over="ignore"):
        weight = 2 / (1 + np.exp(np.float64(beta * (now - before))))
    assert value.grad is not None
    assert -value.grad.item() == pytest.approx(float(weight), abs=1e-9)


@given(nats, nats)
def test_towards_beta_zero_npo_is_gradient_ascent(now: float, before: float) -> None:
    beta = 1e-9
    found = negative_preference(double(now), double(before), beta).item() - 2 / beta * math.log(2)
    assert found == pytest.approx(-(now - before), abs=1e-3)  # 2/beta·ln 2 is 1.4e9: what doubles leave of the difference
    value = double(now).requires_grad_()
    negative_preference(value, double(before), beta).sum().backward()
    assert value.grad is not None and value.grad.item() == pytest.approx(-1, abs=1e-6)


def test_simnpo_of_a_fifth_of_a_nat_a_token() -> None:
    assert simple_negative_preference(double(2), double(10), 4.5, 0).item() == pytest.approx(0.151623944, abs=1e-6)


@given(st.floats(0.1, 100), st.integers(1, 50), betas, st.floats(-2, 2))
def test_the_papers_gamma_is_beta_times_the_codes_delta(total: float, tokens: int, beta: float, delta: float) -> None:
    paper_gamma = beta * delta
    inside = beta / tokens * total - paper_gamma  # -(beta/|y|) log p - gamma
    expected = 2 / beta * math.log1p(math.exp(-inside)) if inside > -500 else -2 / beta * inside
    assert simple_negative_preference(double(total), double(tokens), beta, delta).item() == pytest.approx(expected, rel=1e-9)


def test_dpo_of_the_reference_itself_is_two_ln_two_over_beta() -> None:
    assert direct_preference(double(4), double(4), double(9), double(9), 0.1).item() == pytest.approx(13.862943611, abs=1e-6)


@given(nats, nats, nats, nats, betas)
def test_dpo_is_tofus_loss_times_two_over_beta(a: float, b: float, c: float, d: float, beta: float) -> None:
    tofu = np.logaddexp(0, -beta * ((b - a) - (d - c)))  # -log sigmoid(beta (gain of idk - gain of the text))
    found = direct_preference(double(a), double(b), double(c), double(d), beta).item()
    assert found == pytest.approx(2 / beta * tofu, rel=1e-9, abs=1e-12)


def test_dpo_without_a_refusal_is_npo() -> None:
    """Gain 0 of the refusal leaves -(2/beta) log sigmoid(-beta log(p/p_ref))."""
    assert direct_preference(double(6), double(6), double(5), double(3), 0.1).item() == pytest.approx(11.962777388, abs=1e-6)


def random(*size: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_divergence_is_that_of_the_whole_tables_and_so_is_its_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.unlearning.formulas._LOGITS_AT_ONCE", 3 * 11)  # three rows at a time
    states, head, before, head_before = random(8, 5), random(11, 5, seed=1), random(8, 5, seed=2), random(11, 5, seed=3)
    states, head = (one.float().requires_grad_() for one in (states, head))
    p, q = (before.float() @ head_before.float().T).softmax(-1), (states @ head.T).softmax(-1)
    expected = (p * (p.log() - q.log())).sum()
    found = divergence(states, head, before.float(), head_before.float())
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)
    slow, fast = (torch.autograd.grad(one, (states, head)) for one in (expected, found))
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(slow, fast, strict=True))


def test_a_model_does_not_diverge_from_itself() -> None:
    states, head = random(8, 5).float(), random(11, 5, seed=1).float()
    assert divergence(states, head, states, head).item() == pytest.approx(0, abs=1e-6)


def test_the_steering_vector_has_its_length_no_negative_entry_and_is_the_seeds() -> None:
    vector = steering_vector(64, 20.0, seed=3)
    assert vector.norm().item() == pytest.approx(20, abs=1e-5) and (vector >= 0).all()
    assert torch.equal(vector, steering_vector(64, 20.0, seed=3)) and not torch.equal(vector, steering_vector(64, 20.0, seed=4))


def test_misdirection_is_the_mean_squared_distance_of_each_token() -> None:
    states = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    assert misdirection(states, torch.tensor([3.0, 1.0])).tolist() == [2.5, 8.0]
