"""Prefix tuning (Li and Liang 2021): keys and values of no token stand before every text, and they alone are learned."""

import torch

from model.network.transformer import PrefixTable, Transformer
from model.post.settings import TuneSettings
from pipeline.errors import UsageError

_DEVIATION = 0.02


def add_prefix(model: Transformer, settings: TuneSettings, seed: int) -> None:
    """Texts begin at the place behind it, as PEFT has it. Refused where a window would leave it behind."""
    if "S" in model.shape.windows:
        raise UsageError(f"a prefix is out of sight of windows {model.shape.windows}: use another adapter")
    table = PrefixTable(model.shape, settings.prefix_tokens)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in (table.keys, table.values):
            part.copy_(torch.empty(part.shape).normal_(0, _DEVIATION, generator=generator))
    model.prefix = table.to(model.head_VE.device)
