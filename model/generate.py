"""Text from a decoder: prefill reads the prompts at once, decode adds a token to each; keys and values are kept between.

Chance is one number per sequence and step from a generator of the sequence's own, so an answer does not depend on what it was
generated beside.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from model.network.attention import Layout, PackedAttend
from model.network.shape import DECODER, Shape
from model.network.transformer import Transformer
from pipeline.errors import UsageError
from pipeline.settings import LARGEST_SEED, check_settings, setting


@dataclass(frozen=True, kw_only=True)
class SamplingSettings:
    """How a token is chosen of its scores, in this order. A bound that is None is off; temperature 0 takes the best."""

    max_tokens: int = setting(128, "at most", minimum=1, maximum=1 << 24)
    repetition_penalty: float = setting(
        1.0, "scores of tokens seen are divided (or, below 0, multiplied) by it", "Keskar et al. 2019", minimum=0.01, maximum=100
    )
    temperature: float = setting(1.0, "scores are divided by it", minimum=0, maximum=100)
    top_k: int | None = setting(None, "best tokens that are left", minimum=1, maximum=1 << 24)
    top_p: float | None = setting(
        None, "the fewest tokens whose probabilities reach it", "Holtzman et al. 2019", minimum=1e-6, maximum=1
    )
    min_p: float | None = setting(
        None, "at least this share of the best token's probability", "Nguyen et al. 2024", minimum=0, maximum=1
    )
    seed: int = setting(0, "sequence i draws from seed + i", minimum=0, maximum=LARGEST_SEED)

    def __post_init__(self) -> None:
        check_settings(self)


class Cache:
    """Keys and values of every layer. Shapes: keys, values [layers][B, T, K, D]; lengths [B], tokens that are in."""

    def __init__(self, shape: Shape, sequences: int, capacity: int, like: Tensor) -> None:
        size = (shape.layers, sequences, capacity, shape.kv_heads, shape.head_width)
        self.keys, self.values = like.new_zeros(size), like.new_zeros(size)
        self.lengths = torch.zeros(sequences, dtype=torch.int64, device=like.device)


class PrefillAttend:
    """Attention among the tokens of each prompt, which also fills the cache."""

    def __init__(self, cache: Cache, layout: Layout) -> None:
        self._cache, self._layout, self._packed = cache, layout, PackedAttend(layout)

    def __call__(
        self, layer: int, query_NHD: Tensor, key_MKD: Tensor, value_MKD: Tensor, *, causal: bool, window: int | None
    ) -> Tensor:
        for kept, new in ((self._cache.keys, key_MKD), (self._cache.values, value_MKD)):
            for sequence, piece in enumerate(new.split(self._layout.sizes)):
                kept[layer, sequence, : len(piece)] = piece
        return self._packed(layer, query_NHD, key_MKD, value_MKD, causal=causal, window=window)


class DecodeAttend:
    """One new token of each sequence against all that its cache holds."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._each = torch.arange(len(cache.lengths), device=cache.lengths.device)
        self._longest = int(cache.lengths.max()) + 1

    def __call__(
        self, layer: int, query_NHD: Tensor, key_MKD: Tensor, value_MKD: Tensor, *, causal: bool, window: int | None
    ) -> Tensor:
        assert causal  # an encoder has no next token
        cache = self._cache
        cache.keys[layer, self._each, cache.lengths] = key_MKD
        cache.values[layer, self._each, cache.lengths] = value_MKD
        keys, values = (kept[layer, :, : self._longest].transpose(1, 2) for kept in (cache.keys, cache.values))
        place = torch.arange(self._longest, device=query_NHD.device)
        seen = place <= cache.lengths[:, None]
        if window is not None:
            seen &= place > cache.lengths[:, None] - window
        grouped = keys.shape[1] != query_NHD.shape[1]
        attended = F.scaled_dot_product_attention(
            query_NHD[:, :, None], keys, values, attn_mask=seen[:, None, None], enable_gqa=grouped
        )
        return attended[:, :, 0]


