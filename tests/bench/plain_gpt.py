"""nanoGPT's published architecture and step in plain torch, for the bench to stand beside.

LayerNorm, learned positions, GELU, attention over the whole row, all logits at once, AdamW in fp32 or bf16 autocast: what its
README describes for GPT-2 124M, at any size.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PlainBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x_BTE: Tensor) -> Tensor:
        parts = self.queries_keys_values(self.norms[0](x_BTE)).chunk(3, dim=-1)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        attended = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x_BTE = x_BTE + self.output(attended.transpose(1, 2).flatten(2))
        return x_BTE + self.down(F.gelu(self.up(self.norms[1](x_BTE))))


class PlainGPT(nn.Module):
    def __init__(self, vocabulary: int, layers: int, width: int, heads: int, context: int) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(PlainBlock(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        nn.init.normal_(self.tokens.weight, std=0.02)

    def forward(self, ids_BT: Tensor, targets_BT: Tensor) -> Tensor:
        x_BTE = self.tokens(ids_BT) + self.places(torch.arange(ids_BT.shape[1], device=ids_BT.device))
        for block in self.blocks:
            x_BTE = block(x_BTE)
        logits = F.linear(self.norm(x_BTE), self.tokens.weight)
        return F.cross_entropy(logits.flatten(0, 1).float(), targets_BT.flatten(), ignore_index=-1)
