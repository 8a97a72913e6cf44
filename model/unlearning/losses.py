"""The published losses as `Loss`es of model/training/train.py: one term for texts to forget, one for rows to keep.

Each term is a mean over its step (over scored tokens for cross-entropies, over texts for preferences) and is multiplied by the
constant that train_step divides by. Labels only: no prompt, no padding. z-loss and the experts' balance are left out.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from model.network.inputs import MicroBatch
from model.network.transformer import Transformer
from model.training.likelihood import by_token, of_pieces, token_nats
from model.training.stage import Loss, LossSum
from model.unlearning import formulas
from model.unlearning.feed import FORGET, RoleBatch
from model.unlearning.settings import UnlearningSettings

Term = Callable[[Transformer, RoleBatch], LossSum]
OfTexts = Callable[[Tensor, Tensor], Tensor]  # (nats_P, scored tokens_P) -> loss


def loss_of(settings: UnlearningSettings, reference: Transformer | None) -> Loss[Transformer]:
    """gamma · forget term + alpha · retain term. `reference` is the frozen model before, for the methods that have one."""
    forget = _FORGET[settings.method](settings, reference)
    retain = _RETAIN.get(settings.method, _descent)(settings, reference)

    def loss(model: Transformer, batch: MicroBatch) -> LossSum:
        assert isinstance(batch, RoleBatch)
        weight, term = (settings.gamma, forget) if batch.role == FORGET else (settings.alpha, retain)
        found = term(model, batch)
        return found._replace(objective=found.objective * (weight * batch.places))

    return loss


def by_text(model: Transformer, batch: RoleBatch, loss: OfTexts) -> LossSum:
    """A loss that depends on texts' likelihoods alone."""
    counted_P = of_pieces(batch.targets_N >= 0, batch)
    value, nats_N = by_token(model, batch, lambda nats_N: loss(of_pieces(nats_N, batch), counted_P))
    return LossSum(value, nats_N.sum(), counted_P.sum())


