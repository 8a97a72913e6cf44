"""Which of several documents is kept: by value, never by arrival."""

from pyspark.sql import WindowSpec
from pyspark.sql import functions as f

Order = tuple[tuple[str, str], ...]
# The first is kept: the best, then the earliest, then the smallest doc_id; of one URL the newest.
BEST: Order = (("value", "desc"), ("fetched", "asc"), ("doc_id", "asc"))
NEWEST: Order = (("fetched", "desc"), ("value", "desc"), ("doc_id", "asc"))


def in_order(window: WindowSpec, order: Order) -> WindowSpec:
    """Rows of a window by value, what is unknown last."""
    return window.orderBy(*[getattr(f, f"{direction}_nulls_last")(name) for name, direction in order])
