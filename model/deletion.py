"""What deletions will cost, and how many checkpoints are worth keeping for them.

A page is taken out of a run by going back to the newest checkpoint that never saw it and training again from there. After one
epoch every page has been read, so only checkpoints of the first epoch are ever gone back to. A page that fills r rows is first
read where the first of r evenly drawn steps falls: the longer it is, the earlier. Pages of late sources
(tokenizer/shards/splits.py) are read at the epoch's end alone. With a checkpoint every k steps a replay goes back k/2 steps
further than it must, on average.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DeletionCosts:
    """A run, the requests expected while its checkpoints are kept, each answered by itself, and prices in one currency."""

    steps: int
    first_epoch: int  # steps until every page has been read
    rows_per_page: float
    requests: float
    checkpoint_bytes: float  # weights and optimizer
    run_hours: float
    hour_price: float  # of the machine that the run needs
    gigabyte_price: float  # of storage, over the whole time
    late_share: float = 0  # of an epoch's rows: those of late sources
    late_requests: float = 0  # share of the requests that are for pages of late sources


@dataclass(frozen=True)
class Spacing:
    """So many steps between kept checkpoints, and what that costs."""

    steps: int
    checkpoints: int
    storage_gigabytes: float
    replay_share: float  # of all steps, expected for one request
    late_replay_share: float  # the same, for a page of a late source
    replay_hours: float  # of all requests
    cost: float  # storage and replays together


def expected_replay_share(costs: DeletionCosts, spacing: int, *, late: bool = False) -> float:
    """Share of the steps that one request is expected to train again: 1 - E[floor(first read / spacing) spacing] / steps.

    Where pages of a kind are read from step b to step e, a first read is at or after step s with probability
    ((e - s) / (e - b))^rows_per_page; exact for pages of one row.
    """
    turn = costs.first_epoch * (1 - costs.late_share)
    begin, end = (turn, float(costs.first_epoch)) if late and costs.late_share else (0.0, turn)
    steps = range(spacing, math.ceil(end), spacing)
    later = (min(1.0, (end - step) / (end - begin)) ** costs.rows_per_page for step in steps)
    return 1 - spacing * sum(later) / costs.steps


def cost_of(costs: DeletionCosts, spacing: int) -> Spacing:
    checkpoints = (costs.first_epoch - 1) // spacing  # step 0 needs none: fresh weights follow from the seed
    gigabytes = checkpoints * costs.checkpoint_bytes / 1e9
    share, late = (expected_replay_share(costs, spacing, late=one) for one in (False, True))
    hours = costs.requests * (share + costs.late_requests * (late - share)) * costs.run_hours
    cost = hours * costs.hour_price + gigabytes * costs.gigabyte_price
    return Spacing(spacing, checkpoints, gigabytes, share, late, hours, cost)


def best_spacing(costs: DeletionCosts) -> int:
    """Where half a spacing more for every request costs what the checkpoints cost.

    requests k/2 (price of a step) + first_epoch/k (price of a checkpoint) is least at
    k = sqrt(2 first_epoch (price of a checkpoint) / (requests (price of a step))). A spacing that just fits its number of
    checkpoints into the epoch is better still, so those beside k are looked at, and none at all; with late sources every number
    up to twice that many, since a checkpoint just before they begin is worth more than others.
    """
    step_price = costs.requests * costs.run_hours / costs.steps * costs.hour_price
    checkpoint_price = costs.checkpoint_bytes / 1e9 * costs.gigabyte_price
    if step_price == 0:
        return costs.first_epoch
    smooth = max(1, min(costs.first_epoch, round(math.sqrt(2 * costs.first_epoch * checkpoint_price / step_price))))
    about = costs.first_epoch // smooth
    counts = range(2 * about + 3) if costs.late_requests else range(max(0, about - 2), about + 3)
    fitting = {-(-costs.first_epoch // (count + 1)) for count in counts}
    if costs.late_share and costs.late_requests:
        turn = costs.first_epoch * (1 - costs.late_share)
        fitting |= {max(1, int(turn / count)) for count in range(1, 2 * about + 3)}
    return min({smooth, costs.first_epoch, *fitting}, key=lambda spacing: (cost_of(costs, spacing).cost, spacing))