def text_nats(model: Transformer, batch: MicroBatch, states_NE: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """(-log p, scored tokens) of each piece, [P] both."""
    return of_pieces(token_nats(model, batch, states_NE), batch), of_pieces(batch.targets_N >= 0, batch)


def _ascent(settings: UnlearningSettings, reference: Transformer | None) -> Term:  # noqa: ARG001
    """-CE of the texts, mean over tokens (TOFU 3). Has no lower bound: few steps, or the model is destroyed."""
    return lambda model, batch: by_text(model, batch, lambda nats, _: -nats.sum() / batch.scored)


def _descent(settings: UnlearningSettings, reference: Transformer | None) -> Term:  # noqa: ARG001
    """CE, mean over tokens: of kept rows, of refusals (IDK), of the texts themselves (to make a task vector)."""
    return lambda model, batch: by_text(model, batch, lambda nats, _: nats.sum() / batch.scored)


def _negative_preference(settings: UnlearningSettings, reference: Transformer | None) -> Term:
    def term(model: Transformer, batch: RoleBatch) -> LossSum:
        before, _ = text_nats(_given(reference), batch)
        return by_text(
            model, batch, lambda nats, _: formulas.negative_preference(nats, before, settings.beta).sum() / batch.texts
        )

    return term


def _simple_negative_preference(settings: UnlearningSettings, reference: Transformer | None) -> Term:  # noqa: ARG001
    def loss(nats: Tensor, tokens: Tensor) -> Tensor:
        return formulas.simple_negative_preference(nats, tokens, settings.beta, settings.delta).sum()

    return lambda model, batch: by_text(model, batch, lambda nats, tokens: loss(nats, tokens) / batch.texts)


def _direct_preference(settings: UnlearningSettings, reference: Transformer | None) -> Term:
    def term(model: Transformer, batch: RoleBatch) -> LossSum:
        before = text_nats(_given(reference), batch)[0].split(batch.refusals)

        def loss(nats: Tensor, _: Tensor) -> Tensor:
            text, refusal = nats.split(batch.refusals)
            return formulas.direct_preference(refusal, before[1], text, before[0], settings.beta).sum() / batch.texts

        return by_text(model, batch, loss)

    return term


def _divergence(settings: UnlearningSettings, reference: Transformer | None) -> Term:  # noqa: ARG001
    def term(model: Transformer, batch: RoleBatch) -> LossSum:
        states, labelled = model.states(batch)[0], batch.targets_N >= 0
        with torch.no_grad():
            before = _given(reference).states(batch)[0]
        total = formulas.divergence(states[labelled], model.head_VE, before[labelled], _given(reference).head_VE)
        nats, tokens = text_nats(model, batch, states.detach())
        return LossSum(total / batch.scored, nats.sum(), tokens.sum())

    return term


def _misdirection(settings: UnlearningSettings, reference: Transformer | None) -> Term:
    """Mean over labelled tokens of the step (the original takes padding in, OpenUnlearning averages texts)."""
    towards_E = formulas.steering_vector(_given(reference).shape.width, settings.steering, settings.seed)
    layer = steered_layer(settings, _given(reference))

    def term(model: Transformer, batch: RoleBatch) -> LossSum:
        states, terms = _states_after(model, batch, layer)
        away = formulas.misdirection(states, towards_E.to(states.device))
        return terms._replace(objective=(away * (batch.targets_N >= 0)).sum() / batch.scored)

    return term


def _same_states(settings: UnlearningSettings, reference: Transformer | None) -> Term:
    """RMU's retain loss: the states of kept rows stay what they were (Li et al. 2024, equation 2)."""
    layer = steered_layer(settings, _given(reference))

    def term(model: Transformer, batch: RoleBatch) -> LossSum:
        states, terms = _states_after(model, batch, layer)
        with torch.no_grad():
            before, _ = _states_after(_given(reference), batch, layer)
        apart = formulas.misdirection(states, before.float())
        return terms._replace(objective=(apart * (batch.targets_N >= 0)).sum() / batch.scored)

    return term


def _states_after(model: Transformer, batch: MicroBatch, layer: int) -> tuple[Tensor, LossSum]:
    """(states that a block gives [N, E], nats and tokens of the batch); the blocks after it are only for the report."""
    kept: list[Tensor] = []
    handle = model.stack.blocks[layer].register_forward_hook(lambda _, __, given: kept.append(given[0]))
    try:
        states = model.states(batch)[0]
    finally:
        handle.remove()
    nats, tokens = text_nats(model, batch, states.detach())
    return kept[0], LossSum(kept[0].new_zeros(()), nats.sum(), tokens.sum())


def steered_layer(settings: UnlearningSettings, model: Transformer) -> int:
    return model.shape.layers // 2 if settings.layer is None else settings.layer


def steered_weights(settings: UnlearningSettings, model: Transformer) -> list[str]:
    """The only weights that RMU trains: what the feed-forward layers write, of the steered block and the two before it."""
    last = steered_layer(settings, model)
    blocks = tuple(f"stack.blocks.{layer}.feed_forward.down" for layer in range(max(0, last - 2), last + 1))
    return [name for name, _ in model.named_parameters() if name.startswith(blocks)]


def _given(reference: Transformer | None) -> Transformer:
    assert reference is not None  # unlearn() copies one for every method in NEEDS_REFERENCE
    return reference


_FORGET: dict[str, Callable[[UnlearningSettings, Transformer | None], Term]] = {
    "ga": _ascent,
    "graddiff": _ascent,
    "kl": _ascent,
    "npo": _negative_preference,
    "simnpo": _simple_negative_preference,
    "dpo": _direct_preference,
    "idk": _descent,
    "rmu": _misdirection,
    "task-vector": _descent,
}
_RETAIN = {"kl": _divergence, "rmu": _same_states}
