"""Attention over packed documents: every piece of a row sees itself and nothing else.

A batch is one flat sequence of tokens; `Layout` says where pieces begin. On a GPU flash attention takes the boundaries as they
are (torch.nn.attention.varlen). On a CPU each piece is a call of its own: the work is the sum of the pieces' squares, not the
square of the row.
"""

from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor


class Layout(NamedTuple):
    """Where the pieces of a flat batch begin and the last one ends."""

    boundaries: Tensor  # int32 [pieces + 1], on the model's device
    sizes: tuple[int, ...]  # tokens of each piece
    longest: int

    @classmethod
    def of(cls, boundaries: Tensor, device: torch.device) -> "Layout":
        sizes = tuple(boundaries.diff().tolist())
        return cls(boundaries.to(device), sizes, max(sizes, default=0))


class Prefix(NamedTuple):
    """Keys and values that stand before every piece, by layer: [L, T, K, D]."""

    keys_LTKD: Tensor
    values_LTKD: Tensor


class Attend(Protocol):
    """How queries of one layer find their keys; generation has another way than training (a cache)."""

    def __call__(
        self, layer: int, query_NHD: Tensor, key_MKD: Tensor, value_MKD: Tensor, *, causal: bool, window: int | None
    ) -> Tensor: ...

    def behind(self, prefix: Prefix) -> "Attend":
        """The same with keys and values of no token before every piece."""
        ...


class PackedAttend:
    """Query piece i sees key piece i; in self-attention they are the same."""

    def __init__(self, queries: Layout, keys: Layout | None = None) -> None:
        self.queries, self.keys = queries, keys or queries

    def __call__(
        self,
        layer: int,  # noqa: ARG002 - the cache of model/generate.py asks for it
        query_NHD: Tensor,
        key_MKD: Tensor,
        value_MKD: Tensor,
        *,
        causal: bool,
        window: int | None,
    ) -> Tensor:
        """[N, H, D]; all layers alike. A window counts the token itself; without `causal` it reaches as far to the right."""
        if query_NHD.is_cuda:
            return self._flash(query_NHD, key_MKD, value_MKD, causal=causal, window=window)
        pieces = zip(
            query_NHD.split(self.queries.sizes), key_MKD.split(self.keys.sizes), value_MKD.split(self.keys.sizes), strict=True
        )
        return torch.cat([attend_piece(*piece, causal=causal, window=window) for piece in pieces])

    def behind(self, prefix: Prefix) -> "PrefixedAttend":
        return PrefixedAttend(self.queries, prefix)

    def _flash(self, query_NHD: Tensor, key_MKD: Tensor, value_MKD: Tensor, *, causal: bool, window: int | None) -> Tensor:
        from torch.nn.attention.varlen import varlen_attn

        back = -1 if window is None else window - 1
        attended = varlen_attn(
            query_NHD,
            key_MKD,
            value_MKD,
            self.queries.boundaries,
            self.keys.boundaries,
            self.queries.longest,
            self.keys.longest,
            window_size=(back, 0 if causal else back),
            enable_gqa=key_MKD.shape[1] != query_NHD.shape[1],
        )
        assert isinstance(attended, Tensor)
        return attended


class PrefixedAttend:
    """Every piece sees the prefix and itself."""

    def __init__(self, layout: Layout, prefix: Prefix) -> None:
        tokens = prefix.keys_LTKD.shape[1]
        before = tokens * torch.arange(len(layout.boundaries), dtype=torch.int32, device=layout.boundaries.device)
        sizes = tuple(size + tokens for size in layout.sizes)
        longer = Layout(layout.boundaries + before, sizes, layout.longest + tokens)
        self._sizes, self._prefix, self._packed = layout.sizes, prefix, PackedAttend(layout, longer)

    def __call__(
        self, layer: int, query_NHD: Tensor, key_MKD: Tensor, value_MKD: Tensor, *, causal: bool, window: int | None
    ) -> Tensor:
        kept = (self._prefix.keys_LTKD[layer], self._prefix.values_LTKD[layer])
        keys, values = (
            torch.cat([part for piece in new.split(self._sizes) for part in (before.to(new.dtype), piece)])
            for before, new in zip(kept, (key_MKD, value_MKD), strict=True)
        )
        return self._packed(layer, query_NHD, keys, values, causal=causal, window=window)

    def behind(self, prefix: Prefix) -> "PrefixedAttend":
        raise NotImplementedError("one prefix a model")


def attend_piece(query_NHD: Tensor, key_MKD: Tensor, value_MKD: Tensor, *, causal: bool, window: int | None) -> Tensor:
    """One piece by torch's own attention."""
    mask = None
    before = len(key_MKD) - len(query_NHD) if causal else 0  # keys that stand before the first query: as flash attention has it
    if before or (window is not None and window < len(key_MKD)):
        distance = before + torch.arange(len(query_NHD))[:, None] - torch.arange(len(key_MKD))
        mask = distance >= 0 if causal else distance > -len(key_MKD)
        if window is not None:
            mask = mask & (distance < window) & (distance > -window)
    attended = F.scaled_dot_product_attention(
        query_NHD.transpose(0, 1)[None],
        key_MKD.transpose(0, 1)[None],
        value_MKD.transpose(0, 1)[None],
        attn_mask=mask,
        is_causal=causal and mask is None,
        enable_gqa=key_MKD.shape[1] != query_NHD.shape[1],
    )
    return attended[0].transpose(0, 1)
