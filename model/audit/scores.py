"""One pass over texts: how likely every token was, whether it was the likeliest, and how spread the choice was."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from model.network.inputs import MicroBatch
from model.network.shape import DECODER
from model.network.transformer import Transformer
from model.texts import Text, grouped, laid_out
from model.training.train import precision
from pipeline.errors import UsageError

_LOGITS_AT_ONCE = 1 << 22
TOKENS_AT_ONCE = 8192


class Scores(NamedTuple):
    """Of the scored tokens of one text, all [tokens]."""

    logs: np.ndarray  # log p of the token, float64
    best: np.ndarray  # bool: the token is the one of greatest likelihood
    means: np.ndarray  # Σ p log p over the vocabulary, float64
    variances: np.ndarray  # Σ p (log p)² - means², float64


@torch.no_grad()
def score_texts(model: Transformer, texts: Sequence[Text]) -> Iterator[Scores]:
    """The scores of each text, in order; every text is read alone."""
    if model.shape.kind != DECODER:
        raise UsageError(f"this run is an {model.shape.kind}: only a decoder (objective next) is audited")
    model.eval()
    for group in grouped(texts, TOKENS_AT_ONCE):
        inputs = laid_out(group)
        batch = MicroBatch.of(inputs, model.head_VE.device)
        with precision(model.head_VE.device):
            states = model.states(batch)[0]
            rows = max(1, _LOGITS_AT_ONCE // len(model.head_VE))
            parts = [_token_scores(model, *part) for part in zip(states.split(rows), batch.targets_N.split(rows), strict=True)]
        columns = [torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True)]
        for text, end in zip(group, inputs.sequence.boundaries[1:].tolist(), strict=True):
            logs, best, means, variances = (column[end - text.scored : end] for column in columns)
            yield Scores(logs, best, means, variances)


def _token_scores(model: Transformer, states_NE: torch.Tensor, targets_N: torch.Tensor) -> tuple[torch.Tensor, ...]:
    logs = model.logits(states_NE).double().log_softmax(-1)
    targets = targets_N.clamp(min=0)
    shares = logs.exp()
    means = (shares * logs).sum(-1)
    variances = (shares * logs.square()).sum(-1) - means.square()
    return logs.gather(1, targets[:, None])[:, 0], logs.argmax(-1) == targets, means, variances
