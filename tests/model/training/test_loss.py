import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from model.training import loss as module
from model.training.loss import summed_cross_entropy


@given(st.integers(1, 40), st.integers(2, 60), st.sampled_from([0.0, 1e-2]), st.integers(1, 500), st.integers(0, 50))
def test_value_and_gradients_are_those_of_the_plain_way(
    rows: int, vocabulary: int, z_weight: float, at_once: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    states = torch.randn(rows, 8, generator=generator, requires_grad=True)
    head = torch.randn(vocabulary, 8, generator=generator, requires_grad=True)
    targets = torch.randint(-1, vocabulary, (rows,), generator=generator)
    weights = torch.rand(rows, generator=generator)

    logits = states @ head.T
    plain_losses = F.cross_entropy(logits, targets, ignore_index=-1, reduction="none") * weights
    plain = plain_losses.sum() + z_weight * (logits.logsumexp(-1).square() * weights * (targets >= 0)).sum()
    expected = torch.autograd.grad(plain * 3, [states, head])

    before, module._LOGITS_AT_ONCE = module._LOGITS_AT_ONCE, {"cpu": at_once}
    try:
        total, losses = summed_cross_entropy(states, head, targets, weights, z_weight)
        found = torch.autograd.grad(total * 3, [states, head])
    finally:
        module._LOGITS_AT_ONCE = before
    assert total.item() == pytest.approx(plain.item(), rel=1e-4, abs=1e-4)
    assert torch.allclose(losses, plain_losses, atol=1e-4)
    assert all(torch.allclose(a, b, atol=1e-3) for a, b in zip(found, expected, strict=True))


def test_a_row_without_target_has_no_gradient() -> None:
    states = torch.randn(4, 8, requires_grad=True)
    total, _ = summed_cross_entropy(states, torch.randn(10, 8), torch.tensor([1, -1, 2, -1]))
    (gradient,) = torch.autograd.grad(total, [states])
    assert (gradient[[1, 3]] == 0).all() and (gradient[[0, 2]] != 0).any()


def test_removing_a_token_changes_no_other_tokens_gradient() -> None:
    """A mean over the tokens that are left would."""
    states, head = torch.randn(6, 8, requires_grad=True), torch.randn(10, 8)
    targets = torch.tensor([1, 2, 3, 4, 5, 6])
    removed = targets.clone()
    removed[2] = -1
    sums = [summed_cross_entropy(states, head, one)[0] for one in (targets, removed)]
    (before,), (after,) = (torch.autograd.grad(one, [states]) for one in sums)
    keep = [0, 1, 3, 4, 5]
    assert torch.equal(before[keep], after[keep])
