"""What a model is asked about packed rows: the next token (GPT), masked tokens (BERT), or missing spans (T5).

An objective turns a batch of the loader into `Inputs`. Its chance is drawn by counter from (seed, step, row), so neither the
number of processes nor the size of a micro-batch changes what is masked.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from model.network.sequences import Inputs, Sequence
from model.network.shape import DECODER, ENCODER, ENCODER_DECODER
from pipeline.errors import UsageError
from tokenizer.shards.loader import NOTHING, Batch


class Draw(NamedTuple):
    """What an objective's chance depends on, beside the row."""

    seed: int
    step: int

    def uniform(self, rows: np.ndarray, width: int, times: int = 1) -> np.ndarray:
        """Numbers in [0, 1), float64 [times, rows, width]."""
        drawn = [
            np.random.Generator(np.random.Philox(key=self.seed, counter=[0, 0, self.step, row])).random((times, width))
            for row in rows.tolist()
        ]
        return np.stack(drawn, axis=1)


Objective = Callable[[Batch, Draw], Inputs]


def next_token(batch: Batch, draw: Draw) -> Inputs:  # noqa: ARG001 - nothing is left to chance
    """Every token from those before it."""
    return Inputs(Sequence(batch.tokens.ravel(), batch.positions.ravel(), batch.boundaries), batch.targets.ravel())


def masked_token(vocabulary: int, masked_share: float = 0.15) -> Objective:
    """Some tokens from all others: of the chosen 80 % are masked, 10 % replaced by any token, 10 % left (BERT 3.1).

    The mask is the id after the tokenizer's last.
    """

    def prepare(batch: Batch, draw: Draw) -> Inputs:
        chance, kind, other = draw.uniform(batch.rows, batch.tokens.shape[1], times=3)
        chosen = (chance < masked_share) & (batch.targets != NOTHING)
        tokens = np.where(chosen & (kind < 0.8), vocabulary, batch.tokens)
        tokens = np.where(chosen & (kind >= 0.9), (other * vocabulary).astype(np.int32), tokens)
        targets = np.where(chosen, batch.tokens, NOTHING)
        return Inputs(Sequence(tokens.ravel(), batch.positions.ravel(), batch.boundaries), targets.ravel())

    return prepare


def span_corruption(
    vocabulary: int, end_of_text: int, sentinels: int, masked_share: float = 0.15, span_tokens: float = 3.0
) -> Objective:
    """Missing spans from what is left (T5 3.1.4): each is replaced by a sentinel, and asked for behind the same sentinel.

        Thank you <X> me to your party <Y> week     ->   <X> for inviting <Y> last <end>

    Sentinels are the ids after the tokenizer's last, from the first on. A piece too short to lose a token is not asked about.
    """

    def prepare(batch: Batch, draw: Draw) -> Inputs:
        width = batch.tokens.shape[1]
        starts_chance = draw.uniform(batch.rows, width)[0].ravel()
        tokens, countable = batch.tokens.ravel(), batch.targets.ravel() != NOTHING
        left, asked = _Pieces(), _Pieces()
        for begin, end in zip(batch.boundaries[:-1].tolist(), batch.boundaries[1:].tolist(), strict=True):
            missing = _missing(starts_chance[begin:end], countable[begin:end], masked_share, span_tokens, sentinels)
            edges = np.flatnonzero(np.diff(missing, prepend=False, append=False))
            kept, spans, at = [], [], begin
            for number, (first, stop) in enumerate((edges + begin).reshape(-1, 2).tolist()):
                sentinel = np.array([vocabulary + number], np.int32)
                kept += [tokens[at:first], sentinel]
                spans += [sentinel, tokens[first:stop]]
                at = stop
            left.add([*kept, tokens[at:end]])
            asked.add([*spans, np.array([end_of_text], np.int32)])
        said = asked.sequence()
        first_of_piece = said.boundaries[:-1]
        shifted = np.concatenate([said.tokens[:1], said.tokens[:-1]])
        shifted[first_of_piece] = end_of_text
        targets = said.tokens.copy()
        alone = np.diff(said.boundaries) == 1  # nothing was taken out
        targets[first_of_piece[alone]] = NOTHING
        return Inputs(Sequence(shifted, said.positions, said.boundaries), targets, left.sequence())

    return prepare


def _missing(chance: np.ndarray, countable: np.ndarray, share: float, span_tokens: float, sentinels: int) -> np.ndarray:
    """Which tokens of a piece are taken out; at most so many spans, never its first token. bool [tokens]."""
    begins = (chance < share / span_tokens) & countable
    begins[:1] = False
    starts = np.flatnonzero(begins)[:sentinels]
    missing = np.zeros(len(chance), bool)
    for start in starts.tolist():
        # The chance that chose a start, stretched to [0, 1), also draws the length: geometric with the wanted mean.
        drawn = chance[start] / (share / span_tokens)
        missing[start : start + 1 + int(np.log1p(-drawn) / np.log1p(-1 / span_tokens))] = True
    return missing & countable


class _Pieces:
    """Pieces that are put together one by one."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self._sizes = [0]

    def add(self, parts: list[np.ndarray]) -> None:
        self._parts += parts
        self._sizes.append(sum(map(len, parts)))

    def sequence(self) -> Sequence:
        boundaries = np.cumsum(self._sizes).astype(np.int32)
        tokens = np.concatenate(self._parts).astype(np.int32)
        positions = np.arange(len(tokens), dtype=np.int32) - np.repeat(boundaries[:-1], np.diff(boundaries))
        return Sequence(tokens, positions, boundaries)


SENTINELS = 64
KINDS = {"next": DECODER, "masked": ENCODER, "spans": ENCODER_DECODER}
EXTRA_TOKENS = {"next": 0, "masked": 1, "spans": SENTINELS}


def objective(name: str, vocabulary: int, end_of_text: int) -> Objective:
    """The objective of this name for a tokenizer of so many tokens."""
    if name not in KINDS:
        raise UsageError(f"objective {name!r} is not known: {', '.join(KINDS)}")
    if name == "masked":
        return masked_token(vocabulary)
    if name == "spans":
        return span_corruption(vocabulary, end_of_text, SENTINELS)
    return next_token
