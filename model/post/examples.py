"""An example to tune by: its tokens, which of them are to be learned, and what a method knows of it beside.

One that was taken out keeps its place: tokens written over, none to be learned. So which examples a step reads, how they are
packed and what the others weigh stays as it was, and nothing of it is left.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from model.network.sequences import Inputs
from model.network.sequences import Sequence as Pieces
from tokenizer.shards.loader import NOTHING


class Learned(NamedTuple):
    """A text: token ids, int32, `<|endoftext|>` first; and which of them are to be learned, bool. Both [tokens]."""

    tokens: np.ndarray
    scored: np.ndarray

    @property
    def prompt(self) -> np.ndarray:
        """What stands before the first token that is to be learned."""
        return self.tokens[: int(self.scored.argmax())] if self.scored.any() else self.tokens

    @property
    def completion(self) -> "Learned":
        """The rest."""
        begins = len(self.prompt)
        return Learned(self.tokens[begins:], self.scored[begins:])

    def behind(self, prompt: np.ndarray) -> "Learned":
        """This completion after another prompt."""
        given = np.zeros(len(prompt), bool)
        return Learned(np.concatenate([prompt, self.tokens]).astype(np.int32), np.concatenate([given, self.scored]))


class Example(NamedTuple):
    """`rejected` is the worse answer of a pair, `good` what an answer is called, `answer` what a reward compares with."""

    id: str
    text: Learned
    rejected: Learned | None = None
    good: bool | None = None
    answer: str | None = None
    removed: bool = False

    @property
    def size(self) -> int:
        return len(self.text.tokens) + (len(self.rejected.tokens) if self.rejected is not None else 0)

    @property
    def counted(self) -> int:
        """Tokens that are to be learned."""
        return int(self.text.scored.sum()) + (int(self.rejected.scored.sum()) if self.rejected is not None else 0)


def laid_out(texts: Sequence[Learned], *, whole: bool = False) -> Inputs:
    """Texts one after another, each a piece of its own; its last token is only a target, or with `whole` is read too."""
    end = 0 if whole else 1
    sizes = [len(text.tokens) - end for text in texts]
    targets = [np.append(np.where(text.scored, text.tokens, NOTHING)[1:], [NOTHING] if whole else []) for text in texts]
    return Inputs(
        Pieces(
            np.concatenate([text.tokens[: len(text.tokens) - end] for text in texts]).astype(np.int32),
            np.concatenate([np.arange(size, dtype=np.int32) for size in sizes]),
            np.cumsum([0, *sizes]).astype(np.int32),
        ),
        np.concatenate(targets).astype(np.int32),
    )
