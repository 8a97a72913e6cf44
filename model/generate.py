"""Text from a decoder: prefill reads the prompts at once, decode adds a token to each; keys and values are kept between.

Chance is one number per sequence and step from a generator of the sequence's own, so an answer does not depend on what it was
generated beside.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from model.network.attention import Prefix
from model.network.shape import DECODER
from model.network.transformer import Transformer
from pipeline.errors import UsageError
from pipeline.settings import LARGEST_SEED, check_settings, setting

_UNITS = float(1 << 52)  # as many as float64 tells apart, so that a sum of them is exact
LARGEST_BIAS = 100  # as much as forbids a token, or allows no other


@dataclass(frozen=True, kw_only=True)
class SamplingSettings:
    """How a token is chosen of its scores, in this order. A bound that is None is off; temperature 0 takes the best."""

    max_tokens: int = setting(128, "at most", minimum=1, maximum=1 << 24)
    bias: tuple[tuple[float, float], ...] = setting((), "pairs of a token and what is added to its score, -100 to 100")
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
        if any(token != int(token) or token < 0 or abs(added) > LARGEST_BIAS for token, added in self.bias):
            raise UsageError(f"bias is {self.bias}: pairs of a token's number and -{LARGEST_BIAS} to {LARGEST_BIAS}")


class Cache:
    """Keys and values of every layer. Shapes: keys, values [layers][B, T, K, D]; lengths [B], tokens that are in.

    The first `prefix` places of each sequence are those that the model has before every text; they count for no length.
    """

    def __init__(self, model: Transformer, sequences: int, capacity: int) -> None:
        shape, like = model.shape, model.head_VE
        self.prefix = 0 if model.prefix is None else model.prefix.tokens
        size = (shape.layers, sequences, self.prefix + capacity, shape.kv_heads, shape.head_width)
        self.keys, self.values = like.new_zeros(size), like.new_zeros(size)
        self.lengths = torch.zeros(sequences, dtype=torch.int64, device=like.device)

    def part(self, first: int, last: int) -> "Cache":
        """Sequences first … last - 1: the same keys and values, lengths of its own."""
        part = copy(self)
        part.keys, part.values, part.lengths = self.keys[:, first:last], self.values[:, first:last], self.lengths[first:last]
        return part

    def reorder(self, order_B: Tensor) -> None:
        """Sequence i is what `order_B[i]` was; one may be there twice."""
        self.keys, self.values, self.lengths = self.keys[:, order_B], self.values[:, order_B], self.lengths[order_B]

    def truncate(self, lengths_B: Tensor) -> None:
        """Forgets what lies beyond these lengths, so that other tokens can follow."""
        self.lengths = torch.minimum(self.lengths, lengths_B)


class CachedAttend:
    """New tokens of each sequence against all that its cache holds and those before them; they are put in on the way.

    Shapes: new tokens laid flat, `sizes` of them for each sequence.
    """

    def __init__(self, cache: Cache, sizes: Sequence[int]) -> None:
        device = cache.lengths.device
        self._cache, self._widest = cache, max(sizes)
        self._longest = int((cache.lengths + torch.tensor(sizes, device=device)).max()) + cache.prefix
        self._sequence_N = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes)).to(device)
        self._nth_N = torch.cat([torch.arange(size) for size in sizes]).to(device)
        self._place_N = cache.prefix + cache.lengths[self._sequence_N] + self._nth_N

    def behind(self, prefix: Prefix) -> "CachedAttend":
        for kept, before in ((self._cache.keys, prefix.keys_LTKD), (self._cache.values, prefix.values_LTKD)):
            kept[:, :, : self._cache.prefix] = before[:, None].to(kept.dtype)
        return self

    def __call__(
        self, layer: int, query_NHD: Tensor, key_MKD: Tensor, value_MKD: Tensor, *, causal: bool, window: int | None
    ) -> Tensor:
        assert causal  # an encoder has no next token
        cache = self._cache
        for kept, new in ((cache.keys, key_MKD), (cache.values, value_MKD)):
            kept[layer, self._sequence_N, self._place_N] = new.to(kept.dtype)
        keys, values = (kept[layer, :, : self._longest].transpose(1, 2) for kept in (cache.keys, cache.values))
        queries_BQHD = query_NHD.new_zeros((len(cache.lengths), self._widest, *query_NHD.shape[1:]))
        queries_BQHD[self._sequence_N, self._nth_N] = query_NHD
        attended = F.scaled_dot_product_attention(
            queries_BQHD.transpose(1, 2), keys.to(query_NHD.dtype), values.to(query_NHD.dtype),
            attn_mask=self._seen(window)[:, None], enable_gqa=keys.shape[1] != query_NHD.shape[1],
        )  # fmt: skip
        return attended.transpose(1, 2)[self._sequence_N, self._nth_N]

    def _seen(self, window: int | None) -> Tensor:
        """Which places of its cache each new token sees, [B, Q, T]."""
        cache = self._cache
        device = cache.lengths.device
        place_T = torch.arange(self._longest, device=device)
        own_BQ = cache.prefix + cache.lengths[:, None] + torch.arange(self._widest, device=device)
        seen = place_T <= own_BQ[..., None]
        return seen if window is None else seen & (place_T > own_BQ[..., None] - window)


def extend(model: Transformer, tokens: Sequence[Sequence[int]], cache: Cache) -> Tensor:
    """Puts tokens behind what each sequence holds, not as many for each; scores after every one of them [N, V], laid flat."""
    device, sizes = cache.lengths.device, [len(new) for new in tokens]
    ids_N = torch.tensor([token for new in tokens for token in new], device=device)
    nth_N = torch.cat([torch.arange(size) for size in sizes]).to(device)
    added = torch.tensor(sizes, device=device)
    positions_N = torch.repeat_interleave(cache.lengths, added, output_size=len(ids_N)) + nth_N
    hidden = model(ids_N, positions_N, CachedAttend(cache, sizes))
    cache.lengths = cache.lengths + added
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
    cache = Cache(model, len(prompts), min(context, longest + settings.max_tokens) + 1)
    ends = torch.tensor([len(prompt) for prompt in prompts]).cumsum(0) - 1
    logits = extend(model, prompts, cache)[ends.to(cache.lengths.device)]
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
        before = cache.lengths
        logits = extend(model, tokens[:, None].tolist(), cache)
        cache.truncate(before + torch.tensor(running, device=before.device))  # those that ended stay where they are


def distribution(logits_BV: Tensor, seen_BV: Tensor, settings: SamplingSettings) -> Tensor:
    """What the next token of each sequence is drawn from: probabilities [B, V], float64, after all that the settings say."""
    if settings.bias:
        tokens, added = zip(*settings.bias, strict=True)
        if max(tokens) >= logits_BV.shape[1]:
            raise UsageError(f"bias is of token {int(max(tokens))}, and there are {logits_BV.shape[1]}")
        logits_BV = logits_BV.index_add(1, _of(tokens, logits_BV, torch.int64), _of([added] * len(logits_BV), logits_BV))
    penalised = torch.where(logits_BV > 0, logits_BV / settings.repetition_penalty, logits_BV * settings.repetition_penalty)
    logits = torch.where(seen_BV, penalised, logits_BV)
    if settings.temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[1]).double()
    scores, order = (logits.double() / settings.temperature).sort(dim=-1, descending=True, stable=True)
    if settings.top_k is not None:
        scores[:, settings.top_k :] = -torch.inf
    probabilities = scores.softmax(-1)
    if settings.top_p is not None:
        probabilities[running_sums(probabilities) - probabilities >= settings.top_p] = 0
    if settings.min_p is not None:
        probabilities[probabilities < settings.min_p * probabilities[:, :1]] = 0
    probabilities = probabilities / probabilities.sum(-1, keepdim=True)
    return torch.zeros_like(probabilities).scatter(1, order, probabilities)


def running_sums(probabilities_BV: Tensor) -> Tensor:
    """Sums of each probability, float64, and all before it.

    On a GPU of whole numbers, 2^-52 each: torch has no sum of fractions there that gives the same bits each time, and refuses.
    """
    if not probabilities_BV.is_cuda:
        return probabilities_BV.cumsum(-1)
    return sums_of_units(probabilities_BV)


def sums_of_units(probabilities_BV: Tensor) -> Tensor:
    return (probabilities_BV * _UNITS).to(torch.int64).cumsum(-1).double() / _UNITS


def _of(values: Sequence[object], like: Tensor, kind: torch.dtype | None = None) -> Tensor:
    return torch.tensor(values, dtype=kind or like.dtype, device=like.device)


def choose(logits_BV: Tensor, seen_BV: Tensor, chance_B: Tensor, settings: SamplingSettings) -> Tensor:
    """The next token of each sequence: probabilities best first, end to end, and the one that `chance` in [0, 1) falls on."""
    probabilities, order = distribution(logits_BV, seen_BV, settings).sort(dim=-1, descending=True, stable=True)
    sums = running_sums(probabilities)
    picked = torch.searchsorted(sums, (chance_B * sums[:, -1])[:, None], right=True)
    return order.gather(1, picked.clamp(max=logits_BV.shape[1] - 1))[:, 0]
