import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from model import checkpoint
from model.checkpoint_files import MODEL, OPTIMIZER, CheckpointState, folder_of, prune, saved_steps
from model.training.batches import ShardFeed
from model.training.objectives import objective
from model.training.optimizer import Optimizers, trainable
from model.training.parallel import Team
from model.training.plan import TrainPlan, plan_from_json, plan_of
from model.training.stage import LossSum, Stage
from model.training.train import NonFiniteLoss, fresh_state, language_loss, make_deterministic, train, train_step
from pipeline.errors import CorpusError, EnvironmentProblem, UsageError
from tests.model.small import CPU, VOCABULARY, all_tensors, corpus, equal_states, loader_of, micro_batches, small_plan, trained

KINDS = [{}, {"objective": "masked"}, {"objective": "spans"}, {"experts": 3}, {"optimizer": "adamw", "schedule": "cosine"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("corpus") / "c")


@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_training_lowers_the_loss(folder: Path, changes: dict[str, object]) -> None:
    _, losses = trained(folder, small_plan(steps=60, batch_rows=8, micro_batch_rows=8, **changes))
    assert sum(losses[-5:]) < 0.93 * sum(losses[:5])


@pytest.mark.parametrize("changes", KINDS, ids=str)
def test_two_trainings_give_the_same_bits_whatever_prepares_the_batches(folder: Path, changes: dict[str, object]) -> None:
    plan = small_plan(**changes)
    states = [trained(folder, plan, workers=workers)[0] for workers in (0, 1, 3)]
    assert equal_states(states[0], states[1]) and equal_states(states[0], states[2])


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile wants a C++ compiler")
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning", "ignore:The .grad attribute:UserWarning")  # of its compiler
def test_fused_layers_train_alike_and_to_the_same_bits_each_time(folder: Path) -> None:
    fused = []
    for _ in range(2):
        torch._dynamo.reset()
        fused.append(trained(folder, small_plan(steps=6, compile=True)))
    plain, losses = trained(folder, small_plan(steps=6))
    assert equal_states(fused[0][0], fused[1][0])
    assert fused[0][1] == pytest.approx(losses, rel=1e-3)
    assert {name for name, _ in fused[0][0].model.named_parameters()} == {name for name, _ in plain.model.named_parameters()}


def test_another_seed_gives_other_bits(folder: Path) -> None:
    assert not equal_states(trained(folder, small_plan())[0], trained(folder, small_plan(seed=1))[0])


@pytest.mark.parametrize("stop", [1, 5, 11])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_going_on_from_a_checkpoint_gives_the_bits_of_never_stopping(
    folder: Path, tmp_path: Path, stop: int, optimizer: str
) -> None:
    plan = small_plan(optimizer=optimizer)
    whole, _ = trained(folder, plan)
    first, _ = trained(folder, plan, steps=stop)
    save(tmp_path, first, plan)
    second = fresh_state(plan, VOCABULARY, CPU)
    checkpoint.load(tmp_path, stop, second)
    feed = ShardFeed(loader_of(folder, plan), objective("next", VOCABULARY, 0), plan, CPU)
    for _ in train(second, Stage(feed, language_loss(plan)), plan, Team()):
        pass
    assert equal_states(whole, second)


def save(run: Path, state, plan: TrainPlan) -> CheckpointState:  # type: ignore[no-untyped-def]
    return checkpoint.save(run, state, position=state.step * plan.batch_rows, corpus="c", shards={}, plan=plan.to_json())


def test_gradients_of_micro_batches_add_up_to_the_step(folder: Path) -> None:
    """Weights after one update differ by rounding alone."""
    plans = [small_plan(micro_batch_rows=size, optimizer="adamw") for size in (4, 1)]
    gradients = []
    for plan in plans:
        state, loss = fresh_state(plan, VOCABULARY, CPU), language_loss(plan)
        for batch in micro_batches(folder, plan):
            (loss(state.model, batch).objective / plan.step_tokens).backward()
        gradients.append([weight.grad for weight in state.model.parameters()])
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(*gradients, strict=True))


def test_a_loss_that_is_not_finite_stops_before_anything_moves(folder: Path) -> None:
    plan = small_plan()
    state, _ = trained(folder, plan, steps=3)
    before = {name: tensor.clone() for name, tensor in all_tensors(state).items()}

    def broken(model, batch) -> LossSum:  # type: ignore[no-untyped-def]
        found = language_loss(plan)(model, batch)
        return found._replace(objective=found.objective * torch.inf, nats=found.nats * torch.inf)

    with pytest.raises(NonFiniteLoss, match="step 3"):
        train_step(state, micro_batches(folder, plan, 3), plan, broken, Team())
    after = all_tensors(state)
    assert all(torch.equal(before[name], after[name]) for name in before) and state.step == 3


@pytest.mark.parametrize("file", [MODEL, OPTIMIZER])
def test_a_flipped_bit_of_a_checkpoint_is_found(folder: Path, tmp_path: Path, file: str) -> None:
    plan = small_plan()
    state, _ = trained(folder, plan, steps=2)
    save(tmp_path, state, plan)
    path = folder_of(tmp_path, 2) / file
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=file):
        checkpoint.load(tmp_path, 2, state)


def test_saving_the_same_state_twice_gives_the_same_hashes(folder: Path, tmp_path: Path) -> None:
    plan = small_plan()
    state, _ = trained(folder, plan, steps=2)
    assert save(tmp_path / "a", state, plan) == save(tmp_path / "b", state, plan)


def test_old_checkpoints_go_and_those_to_keep_stay(folder: Path, tmp_path: Path) -> None:
    plan = small_plan()
    state, _ = trained(folder, plan, steps=1)
    for step in range(1, 10):
        state.step = step
        save(tmp_path, state, plan)
        prune(tmp_path, keep_last=2, keep_every=4)
    assert saved_steps(tmp_path) == [4, 8, 9]


