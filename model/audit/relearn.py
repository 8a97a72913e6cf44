"""How fast forgotten texts come back: plain training on them, measured on the way.

What was only hidden returns in a few steps; what was never learned takes as long as in an oracle. So the curve is read beside
those of the model before and of one retrained without the texts (Lynch et al. 2024; Hu et al. 2025, relearning attacks).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from model.audit.memorisation import extraction_strength
from model.audit.scores import score_texts
from model.network.transformer import Transformer
from model.texts import Text
from model.training.optimizer import Optimizers
from model.training.parallel import Team
from model.training.plan import TrainPlan
from model.training.stage import Stage
from model.training.train import TrainState, train
from model.unlearning.feed import Pair, UnlearningFeed
from model.unlearning.losses import loss_of
from model.unlearning.settings import settings_of
from model.unlearning.unlearn import frozen_copy, unlearning_plan


class Relearned(NamedTuple):
    """After so many steps."""

    step: int
    extraction_strength: float  # mean over the texts


def relearning_curve(
    model: Transformer,
    texts: Sequence[Text],
    plan: TrainPlan,
    *,
    steps: int,
    every: int = 1,
    learning_rate: float = 1e-3,
    texts_at_once: int = 16,
    seed: int = 0,
) -> list[Relearned]:
    """The model itself is left as it is. AdamW at a constant rate, each text equally often."""
    settings = settings_of("task-vector", steps=steps, learning_rate=learning_rate, texts=texts_at_once, seed=seed)
    copied = frozen_copy(model).requires_grad_(True)
    by = replace(unlearning_plan(settings, plan), warmup_share=0.0)
    feed = UnlearningFeed([Pair(text) for text in texts], None, settings, plan, model.head_VE.device)
    state = TrainState(copied, Optimizers(copied, by))
    curve = [Relearned(0, mean_extraction_strength(copied, texts))]
    for report in train(state, Stage(feed, loss_of(settings, None)), by, Team(device=model.head_VE.device)):
        if report.step % every == 0 or report.step == steps:
            curve.append(Relearned(report.step, mean_extraction_strength(copied, texts)))
            copied.train()
    return curve


def steps_until(curve: Sequence[Relearned], strength: float) -> int | None:
    """The first step at which the texts are extracted so far; null where the curve ends before."""
    return next((point.step for point in curve if point.extraction_strength >= strength), None)


def mean_extraction_strength(model: Transformer, texts: Sequence[Text]) -> float:
    return float(np.mean([extraction_strength(scores.best) for scores in score_texts(model, texts)]))
