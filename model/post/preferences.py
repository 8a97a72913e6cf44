"""Preferences: an answer made likelier than another, or likelier because it is called good, held against the model before.

A gain is log(p / p_ref) of an answer, the whole of it. X examples, P pieces, N tokens.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from model.network.inputs import MicroBatch, Model
from model.post.feed import TuneBatch
from model.post.settings import TuneSettings
from model.training.likelihood import by_token, of_pieces, token_nats
from model.training.stage import Loss, LossSum, M

PAIRS = ("accuracy", "margin", "chosen_reward", "rejected_reward")
JUDGED = ("good_reward", "bad_reward", "divergence")


def direct_preference(better_X: Tensor, worse_X: Tensor, beta: float) -> Tensor:
    """DPO (Rafailov et al. 2023, equation 7): -log sigmoid(beta (gain of the better - gain of the worse))."""
    return -F.logsigmoid(beta * (better_X - worse_X))


def identity_preference(better_X: Tensor, worse_X: Tensor, beta: float) -> Tensor:
    """IPO (Azar et al. 2023, equation 17): (difference - 1/(2 beta))², with gains by token, as its authors told TRL's."""
    return (better_X - worse_X - 1 / (2 * beta)).square()


def prospect(gains_X: Tensor, good_X: Tensor, divergence: Tensor, settings: TuneSettings) -> Tensor:
    """KTO (Ethayarajh et al. 2024, equation 8): 1 - sigmoid(beta (gain - divergence)) of the good; of the bad the other way."""
    away = settings.beta * (gains_X - divergence)
    good, bad = settings.good_weight * (1 - away.sigmoid()), settings.bad_weight * (1 - (-away).sigmoid())
    return torch.where(good_X > 0, good, bad)


def preference_loss(settings: TuneSettings, reference: Model) -> Loss[M]:
    """Pairs by DPO or IPO, single answers by KTO. `reference` is the frozen model before."""
    return _judged(settings, reference) if settings.preference == "kto" else _paired(settings, reference)


def _paired(settings: TuneSettings, reference: Model) -> Loss[M]:
    formula = identity_preference if settings.preference == "ipo" else direct_preference

    def loss(model: M, batch: MicroBatch) -> LossSum:
        assert isinstance(batch, TuneBatch)
        before_N, counted_P = token_nats(reference, batch), of_pieces(batch.targets_N >= 0, batch)
        by = counted_P.clamp(min=1) if settings.preference == "ipo" else torch.ones_like(counted_P)

        def gains(nats_N: Tensor) -> tuple[Tensor, Tensor]:
            better, worse = (of_pieces(before_N - nats_N, batch) / by).chunk(2)
            return better, worse

        value, nats_N = by_token(model, batch, lambda nats_N: (formula(*gains(nats_N), settings.beta) * batch.there_X).sum())
        better, worse = (settings.beta * gain for gain in gains(nats_N))
        found = torch.stack([torch.ones_like(better), (better > worse).float(), better - worse, better, worse])
        return LossSum(value * batch.share, nats_N.sum(), counted_P.sum(), found @ batch.there_X)

    return loss


def _judged(settings: TuneSettings, reference: Model) -> Loss[M]:
    def loss(model: M, batch: MicroBatch) -> LossSum:
        assert isinstance(batch, TuneBatch)
        before_N, there = token_nats(reference, batch), batch.there_X

        def gains(nats_N: Tensor) -> tuple[Tensor, Tensor]:
            """(of the answers, of answers to other prompts): the second tell how far the model is from the one before."""
            own, mixed = of_pieces(before_N - nats_N, batch).chunk(2)
            return own, (mixed.detach() * there).sum().clamp(min=0) / there.sum().clamp(min=1)

        def formula(nats_N: Tensor) -> Tensor:
            own, divergence = gains(nats_N)
            return (prospect(own, batch.good_X, divergence, settings) * there).sum()

        value, nats_N = by_token(model, batch, formula)
        own, divergence = gains(nats_N)
        reward, good = settings.beta * own, batch.good_X
        shares = (good.sum().clamp(min=1), (1 - good).sum().clamp(min=1))
        of_good, of_bad = (reward * good * len(good) / shares[0], reward * (1 - good) * len(good) / shares[1])
        found = torch.stack([torch.ones_like(own), of_good, of_bad, divergence.expand_as(own)])
        answers = (batch.targets_N >= 0) & _first_half(batch)
        return LossSum(value * batch.share, (nats_N * answers).sum(), answers.sum(), found @ there)

    return loss


def _first_half(batch: MicroBatch) -> Tensor:
    """Which tokens belong to the examples' own texts, bool [N]."""
    sizes = batch.tokens.layout.sizes
    return torch.arange(len(batch.targets_N), device=batch.targets_N.device) < sum(sizes[: len(sizes) // 2])
