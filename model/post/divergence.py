"""How far one model's next-token distributions are from another's, summed over tokens, a few rows of logits at a time.

p is the teacher's, q the student's. forward: sum of p log(p/q), which asks the student to cover all that the teacher would
say; reverse: sum of q log(q/p), which asks it to say nothing that the teacher would not. With `top`, all but so many of the
teacher's best tokens count as one: never more than the whole divergence, and nothing is asked of how the student divides them.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from model.network.inputs import Model

_LOGITS_AT_ONCE = {"cpu": 1 << 21, "cuda": 1 << 27}


class Compared(NamedTuple):
    """How two distributions are held against each other."""

    reverse: bool = False
    softness: float = 1.0  # both are softened by this temperature
    top: int = 0  # 0 for all tokens


def divergence(student_NV: Tensor, teacher_NV: Tensor, how: Compared) -> tuple[Tensor, Tensor]:
    """(divergence of each row [N], its derivative by the student's logits [N, V]). Rows are logits, fp32."""
    log_q = (student_NV / how.softness).log_softmax(-1)
    log_p = (teacher_NV / how.softness).log_softmax(-1)
    if 0 < how.top < log_p.shape[1]:
        log_p = _tail_as_one(log_p, log_q, how.top)
    q, away = log_q.exp(), log_q - log_p
    if how.reverse:
        sums = (q * away).sum(-1)
        return sums, q * (away - sums[:, None]) / how.softness
    p = log_p.exp()
    return -(p * away).sum(-1), (q - p) / how.softness


def _tail_as_one(log_p: Tensor, log_q: Tensor, top: int) -> Tensor:
    """The teacher's best tokens as they are; the rest of its probability divided as the student divides its own rest."""
    best = torch.zeros_like(log_p, dtype=torch.bool).scatter_(1, log_p.topk(top, dim=-1).indices, value=True)
    rest_p, rest_q = (one.masked_fill(best, -torch.inf).logsumexp(-1, keepdim=True) for one in (log_p, log_q))
    return torch.where(best, log_p, log_q + (rest_p - rest_q))


class _SummedDivergence(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, states_NE: Tensor, head_VE: Tensor, given_NF: Tensor, given_VF: Tensor, how: Compared
    ) -> tuple[Tensor, Tensor]:
        rows = max(1, _LOGITS_AT_ONCE[states_NE.device.type] // len(head_VE))
        each_N = torch.empty(len(states_NE), dtype=torch.float32, device=states_NE.device)
        grad_states, grad_head = torch.empty_like(states_NE), torch.zeros_like(head_VE, dtype=torch.float32)
        head, given = head_VE.to(states_NE.dtype), given_VF.to(given_NF.dtype)
        for start in range(0, len(states_NE), rows):
            part = slice(start, start + rows)
            student, teacher = (states_NE[part] @ head.T).float(), (given_NF[part] @ given.T).float()
            each_N[part], gradient = divergence(student, teacher, how)
            gradient = gradient.to(states_NE.dtype)
            grad_states[part] = gradient @ head
            grad_head += (gradient.T @ states_NE[part]).float()
        ctx.save_for_backward(grad_states, grad_head.to(head_VE.dtype))
        ctx.mark_non_differentiable(each_N)
        return each_N.sum(), each_N

    @staticmethod
    def backward(ctx: Any, grad_total: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        grad_states, grad_head = ctx.saved_tensors
        return grad_states * grad_total, grad_head * grad_total, None, None, None


def summed_divergence(states_NE: Tensor, model: Model, given_NF: Tensor, teacher: Model, how: Compared) -> tuple[Tensor, Tensor]:
    """(sum, with gradients of the student's states and head; each token's [N])."""
    total, each = _SummedDivergence.apply(states_NE, model.head_VE, given_NF, teacher.head_VE, how)
    return total, each
