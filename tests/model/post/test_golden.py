"""Losses and gradients equal to TRL's and PEFT's on the same small model: their numbers, by tests/peers/post_golden.py."""

import numpy as np
import pytest
import torch

from model.network.inputs import Model
from model.network.transformer import PrefixTable, Transformer
from model.post import grpo, preferences
from model.post.adapters import add_adapter, merge_adapter
from model.post.bottleneck import BEHIND
from model.post.examples import Example, Learned, laid_out
from model.post.feed import TuneFeed
from model.post.grpo import AnswerFeed
from model.post.settings import TuneSettings, tune_settings
from model.post.sft import answer_loss
from model.training.optimizer import trainable
from model.training.stage import Loss
from tests.model.small import CPU, packed, small_plan
from tests.peers.post_cases import ANSWERS, END, PAIRS, REWARDS, models

# TRL 1.16.0, PEFT 0.21.2, torch 2.13.0: the loss, then gradients' norms of embedding, first query, last down projection.
TRL = {
    "sft": (4.1537628173828125, 2.8053512573242188, 0.1594172716140747, 0.1854180097579956),
    "dpo": (0.676280677318573, 0.9935427904129028, 0.050560496747493744, 0.05557052791118622),
    "ipo": (24.05043601989746, 48.42391586303711, 2.5918068885803223, 2.8140275478363037),
    "kto": (0.4978736639022827, 0.36647045612335205, 0.01888989843428135, 0.017223050817847252),
    "grpo": (0.0008387565612792969, 2.0793957710266113, 0.08702726662158966, 0.1207202598452568),
}
WATCHED = ("embedding.weight", "stack.blocks.0.attention.query.weight", "stack.blocks.1.feed_forward.down.weight")
LORA = (4.164591312408447, 0.05089416354894638, 0.07270986586809158)  # loss; of the first query's a, of the last down's b
PREFIX = (4.194706439971924, 0.05269905552268028)  # loss; of keys and values together


def learned(prompt: list[int], answer: list[int]) -> Learned:
    scored = [False] * len(prompt) + [True] * len(answer)
    return Learned(np.array([*prompt, *answer], np.int32), np.array(scored))


def examples(method: str) -> list[Example]:
    if method == "sft":
        return [Example(str(n), learned(p, [*c, END])) for n, (p, c, _) in enumerate(PAIRS)]
    if method == "kto":
        return [Example(str(n), learned(p, [*(c, r)[n % 2], END]), good=n % 2 == 0) for n, (p, c, r) in enumerate(PAIRS)]
    return [Example(str(n), learned(p, [*c, END]), learned(p, [*r, END])) for n, (p, c, r) in enumerate(PAIRS)]


def settings_for(method: str) -> TuneSettings:
    if method in ("dpo", "ipo", "kto"):
        return tune_settings("dpo", preference=method)
    return tune_settings(method)


def gradients(model: Model, loss: Loss[Model], feed: TuneFeed, given: list[Example], names: tuple[str, ...]) -> list[float]:
    """The loss and the norms of these gradients."""
    total = 0.0
    for batch in feed.batches(given):
        objective = loss(model, batch).objective / PLAN.step_tokens
        objective.backward()
        total += float(objective.detach())
    weights = dict(model.named_parameters())
    return [total, *(float(weights[name].grad.norm()) for name in names)]


PLAN = small_plan()


@pytest.mark.parametrize("method", ["sft", "dpo", "ipo", "kto"])
def test_losses_and_gradients_are_trl_s(method: str) -> None:
    policy, reference = models()
    given, settings = examples(method), settings_for(method)
    constant = float(sum(example.counted for example in given)) if method == "sft" else float(len(given))
    loss = answer_loss() if method == "sft" else preferences.preference_loss(settings, reference)
    feed = TuneFeed(given, settings, PLAN, constant, CPU)
    assert gradients(policy, loss, feed, given, WATCHED) == pytest.approx(TRL[method], abs=1e-5, rel=1e-5)


def test_the_loss_and_gradients_of_given_answers_are_trl_s() -> None:
    policy, reference = models()
    settings = tune_settings("grpo", group=2)
    feed = AnswerFeed([Example("0", learned([5], []))], settings, PLAN, CPU, policy, lambda *_: [], END)
    feed._share = PLAN.step_tokens / len(ANSWERS)
    worth = grpo.advantages(np.array(REWARDS).reshape(-1, 2)).ravel().tolist()
    texts = [(learned(prompt, answer), Example("", learned(prompt, []))) for prompt, answer in ANSWERS]
    rated = [(text, a, r, True, asked) for (text, asked), a, r in zip(texts, worth, REWARDS, strict=True)]
    found = grpo.group_loss(settings.kl_weight, reference)(policy, feed._of_answers(rated))
    (found.objective / PLAN.step_tokens).backward()
    weights = dict(policy.named_parameters())
    numbers = [float(found.objective.detach() / PLAN.step_tokens), *(float(weights[name].grad.norm()) for name in WATCHED)]
    assert numbers == pytest.approx(TRL["grpo"], abs=1e-5, rel=1e-5)


