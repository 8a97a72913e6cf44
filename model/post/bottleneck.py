"""Bottleneck adapters (Houlsby et al. 2019): a narrow layer behind what attention and feed-forward layers write."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from model.network.swap import swap_linears
from model.network.transformer import Transformer
from model.post.settings import TuneSettings

BEHIND = ("attention.output", "feed_forward.down")


class Bottleneck(nn.Module):
    """y + up gelu(down y), where y = base(x). Shapes: down [W, E], up [E, W]; up begins as zeros."""

    def __init__(self, base: nn.Linear, width: int) -> None:
        super().__init__()
        self.base = base
        self.down = nn.Parameter(base.weight.new_zeros((width, base.out_features)))
        self.up = nn.Parameter(base.weight.new_zeros((base.out_features, width)))

    def forward(self, x: Tensor) -> Tensor:
        y = self.base(x)
        return y + F.linear(F.gelu(F.linear(y, self.down)), self.up)


def add_bottlenecks(model: Transformer, settings: TuneSettings, seed: int) -> None:
    """Two in every block; drawn on the CPU in the order of their names."""
    generator = torch.Generator().manual_seed(seed)

    def make(_: str, layer: nn.Linear) -> Bottleneck:
        made = Bottleneck(layer, settings.bottleneck_width)
        with torch.no_grad():
            made.down.copy_(torch.empty(made.down.shape).normal_(0, layer.out_features**-0.5, generator=generator))
        return made

    swap_linears(model, lambda name: name.startswith("stack.") and name.endswith(BEHIND), make)
