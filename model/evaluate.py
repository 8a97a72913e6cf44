"""How well a decoder predicts text it was not trained on: nats by piece, and the likelihood of given answers."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from model.network.attention import Layout
from model.network.inputs import MicroBatch, Tokens
from model.network.shape import DECODER
from model.network.transformer import Transformer
from model.training.loss import summed_cross_entropy
from model.training.objectives import Draw, next_token
from model.training.train import precision
from pipeline.errors import UsageError
from tokenizer.shards.loader import Loader


class PieceLoss(NamedTuple):
    """What predicting one piece of a document cost."""

    row: int
    piece: int  # of the row, from 0
    nats: float
    tokens: int  # that were predicted
    bytes: int  # of their text


def bits_per_byte(nats: float, text_bytes: int) -> float:
    """Independent of the tokenizer: what compressing a byte of the text would take."""
    return nats / math.log(2) / text_bytes


@torch.no_grad()
def piece_losses(
    model: Transformer, loader: Loader, rows: np.ndarray, token_bytes: np.ndarray, rows_at_once: int = 16
) -> Iterator[PieceLoss]:
    """The loss of every piece of these rows that had something to predict, in order. `token_bytes` [vocabulary], int64."""
    if model.shape.kind != DECODER:
        raise UsageError(f"this run is an {model.shape.kind}: bits per byte are those of a decoder")
    device, width = model.head_VE.device, loader.settings.row_tokens
    model.eval()
    for at in range(0, len(rows), rows_at_once):
        batch = loader.load(rows[at : at + rows_at_once])
        micro = MicroBatch.of(next_token(batch, Draw(0, 0)), device)
        with precision(device):
            states, _ = model.states(micro)
            _, losses = summed_cross_entropy(states, model.head_VE, micro.targets_N)
        nats = np.add.reduceat(losses.cpu().numpy().astype(np.float64), batch.boundaries[:-1])
        targets = batch.targets.ravel()
        tokens = np.add.reduceat((targets >= 0).astype(np.int64), batch.boundaries[:-1])
        sizes = np.add.reduceat(np.where(targets >= 0, token_bytes[targets], 0), batch.boundaries[:-1])
        row_of = batch.boundaries[:-1] // width
        first = np.searchsorted(row_of, row_of)
        pieces = zip(row_of.tolist(), first.tolist(), nats.tolist(), tokens.tolist(), sizes.tolist(), strict=True)
        for piece, (place, first_piece, cost, count, size) in enumerate(pieces):
            if count:
                yield PieceLoss(int(batch.rows[place]), piece - first_piece, cost, count, size)


@torch.no_grad()
def answer_losses(model: Transformer, context: Sequence[int], answers: Sequence[Sequence[int]]) -> list[float]:
    """Nats of each answer after the same context; all answers go through the model together."""
    device = model.head_VE.device
    texts = [[*context, *answer] for answer in answers]
    sizes = [len(text) - 1 for text in texts]
    layout = Layout.of(torch.tensor([0, *sizes]).cumsum(0).to(torch.int32), device)
    ids = torch.tensor([token for text in texts for token in text[:-1]], device=device)
    targets = torch.tensor([token for text in texts for token in text[1:]], device=device)
    positions = torch.cat([torch.arange(size) for size in sizes]).to(device)
    model.eval()
    with precision(device):
        states, _ = model.states(MicroBatch(Tokens(ids, positions, layout), targets, None))
        _, losses = summed_cross_entropy(states, model.head_VE, targets)
    pieces = losses.split(sizes)
    return [float(piece[len(context) - 1 :].sum()) for piece in pieces]


@torch.no_grad()
def greedy(model: Transformer, context: Sequence[int], answer: Sequence[int]) -> bool:
    """Whether the best token, each time, is that of the answer."""
    device, text = model.head_VE.device, [*context, *answer][:-1]
    layout = Layout.of(torch.tensor([0, len(text)], dtype=torch.int32), device)
    ids, positions = torch.tensor(text, device=device), torch.arange(len(text), device=device)
    model.eval()
    with precision(device):
        states, _ = model.states(MicroBatch(Tokens(ids, positions, layout), ids, None))
        best = torch.cat([model.logits(part).argmax(-1) for part in states[len(context) - 1 :].split(64)])
    return best.tolist() == list(answer)
