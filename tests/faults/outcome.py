"""What becomes of faults."""

from collections.abc import Iterable
from typing import NamedTuple


class Outcome(NamedTuple):
    """Faults by what became of them, except `lost` and `duplicated`, which count what a fault cost or repeated."""

    injected: int = 0
    noticed: int = 0  # said, with the name of what is damaged: an error, a check that fails, a row of damage
    harmless: int = 0  # the answer is that of before, or the work is whole once it has been begun again
    lost: int = 0  # what a fault did not hit, and is gone: records, files, rows, published work
    duplicated: int = 0  # what is there more often than it was written
    silent: int = 0  # another answer, and nothing says so; or an error that does not name what is damaged
    beyond: int = 0  # nothing that a reader could know: what no checksum of the format covers

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.duplicated or self.silent)


def total(outcomes: Iterable[Outcome]) -> Outcome:
    return Outcome(*map(sum, zip(Outcome(), *outcomes, strict=True)))