def one_answer() -> list[Example]:
    prompt, answer, _ = PAIRS[1]
    return [Example("0", learned(prompt, [*answer, END]))]


def stepped(weight: torch.Tensor, most: float) -> None:
    with torch.no_grad():
        weight.copy_(torch.linspace(-most, most, weight.numel()).view_as(weight))


def test_the_loss_and_gradients_of_a_low_rank_adapter_are_peft_s() -> None:
    policy, _ = models()
    add_adapter(policy, tune_settings("sft", adapter="lora", rank=4, alpha=8.0, targets=("query", "down")), seed=0)
    for weight in trainable(policy).values():
        stepped(weight, 0.1)
    feed = TuneFeed(one_answer(), tune_settings("sft"), PLAN, float(one_answer()[0].counted), CPU)
    names = ("stack.blocks.0.attention.query.a", "stack.blocks.1.feed_forward.down.b")
    assert gradients(policy, answer_loss(), feed, one_answer(), names) == pytest.approx(LORA, abs=1e-5, rel=1e-5)
    assert set(trainable(policy)) == {
        f"stack.blocks.{n}.{layer}.{part}" for n in (0, 1) for layer in ("attention.query", "feed_forward.down") for part in "ab"
    }


def test_the_loss_and_gradients_of_a_prefix_are_peft_s() -> None:
    policy, _ = models()
    add_adapter(policy, tune_settings("sft", adapter="prefix", prefix_tokens=3), seed=0)
    assert isinstance(policy.prefix, PrefixTable)
    theirs_PLXKD = torch.linspace(-1, 1, 3 * 2 * 2 * 2 * 8).view(3, 2, 2, 2, 8)  # PEFT's one table: keys and values by layer
    with torch.no_grad():
        policy.prefix.keys.copy_(theirs_PLXKD[:, :, 0].transpose(0, 1))
        policy.prefix.values.copy_(theirs_PLXKD[:, :, 1].transpose(0, 1))
    feed = TuneFeed(one_answer(), tune_settings("sft"), PLAN, float(one_answer()[0].counted), CPU)
    loss, keys, values = gradients(policy, answer_loss(), feed, one_answer(), ("prefix.keys", "prefix.values"))
    assert [loss, (keys**2 + values**2) ** 0.5] == pytest.approx(PREFIX, abs=1e-5, rel=1e-5)


def logits(model: Transformer) -> torch.Tensor:
    positions, attend = packed([7, 4])
    with torch.no_grad():
        return model.logits(model(torch.arange(11) + 3, positions, attend).states_NE)


@pytest.mark.parametrize("adapter", ["lora", "bottleneck"])
def test_an_adapter_that_has_learned_nothing_changes_nothing(adapter: str) -> None:
    policy, _ = models()
    before = logits(policy)
    add_adapter(policy, tune_settings("sft", adapter=adapter), seed=1)
    assert torch.equal(logits(policy), before)


def test_a_merged_adapter_is_the_adapter() -> None:
    policy, _ = models()
    settings = tune_settings("sft", adapter="lora")
    add_adapter(policy, settings, seed=1)
    plain = {name.replace(".base", "") for name in policy.state_dict() if not name.endswith((".a", ".b"))}
    for weight in trainable(policy).values():
        stepped(weight, 0.05)
    before = logits(policy)
    merge_adapter(policy, settings)
    assert (logits(policy) - before).abs().max() < 1e-6 and set(policy.state_dict()) == plain


def test_bottlenecks_stand_behind_what_writes_into_the_stream() -> None:
    policy, _ = models()
    add_adapter(policy, tune_settings("sft", adapter="bottleneck", bottleneck_width=5), seed=1)
    assert set(trainable(policy)) == {
        f"stack.blocks.{n}.{layer}.{part}" for n in (0, 1) for layer in BEHIND for part in ("down", "up")
    }
    layer = policy.stack.blocks[0].feed_forward.down
    stepped(layer.up, 1.0)
    x = torch.linspace(-1, 1, 48)
    y = layer.base(x)
    assert torch.allclose(layer(x), y + layer.up @ torch.nn.functional.gelu(layer.down @ y), atol=1e-6)


def test_pairs_laid_out_beside_each_other_are_what_they_are_alone() -> None:
    texts = [one for example in examples("dpo") for one in (example.text, example.rejected) if one is not None]
    inputs = laid_out(texts)
    assert inputs.sequence.boundaries.tolist()[1:] == np.cumsum([len(text.tokens) - 1 for text in texts]).tolist()
    asked = [text.tokens[text.scored].tolist() for text in texts]
    assert [one for one in inputs.targets.tolist() if one >= 0] == [token for one in asked for token in one]
    whole = laid_out(texts, whole=True)
    assert whole.sequence.tokens.tolist() == [token for text in texts for token in text.tokens.tolist()]
