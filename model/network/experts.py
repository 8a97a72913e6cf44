"""Mixture of experts: each token is sent through the few feed-forward layers that a router scores highest for it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.network.shape import Shape


class Experts(nn.Module):
    """Shapes: gate, up [X, E, F], down [X, F, E]. Shares of the chosen experts add up to 1 (Qwen3-MoE's norm_topk_prob)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.used = shape.experts_used
        self.router = nn.Linear(shape.width, shape.experts, bias=False)
        self.gate = nn.Parameter(torch.empty(shape.experts, shape.width, shape.hidden))
        self.up = nn.Parameter(torch.empty(shape.experts, shape.width, shape.hidden))
        self.down = nn.Parameter(torch.empty(shape.experts, shape.hidden, shape.width))

    def forward(self, x_NE: Tensor) -> tuple[Tensor, Tensor]:
        """(output, load balance). Tokens are sorted by expert, so that each expert does one product over its own."""
        shares_NU, experts_NU, balance = self.routed(x_NE)
        order = experts_NU.flatten().argsort(stable=True)
        token = order // self.used
        counts = torch.bincount(experts_NU.flatten(), minlength=len(self.gate)).tolist()
        outputs = [
            (F.silu(x @ gate) * (x @ up)) @ down
            for x, gate, up, down in zip(x_NE[token].split(counts), self.gate, self.up, self.down, strict=True)
        ]
        weighted = torch.cat(outputs) * shares_NU.flatten()[order, None]
        # Back to one row per (token, choice), then summed in that order: no atomic additions, so the same bits every time.
        back = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=order.device))
        return weighted[back].view(*experts_NU.shape, -1).sum(1), balance

    def routed(self, x_NE: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(shares, numbers of the chosen experts, balance); balance is 1 when all are used alike (Switch, equation 4)."""
        probabilities_NX = self.router(x_NE).float().softmax(-1)
        shares_NU, experts_NU = probabilities_NX.topk(self.used, dim=-1)
        shares_NU = shares_NU / shares_NU.sum(-1, keepdim=True)
        used_X = torch.bincount(experts_NU.flatten(), minlength=len(self.gate)) / experts_NU.numel()
        balance = len(self.gate) * (used_X * probabilities_NX.mean(0)).sum()
        return shares_NU.to(x_NE.dtype), experts_NU, balance
