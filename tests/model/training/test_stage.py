"""The seams of the trainer: other models, other feeds, by the same loop."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from model.network.inputs import Hidden, MicroBatch, Model
from model.training.batches import ShardFeed
from model.training.objectives import objective
from model.training.optimizer import Optimizers
from model.training.parallel import Team
from model.training.stage import LossSum, Stage
from model.training.train import TrainState, language_loss, train
from tests.model.small import CPU, VOCABULARY, corpus, loader_of, micro_batches, small_plan


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("corpus") / "c")


class Recurrent(Model):
    """A GRU over each piece, with a table of its own to score tokens by."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding, self.cell = nn.Embedding(VOCABULARY, 32), nn.GRU(32, 32)
        self.scores = nn.Linear(32, VOCABULARY, bias=False)

    def states(self, batch: MicroBatch) -> Hidden:
        pieces = self.embedding(batch.tokens.ids_N).split(batch.tokens.layout.sizes)
        return Hidden(torch.cat([self.cell(piece)[0] for piece in pieces]), torch.zeros(()))

    @property
    def head_VE(self) -> Tensor:
        return self.scores.weight


class Towers(Model):
    """Two tables: what a token is, and what it stands before."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.left, self.right = nn.Embedding(VOCABULARY, 16), nn.Embedding(VOCABULARY, 16)

    def states(self, batch: MicroBatch) -> Hidden:
        return Hidden(self.left(batch.tokens.ids_N), torch.zeros(()))

    @property
    def head_VE(self) -> Tensor:
        return self.right.weight


def contrast(model: Model, batch: MicroBatch) -> LossSum:
    """Each token against those that follow the others of its batch."""
    asked = batch.targets_N >= 0
    scores = model.states(batch).states_NE[asked] @ model.head_VE[batch.targets_N[asked]].T
    loss = nn.functional.cross_entropy(scores, torch.arange(len(scores)), reduction="sum")
    return LossSum(loss, loss.detach(), asked.sum())


@pytest.mark.parametrize("kind", [Recurrent, Towers])
def test_a_model_of_another_kind_is_trained_by_the_same_loop(folder: Path, kind: type[Model]) -> None:
    plan = small_plan(steps=60, batch_rows=8, micro_batch_rows=8, optimizer="adamw", learning_rate=0.01)
    model = kind()
    state = TrainState(model, Optimizers(model, plan))
    feed = ShardFeed(loader_of(folder, plan), objective("next", VOCABULARY, 0), plan, CPU)
    loss = contrast if kind is Towers else language_loss(plan)
    losses = [report.loss for report in train(state, Stage(feed, loss), plan, Team())]
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5]) and state.step == 60


def test_a_step_names_what_all_processes_read(folder: Path) -> None:
    plan = small_plan()
    loader = loader_of(folder, plan)
    feeds = [ShardFeed(loader, objective("next", VOCABULARY, 0), plan, CPU, rank, 2) for rank in range(2)]
    expected = sorted({span.doc_id for row in loader.rows_of_step(3).tolist() for span in loader.spans(row)})
    assert feeds[0].reads(3) == feeds[1].reads(3) == expected and len(expected) > 1


def test_a_report_has_the_means_of_what_the_loss_measures(folder: Path) -> None:
    plan = small_plan(steps=1)
    model = Towers()

    def measured(model: Model, batch: MicroBatch) -> LossSum:
        found = contrast(model, batch)
        return found._replace(measured=torch.tensor([2.0, 3.0, 5.0]))

    feed = ShardFeed(loader_of(folder, plan), objective("next", VOCABULARY, 0), plan, CPU)
    state = TrainState(model, Optimizers(model, plan))
    [report] = train(state, Stage(feed, measured, ("three halves", "five halves")), plan, Team())
    assert len(micro_batches(folder, plan)) == 2 and report.measures == (1.5, 2.5)
