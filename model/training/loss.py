"""Cross-entropy summed over tokens, without ever holding the table of logits [N, V]: a few rows at a time, gradients at once.

A table of 65,536 × 50,304 fp32 logits is 13 GB and is written and read five times; here each stretch stays in the cache. The
sum is never divided by the number of tokens that count: that number changes when a page is removed, and with it every other
token's gradient. Callers divide by a constant of their plan.
"""

from typing import Any

import torch
from torch import Tensor

_LOGITS_AT_ONCE = {"cpu": 1 << 22, "cuda": 1 << 28}  # 16 MiB was fastest of 1 to 64 on a CPU; 1 GiB keeps a GPU busy


class _SummedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, states_NE: Tensor, head_VE: Tensor, targets_N: Tensor, weights_N: Tensor, z_weight: float
    ) -> tuple[Tensor, Tensor]:
        kind = torch.get_autocast_dtype(states_NE.device.type) if torch.is_autocast_enabled(states_NE.device.type) else None
        states, head = (states_NE.to(kind), head_VE.to(kind)) if kind else (states_NE, head_VE)
        rows = max(1, _LOGITS_AT_ONCE[states.device.type] // len(head))
        losses_N = torch.empty(len(states), dtype=torch.float32, device=states.device)
        total_z = torch.zeros((), dtype=torch.float32, device=states.device)
        needed = ctx.needs_input_grad[0] or ctx.needs_input_grad[1]
        grad_states = torch.empty_like(states) if needed else None
        grad_head = torch.zeros_like(head_VE, dtype=torch.float32) if needed else None
        for start in range(0, len(states), rows):
            part = slice(start, start + rows)
            targets, weights = targets_N[part].clamp(min=0), weights_N[part]
            logits = (states[part] @ head.T).float()
            of_target, highest = logits.gather(1, targets[:, None])[:, 0], logits.amax(-1)
            exponentials = logits.sub_(highest[:, None]).exp_()  # once, for the loss and for its gradient
            sums = exponentials.sum(-1)
            logsumexp = highest + sums.log()
            losses_N[part] = (logsumexp - of_target) * weights
            total_z += z_weight * (logsumexp.square() * weights).sum()
            if grad_states is None or grad_head is None:
                continue
            gradient = exponentials.mul_(((1 + 2 * z_weight * logsumexp) * weights / sums)[:, None])
            gradient[torch.arange(len(targets), device=targets.device), targets] -= weights
            gradient = gradient.to(states.dtype)
            grad_states[part] = gradient @ head
            if kind:
                grad_head += gradient.T @ states[part]  # products in bf16, the sum in fp32
            else:
                grad_head.addmm_(gradient.T, states[part])
        if grad_states is not None and grad_head is not None:
            ctx.save_for_backward(grad_states.to(states_NE.dtype), grad_head.to(head_VE.dtype))
        ctx.mark_non_differentiable(losses_N)
        return losses_N.sum() + total_z, losses_N

    @staticmethod
    def backward(ctx: Any, grad_total: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        grad_states, grad_head = ctx.saved_tensors
        return grad_states * grad_total, grad_head * grad_total, None, None, None


def summed_cross_entropy(
    states_NE: Tensor, head_VE: Tensor, targets_N: Tensor, weights_N: Tensor | None = None, z_weight: float = 0.0
) -> tuple[Tensor, Tensor]:
    """(sum of weighted losses in nats plus z-loss, each token's loss without it [N]). Targets below 0 are left out.

    z-loss is z_weight · logsumexp² per token (PaLM 5.1, there 1e-4): it keeps logits from drifting. Only the sum has gradients.
    """
    counted = (targets_N >= 0).float()
    weights = counted if weights_N is None else counted * weights_N
    total, losses = _SummedCrossEntropy.apply(states_NE, head_VE, targets_N, weights, z_weight)
    return total, losses
