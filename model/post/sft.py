"""Supervised tuning: answers learned word by word, what was asked only read."""

from model.network.inputs import MicroBatch
from model.post.feed import TuneBatch
from model.training.loss import summed_cross_entropy
from model.training.stage import Loss, LossSum, M


def answer_loss() -> Loss[M]:
    """Cross-entropy of the tokens to be learned; z-loss and the experts' balance are left out."""

    def loss(model: M, batch: MicroBatch) -> LossSum:
        assert isinstance(batch, TuneBatch)
        total, losses = summed_cross_entropy(model.states(batch).states_NE, model.head_VE, batch.targets_N)
        return LossSum(total * batch.share, losses.sum(), (batch.targets_N >= 0).sum())

    return loss
