"""Muon for matrices, AdamW for the rest, or AdamW for all; and their state by the name of the weight it belongs to."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from model.network.inputs import Model
from model.training.muon import Muon, product_bits
from model.training.settings import LearningSettings
from model.training.sharded import like, whole


class Rates(NamedTuple):
    """Learning rates of one update."""

    matrices: float
    others: float  # embedding, head and norms


def trainable(model: torch.nn.Module) -> dict[str, Tensor]:
    """The weights that training may move, by name and sorted: what gradients are summed and clipped of, and what is saved.

    A frozen weight (`requires_grad_(False)`) is in none of it, so nothing moves it: no gradient, no decay, no momentum.
    """
    return {name: weight for name, weight in sorted(model.named_parameters()) if weight.requires_grad}


class Optimizers:
    """One or two optimizers that step together. Rates follow the plan; nothing is kept but what torch keeps."""

    def __init__(self, model: Model, plan: LearningSettings) -> None:
        self._plan = plan
        weights = trainable(model)
        self._names: dict[Tensor, str] = {weight: name for name, weight in weights.items()}
        matrices = [weight for name, weight in weights.items() if _is_matrix(name, weight)]
        others = [weight for name, weight in weights.items() if not _is_matrix(name, weight)]
        by_muon = [weight for weight in matrices if weight.dim() == 2 and plan.optimizer == "muon"]
        by_adam = [weight for weight in matrices if weight.dim() != 2 or plan.optimizer != "muon"]
        rate, decay = plan.learning_rate, plan.weight_decay
        groups: list[dict[str, Any]] = [
            {"params": others, "lr": plan.embedding_rate, "weight_decay": 0.0},
            {"params": by_adam, "lr": rate, "weight_decay": decay},
        ]
        device = model.head_VE.device
        self._all: list[torch.optim.Optimizer] = []
        if others or by_adam:
            self._all.append(torch.optim.AdamW(groups, betas=plan.betas, eps=1e-10, fused=device.type == "cuda"))
        if by_muon:
            bits = plan.muon_bits or product_bits(device)
            self._all.append(Muon(by_muon, lr=rate, momentum=plan.momentum, weight_decay=decay, bits=bits))
        self._rates = [[group["lr"] for group in one.param_groups] for one in self._all]

    def step(self, number: int) -> Rates:
        """Update number `number`, from 0."""
        share = self._plan.rate_share(number)
        for one, rates in zip(self._all, self._rates, strict=True):
            for group, rate in zip(one.param_groups, rates, strict=True):
                group["lr"] = rate * share
            one.step()
        return Rates(self._plan.learning_rate * share, self._plan.embedding_rate * share)

    def zero(self) -> None:
        for one in self._all:
            one.zero_grad(set_to_none=True)

    def tensors(self) -> dict[str, Tensor]:
        """All state as `name of the weight/name of the state`."""
        return {
            f"{self._names[weight]}/{key}": value
            for one in self._all
            for weight, state in one.state.items()
            for key, value in state.items()
        }

    def load(self, tensors: dict[str, Tensor]) -> None:
        """State as `tensors` gave it, for the same model and plan."""
        weights = {name: weight for weight, name in self._names.items()}
        owner = {weight: one for one in self._all for group in one.param_groups for weight in group["params"]}
        for one in self._all:
            one.state.clear()
        for path, value in tensors.items():
            name, key = path.rsplit("/", 1)
            weight = weights[name]
            # AdamW counts steps on the CPU unless it is fused.
            kept = value.clone() if key == "step" and not weight.is_cuda else value.to(weight.device)
            owner[weight].state[weight][key] = like(kept, weight) if kept.shape == weight.shape else kept


def _is_matrix(name: str, weight: Tensor) -> bool:
    """Whether the weight maps states to states: embedding and heads map tokens or texts, norms scale."""
    return weight.dim() >= 2 and not name.startswith(("embedding.", "scores.", "reward.", "labels."))


def clip(weights: Iterable[Tensor], largest: float) -> Tensor:
    """Norm of all gradients before they were scaled down to `largest`; stays on the device."""
    return whole(torch.nn.utils.clip_grad_norm_(weights, largest))
