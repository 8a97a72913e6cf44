"""Losses that depend on a model's likelihoods alone, without a table of logits: preferences, rewards, unlearning.

The derivative by each token's nats is taken first; cross-entropy weighted by those has the whole gradient.
P pieces (texts), N tokens, E width, V vocabulary.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from model.network.inputs import MicroBatch, Model
from model.training.loss import summed_cross_entropy


class Given(NamedTuple):
    """A loss's value, with the whole gradient, and what the texts cost."""

    value: Tensor
    nats_N: Tensor


def by_token(model: Model, batch: MicroBatch, loss: Callable[[Tensor], Tensor]) -> Given:
    """A loss that is a function of each token's -log p [N], which is 0 where there is no target."""
    states = model.states(batch)[0]
    nats_N = token_nats(model, batch, states.detach())
    with torch.enable_grad():
        given = nats_N.detach().requires_grad_()
        value = loss(given)
        (weights_N,) = torch.autograd.grad(value, given)
    slope, _ = summed_cross_entropy(states, model.head_VE, batch.targets_N, weights_N)
    return Given(value.detach() + (slope - slope.detach()), nats_N)


@torch.no_grad()
def token_nats(model: Model, batch: MicroBatch, states_NE: Tensor | None = None) -> Tensor:
    """-log p of each token, 0 where there is no target; [N], fp32."""
    states = model.states(batch)[0] if states_NE is None else states_NE
    return summed_cross_entropy(states, model.head_VE, batch.targets_N)[1]


def of_pieces(values_N: Tensor, batch: MicroBatch) -> Tensor:
    """Sums over each piece of a batch, [P]."""
    return torch.stack([piece.sum() for piece in values_N.split(batch.tokens.layout.sizes)])
