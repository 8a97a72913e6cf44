"""A corpus of random documents and models small enough to train in a test."""

from pathlib import Path

import numpy as np
import torch

from model.network.attention import Layout, PackedAttend
from model.network.inputs import MicroBatch
from model.network.shape import Shape
from model.network.transformer import Transformer, initialise
from model.training.batches import ShardFeed
from model.training.objectives import objective
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_of
from model.training.stage import Stage
from model.training.train import TrainState, fresh_state, language_loss, make_deterministic, train
from tests.tokenizer.shards.test_loader import write_corpus
from tokenizer.shards.loader import Loader, open_loader

CPU = torch.device("cpu")
VOCABULARY = 128


def shape(**changes: object) -> Shape:
    chosen = {"vocabulary": 192, "layers": 2, "width": 32, "heads": 4, "kv_heads": 2, "head_width": 8, "hidden": 48} | changes
    return Shape(**chosen)  # type: ignore[arg-type]


def model_of(seed: int = 3, **changes: object) -> Transformer:
    return initialise(Transformer(shape(**changes)), seed)


def packed(sizes: list[int]) -> tuple[torch.Tensor, PackedAttend]:
    """(positions, attention) of pieces of these sizes."""
    boundaries = torch.tensor([0, *sizes]).cumsum(0).to(torch.int32)
    return torch.cat([torch.arange(size) for size in sizes]), PackedAttend(Layout.of(boundaries, CPU))


def corpus(folder: Path, documents: int = 60, held_out: int = 8, seed: int = 1) -> Path:
    """Documents of a first-order Markov chain, so that there is something to learn."""
    random = np.random.default_rng(seed)
    follows = random.integers(2, VOCABULARY, (VOCABULARY, 3))

    def document() -> list[int]:
        tokens = [int(random.integers(2, VOCABULARY))]
        for _ in range(int(random.integers(5, 60))):
            tokens.append(int(follows[tokens[-1], random.integers(3)]))
        return tokens

    shards = [[document() for _ in range(documents)], [document() for _ in range(held_out)]]
    if not held_out:
        return write_corpus(folder, shards[:1], vocabulary_size=VOCABULARY)
    return write_corpus(folder, shards, validation=(1,), vocabulary_size=VOCABULARY)


def small_plan(**changes: object) -> TrainPlan:
    chosen = {"steps": 12, "row_tokens": 32, "batch_rows": 4, "micro_batch_rows": 2, "threads": 1} | changes
    return plan_of("tiny", **chosen)


def loader_of(folder: Path, plan: TrainPlan) -> Loader:
    return open_loader(str(folder), plan.loader)


def trained(folder: Path, plan: TrainPlan, steps: int | None = None, workers: int = 0) -> tuple[TrainState, list[float]]:
    """(state, losses) after so many steps of the plan, in this process."""
    make_deterministic(plan)
    loader = loader_of(folder, plan)
    state = fresh_state(plan, VOCABULARY, CPU)
    feed = ShardFeed(loader, objective(plan.objective, VOCABULARY, 0), plan, CPU)
    stage = Stage(feed, language_loss(plan))
    return state, [report.loss for report in train(state, stage, plan, Team(), until=steps, workers=workers)]


def micro_batches(folder: Path, plan: TrainPlan, step: int = 0) -> list[MicroBatch]:
    feed = ShardFeed(loader_of(folder, plan), objective(plan.objective, VOCABULARY, 0), plan, CPU)
    return next(iter(feed.steps(step, step + 1, workers=0)))


def all_tensors(state: TrainState) -> dict[str, torch.Tensor]:
    return {**dict(state.model.named_parameters()), **state.optimizers.tensors()}


def equal_states(one: TrainState, other: TrainState) -> bool:
    """Bit for bit."""
    left, right = all_tensors(one), all_tensors(other)
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)
