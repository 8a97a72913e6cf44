"""Weights, gradients and optimizer split over the processes of a team (FSDP2): each keeps its part, and has a block whole while
that is computed. What is asked of all processes at once says so.
"""

from torch import Tensor
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn import Module

from model.network.transformer import Transformer


def shard(model: Transformer) -> None:
    """Splits every block by itself, and what is outside them together; in all processes at once."""
    for block in model.stack.blocks:
        fully_shard(block)
    fully_shard(model)


def at_rest(model: Module) -> None:
    """Lets go of what a look at held-out text has left whole: no backward pass came after it."""
    if isinstance(model, FSDPModule):
        model.reshard()


def is_split(weight: Tensor) -> bool:
    """Whether this process holds a part of it."""
    return isinstance(weight, DTensor)


def whole(tensor: Tensor) -> Tensor:
    """All of it; in all processes at once where each holds a part."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def like(values: Tensor, weight: Tensor) -> Tensor:
    """Values that every process has whole, split as a weight is."""
    if not isinstance(weight, DTensor):
        return values
    return distribute_tensor(values, weight.device_mesh, weight.placements, src_data_rank=None)
