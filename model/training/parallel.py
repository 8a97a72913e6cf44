"""Several processes, one model: each takes its rows of a step, and gradients are summed before the update.

Started by torchrun, which tells each process its place by environment variables. Losses are sums divided by a plan constant, so
the sum over processes is the gradient of the whole step, whatever each of them held.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Team:
    """This process among all."""

    rank: int = 0
    world: int = 1
    device: torch.device = CPU

    @property
    def is_main(self) -> bool:
        """Of all processes, the one that writes and reports."""
        return self.rank == 0

    def sum(self, tensors: Iterable[Tensor]) -> None:
        """Adds up these tensors over all processes, in place, in one message."""
        if self.world == 1:
            return
        parts = list(tensors)
        flat = torch.cat([part.flatten() for part in parts])
        dist.all_reduce(flat)
        for part, summed in zip(parts, flat.split([part.numel() for part in parts]), strict=True):
            part.copy_(summed.view_as(part))

    def any(self, here: bool) -> bool:
        """Whether it holds in any process, the same answer in all."""
        if self.world == 1:
            return here
        counted = torch.tensor([float(here)], device=self.device)
        dist.all_reduce(counted)
        return bool(counted.item())

    def wait(self) -> None:
        """Until all are here."""
        if self.world > 1:
            dist.barrier()


@contextmanager
def team() -> Iterator[Team]:
    """The team that torchrun started, or a team of one. One GPU a process where there are any."""
    world, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if torch.cuda.is_available() else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if world == 1:
        yield Team(device=device)
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(rank, world, device)
    finally:
        dist.destroy_process_group()
