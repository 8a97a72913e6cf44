"""Muon (Jordan et al. 2024): a matrix moves by its momentum made orthogonal, so that no direction of it is left behind.

torch.optim.Muon takes its products in bf16 wherever it runs; a CPU without bf16 computes those one by one, 17 times slower than
in fp32. Here the device decides, and a plan records what it decided: other bits of the products are other bits of the weights.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from model.training.sharded import like, whole

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # steepest at 0: after five rounds every singular value is about 1, from 0.7 to 1.2
_ROUNDS = 5
_SMALLEST_NORM = 1e-7


def product_bits(device: torch.device) -> int:
    """16 where the device computes in bf16, else 32."""
    if device.type == "cuda":
        return 16 if torch.cuda.is_bf16_supported(including_emulation=False) else 32
    found = torch.cpu.get_capabilities()
    return 16 if found.get("avx512_bf16") or found.get("amx_bf16") else 32


def orthogonal(matrix: Tensor, bits: int) -> Tensor:
    """U V' for a matrix U S V', about: a quintic Newton-Schulz iteration, along the shorter side."""
    a, b, c = _COEFFICIENTS
    x = matrix.to(torch.bfloat16 if bits == 16 else torch.float32, copy=True)
    x = x.T if matrix.shape[0] > matrix.shape[1] else x
    x.div_(x.norm().clamp(min=_SMALLEST_NORM))
    for _ in range(_ROUNDS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.T if matrix.shape[0] > matrix.shape[1] else x


class Muon(torch.optim.Optimizer):
    """For matrices. Updates are as large as AdamW's (Moonlight 2.2: 0.2·sqrt(longer side)), so that one rate serves both."""

    def __init__(self, weights: Iterable[Tensor], *, lr: float, momentum: float, weight_decay: float, bits: int) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "bits": bits})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One update; Nesterov's momentum."""
        assert closure is None
        for group in self.param_groups:
            rate, momentum = group["lr"], group["momentum"]
            for weight in group["params"]:
                state = self.state[weight]
                if not state:
                    state["momentum_buffer"] = torch.zeros_like(weight)
                kept = state["momentum_buffer"].lerp_(weight.grad, 1 - momentum)
                update = orthogonal(whole(weight.grad.lerp(kept, momentum)), group["bits"])
                weight.mul_(1 - rate * group["weight_decay"])
                weight.add_(like(update, weight), alpha=-rate * 0.2 * max(weight.shape) ** 0.5)
