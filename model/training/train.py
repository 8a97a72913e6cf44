"""Training: read a step's rows, add up gradients, clip, update, report. Unlearning is this loop with another `Loss`."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from model.network.transformer import Transformer, initialise
from model.training.batches import MicroBatch
from model.training.loss import summed_cross_entropy
from model.training.optimizer import Optimizers, Rates, clip, trainable
from model.training.parallel import Team
from model.training.plan import TrainPlan
from pipeline.errors import BrokenPromise


class NonFiniteLoss(BrokenPromise):
    """The loss or a gradient is infinite or not a number; weights are those before the step, which is counted from 0."""

    def __init__(self, step: int, doc_ids: list[str] | None = None) -> None:
        read = f"; it read {len(doc_ids)} documents: {' '.join(doc_ids[:50])}" if doc_ids else ""
        super().__init__(
            f"loss or gradient is not finite in step {step}; the last checkpoint stands. Lower the learning rate{read}"
        )
        self.step = step


class LossSum(NamedTuple):
    """`objective` is what gradients are taken of, `nats` the plain cross-entropy that is reported; both sums over tokens."""

    objective: Tensor
    nats: Tensor
    tokens: Tensor  # that had a target


Loss = Callable[[Transformer, MicroBatch], LossSum]


class StepReport(NamedTuple):
    """What one update was."""

    step: int  # updates made, this one included
    loss: float  # nats per token with a target
    gradient_norm: float  # before clipping
    rates: Rates
    tokens: int  # with a target


@dataclass
class TrainState:
    """All that training changes. `step` is the number of updates made, and with it the place in the data."""

    model: Transformer
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


def fresh_state(plan: TrainPlan, vocabulary: int, device: torch.device) -> TrainState:
    """Weights as the plan's seed draws them, no update made."""
    model = initialise(Transformer(plan.shape(vocabulary)), plan.seed).to(device)
    return TrainState(model, Optimizers(model, plan))


def language_loss(plan: TrainPlan) -> Loss:
    """Cross-entropy of the targets, with z-loss and the experts' balance."""

    def loss(model: Transformer, batch: MicroBatch) -> LossSum:
        hidden = model_states(model, batch)
        total, losses = summed_cross_entropy(hidden[0], model.head_VE, batch.targets_N, z_weight=plan.z_weight)
        counted = (batch.targets_N >= 0).sum()
        return LossSum(total + plan.balance_weight * hidden[1] * len(batch.targets_N), losses.sum(), counted)

    return loss


def model_states(model: Transformer, batch: MicroBatch) -> tuple[Tensor, Tensor]:
    """(hidden states [N, E], load balance) of a micro-batch."""
    tokens, memory = batch.tokens, batch.memory
    if memory is None:
        states, balance = model(tokens.ids_N, tokens.positions_N, tokens.attend)
        return states, balance
    encoded, of_encoder = model.encode(memory.ids_N, memory.positions_N, memory.attend)
    states, balance = model(tokens.ids_N, tokens.positions_N, tokens.attend, encoded, batch.attend_memory)
    return states, balance + of_encoder


def precision(device: torch.device) -> AbstractContextManager[object]:
    """bf16 products on a GPU, fp32 everywhere else."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


def train_step(state: TrainState, batches: Iterable[MicroBatch], plan: TrainPlan, loss: Loss, team: Team) -> StepReport:
    """One update. Raises NonFiniteLoss before anything moves."""
    state.optimizers.zero()
    sums = torch.zeros(2, dtype=torch.float64, device=team.device)
    for batch in batches:
        with precision(team.device):
            of_batch = loss(state.model, batch)
        (of_batch.objective / plan.step_tokens).backward()
        sums += torch.stack([of_batch.nats.detach().double(), of_batch.tokens.double()])
    weights = list(trainable(state.model).values())
    gradients = [weight.grad if weight.grad is not None else torch.zeros_like(weight) for weight in weights]
    team.sum(gradients)
    team.sum([sums])
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient
    norm = clip(weights, plan.clip)
    nats, tokens, gradient_norm = torch.cat([sums, norm.double()[None]]).tolist()  # the step's one wait for the device
    if not torch.isfinite(torch.tensor([nats, gradient_norm])).all():
        raise NonFiniteLoss(state.step)
    rates = state.optimizers.step(state.step)
    state.step += 1
    return StepReport(state.step, nats / max(1, tokens), gradient_norm, rates, int(tokens))


def train(
    state: TrainState, steps: Iterable[Iterable[MicroBatch]], plan: TrainPlan, loss: Loss, team: Team
) -> Iterator[StepReport]:
    """Updates as long as `steps` has any; whoever takes the reports logs, evaluates and saves."""
    state.model.train()
    if plan.compile:
        state.model.fuse()
    for batches in steps:
        yield train_step(state, batches, plan, loss, team)
