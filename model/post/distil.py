"""Distilling (Hinton et al. 2015): a student learns what a larger model would have said at every place, not only what was said.

On given answers, or on answers of its own (Agarwal et al. 2024, GKD), where it learns from the mistakes that it makes. Logits of
both are made on the way and kept nowhere.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from model.network.inputs import MicroBatch, Model
from model.network.transformer import Transformer
from model.post.divergence import Compared, summed_divergence
from model.post.examples import Example, Learned
from model.post.feed import TuneBatch, TuneFeed, step_constant
from model.post.grpo import answer_seed, written
from model.post.settings import TuneSettings
from model.training.likelihood import token_nats
from model.training.plan import TrainPlan
from model.training.stage import Loss, LossSum, M

MEASURES = ("divergence",)


def distil_loss(settings: TuneSettings, teacher: Model) -> Loss[M]:
    """The divergence at every token that is to be learned, times softness², which keeps gradients of one size."""
    how = Compared(settings.divergence == "reverse", settings.softness, settings.top)

    def loss(model: M, batch: MicroBatch) -> LossSum:
        assert isinstance(batch, TuneBatch)
        asked = batch.targets_N >= 0
        states = model.states(batch).states_NE
        with torch.no_grad():
            given = teacher.states(batch).states_NE[asked]
        total, each = summed_divergence(states[asked], model, given, teacher, how)
        nats, counted = token_nats(model, batch, states.detach()).sum(), asked.sum()
        found = torch.stack([counted.float(), each.sum()])
        return LossSum(total * settings.softness**2 * batch.share, nats, counted, found)

    return loss


class OwnAnswerFeed(TuneFeed):
    """The student's answers to each step's prompts, as it is at that step."""

    def __init__(
        self,
        examples: Sequence[Example],
        settings: TuneSettings,
        plan: TrainPlan,
        device: torch.device,
        model: Transformer,
        end: int,
    ) -> None:
        super().__init__(examples, settings, plan, step_constant(examples, settings), device)
        self._model, self._end = model, end

    def steps(self, first: int, last: int, workers: int = 0) -> Iterator[list[TuneBatch]]:  # noqa: ARG002 - the model is needed
        for step in range(first, last):
            asked = [self.examples[number] for number in self.numbers(step)]
            prompts, seed = [example.text.prompt for example in asked], answer_seed(self._plan.seed, step)
            texts, _ = written(self._model, prompts, self._settings, seed, self._plan.row_tokens, self._end)
            yield self.batches([_answered(example, text) for example, text in zip(asked, texts, strict=True)])


def _answered(example: Example, text: Learned) -> Example:
    """With its answer; nothing of one that was taken out is learned."""
    scored = np.zeros_like(text.scored) if example.removed else text.scored
    return example._replace(text=Learned(text.tokens, scored))
