"""One entry to all methods: a state, texts to forget, rows to keep; the loop is that of training."""

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch

from model.network.shape import DECODER
from model.network.transformer import Transformer
from model.texts import pieces_of
from model.training.optimizer import Optimizers, trainable
from model.training.parallel import Team
from model.training.plan import TrainPlan
from model.training.stage import Stage
from model.training.train import StepReport, TrainState, train
from model.unlearning.feed import Pair, Retained, UnlearningFeed, with_refusals
from model.unlearning.losses import loss_of, steered_weights
from model.unlearning.settings import NEEDS_REFERENCE, NEEDS_REFUSALS, UnlearningSettings
from pipeline.errors import UsageError


def unlearn(
    state: TrainState[Transformer],
    forget: Sequence[np.ndarray],
    retain: Retained,
    settings: UnlearningSettings,
    plan: TrainPlan,
    *,
    prompts: Sequence[int] | None = None,
    refusals: Sequence[np.ndarray] = (),
) -> Iterator[StepReport]:
    """Changes the weights of `state` while it is iterated; the same arguments give the same bits.

    `forget` are the token ids of each document, `<|endoftext|>` first; of document i the first `prompts[i]` tokens are given and
    not forgotten (a question; by default only `<|endoftext|>`). `refusals` are what dpo and idk want said instead. A report's
    loss is the cross-entropy of forgotten and kept tokens together. Afterwards the state's optimizer is a fresh one: the moments
    of training have seen the texts. Its step stays what it was. Task-vector changes the weights only after the last report.
    """
    if state.model.shape.kind != DECODER:
        raise UsageError(f"this run is an {state.model.shape.kind}: only a decoder (objective next) unlearns")
    if settings.method in NEEDS_REFUSALS and not refusals:
        raise UsageError(f"{settings.method} needs what is to be said instead: give refusals, or choose another method")
    if settings.layer is not None and not 0 <= settings.layer < state.model.shape.layers:
        raise UsageError(f"layer is {settings.layer}: from 0 to {state.model.shape.layers - 1}")
    given = prompts if prompts is not None else [1] * len(forget)
    cut = [pieces_of(np.asarray(tokens), prompt, plan.row_tokens) for tokens, prompt in zip(forget, given, strict=True)]
    texts = [text for parts in cut for text in parts]
    if not texts:
        raise UsageError("there is nothing to forget: every text has only its prompt")
    if settings.method in NEEDS_REFUSALS:
        pairs = with_refusals(texts, refusals, settings.seed, plan.row_tokens)
    else:
        pairs = [Pair(text) for text in texts]
    return _unlearn(state, UnlearningFeed(pairs, retain, settings, plan, state.model.head_VE.device), settings, plan)


def _unlearn(
    state: TrainState[Transformer], feed: UnlearningFeed, settings: UnlearningSettings, plan: TrainPlan
) -> Iterator[StepReport]:
    model, by = state.model, unlearning_plan(settings, plan)
    before = frozen_copy(model) if settings.method in {*NEEDS_REFERENCE, "task-vector"} else None
    try:
        with _trained_only(model, steered_weights(settings, model) if settings.method == "rmu" else None):
            inner = TrainState(model, Optimizers(model, by))
            yield from train(inner, Stage(feed, loss_of(settings, before)), by, Team(device=model.head_VE.device))
    finally:
        state.optimizers = Optimizers(model, plan)
    if settings.method == "task-vector" and before is not None:
        subtract_direction(model, before, settings.alpha)


def unlearning_plan(settings: UnlearningSettings, plan: TrainPlan) -> TrainPlan:
    """The run's plan with another optimizer: AdamW at one rate after a short rise, no decay of weights (a pull of its own)."""
    return replace(
        plan,
        optimizer="adamw",
        learning_rate=settings.learning_rate,
        embedding_rate=settings.learning_rate,
        steps=settings.steps,
        weight_decay=0.0,
        clip=settings.clip,
        schedule="wsd",
        warmup_share=0.1,
        decay_share=0.0,
    )


@torch.no_grad()
def subtract_direction(model: Transformer, before: Transformer, alpha: float) -> None:
    """Task vector (Ilharco et al. 2023): before - alpha · (reinforced - before), where `model` is the reinforced one."""
    for weight, was in zip(model.parameters(), before.parameters(), strict=True):
        weight.copy_(was - alpha * (weight - was))


def frozen_copy(model: Transformer) -> Transformer:
    return copy.deepcopy(model).requires_grad_(False).eval()


@contextmanager
def _trained_only(model: Transformer, names: list[str] | None) -> Iterator[None]:
    """Freezes all weights but these, of those that are trained, and frees them again; None freezes none."""
    others = [weight for name, weight in trainable(model).items() if names is not None and name not in names]
    try:
        for weight in others:
            weight.requires_grad_(False)
        yield
    finally:
        for weight in others:
            weight.requires_grad_(True)
