"""A reward model: a head that scores a text by the state of its last token, learned from pairs (Bradley-Terry)."""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.network.inputs import MicroBatch, Model
from model.network.transformer import Transformer
from model.post.examples import Learned, laid_out
from model.post.feed import TuneBatch
from model.training.stage import Loss, LossSum, M
from model.training.train import precision

MEASURES = ("accuracy", "margin")


def add_head(model: Transformer) -> None:
    """A head of zeros: all texts are worth the same until it has learned."""
    model.reward = nn.Linear(model.shape.width, 1, bias=False, device=model.head_VE.device)
    nn.init.zeros_(model.reward.weight)


def rewards(model: Model, batch: MicroBatch) -> Tensor:
    """The score of each piece [P], fp32; pieces are laid out whole."""
    last_PE = model.states(batch).states_NE[batch.tokens.layout.boundaries[1:].long() - 1]
    head = model.get_submodule("reward")
    assert isinstance(head, nn.Linear)
    return F.linear(last_PE.float(), head.weight.float())[:, 0]


def reward_loss() -> Loss[M]:
    """-log sigmoid(score of the better - score of the worse) (Bradley and Terry 1952; Ouyang et al. 2022, equation 1)."""

    def loss(model: M, batch: MicroBatch) -> LossSum:
        assert isinstance(batch, TuneBatch)
        better, worse = rewards(model, batch).chunk(2)
        losses = -F.logsigmoid(better - worse) * batch.there_X
        found = torch.stack([torch.ones_like(better), (better > worse).float(), better - worse])
        return LossSum(losses.sum() * batch.share, losses.sum(), batch.there_X.sum(), found @ batch.there_X)

    return loss


@torch.no_grad()
def scored(model: Transformer, texts: Sequence[Learned], at_once: int = 16) -> Iterator[float]:
    """The score of each text."""
    device = model.head_VE.device
    model.eval()
    for first in range(0, len(texts), at_once):
        batch = MicroBatch.of(laid_out(texts[first : first + at_once], whole=True), device)
        with precision(device):
            yield from rewards(model, batch).tolist()
