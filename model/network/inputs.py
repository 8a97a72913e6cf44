"""What goes through a model at once, and what a model has to be for the loop to train it."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from model.network.attention import Layout, PackedAttend
from model.network.sequences import Inputs, Sequence


class Tokens(NamedTuple):
    """A flat sequence of pieces on a device."""

    ids_N: Tensor
    positions_N: Tensor
    layout: Layout

    @classmethod
    def of(cls, sequence: Sequence, device: torch.device) -> "Tokens":
        ids, positions = (torch.from_numpy(part).to(device, torch.int64, non_blocking=True) for part in sequence[:2])
        return cls(ids, positions, Layout.of(torch.from_numpy(sequence.boundaries), device))

    @property
    def attend(self) -> PackedAttend:
        """Each piece sees itself."""
        return PackedAttend(self.layout)


@dataclass(frozen=True)
class MicroBatch:
    """What goes through the model at once."""

    tokens: Tokens
    targets_N: Tensor
    memory: Tokens | None

    @classmethod
    def of(cls, inputs: Inputs, device: torch.device) -> "MicroBatch":
        memory = None if inputs.memory is None else Tokens.of(inputs.memory, device)
        targets = torch.from_numpy(inputs.targets).to(device, torch.int64, non_blocking=True)
        return cls(Tokens.of(inputs.sequence, device), targets, memory)

    @property
    def attend_memory(self) -> PackedAttend | None:
        return None if self.memory is None else PackedAttend(self.tokens.layout, self.memory.layout)


class Hidden(NamedTuple):
    """What the last block says of each token, and how evenly experts were used (0 without experts)."""

    states_NE: Tensor
    balance: Tensor


class Model(nn.Module):
    """What the loop trains: two methods, whatever is inside. A recurrent network or two towers are trained by it as well."""

    def states(self, batch: MicroBatch) -> Hidden:
        """What it makes of every token."""
        raise NotImplementedError

    @property
    def head_VE(self) -> Tensor:
        """The table that scores tokens by a state, or whatever else a loss holds states against."""
        raise NotImplementedError
