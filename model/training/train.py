"""Training: read a step's rows, add up gradients, clip, update, report. Tuning and unlearning are other `Stage`s of this loop."""

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, NamedTuple

import torch

from model.network.inputs import MicroBatch
from model.network.transformer import Transformer, fuse, initialise
from model.training.loss import summed_cross_entropy
from model.training.optimizer import Optimizers, Rates, clip, trainable
from model.training.parallel import Team
from model.training.plan import TrainPlan
from model.training.sharded import at_rest, is_split, shard
from model.training.stage import Loss, LossSum, M, Stage
from pipeline.errors import BrokenPromise


class NonFiniteLoss(BrokenPromise):
    """The loss or a gradient is infinite or not a number; weights are those before the step, which is counted from 0."""

    def __init__(self, step: int, doc_ids: list[str] | None = None) -> None:
        read = f"; it read {len(doc_ids)} documents: {' '.join(doc_ids[:50])}" if doc_ids else ""
        super().__init__(
            f"loss or gradient is not finite in step {step}; the last checkpoint stands. Lower the learning rate{read}"
        )
        self.step = step


class StepReport(NamedTuple):
    """What one update was."""

    step: int  # updates made, this one included
    loss: float  # nats per token with a target
    gradient_norm: float  # before clipping
    rates: Rates
    tokens: int  # with a target
    measures: tuple[float, ...] = ()  # means of what the stage measures


@dataclass
class TrainState(Generic[M]):
    """All that training changes. `step` is the number of updates made, and with it the place in the data."""

    model: M
    optimizers: Optimizers
    step: int = 0


def make_deterministic(plan: TrainPlan) -> None:
    """Settings of this process that decide the last bits. Before CUDA is first used."""
    if plan.threads:
        torch.set_num_threads(plan.threads)
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    if plan.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # nothing here reads memory before it is written


def fresh_state(plan: TrainPlan, vocabulary: int, device: torch.device) -> TrainState[Transformer]:
    """Weights as the plan's seed draws them, no update made."""
    model = initialise(Transformer(plan.shape(vocabulary)), plan.seed).to(device)
    return TrainState(model, Optimizers(model, plan))


def split_state(state: TrainState[Transformer], plan: TrainPlan) -> TrainState[Transformer]:
    """The same with each process of the team keeping its part alone; in all of them at once."""
    kept = state.optimizers.tensors()
    shard(state.model)
    optimizers = Optimizers(state.model, plan)
    optimizers.load(kept)
    return TrainState(state.model, optimizers, state.step)


def language_loss(plan: TrainPlan) -> Loss[M]:
    """Cross-entropy of the targets, with z-loss and the experts' balance."""

    def loss(model: M, batch: MicroBatch) -> LossSum:
        states, balance = model.states(batch)
        total, losses = summed_cross_entropy(states, model.head_VE, batch.targets_N, z_weight=plan.z_weight)
        counted = (batch.targets_N >= 0).sum()
        return LossSum(total + plan.balance_weight * balance * len(batch.targets_N), losses.sum(), counted)

    return loss


def precision(device: torch.device) -> AbstractContextManager[object]:
    """bf16 products on a GPU, fp32 everywhere else."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


def train_step(
    state: TrainState[M], batches: Iterable[MicroBatch], plan: TrainPlan, loss: Loss[M], team: Team, measures: int = 0
) -> StepReport:
    """One update. Raises NonFiniteLoss before anything moves."""
    state.optimizers.zero()
    at_rest(state.model)
    weights = list(trainable(state.model).values())
    split = any(map(is_split, weights))
    of_mean = team.world if split else 1  # gradients of split weights come as means over processes
    sums = torch.zeros(3 + measures, dtype=torch.float64, device=team.device)  # nats, tokens, how many were measured, measures
    for batch in batches:
        with precision(team.device):
            of_batch = loss(state.model, batch)
        (of_batch.objective * of_mean / plan.step_tokens).backward()
        sums[:2] += torch.stack([of_batch.nats.detach().double(), of_batch.tokens.double()])
        if of_batch.measured is not None:
            sums[2:] += of_batch.measured.detach().double()
    gradients = [weight.grad if weight.grad is not None else torch.zeros_like(weight) for weight in weights]
    if not split:
        team.sum(gradients)
    team.sum([sums])
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient
    norm = clip(weights, plan.clip)
    nats, tokens, units, *measured, gradient_norm = torch.cat([sums, norm.double()[None]]).tolist()  # the one wait for the device
    if not torch.isfinite(torch.tensor([nats, gradient_norm])).all():
        raise NonFiniteLoss(state.step)
    rates = state.optimizers.step(state.step)
    state.step += 1
    means = tuple(one / max(1.0, units) for one in measured)
    return StepReport(state.step, nats / max(1, tokens), gradient_norm, rates, int(tokens), means)


def train(
    state: TrainState[M], stage: Stage[M], plan: TrainPlan, team: Team, *, until: int | None = None, workers: int = 0
) -> Iterator[StepReport]:
    """Updates up to step `until`, or the plan's last; whoever takes the reports logs, evaluates and saves."""
    if plan.compile:
        fuse(state.model)
    for batches in stage.feed.steps(state.step, plan.steps if until is None else until, workers):
        state.model.train()
        try:
            yield train_step(state, batches, plan, stage.loss, team, len(stage.measures))
        except NonFiniteLoss as error:
            raise NonFiniteLoss(error.step, stage.feed.reads(error.step)) from None
