"""An LSTM (Hochreiter and Schmidhuber 1997) as the language models of 2016 had it: one table embeds tokens and scores them.

What it knows of a text is one state of fixed size, carried from token to token; every piece of a row begins with an empty one.
"""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, unpack_sequence

from model.network.attention import Layout
from model.network.inputs import Hidden, MicroBatch, Model

M = TypeVar("M", bound=nn.Module)


class RecurrentModel(Model):
    """Embedding, LSTM, and back to the width of the embedding."""

    def __init__(self, vocabulary: int, width: int, hidden: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.memory = nn.LSTM(width, hidden, layers)
        self.output = nn.Linear(hidden, width)

    @property
    def head_VE(self) -> Tensor:
        return self.embedding.weight

    def states(self, batch: MicroBatch) -> Hidden:
        packed, _ = self.memory(pieces(self.embedding(batch.tokens.ids_N), batch.tokens.layout))
        return Hidden(self.output(laid_flat(packed)), self.head_VE.new_zeros(()))


def pieces(x_NE: Tensor, layout: Layout) -> PackedSequence:
    """The pieces of a flat batch, for torch's recurrent layers: no padding, and none sees another."""
    return pack_sequence(list(x_NE.split(layout.sizes)), enforce_sorted=False)


def laid_flat(packed: PackedSequence) -> Tensor:
    """The way back, [N, H]."""
    return torch.cat(unpack_sequence(packed))


def drawn(model: M, seed: int) -> M:
    """Weights that depend on the seed and the shapes alone: tables 0.02, matrices 1/sqrt(inputs), biases 0, forget gates open."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if weight.dim() == 1:
                weight.zero_()
                if "bias_ih" in name:  # input, forget, cell, output (Jozefowicz et al. 2015: open gates learn sooner)
                    weight[len(weight) // 4 : len(weight) // 2] = 1.0
                continue
            deviation = 0.02 if name.startswith("embedding") else weight.shape[-1] ** -0.5
            weight.copy_(torch.empty(weight.shape).normal_(0, deviation, generator=generator))
    return model


def lstm_like(parameters: int, vocabulary: int, width: int, layers: int = 2) -> RecurrentModel:
    """The widest of so many layers that has no more parameters than asked for, the table left out of both.

    With L layers of width H over an embedding E: 4H(E + H + 2) + 4H(2H + 2)(L - 1) + HE + E.
    """

    def count(hidden: int) -> int:
        return 4 * hidden * (width + hidden + 2) + 4 * hidden * (2 * hidden + 2) * (layers - 1) + hidden * width + width

    hidden = 1
    while count(hidden + 1) <= parameters:
        hidden += 1
    return RecurrentModel(vocabulary, width, hidden, layers)
