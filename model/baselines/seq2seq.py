"""Two recurrent networks, one that reads and one that writes, and attention between them (Bahdanau et al. 2015).

The step before the transformer: what is written next is decided by a state and by a look back at all that was read, weighed by
how well each place fits. Scores are products, as Luong et al. 2015 have them.
"""

import torch
from torch import Tensor, nn

from model.baselines.recurrent import laid_flat, pieces
from model.network.inputs import Hidden, MicroBatch, Model


class Seq2Seq(Model):
    """The reader goes both ways over `memory`, the writer over the tokens so far; pieces of both belong together."""

    def __init__(self, vocabulary: int, width: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.reader = nn.LSTM(width, hidden // 2, bidirectional=True)
        self.writer = nn.LSTM(width, hidden // 2 * 2)
        self.output = nn.Linear(hidden // 2 * 4, width)

    @property
    def head_VE(self) -> Tensor:
        return self.embedding.weight

    def states(self, batch: MicroBatch) -> Hidden:
        assert batch.memory is not None
        read, _ = self.reader(pieces(self.embedding(batch.memory.ids_N), batch.memory.layout))
        written, _ = self.writer(pieces(self.embedding(batch.tokens.ids_N), batch.tokens.layout))
        states, memory = laid_flat(written), laid_flat(read)
        found = torch.cat([
            looked_up(query, place)
            for query, place in zip(
                states.split(batch.tokens.layout.sizes), memory.split(batch.memory.layout.sizes), strict=True
            )
        ])  # fmt: skip
        return Hidden(self.output(torch.cat([states, found], 1).tanh()), self.head_VE.new_zeros(()))


def looked_up(query_NH: Tensor, memory_MH: Tensor) -> Tensor:
    """What each place of the writer finds in what was read, weighed by how well it fits; [N, H]."""
    weights_NM = (query_NH @ memory_MH.T / query_NH.shape[1] ** 0.5).softmax(-1)
    return weights_NM @ memory_MH


def seq2seq_like(parameters: int, vocabulary: int, width: int) -> Seq2Seq:
    """The widest that has no more parameters than asked for, the table left out of both."""

    def count(hidden: int) -> int:
        half, whole = hidden // 2, hidden // 2 * 2
        return 8 * half * (width + half + 2) + 4 * whole * (width + whole + 2) + 2 * whole * width + width

    hidden = 2
    while count(hidden + 2) <= parameters:
        hidden += 2
    return Seq2Seq(vocabulary, width, hidden)
