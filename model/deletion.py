"""What deletions will cost, and how many checkpoints are worth keeping for them.

A page is taken out of a run by going back to the newest checkpoint that never saw it and training again from there. After one
epoch every page has been read, so only checkpoints of the first epoch are ever gone back to. A page that fills r rows is first
read where the first of r evenly drawn steps falls: the longer it is, the earlier. With a checkpoint every k steps a replay goes
back k/2 steps further than it must, on average.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DeletionCosts:
    """A run, the requests expected while its checkpoints are kept, each answered by itself, and prices in one currency."""

    steps: int
    first_epoch: int          # steps until every page has been read
    rows_per_page: float
    requests: float
    checkpoint_bytes: float   # weights and optimizer
    run_hours: float
    hour_price: float         # of the machine that the run needs
    gigabyte_price: float     # of storage, over the whole time


@dataclass(frozen=True)
class Spacing:
    """So many steps between kept checkpoints, and what that costs."""

    steps: int
    checkpoints: int
    storage_gigabytes: float
    replay_share: float       # of all steps, expected for one request
    replay_hours: float       # of all requests
    cost: float               # storage and replays together


def expected_replay_share(costs: DeletionCosts, spacing: int) -> float:
    """Share of the steps that one request is expected to train again: 1 - E[floor(first read / spacing) spacing] / steps.

    A first read is at or after step s with probability (1 - s/first_epoch)^rows_per_page; exact for pages of one row.
    """
    later = ((1 - step / costs.first_epoch) ** costs.rows_per_page for step in range(spacing, costs.first_epoch, spacing))
    return 1 - spacing * sum(later) / costs.steps


def cost_of(costs: DeletionCosts, spacing: int) -> Spacing:
    checkpoints = (costs.first_epoch - 1) // spacing  # step 0 needs none: fresh weights follow from the seed
    gigabytes = checkpoints * costs.checkpoint_bytes / 1e9
    share = expected_replay_share(costs, spacing)
    hours = costs.requests * share * costs.run_hours
    return Spacing(spacing, checkpoints, gigabytes, share, hours, hours * costs.hour_price + gigabytes * costs.gigabyte_price)


def best_spacing(costs: DeletionCosts) -> int:
    """Where half a spacing more for every request costs what the checkpoints cost.

    requests k/2 (price of a step) + first_epoch/k (price of a checkpoint) is least at
    k = sqrt(2 first_epoch (price of a checkpoint) / (requests (price of a step))). A spacing that just fits its number of
    checkpoints into the epoch is better still, so those beside k are looked at, and none at all.
    """
    step_price = costs.requests * costs.run_hours / costs.steps * costs.hour_price
    checkpoint_price = costs.checkpoint_bytes / 1e9 * costs.gigabyte_price
    if step_price == 0:
        return costs.first_epoch
    smooth = max(1, min(costs.first_epoch, round(math.sqrt(2 * costs.first_epoch * checkpoint_price / step_price))))
    about = costs.first_epoch // smooth
    fitting = {-(-costs.first_epoch // (count + 1)) for count in range(max(0, about - 2), about + 3)}
    return min({smooth, costs.first_epoch, *fitting}, key=lambda spacing: (cost_of(costs, spacing).cost, spacing))
