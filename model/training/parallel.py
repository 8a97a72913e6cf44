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

from pipeline.errors import UsageError

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Team:
    """This process among all."""

    rank: int = 0
    world: int = 1
    device: torch.device = CPU
    machines: int = 1

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


def device_of(asked: str | None = None) -> torch.device:
    """cpu, cuda or cuda:N; without a name a GPU where there is one. Raises UsageError for one that is not there.

    Of several processes each takes the GPU of its own place.
    """
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    kind, sign, number = (asked or ("cuda" if there else "cpu")).partition(":")
    if kind not in ("cpu", "cuda") or (sign and not (kind == "cuda" and number.isdecimal() and number.isascii())):
        raise UsageError(f"--device {asked}: cpu, cuda or cuda:N")
    if kind == "cpu":
        return CPU
    local = os.environ.get("LOCAL_RANK")
    if sign and local is not None:
        raise UsageError(f"--device {asked}: torchrun gives each process a GPU of its own; --device cuda")
    chosen = int(number or local or 0)
    if chosen >= there:
        has = f"{there} of them, from cuda:0 on" if there else "no GPU that torch can use"
        raise UsageError(f"--device {asked or f'cuda:{chosen}'}: this machine has {has}")
    return torch.device("cuda", chosen)


@contextmanager
def team(asked: str | None = None) -> Iterator[Team]:
    """The team that torchrun started, or a team of one; on this device, or one GPU a process if there are any."""
    world, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    device = device_of(asked)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if world == 1:
        yield Team(device=device)
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(rank, world, device, int(os.environ.get("GROUP_WORLD_SIZE", "1")))
    finally:
        dist.destroy_process_group()
