"""Every method on a model that has learned its corpus: losses against slow twins, and what unlearning does to the texts."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.network.inputs import MicroBatch
from model.network.transformer import Transformer
from model.texts import Text, laid_out, pieces_of
from model.training.loss import summed_cross_entropy
from model.training.plan import TrainPlan
from model.training.train import TrainState
from model.unlearning.feed import FORGET, RETAIN, Pair, Retained, RoleBatch, UnlearningFeed
from model.unlearning.formulas import direct_preference, negative_preference, simple_negative_preference, steering_vector
from model.unlearning.losses import loss_of, steered_weights, text_nats
from model.unlearning.settings import METHODS, NEEDS_REFUSALS, UnlearningSettings, settings_of
from model.unlearning.unlearn import frozen_copy, unlearn
from pipeline.errors import UsageError
from tests.model.small import CPU, VOCABULARY, all_tensors, corpus, equal_states, loader_of, model_of, small_plan, trained
from tokenizer.shards.files import read_shard
from tokenizer.shards.loader import NOTHING, Loader, read_shards

PLAN = small_plan(steps=60, batch_rows=8, micro_batch_rows=8)
REFUSAL = np.array([5, 6, 7, 8])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("corpus") / "c")


@pytest.fixture(scope="module")
def learned(folder: Path) -> TrainState:
    return trained(folder, PLAN)[0]


@pytest.fixture(scope="module")
def loader(folder: Path) -> Loader:
    return loader_of(folder, PLAN)


@pytest.fixture(scope="module")
def forget(folder: Path) -> list[np.ndarray]:
    """The first four documents, "0-0" to "0-3"."""
    tokens = read_shard(str(folder), read_shards(str(folder)).shards[0]).whole()
    return [tokens[a:b].astype(np.int32) for a, b in pairwise(np.flatnonzero(tokens == 0)[:5].tolist())]


def copied(state: TrainState) -> TrainState:
    from model.training.optimizer import Optimizers

    model = frozen_copy(state.model).requires_grad_(True)
    return TrainState(model, Optimizers(model, PLAN), state.step)


def nats_of(model: Transformer, texts: list[np.ndarray]) -> float:
    """Nats per scored token."""
    inputs = laid_out([part for text in texts for part in pieces_of(text, 1, PLAN.row_tokens)])
    nats, tokens = text_nats(model, MicroBatch.of(inputs, CPU))
    return float(nats.sum() / tokens.sum())


def chosen(method: str, **changes: object) -> UnlearningSettings:
    return settings_of(method, **({"steps": 8, "texts": 4, "rows": 4, "learning_rate": 0.003} | changes))


def unlearned(state: TrainState, forget: list[np.ndarray], loader: Loader, settings: UnlearningSettings) -> TrainState:
    state = copied(state)
    retain = Retained.without(loader, ["0-0", "0-1", "0-2", "0-3"])
    for _ in unlearn(state, forget, retain, settings, PLAN, refusals=[REFUSAL] if settings.method in NEEDS_REFUSALS else ()):
        pass
    return state


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"rmu"}))
def test_every_method_makes_the_texts_less_likely(
    method: str, learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    before = nats_of(learned.model, forget)
    assert nats_of(unlearned(learned, forget, loader, chosen(method)).model, forget) > before + 0.05


def test_rmu_moves_states_of_the_texts_to_its_vector_and_only_the_weights_it_names(
    learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    settings = chosen("rmu", alpha=1.0)
    after = unlearned(learned, forget, loader, settings)
    before = dict(learned.model.named_parameters())
    changed = {name for name, weight in after.model.named_parameters() if not torch.equal(weight, before[name])}
    assert changed == {f"stack.blocks.{layer}.feed_forward.down.weight" for layer in (0, 1, 2)}
    assert changed == set(steered_weights(settings, after.model))
    assert all(weight.requires_grad for weight in after.model.parameters())


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_bits_and_another_others(
    method: str, learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    settings = chosen(method, steps=3, texts=2)
    states = [unlearned(learned, forget, loader, replace(settings, seed=seed)) for seed in (1, 1, 2)]
    assert equal_states(states[0], states[1]) and not equal_states(states[0], states[2])


def test_the_optimizer_of_training_is_forgotten_too_and_the_step_stays(
    learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    state = unlearned(learned, forget, loader, chosen("npo", steps=1))
    assert state.step == learned.step and state.optimizers.tensors() == {}
    assert all_tensors(learned) != {}


def test_a_task_vector_is_what_learning_by_heart_adds_taken_away(
    learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    nowhere, away, twice = (
        unlearned(learned, forget, loader, chosen("task-vector", alpha=alpha)).model for alpha in (0.0, 1.0, 2.0)
    )
    reinforced = copied(learned).model
    with torch.no_grad():
        for name, weight in reinforced.named_parameters():
            before, once = learned.model.get_parameter(name), away.get_parameter(name)
            assert torch.equal(nowhere.get_parameter(name), before)
            assert torch.allclose(twice.get_parameter(name) - before, 2 * (once - before), atol=1e-5)
            weight.copy_(2 * before - once)
    assert nats_of(reinforced, forget) < nats_of(learned.model, forget) - 0.05


# --- losses against slow twins ---


def batches(
    loader: Loader, forget: list[np.ndarray], settings: UnlearningSettings, plan: TrainPlan = PLAN
) -> dict[str, list[RoleBatch]]:
    texts = [part for text in forget for part in pieces_of(text, 1, plan.row_tokens)]
    pairs = [Pair(text) for text in texts]
    if settings.method in NEEDS_REFUSALS:
        pairs = [Pair(text, Text(np.concatenate([text.tokens[:3], REFUSAL]), 3)) for text in texts]
    feed = UnlearningFeed(pairs, Retained.without(loader, ["0-0"]), settings, plan, CPU)
    return {FORGET: list(feed.forgotten(0)), RETAIN: list(feed.kept(0))}


def slow_nats(model: Transformer, batch: RoleBatch) -> tuple[torch.Tensor, torch.Tensor]:
    """(nats, tokens) of each piece from the table of logits, with gradients."""
    logs = model.logits(model.states(batch)[0]).log_softmax(-1)
    counted = batch.targets_N >= 0
    losses = -logs.gather(1, batch.targets_N.clamp(min=0)[:, None])[:, 0] * counted
    sizes = batch.tokens.layout.sizes
    return torch.stack([p.sum() for p in losses.split(sizes)]), torch.stack([p.sum() for p in counted.split(sizes)])


def slow(method: str, settings: UnlearningSettings, model: Transformer, before: Transformer, batch: RoleBatch) -> torch.Tensor:
    nats, tokens = slow_nats(model, batch)
    reference = slow_nats(before, batch)[0].detach()
    if method in ("ga", "graddiff", "kl"):
        return -nats.sum() / tokens.sum()
    if method in ("idk", "task-vector"):
        return nats.sum() / tokens.sum()
    if method == "npo":
        return negative_preference(nats, reference, settings.beta).mean()
    if method == "simnpo":
        return simple_negative_preference(nats, tokens, settings.beta, settings.delta).mean()
    half = len(nats) // 2
    return direct_preference(nats[half:], reference[half:], nats[:half], reference[:half], settings.beta).mean()


def gradients(loss: torch.Tensor, model: Transformer) -> list[torch.Tensor]:
    return list(torch.autograd.grad(loss, list(model.parameters()), materialize_grads=True))


def close(left: list[torch.Tensor], right: list[torch.Tensor], tolerance: float) -> bool:
    scale = max(float(one.abs().max()) for one in right)
    return all(torch.allclose(a, b, atol=tolerance * scale) for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"rmu"}))
def test_each_forget_loss_is_that_of_whole_tables_of_logits(
    method: str, learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    settings = chosen(method, gamma=1.0, texts=16)
    model = copied(learned).model
    before = frozen_copy(model)
    with torch.no_grad():  # the model has moved since, so that the reference matters
        for weight in model.parameters():
            weight += 0.02 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(1))
    [batch] = batches(loader, forget, settings)[FORGET]
    found, expected = loss_of(settings, before)(model, batch), slow(method, settings, model, before, batch)
    assert found.objective.item() / PLAN.step_tokens == pytest.approx(expected.item(), rel=1e-5)
    assert close([one / PLAN.step_tokens for one in gradients(found.objective, model)], gradients(expected, model), 1e-4)


def test_at_the_reference_the_gradient_of_npo_is_that_of_ascent_on_summed_nats(
    learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    model = copied(learned).model
    [batch] = batches(loader, forget, chosen("npo", texts=16))[FORGET]
    found = loss_of(chosen("npo"), frozen_copy(model))(model, batch).objective
    assert found.item() / PLAN.step_tokens == pytest.approx(13.862943611, rel=1e-6)
    states = model.states(batch)[0]
    ascent = -summed_cross_entropy(states, model.head_VE, batch.targets_N)[0] / batch.texts
    expected = gradients(ascent, model)
    scale = max(float(one.abs().max()) for one in expected)
    for a, b in zip(gradients(found / PLAN.step_tokens, model), expected, strict=True):
        assert (a - b).abs().max() <= 1e-6 * max(1, scale)


@pytest.mark.parametrize("method", ["kl", "rmu"])
def test_kept_rows_cost_nothing_while_the_model_is_what_it_was(
    method: str, learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    model = copied(learned).model
    [batch] = batches(loader, forget, chosen(method))[RETAIN]
    found = loss_of(chosen(method), frozen_copy(model))(model, batch).objective
    assert found.item() == pytest.approx(0, abs=1e-4)


def partly_masked(batch: RoleBatch) -> RoleBatch:
    targets = torch.where(torch.arange(len(batch.targets_N)) % 3 == 0, NOTHING, batch.targets_N)
    return replace(batch, targets_N=targets, scored=int((targets >= 0).sum()))


@pytest.mark.parametrize("method", METHODS)
def test_gamma_weighs_what_is_forgotten_and_alpha_what_is_kept(
    method: str, learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    model = copied(learned).model
    before = frozen_copy(model_of(**vars(learned.model.shape)))
    made = batches(loader, forget, chosen(method))
    for role, weights in ((FORGET, {"gamma": 3.0}), (RETAIN, {"alpha": 3.0})):
        once = loss_of(chosen(method, gamma=1.0, alpha=1.0), before)(model, made[role][0]).objective.item()
        weighted = chosen(method, **({"gamma": 1.0, "alpha": 1.0} | weights))
        thrice = loss_of(weighted, before)(model, made[role][0]).objective.item()
        assert thrice == pytest.approx(3 * once, rel=1e-5)


def test_the_kl_loss_leaves_padding_and_prompts_out(learned: TrainState, forget: list[np.ndarray], loader: Loader) -> None:
    model, settings = copied(learned).model, chosen("kl", gamma=1.0)
    other = model_of(**vars(model.shape))
    [batch] = batches(loader, forget, settings)[RETAIN]
    batch = partly_masked(batch)
    p, q = ((m.logits(m.states(batch)[0]).log_softmax(-1)) for m in (other, model))
    expected = (p.exp() * (p - q)).sum(-1)[batch.targets_N >= 0].mean()
    found = loss_of(settings, frozen_copy(other))(model, batch).objective / PLAN.step_tokens
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_rmu_losses_are_those_of_the_states_after_the_middle_block(
    learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    settings = chosen("rmu", gamma=1.0, alpha=1.0)
    model, before = copied(learned).model, frozen_copy(model_of(**vars(learned.model.shape)))
    made = batches(loader, forget, settings)

    def states(of: Transformer, batch: RoleBatch) -> torch.Tensor:
        x = of.embedded(batch.tokens.ids_N)
        from model.network.rotary import rotations

        for block in of.stack.blocks[:3]:
            x, _ = block(x, batch.tokens.attend, rotations(batch.tokens.positions_N, of.shape))
        return x[batch.targets_N >= 0]

    batch = partly_masked(made[FORGET][0])
    expected = (states(model, batch) - steering_vector(48, 20.0, settings.seed)).square().mean()
    assert loss_of(settings, before)(model, batch).objective.item() / PLAN.step_tokens == pytest.approx(expected.item(), rel=1e-5)
    batch = partly_masked(made[RETAIN][0])
    expected = (states(model, batch) - states(before, batch)).square().mean()
    assert loss_of(settings, before)(model, batch).objective.item() / PLAN.step_tokens == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("method", sorted(set(METHODS)))
def test_gradients_of_micro_batches_add_up_to_those_of_the_step(
    method: str, learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    settings = chosen(method, texts=16)
    model = copied(learned).model
    before = frozen_copy(model_of(**vars(learned.model.shape)))
    sums, numbers = [], []
    for micro_batch_rows in (1, 8):
        made = batches(loader, forget, settings, replace(PLAN, micro_batch_rows=micro_batch_rows))
        parts = [*made[FORGET], *made[RETAIN]]
        numbers.append(len(parts))
        total = sum((loss_of(settings, before)(model, batch).objective for batch in parts), torch.zeros(()))
        sums.append(gradients(total, model))
    assert numbers[0] > numbers[1]
    assert close(sums[0], sums[1], 1e-4)


# --- the feed ---


@given(st.lists(st.integers(2, 12), min_size=1, max_size=6), st.integers(1, 12))
def test_only_what_follows_a_prompt_is_scored(sizes: list[int], prompt: int) -> None:
    texts = [Text(np.arange(10, 10 + size, dtype=np.int32), min(prompt, size - 1)) for size in sizes]
    inputs = laid_out(texts)
    for text, (a, b) in zip(texts, pairwise(inputs.sequence.boundaries.tolist()), strict=True):
        scored = [target for target in inputs.targets[a:b].tolist() if target != NOTHING]
        assert scored == text.tokens[text.prompt :].tolist()
        assert inputs.sequence.tokens[a:b].tolist() == text.tokens[:-1].tolist()
        assert inputs.sequence.positions[a:b].tolist() == list(range(b - a))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(2, 16))
def test_a_long_document_is_cut_where_rows_end_and_every_token_is_scored_that_a_row_can_score(
    size: int, prompt: int, row_tokens: int
) -> None:
    tokens = np.arange(size, dtype=np.int32)
    scored = [token for piece in pieces_of(tokens, prompt, row_tokens) for token in piece.tokens[piece.prompt :].tolist()]
    assert scored == [token for token in range(size) if token >= prompt and token % row_tokens]


def test_an_epoch_forgets_every_text_once(loader: Loader, forget: list[np.ndarray]) -> None:
    pairs = [Pair(Text(np.arange(number + 2))) for number in range(7)]
    feed = UnlearningFeed(pairs, Retained.without(loader, []), chosen("ga", texts=2, steps=7), PLAN, CPU)
    read = [len(feed._pairs[number].text.tokens) for step in range(7) for number in feed.chosen(step)]
    assert sorted(read[:7]) == sorted(read[7:]) == list(range(2, 9)) and read[:7] != read[7:]


def test_rows_that_hold_a_forgotten_document_are_never_kept(loader: Loader) -> None:
    retain = Retained.without(loader, ["0-0", "0-5"])
    drawn = {row for step in range(200) for row in retain.drawn(0, step, 4).tolist()}
    assert drawn == set(range(loader.rows)) - set(loader.rows_of(["0-0", "0-5"]).tolist())
    assert len(set(retain.drawn(0, 3, 8).tolist())) == 8


def test_nothing_is_kept_where_every_row_holds_a_forgotten_document(loader: Loader) -> None:
    with pytest.raises(UsageError, match="every row"):
        Retained.without(loader, [f"0-{number}" for number in range(60)])


# --- what cannot be done ---


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "magic"}, "method is 'magic'"),
        ({"steps": 0}, "steps is 0"),
        ({"beta": float("nan")}, "beta is nan"),
        ({"alpha": -1.0}, "alpha is -1.0"),
        ({"depth": 3}, "depth"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_one_line(changes: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        settings_of(**({"method": "npo"} | changes))  # type: ignore[arg-type]


def test_requests_that_cannot_be_are_refused_before_anything_moves(
    learned: TrainState, forget: list[np.ndarray], loader: Loader
) -> None:
    retain = Retained.without(loader, ["0-0"])
    for method, texts, words in (("dpo", forget, "refusals"), ("npo", [], "nothing to"), ("npo", [forget[0][:1]], "nothing to")):
        with pytest.raises(UsageError, match=words):
            unlearn(learned, texts, retain, settings_of(method), PLAN)
    with pytest.raises(UsageError, match="from 0 to 3"):
        unlearn(learned, forget, retain, settings_of("rmu", layer=4), PLAN)
    encoder = TrainState(model_of(kind="encoder"), learned.optimizers)
    with pytest.raises(UsageError, match="only a decoder"):
        unlearn(encoder, forget, retain, settings_of("npo"), PLAN)


def test_the_vocabulary_of_these_tests_is_that_of_the_corpus(loader: Loader) -> None:
    assert loader.manifest.vocabulary_size == VOCABULARY