def test_a_checkpoint_that_was_being_written_does_not_count(folder: Path, tmp_path: Path) -> None:
    (tmp_path / ".step-0000005.tmp").mkdir()
    (tmp_path / "step-0000006").mkdir()
    assert saved_steps(tmp_path) == []


@pytest.mark.parametrize("final_rate", [0.0, 0.1])
@pytest.mark.parametrize("schedule", ["wsd", "cosine"])
def test_the_rate_rises_to_the_plan_s_and_falls_towards_the_final_rate_which_no_update_is_at(
    schedule: str, final_rate: float
) -> None:
    """Cosine's last update had rate 0 and moved nothing (2026-11-28)."""
    plan = plan_of("tiny", steps=200, schedule=schedule, warmup_share=0.1, final_rate=final_rate)
    shares = [plan.rate_share(step) for step in range(200)]
    assert shares[0] == 1 / 20 and max(shares) == 1 and shares[19:21] == [1, 1]
    assert final_rate < shares[-1] < final_rate + 0.1 and shares[-20:] == sorted(shares[-20:], reverse=True)


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("schedule", ["wsd", "cosine"])
def test_every_update_of_the_shortest_training_has_a_rate(schedule: str, steps: int) -> None:
    plan = plan_of("tiny", steps=steps, schedule=schedule)
    assert all(0 < plan.rate_share(step) <= 1 for step in range(steps))


@pytest.mark.parametrize("frozen", ["stack.blocks.1.", "embedding.", "stack.blocks.0.attention.query_norm"])
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_a_frozen_weight_never_moves_and_nothing_is_kept_of_it(folder: Path, tmp_path: Path, optimizer: str, frozen: str) -> None:
    """Weight decay moved it, and it had momentum (2026-11-28)."""
    plan = small_plan(optimizer=optimizer, steps=3)
    state = fresh_state(plan, VOCABULARY, CPU)
    for name, weight in state.model.named_parameters():
        weight.requires_grad_(not name.startswith(frozen))
    state.optimizers = Optimizers(state.model, plan)
    before = {name: weight.clone() for name, weight in state.model.named_parameters()}
    feed = ShardFeed(loader_of(folder, plan), objective("next", VOCABULARY, 0), plan, CPU)
    for report in train(state, Stage(feed, language_loss(plan)), plan, Team()):
        assert report.gradient_norm > 0
    moved = {name for name, weight in state.model.named_parameters() if not torch.equal(before[name], weight)}
    assert moved == {name for name in before if not name.startswith(frozen)} == trainable(state.model).keys()
    assert {path.rsplit("/", 1)[0] for path in state.optimizers.tensors()} == moved
    save(tmp_path, state, plan)
    assert load_file(folder_of(tmp_path, 3) / MODEL).keys() == moved


def test_a_checkpoint_of_some_weights_goes_into_the_model_that_trains_those_alone(folder: Path, tmp_path: Path) -> None:
    plan = small_plan(steps=1)
    state, _ = trained(folder, plan)
    state.model.embedding.requires_grad_(False)
    state.optimizers = Optimizers(state.model, plan)
    recorded = save(tmp_path, state, plan)
    other = fresh_state(plan, VOCABULARY, CPU)
    with pytest.raises(CorpusError, match=r"differ in embedding\.weight"):
        checkpoint.load_weights(tmp_path, recorded, other.model)
    other.model.embedding.requires_grad_(False)
    kept = other.model.embedding.weight.clone()
    checkpoint.load_weights(tmp_path, recorded, other.model)
    assert torch.equal(other.model.embedding.weight, kept)
    assert torch.equal(other.model.stack.norm.weight, state.model.stack.norm.weight)


def test_a_report_has_the_rates_of_both_groups(folder: Path) -> None:
    plan = small_plan(steps=4, learning_rate=0.004, embedding_rate=0.001)
    state = fresh_state(plan, VOCABULARY, CPU)
    feed = ShardFeed(loader_of(folder, plan), objective("next", VOCABULARY, 0), plan, CPU)
    rates = [report.rates for report in train(state, Stage(feed, language_loss(plan)), plan, Team())]
    assert rates == [(0.004 * plan.rate_share(step), 0.001 * plan.rate_share(step)) for step in range(4)]


def test_a_plan_survives_json() -> None:
    plan = plan_of("small", steps=7, betas=(0.8, 0.9))
    assert plan_from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert json.loads(json.dumps(plan.to_json())) == plan.to_json()


@pytest.mark.parametrize(
    "bad",
    [{"steps": 0}, {"batch_rows": 6, "micro_batch_rows": 4}, {"optimizer": "sgd"}, {"schedule": "none"}, {"objective": "all"}],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        plan_of("tiny", **bad)


def test_the_threads_of_a_plan_are_those_of_torch() -> None:
    before = torch.get_num_threads()
    make_deterministic(replace(small_plan(), threads=1))
    assert torch.get_num_threads() == 1
    torch.set_num_threads(before)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), SafetensorError("Io error: No space left on device")])
def test_a_checkpoint_that_finds_no_room_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(checkpoint, "save_file", full)
    state = fresh_state(small_plan(), VOCABULARY, CPU)
    needed = sum(weight.numel() * 4 for weight in trainable(state.model).values())
    with pytest.raises(EnvironmentProblem, match=rf"No space left on device; it needs {needed:,} bytes and [\d,]+ are free"):
        checkpoint.save(tmp_path, state, position=0, corpus="c", shards={}, plan={})
    assert list(tmp_path.iterdir()) == []
