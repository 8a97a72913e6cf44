"""GRPO (Shao et al. 2024, DeepSeekMath 4.1): a group of answers to each prompt, each worth what it is above its group's mean.

The feed writes the answers with the model as it is at that step, so one update is made of them and old and new policy are the
same: nothing is clipped. Chance is drawn by (seed, step), so a tuning that was killed goes on with the answers it would have had.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.generate import SamplingSettings, generate
from model.network.inputs import MicroBatch, Model, Tokens
from model.network.transformer import Transformer
from model.post.examples import Example, Learned, laid_out
from model.post.feed import TuneBatch, TuneFeed
from model.post.settings import TuneSettings
from model.training.likelihood import by_token, of_pieces, token_nats
from model.training.plan import TrainPlan
from model.training.stage import Loss, LossSum, M
from model.training.train import precision
from pipeline.errors import UsageError

MEASURES = ("reward", "divergence", "answer_tokens", "ended")
Reward = Callable[[Sequence[Example], Sequence[Learned]], Sequence[float]]  # prompts and the whole texts of their answers
_SMALLEST = 1e-4  # added to a group's deviation (TRL)


@dataclass(frozen=True)
class AnswerBatch(TuneBatch):
    """A micro-batch of X answers."""

    advantage_X: Tensor
    reward_X: Tensor
    ended_X: Tensor


def advantages(rewards: np.ndarray) -> np.ndarray:
    """[prompts, group] -> the same: (reward - mean) / (deviation + 1e-4), the deviation that of a sample."""
    return (rewards - rewards.mean(1, keepdims=True)) / (rewards.std(1, ddof=1, keepdims=True) + _SMALLEST)


def group_loss(kl_weight: float, reference: Model) -> Loss[M]:
    """-advantage · ratio + kl_weight · divergence from the model before, mean over an answer's tokens, then over answers.

    The divergence is Schulman's k3, times the ratio, which makes its gradient that of the divergence itself (DeepSeek-V3.2).
    """

    def loss(model: M, batch: MicroBatch) -> LossSum:
        assert isinstance(batch, AnswerBatch)
        before_N, sizes = token_nats(reference, batch), torch.tensor(batch.tokens.layout.sizes, device=batch.targets_N.device)
        counted_X = of_pieces(batch.targets_N >= 0, batch).clamp(min=1)
        advantage_N = batch.advantage_X.repeat_interleave(sizes, output_size=len(before_N))
        asked_N = (batch.targets_N >= 0).float()

        def divergence(nats_N: Tensor) -> Tensor:
            away = nats_N - before_N  # log p_ref - log p
            return (away.exp() - away - 1) * asked_N

        def formula(nats_N: Tensor) -> Tensor:
            ratio = (nats_N.detach() - nats_N).exp()
            each_N = (kl_weight * divergence(nats_N) - advantage_N) * ratio * asked_N
            return (of_pieces(each_N, batch) / counted_X * batch.there_X).sum()

        value, nats_N = by_token(model, batch, formula)
        away_X = of_pieces(divergence(nats_N), batch) / counted_X
        ones = torch.ones_like(away_X)
        found = torch.stack([ones, batch.reward_X, away_X, counted_X.float(), batch.ended_X])
        return LossSum(value * batch.share, nats_N.sum(), counted_X.sum(), found @ batch.there_X)

    return loss


class AnswerFeed(TuneFeed):
    """Answers of the model to each step's prompts, with what they are worth."""

    def __init__(
        self,
        examples: Sequence[Example],
        settings: TuneSettings,
        plan: TrainPlan,
        device: torch.device,
        model: Transformer,
        reward: Reward,
        end: int,
    ) -> None:
        count = min(settings.examples, len(examples)) * settings.group
        super().__init__(examples, settings, plan, float(count), device)
        self._model, self._reward, self._end = model, reward, end

    def steps(self, first: int, last: int, workers: int = 0) -> Iterator[list[TuneBatch]]:  # noqa: ARG002 - the model is needed
        for step in range(first, last):
            asked = [self.examples[number] for number in self.numbers(step)]
            yield list(self._answered(asked, answer_seed(self._plan.seed, step)))

    def _answered(self, asked: list[Example], seed: int) -> Iterator[TuneBatch]:
        group = self._settings.group
        prompts = [example for example in asked for _ in range(group)]
        texts, ended = written(
            self._model, [one.text.prompt for one in prompts], self._settings, seed, self._plan.row_tokens, self._end
        )
        worth = np.array(self._reward(prompts, texts), np.float64).reshape(-1, group)
        if not np.isfinite(worth).all():
            raise UsageError("a reward is not a finite number: see to the function that gives it")
        rated = zip(texts, advantages(worth).ravel().tolist(), worth.ravel().tolist(), ended, prompts, strict=True)
        room, waiting = self._plan.micro_batch_rows * self._plan.row_tokens, list(rated)
        size = max(1, room // max(len(text.tokens) for text in texts))
        for at in range(0, len(waiting), size):
            yield self._of_answers(waiting[at : at + size])

    def _of_answers(self, rated: Sequence[tuple[Learned, float, float, bool, Example]]) -> AnswerBatch:
        inputs = laid_out([text for text, *_ in rated])
        columns = [
            [0.0 if example.removed else 1.0 for *_, example in rated],
            [0.0] * len(rated),
            [0.0] * len(rated),
            [advantage for _, advantage, *_ in rated],
            [reward for _, _, reward, *_ in rated],
            [float(ended) for *_, ended, _ in rated],
        ]
        return AnswerBatch(
            Tokens.of(inputs.sequence, self._device),
            torch.from_numpy(inputs.targets).to(self._device, torch.int64),
            None,
            self._share,
            *(torch.tensor(column, device=self._device) for column in columns),
        )


def written(
    model: Transformer, prompts: Sequence[np.ndarray], settings: TuneSettings, seed: int, context: int, end: int
) -> tuple[list[Learned], list[bool]]:
    """(whole texts, whether each ended by itself); an answer's end is learned like its words."""
    chosen = SamplingSettings(max_tokens=settings.answer_tokens, temperature=settings.temperature, seed=seed)
    made: list[list[int]] = [[] for _ in prompts]
    with precision(model.head_VE.device):
        for step in generate(model, [prompt.tolist() for prompt in prompts], chosen, context=context, end=end):
            for answer, token in zip(made, step, strict=True):
                if token is not None:
                    answer.append(token)
    full = [
        len(answer) == settings.answer_tokens or len(prompt) + len(answer) >= context
        for prompt, answer in zip(prompts, made, strict=True)
    ]
    texts = []
    for prompt, answer, cut in zip(prompts, made, full, strict=True):
        said = np.array(answer if cut else [*answer, end], np.int32)
        texts.append(Learned(said, np.ones(len(said), bool)).behind(prompt))
    return texts, [not cut for cut in full]


def answer_seed(seed: int, step: int) -> int:
    """Of a step's answers; far enough from those of other steps that no two sequences share a generator."""
    return int(np.random.Philox(key=seed, counter=[0, 4, step, 0]).random_raw()) >> 2
