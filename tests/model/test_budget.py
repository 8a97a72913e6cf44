import math

import pytest
import torch

from model.budget import (
    BESIROGLU,
    HOFFMANN,
    REPEATED,
    activation_bytes,
    inference_memory,
    repeated_loss,
    repeated_optimum,
    training_memory,
)
from model.network.transformer import Transformer, initialise
from model.training.optimizer import Optimizers
from model.training.plan import plan_of
from model.training.sizes import shape_of
from tests.model.small import packed, shape


@pytest.mark.parametrize(
    ("parameters", "tokens", "unique", "expected"),
    [(6.34e9, 242e9, 25e9, 2.2256440889984477), (8.67e9, 178e9, 25e9, 2.2269634075087867)],
)
def test_the_loss_of_repeated_tokens_is_the_published_one(
    parameters: float, tokens: float, unique: float, expected: float
) -> None:
    assert repeated_loss(parameters, tokens, unique) == pytest.approx(expected, rel=1e-14)


def test_the_optimum_for_1e18_flops_is_the_published_one() -> None:
    parameters, tokens = HOFFMANN.optimum(1e18)
    assert (round(parameters / 1e6, 1), round(tokens / 1e9, 2), round(tokens / parameters, 1)) == (94.6, 1.76, 18.6)
    parameters, tokens = BESIROGLU.optimum(1e18)
    assert (round(parameters / 1e6, 1), round(tokens / 1e9, 2), round(tokens / parameters, 1)) == (80.5, 2.07, 25.7)


@pytest.mark.parametrize("fit", [HOFFMANN, BESIROGLU, REPEATED], ids=lambda fit: fit.source)
def test_no_size_near_the_optimum_is_better(fit) -> None:  # type: ignore[no-untyped-def]
    parameters, tokens = fit.optimum(1e20)
    best = fit.loss(parameters, tokens)
    for factor in (0.8, 0.95, 1.05, 1.25):
        assert fit.loss(parameters * factor, tokens / factor) > best
    assert fit.parameters_for(tokens) == pytest.approx(parameters, rel=1e-9)


def test_with_text_enough_repeating_changes_nothing_and_with_little_it_does() -> None:
    plenty, scarce = repeated_optimum(1e19, 1e13), repeated_optimum(1e19, 1e8)
    assert plenty[0] == pytest.approx(REPEATED.optimum(1e19)[0], rel=1e-3)
    assert scarce[0] < plenty[0] and scarce[1] > plenty[1]
    best = repeated_loss(*scarce, 1e8)
    assert all(repeated_loss(scarce[0] * factor, scarce[1] / factor, 1e8) >= best for factor in (0.9, 0.99, 1.01, 1.1))


def test_seven_billion_weights_at_two_bytes_are_fourteen_gigabytes() -> None:
    assert inference_memory(7e9, 2) == 14e9
    assert math.isclose(inference_memory(7e9, 0.5), 3.5e9)


def kept_bytes(model: Transformer, tokens: int) -> int:
    """Bytes that a forward pass keeps for the backward pass: each storage once, weights apart."""
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in weights:
            kept[place] = tensor  # held, so that no other tensor comes to lie in its place
        return tensor

    positions, attend = packed([tokens])
    ids = torch.arange(tokens) % model.shape.vocabulary
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(ids, positions, attend)
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


@pytest.mark.parametrize("size", ["tiny", "small", "grouped"])
def test_activations_are_predicted_within_ten_percent(size: str) -> None:
    chosen = shape(width=64, hidden=200, head_width=16) if size == "grouped" else shape_of(size, 1000)
    measured = kept_bytes(initialise(Transformer(chosen), 0), 150)
    assert 150 * activation_bytes(chosen, bf16=False) == pytest.approx(measured, rel=0.1)


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_weights_gradients_and_optimizer_are_predicted_within_one_percent(optimizer: str) -> None:
    model = initialise(Transformer(shape_of("small", 1000)), 0)
    optimizers = Optimizers(model, plan_of("small", optimizer=optimizer))
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    optimizers.step(0)
    memory = training_memory(model.shape, micro_tokens=1, optimizer=optimizer, bf16=False)
    assert memory["weights"] == memory["gradients"] == sum(weight.nbytes for weight in model.parameters())
    assert memory["optimizer"] == pytest.approx(sum(tensor.nbytes for tensor in optimizers.tensors().values()), rel=0.01)
