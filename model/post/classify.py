"""A classifier: a head that tells labels apart by one state of a text; an encoder's first (BERT), a decoder's last.

Every text begins with `<|endoftext|>`, so the first state of an encoder stands for the whole, as BERT's `[CLS]` does.
"""

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.network.inputs import MicroBatch
from model.network.shape import ENCODER
from model.network.transformer import Transformer
from model.post.examples import Learned, laid_out
from model.post.feed import TuneBatch
from model.training.stage import Loss, LossSum
from model.training.train import precision

MEASURES = ("accuracy",)
MOST_LABELS = 10_000


def add_label_head(model: Transformer, labels: int) -> None:
    """A head of zeros: all labels are equally likely until it has learned."""
    model.labels = nn.Linear(model.shape.width, labels, bias=False, device=model.head_VE.device)
    nn.init.zeros_(model.labels.weight)


def label_scores(model: Transformer, batch: MicroBatch) -> Tensor:
    """The score of each label for each piece [P, L], fp32; pieces are laid out whole."""
    boundaries = batch.tokens.layout.boundaries.long()
    place_P = boundaries[:-1] if model.shape.kind == ENCODER else boundaries[1:] - 1
    head = model.get_submodule("labels")
    assert isinstance(head, nn.Linear)
    return F.linear(model.states(batch).states_NE[place_P].float(), head.weight.float())


def label_loss() -> Loss[Transformer]:
    """-log p of the label that is given."""

    def loss(model: Transformer, batch: MicroBatch) -> LossSum:
        assert isinstance(batch, TuneBatch)
        scores = label_scores(model, batch)
        losses = -scores.log_softmax(-1).gather(1, batch.label_X[:, None])[:, 0] * batch.there_X
        found = torch.stack([torch.ones_like(losses), (scores.argmax(-1) == batch.label_X).float()])
        return LossSum(losses.sum() * batch.share, losses.sum(), batch.there_X.sum(), found @ batch.there_X)

    return loss


@torch.no_grad()
def label_probabilities(model: Transformer, texts: Sequence[Learned], at_once: int = 16) -> Iterator[list[float]]:
    """Of each text, how likely each label is; [labels]."""
    device = model.head_VE.device
    model.eval()
    for first in range(0, len(texts), at_once):
        batch = MicroBatch.of(laid_out(texts[first : first + at_once], whole=True), device)
        with precision(device):
            yield from label_scores(model, batch).softmax(-1).tolist()
