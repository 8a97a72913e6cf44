"""What each model costs at every token, whatever it is inside: networks that the loop trains, and n-grams that are counted."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch

from model.baselines.kneser_ney import KneserNey, learn, probabilities
from model.baselines.recurrent import drawn, lstm_like
from model.baselines.seq2seq import seq2seq_like
from model.network.inputs import MicroBatch, Model
from model.network.sequences import Inputs
from model.network.transformer import Transformer, initialise
from model.training.batches import ShardFeed
from model.training.loss import summed_cross_entropy
from model.training.objectives import objective
from model.training.optimizer import Optimizers
from model.training.parallel import Team
from model.training.plan import TrainPlan
from model.training.stage import Stage
from model.training.train import TrainState, language_loss, make_deterministic, train
from pipeline.errors import UsageError
from tokenizer.shards.loader import Loader

ORDER = 5  # of n-grams
# AdamW's, at its highest. An LSTM's bits a byte after 100 steps of `tiny`: 2.752 with .002, 2.749 with .005, 2.748 with .01.
RECURRENT_RATE = 0.005

Costs = Callable[[Inputs], np.ndarray]  # nats of every target [N], 0 where there is none


class Predictor(NamedTuple):
    """A model that has learned."""

    costs: Costs
    parameters: int  # tables included
    tokens_per_second: float  # of learning


def transformer(loader: Loader, plan: TrainPlan, team: Team) -> Predictor:
    return _trained(initialise(Transformer(plan.shape(loader.manifest.vocabulary_size)), plan.seed), loader, plan, team)


def lstm(loader: Loader, plan: TrainPlan, team: Team) -> Predictor:
    """As large as the transformer, tables left out."""
    shape = plan.shape(loader.manifest.vocabulary_size)
    made = lstm_like(_blocks(plan, loader), shape.vocabulary, shape.width)
    return _trained(drawn(made, plan.seed), loader, _recurrent(plan), team)


def seq2seq(loader: Loader, plan: TrainPlan, team: Team) -> Predictor:
    """As large as the encoder-decoder of the plan."""
    shape = plan.shape(loader.manifest.vocabulary_size)
    made = seq2seq_like(_blocks(plan, loader), shape.vocabulary, shape.width)
    return _trained(drawn(made, plan.seed), loader, _recurrent(plan), team)


def ngram(loader: Loader, plan: TrainPlan, team: Team) -> Predictor:  # noqa: ARG001 - counting needs no device
    """Counted on the rows that the others read, each once."""
    rows = np.unique(np.concatenate([loader.rows_of_step(step) for step in range(plan.steps)]))
    started = time.perf_counter()
    batch = loader.load(rows)
    tokens, boundaries, _ = sequences(batch.tokens.ravel(), batch.targets.ravel(), batch.boundaries)
    model = learn(tokens, boundaries, loader.manifest.vocabulary_size, ORDER)
    speed = len(tokens) / (time.perf_counter() - started)
    return Predictor(lambda inputs: ngram_costs(model, inputs), model.parameters, speed)


def ngram_costs(model: KneserNey, inputs: Inputs) -> np.ndarray:
    tokens, boundaries, predicted = sequences(inputs.sequence.tokens, inputs.targets, inputs.sequence.boundaries)
    found = -np.log(probabilities(model, tokens, boundaries))
    costs = np.zeros(len(inputs.targets))
    costs[inputs.targets >= 0] = found[predicted]
    return costs


def sequences(tokens: np.ndarray, targets: np.ndarray, boundaries: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(tokens of each piece and the target of its last, their boundaries, places of the targets) of what a network reads."""
    ends = boundaries[1:]
    more = targets[ends - 1] >= 0
    flat = np.insert(tokens.astype(np.int64), ends[more], targets[ends[more] - 1])
    sizes = np.diff(boundaries) + more
    first = np.cumsum([0, *sizes])
    place = np.arange(len(tokens)) + np.repeat(first[:-1] - boundaries[:-1], np.diff(boundaries)) + 1
    return flat, first, place[targets >= 0]


MODELS = {"ngram": ngram, "lstm": lstm, "transformer": transformer, "seq2seq": seq2seq, "encoder-decoder": transformer}
OF_SPANS = ("seq2seq", "encoder-decoder")  # asked for missing spans: what they read is no text with a next token


def plan_for(name: str, plan: TrainPlan) -> TrainPlan:
    if name not in MODELS:
        raise UsageError(f"--models {name} is not known: {', '.join(MODELS)}")
    return replace(plan, objective="spans" if name in OF_SPANS else "next")


def _blocks(plan: TrainPlan, loader: Loader) -> int:
    parts = plan.shape(loader.manifest.vocabulary_size).parameters_by_part
    return parts["matrices"] + parts["norms"]


def _recurrent(plan: TrainPlan) -> TrainPlan:
    return replace(plan, optimizer="adamw", learning_rate=RECURRENT_RATE, embedding_rate=RECURRENT_RATE, weight_decay=0.0)


def _trained(model: Model, loader: Loader, plan: TrainPlan, team: Team) -> Predictor:
    """By the loop that trains runs; nothing is kept on disk."""
    make_deterministic(plan)
    manifest = loader.manifest
    state = TrainState(model.to(team.device), Optimizers(model, plan))
    prepare = objective(plan.objective, manifest.vocabulary_size, manifest.end_of_text)
    stage: Stage[Model] = Stage(ShardFeed(loader, prepare, plan, team.device), language_loss(plan))
    speeds, before = list[float](), time.perf_counter()
    for _ in train(state, stage, plan, team):
        speeds.append(plan.step_tokens / (time.perf_counter() - before))
        before = time.perf_counter()
    count = sum(weight.numel() for weight in model.parameters())
    return Predictor(lambda inputs: network_costs(model, inputs, team.device), count, statistics.median(speeds))


@torch.no_grad()
def network_costs(model: Model, inputs: Inputs, device: torch.device) -> np.ndarray:
    model.eval()
    batch = MicroBatch.of(inputs, device)
    _, losses = summed_cross_entropy(model.states(batch).states_NE, model.head_VE, batch.targets_N)
    return losses.cpu().numpy().astype(np.float64)
