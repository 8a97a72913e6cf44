"""Single texts laid out for a model: some of their tokens given, the others scored."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from model.network.sequences import Inputs
from model.network.sequences import Sequence as Pieces
from tokenizer.shards.loader import NOTHING


class Text(NamedTuple):
    """Tokens of which the first `prompt` are given and the others are scored; int32 [tokens], `<|endoftext|>` first."""

    tokens: np.ndarray
    prompt: int = 1

    @property
    def scored(self) -> int:
        return max(0, len(self.tokens) - self.prompt)


def pieces_of(tokens: np.ndarray, prompt: int, row_tokens: int) -> list[Text]:
    """A document as training reads it: cut where a row ends, each piece a text of its own; pieces without a target left out."""
    parts = [Text(tokens[:row_tokens], min(prompt, row_tokens))]
    parts += [Text(tokens[at : at + row_tokens], max(1, prompt - at)) for at in range(row_tokens, len(tokens), row_tokens)]
    return [part for part in parts if part.scored]


def laid_out(texts: Sequence[Text]) -> Inputs:
    """Texts one after another; the last token of each is only a target, and nothing of a prompt is one."""
    sizes = [len(text.tokens) - 1 for text in texts]
    targets = [np.where(np.arange(1, len(text.tokens)) < text.prompt, NOTHING, text.tokens[1:]) for text in texts]
    boundaries = np.cumsum([0, *sizes]).astype(np.int32)
    tokens = np.concatenate([text.tokens[:-1] for text in texts]).astype(np.int32)
    positions = np.concatenate([np.arange(size, dtype=np.int32) for size in sizes])
    return Inputs(Pieces(tokens, positions, boundaries), np.concatenate(targets).astype(np.int32))


def grouped(texts: Sequence[Text], tokens_at_once: int) -> Iterator[Sequence[Text]]:
    """Texts in their order, in groups of so many tokens; a longer one is a group of its own."""
    first, size = 0, 0
    for number, text in enumerate(texts):
        if number > first and size + len(text.tokens) > tokens_at_once:
            yield texts[first:number]
            first, size = number, 0
        size += len(text.tokens)
    if first < len(texts):
        yield texts[first:]


def numbers_of_step(step: int, count: int, total: int, seed: int, stream: int) -> list[int]:
    """Which of `total` texts a step of `count` reads: epoch after epoch in new orders, so all come equally often."""
    epochs, places = np.divmod(np.arange(count) + step * count, total)
    orders = {e: chance(seed, stream, e).permutation(total) for e in set(epochs.tolist())}
    return [int(orders[e][p]) for e, p in zip(epochs.tolist(), places.tolist(), strict=True)]


def chance(seed: int, stream: int, step: int) -> np.random.Generator:
    """Drawn by counter, so that what one step draws depends on no other."""
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, stream, step, 0]))
