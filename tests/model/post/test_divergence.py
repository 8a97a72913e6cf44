"""Divergences against torch's own on whole tables of logits; what counting the tail as one promises."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from model.network.inputs import Model
from model.post import divergence as module
from model.post.divergence import Compared, divergence, summed_divergence


class Head(Model):
    def __init__(self, seed: int, tokens: int, width: int) -> None:
        super().__init__()
        self.table = torch.nn.Parameter(torch.randn(tokens, width, generator=torch.Generator().manual_seed(seed)))

    @property
    def head_VE(self) -> torch.Tensor:
        return self.table


def slow(student: torch.Tensor, teacher: torch.Tensor, how: Compared) -> torch.Tensor:
    """Each row's divergence, by definition, over classes: the best tokens, and all others as one."""
    rows = []
    for of_student, of_teacher in zip(student / how.softness, teacher / how.softness, strict=True):
        q, p = of_student.softmax(-1), of_teacher.softmax(-1)
        if 0 < how.top < len(p):
            best = p.argsort(descending=True, stable=True)[: how.top]
            rest = torch.ones(len(p), dtype=torch.bool).index_fill(0, best, value=False)
            q, p = (torch.cat([one[best], one[rest].sum()[None]]) for one in (q, p))
        rows.append(F.kl_div(p.log(), q, reduction="sum") if how.reverse else F.kl_div(q.log(), p, reduction="sum"))
    return torch.stack(rows)


HOW = st.builds(Compared, st.booleans(), st.sampled_from([1.0, 2.5]), st.sampled_from([0, 1, 3, 7, 100]))


def logits(seed: int, rows: int, tokens: int) -> torch.Tensor:
    return torch.randn(rows, tokens, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 2


@given(how=HOW, seed=st.integers(0, 99), tokens=st.integers(2, 9))
def test_value_and_gradient_are_those_of_the_definition(how: Compared, seed: int, tokens: int) -> None:
    student, teacher = logits(seed, 3, tokens).requires_grad_(), logits(seed + 100, 3, tokens)
    expected = slow(student, teacher, how)
    (gradient,) = torch.autograd.grad(expected.sum(), student)
    found, derivative = divergence(student.detach(), teacher, how)
    assert torch.allclose(found, expected, atol=1e-10) and torch.allclose(derivative, gradient, atol=1e-10)


@given(seed=st.integers(0, 99), reverse=st.booleans(), top=st.integers(1, 8))
def test_a_tail_counted_as_one_is_never_further_away(seed: int, reverse: bool, top: int) -> None:
    student, teacher = logits(seed, 4, 9), logits(seed + 100, 4, 9)
    whole, _ = divergence(student, teacher, Compared(reverse))
    coarse, _ = divergence(student, teacher, Compared(reverse, top=top))
    assert (coarse <= whole + 1e-12).all() and (coarse >= -1e-12).all()


@given(how=HOW, seed=st.integers(0, 99))
def test_nothing_separates_a_model_from_itself(how: Compared, seed: int) -> None:
    same = logits(seed, 3, 8)
    found, derivative = divergence(same, same.clone(), how)
    assert found.abs().max() < 1e-9 and derivative.abs().max() < 1e-9


@pytest.mark.parametrize("how", [Compared(), Compared(True), Compared(True, 2.0, 3), Compared(False, 1.0, 2)], ids=str)
def test_a_sum_in_stretches_has_the_gradients_of_states_and_head(how: Compared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module._LOGITS_AT_ONCE, "cpu", 24)  # two rows at a time
    student, teacher = Head(1, 11, 5), Head(2, 11, 3)
    states = torch.randn(7, 5, generator=torch.Generator().manual_seed(3)).requires_grad_()
    given_ = torch.randn(7, 3, generator=torch.Generator().manual_seed(4))
    expected = slow(states @ student.table.T, (given_ @ teacher.table.T).detach(), how)
    gradients = torch.autograd.grad(3 * expected.sum(), [states, student.table])
    total, each = summed_divergence(states, student, given_, teacher, how)
    found = torch.autograd.grad(3 * total, [states, student.table])
    assert torch.allclose(each, expected, atol=1e-5)
    assert all(torch.allclose(one, other, atol=1e-4) for one, other in zip(found, gradients, strict=True))


def test_no_row_at_all_is_no_divergence() -> None:
    student, states = Head(1, 5, 4), torch.zeros(0, 4, requires_grad=True)
    total, _ = summed_divergence(states, student, torch.zeros(0, 3), Head(2, 5, 3), Compared())
    total.backward()
    assert total == 0 and student.table.grad is not None and student.table.grad.abs().max() == 0
