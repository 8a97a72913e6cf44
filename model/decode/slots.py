"""Texts that come and go: each new one joins those that are being written, and all go on by a token together.

The places of a cache that are in use are its first ones; where a text ends, the last takes its place. A text is what
`model.generate.generate` writes alone with its seed, whatever is written beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from model.generate import Cache, SamplingSettings, choose, extend
from model.network.shape import DECODER
from model.network.transformer import Transformer
from pipeline.errors import UsageError


class Written(NamedTuple):
    """A token of a text; null where there is none any more. `last`: nothing follows. `ended`: because the text says so itself."""

    ticket: int
    token: int | None
    last: bool
    ended: bool = False


@dataclass
class _Text:
    ticket: int
    settings: SamplingSettings
    generator: torch.Generator
    length: int  # tokens of the prompt
    made: int = 0


class Slots:
    """As many texts at once as there are slots. Not for several threads."""

    def __init__(self, model: Transformer, slots: int, *, context: int, end: int) -> None:
        if model.shape.kind != DECODER:
            raise UsageError(f"this run is an {model.shape.kind}: only a decoder generates text (objective next)")
        self._model, self._context, self._end = model.eval(), context, end
        self._cache = Cache(model, slots, context + 1)
        size = (slots, model.shape.vocabulary)
        self._logits = torch.zeros(size, device=self._cache.lengths.device)
        self._seen = torch.zeros(size, dtype=torch.bool, device=self._cache.lengths.device)
        self._texts: list[_Text] = []
        self.slots, self._tickets = slots, 0

    @property
    def free(self) -> int:
        return self.slots - len(self._texts)

    @torch.no_grad()
    def join(self, prompt: Sequence[int], settings: SamplingSettings) -> int:
        """Reads a prompt; the ticket that its tokens will carry. There must be a free slot.

        Raises UsageError where the prompt is empty, or leaves no room in the context.
        """
        if not prompt or len(prompt) >= self._context:
            raise UsageError(f"a prompt has {len(prompt)} tokens and the model reads {self._context}: shorten it, or begin one")
        assert self.free
        place = len(self._texts)
        self._cache.lengths[place] = 0
        self._logits[place] = self._extended(place, place + 1, [list(prompt)])[-1]
        self._seen[place] = False
        self._seen[place, list(prompt)] = True
        self._tickets += 1
        generator = torch.Generator().manual_seed(settings.seed)
        self._texts.append(_Text(self._tickets, settings, generator, len(prompt)))
        return self._tickets

    @torch.no_grad()
    def step(self) -> list[Written]:
        """The next token of every text; those that end leave."""
        if not self._texts:
            return []
        tokens = self._chosen()
        found = [self._written(text, token) for text, token in zip(self._texts, tokens.tolist(), strict=True)]
        self._seen[torch.arange(len(tokens)), tokens] = True
        for place in reversed([place for place, one in enumerate(found) if one.last]):
            tokens = self._leave(place, tokens)
        if len(tokens):
            self._logits[: len(tokens)] = self._extended(0, len(tokens), tokens[:, None].tolist())
        return found

    def cancel(self, ticket: int) -> None:
        """A text that nobody waits for any more; nothing where it has ended."""
        for place, text in enumerate(self._texts):
            if text.ticket == ticket:
                self._leave(place, torch.zeros(len(self._texts), dtype=torch.int64))
                return

    def _chosen(self) -> Tensor:
        """One token a text; texts with the same settings, seeds apart, are chosen together."""
        tokens = torch.zeros(len(self._texts), dtype=torch.int64, device=self._logits.device)
        groups: dict[SamplingSettings, list[int]] = {}
        for place, text in enumerate(self._texts):
            groups.setdefault(replace(text.settings, seed=0, max_tokens=1), []).append(place)
        for settings, places in groups.items():
            drawn = [torch.rand((), generator=self._texts[place].generator, dtype=torch.float64).item() for place in places]
            chance = torch.tensor(drawn, device=tokens.device)
            tokens[places] = choose(self._logits[places], self._seen[places], chance, settings)
        return tokens

    def _written(self, text: _Text, token: int) -> Written:
        if token == self._end or text.length + text.made >= self._context:
            return Written(text.ticket, None, last=True, ended=token == self._end)
        text.made += 1
        return Written(text.ticket, token, last=text.made == text.settings.max_tokens)

    def _extended(self, first: int, last: int, tokens: list[list[int]]) -> Tensor:
        part = self._cache.part(first, last)
        logits = extend(self._model, tokens, part)
        self._cache.lengths[first:last] = part.lengths
        return logits

    def _leave(self, place: int, tokens: Tensor) -> Tensor:
        """The last text takes this place; the tokens of those that are left."""
        end = len(self._texts) - 1
        if place != end:
            for kept in (self._cache.keys, self._cache.values):
                kept[:, place] = kept[:, end]
            for each in (self._cache.lengths, self._logits, self._seen, tokens):
                each[place] = each[end]
            self._texts[place] = self._texts[end]
        self._texts.pop()
        return tokens[:end]
