"""Recurrent baselines: nothing leaks between pieces or from what comes later, sizes are as asked, and the loop trains them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model.baselines.recurrent import RecurrentModel, drawn, lstm_like
from model.baselines.seq2seq import Seq2Seq, looked_up, seq2seq_like
from model.network.attention import Layout
from model.network.inputs import MicroBatch, Model, Tokens
from model.training.optimizer import Optimizers
from model.training.parallel import Team
from model.training.stage import Stage
from model.training.train import TrainState, language_loss, train_step
from tests.examples import one_in
from tests.model.small import CPU, small_plan

SIZES = st.lists(st.integers(1, 6), min_size=1, max_size=4)


def tokens(sizes: list[int], seed: int) -> Tokens:
    boundaries = torch.tensor([0, *sizes]).cumsum(0).to(torch.int32)
    ids = torch.randint(0, 20, (sum(sizes),), generator=torch.Generator().manual_seed(seed))
    return Tokens(ids, torch.cat([torch.arange(size) for size in sizes]), Layout.of(boundaries, CPU))


def states(model: Model, of: Tokens, memory: Tokens | None = None) -> Tensor:
    with torch.no_grad():
        return model.states(MicroBatch(of, of.ids_N, memory)).states_NE


def lstm() -> RecurrentModel:
    return drawn(RecurrentModel(20, 8, 12, 2), 1)


def step_by_step(model: RecurrentModel, ids: list[int]) -> list[Tensor]:
    """By the equations of an LSTM, a token and a layer at a time."""
    hidden = model.memory.hidden_size
    kept = [(torch.zeros(hidden), torch.zeros(hidden)) for _ in range(2)]
    found = []
    for token in ids:
        x = model.embedding.weight[token]
        for layer, (h, c) in enumerate(kept):
            w = {n: getattr(model.memory, f"{n}_l{layer}") for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
            i, f, g, o = (w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ h + w["bias_hh"]).chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            x = o.sigmoid() * c.tanh()
            kept[layer] = (x, c)
        found.append(model.output(x))
    return found


@given(sizes=SIZES, seed=st.integers(0, 9))
@one_in(2)
def test_an_lstm_is_its_equations_and_every_piece_begins_anew(sizes: list[int], seed: int) -> None:
    model, packed = lstm(), tokens(sizes, seed)
    with torch.no_grad():
        expected = [one for piece in packed.ids_N.split(sizes) for one in step_by_step(model, piece.tolist())]
    assert torch.allclose(states(model, packed), torch.stack(expected), atol=1e-5)


@given(sizes=SIZES, seed=st.integers(0, 9), data=st.data())
@one_in(2)
def test_a_writer_sees_its_own_piece_alone_and_nothing_that_comes_later(sizes: list[int], seed: int, data: st.DataObject) -> None:
    model = drawn(Seq2Seq(20, 8, 12), 1)
    read = tokens([data.draw(st.integers(1, 5)) for _ in sizes], seed + 1)
    written = tokens(sizes, seed)
    whole = states(model, written, read)
    place = data.draw(st.integers(0, sum(sizes) - 1))
    piece = next(n for n in range(len(sizes)) if place < sum(sizes[: n + 1]))
    changed = written._replace(ids_N=written.ids_N.clone().index_fill_(0, torch.tensor([place]), 19))
    others = [n for n in range(sum(sizes)) if n < place or n >= sum(sizes[: piece + 1])]
    assert torch.allclose(states(model, changed, read)[others], whole[others], atol=1e-6)
    other_memory = read._replace(ids_N=read.ids_N.clone())
    first, last = sum(read.layout.sizes[:piece]), sum(read.layout.sizes[: piece + 1])
    other_memory.ids_N[first:last] = 19
    outside = [n for n in range(sum(sizes)) if not sum(sizes[:piece]) <= n < sum(sizes[: piece + 1])]
    assert torch.allclose(states(model, written, other_memory)[outside], whole[outside], atol=1e-6)


def test_attention_is_a_mean_weighed_by_fit() -> None:
    query, memory = torch.randn(2, 4), torch.randn(3, 4)
    for row, found in zip(query, looked_up(query, memory), strict=True):
        weights = [math.exp(float(row @ one) / 2) for one in memory]
        expected = sum(weight * one for weight, one in zip(weights, memory, strict=True)) / sum(weights)
        assert torch.allclose(found, expected, atol=1e-5)


@given(parameters=st.integers(2_000, 200_000), width=st.sampled_from([8, 48]))
@one_in(2)
def test_a_baseline_is_as_large_as_it_may_be(parameters: int, width: int) -> None:
    one, other = lstm_like(parameters, 20, width), seq2seq_like(parameters, 20, width)
    wider = RecurrentModel(20, width, one.memory.hidden_size + 1, 2), Seq2Seq(20, width, other.writer.hidden_size + 2)
    for made, larger in zip((one, other), wider, strict=True):
        assert without_table(made) <= parameters < without_table(larger)


def without_table(model: Model) -> int:
    return sum(weight.numel() for name, weight in model.named_parameters() if name != "embedding.weight")


@pytest.mark.parametrize("objective", ["next", "spans"])
def test_the_loop_trains_them(objective: str) -> None:
    plan = small_plan(steps=40, optimizer="adamw", learning_rate=0.03, embedding_rate=0.03, weight_decay=0.0)
    model = lstm() if objective == "next" else drawn(Seq2Seq(20, 8, 12), 1)
    packed, read = tokens([6, 6], 1), tokens([3, 3], 2)
    batch = MicroBatch(packed, packed.ids_N, None if objective == "next" else read)
    state = TrainState(model, Optimizers(model, plan))  # type: ignore[arg-type]
    stage = Stage(None, language_loss(plan))  # type: ignore[arg-type]
    losses = [train_step(state, [batch], plan, stage.loss, Team()).loss for _ in range(40)]
    assert losses[-1] < 0.6 * losses[0]