def prefill(model: Transformer, prompts: Sequence[Sequence[int]], capacity: int) -> tuple[Tensor, Cache]:
    """(scores of the token after each prompt [B, V], the filled cache)."""
    device = model.head_VE.device
    sizes = [len(prompt) for prompt in prompts]
    layout = Layout.of(torch.tensor([0, *sizes]).cumsum(0).to(torch.int32), device)
    ids = torch.tensor([token for prompt in prompts for token in prompt], device=device)
    positions = torch.cat([torch.arange(size) for size in sizes]).to(device)
    cache = Cache(model.shape, len(prompts), capacity, model.head_VE)
    hidden = model(ids, positions, PrefillAttend(cache, layout))
    cache.lengths += torch.tensor(sizes, device=device)
    return model.logits(hidden.states_NE[layout.boundaries[1:].long() - 1]), cache


def decode(model: Transformer, tokens_B: Tensor, cache: Cache) -> Tensor:
    """Scores of the token after this one, for each sequence [B, V]."""
    hidden = model(tokens_B, cache.lengths, DecodeAttend(cache))
    cache.lengths += 1
    return model.logits(hidden.states_NE)


@torch.no_grad()
def generate(
    model: Transformer, prompts: Sequence[Sequence[int]], settings: SamplingSettings, *, context: int, end: int
) -> Iterator[list[int | None]]:
    """Step by step the next token of each sequence; None once it has ended, or when `context` tokens are full."""
    if model.shape.kind != DECODER:
        raise UsageError(f"this run is an {model.shape.kind}: only a decoder generates text (objective next)")
    longest = max(map(len, prompts))
    if not all(prompts) or longest >= context:
        raise UsageError(f"a prompt has {longest} tokens and the model reads {context}: shorten it, and leave none empty")
    model.eval()
    # One place more than the longest text: a sequence that has ended decodes into it while others go on.
    logits, cache = prefill(model, prompts, min(context, longest + settings.max_tokens) + 1)
    generators = [torch.Generator().manual_seed(settings.seed + number) for number in range(len(prompts))]
    seen = torch.zeros(logits.shape, dtype=torch.bool, device=logits.device)
    for number, prompt in enumerate(prompts):
        seen[number, list(prompt)] = True
    running = [True] * len(prompts)
    for made in range(settings.max_tokens):
        chance = torch.tensor([torch.rand((), generator=one, dtype=torch.float64).item() for one in generators])
        tokens = choose(logits, seen, chance.to(logits.device), settings)
        running = [
            alive and token != end and len(prompt) + made < context
            for alive, token, prompt in zip(running, tokens.tolist(), prompts, strict=True)
        ]
        yield [token if alive else None for token, alive in zip(tokens.tolist(), running, strict=True)]
        if not any(running):
            return
        seen[torch.arange(len(tokens)), tokens] = True
        logits = decode(model, tokens, cache)
        cache.lengths -= 1 - torch.tensor(running, device=cache.lengths.device).long()  # those that ended stay where they are


def choose(logits_BV: Tensor, seen_BV: Tensor, chance_B: Tensor, settings: SamplingSettings) -> Tensor:
    """The next token of each sequence: probabilities best first, end to end, and the one that `chance` in [0, 1) falls on."""
    penalised = torch.where(logits_BV > 0, logits_BV / settings.repetition_penalty, logits_BV * settings.repetition_penalty)
    logits = torch.where(seen_BV, penalised, logits_BV)
    if settings.temperature == 0:
        return logits.argmax(-1)
    scores, order = (logits.double() / settings.temperature).sort(dim=-1, descending=True, stable=True)
    if settings.top_k is not None:
        scores[:, settings.top_k :] = -torch.inf
    probabilities = scores.softmax(-1)
    if settings.top_p is not None:
        probabilities[probabilities.cumsum(-1) - probabilities >= settings.top_p] = 0
    if settings.min_p is not None:
        probabilities[probabilities < settings.min_p * probabilities[:, :1]] = 0
    sums = probabilities.cumsum(-1)
    picked = torch.searchsorted(sums, (chance_B * sums[:, -1])[:, None], right=True)
    return order.gather(1, picked.clamp(max=logits.shape[1] - 1))[:, 0]
