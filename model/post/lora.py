"""LoRA (Hu et al. 2021): a matrix stays as it is, and a product of two small ones is learned beside it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.network.swap import swap_linears
from model.network.transformer import Transformer
from model.post.settings import TuneSettings


class LowRank(nn.Module):
    """base(x) + alpha/rank · b a x. Shapes: a [R, inputs], b [outputs, R]; b begins as zeros, which changes nothing."""

    def __init__(self, base: nn.Linear, settings: TuneSettings) -> None:
        super().__init__()
        self.base, self.scale = base, settings.alpha / settings.rank
        self.a = nn.Parameter(base.weight.new_zeros((settings.rank, base.in_features)))
        self.b = nn.Parameter(base.weight.new_zeros((base.out_features, settings.rank)))

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + self.scale * F.linear(F.linear(x, self.a), self.b)

    def merged(self) -> nn.Linear:
        """The one layer that does the same."""
        with torch.no_grad():
            self.base.weight += self.scale * (self.b @ self.a)
        return self.base


def add_low_rank(model: Transformer, settings: TuneSettings, seed: int) -> None:
    """Beside every matrix that `targets` names. Drawn on the CPU in the order of their names, uniform within 1/sqrt(inputs)
    as PEFT's (Kaiming with a = sqrt(5))."""
    generator = torch.Generator().manual_seed(seed)

    def make(_: str, layer: nn.Linear) -> LowRank:
        made = LowRank(layer, settings)
        bound = layer.in_features**-0.5
        with torch.no_grad():
            made.a.copy_(torch.empty(made.a.shape).uniform_(-bound, bound, generator=generator))
        return made

    swap_linears(model, lambda name: name.startswith("stack.") and name.endswith(settings.targets), make)


def merge_low_rank(model: Transformer) -> None:
    """Adds the products to their matrices; the model is then one without an adapter."""

    def make(_: str, layer: nn.Module) -> nn.Linear:
        assert isinstance(layer, LowRank)
        return layer.merged()

    swap_linears(model, lambda _: True, make, LowRank)
