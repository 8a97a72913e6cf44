"""A small side of a join goes to every worker, a large one does not."""

from typing import Any

import numpy as np
from pyspark import Broadcast
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

MAX_SENT_ROWS = 2_000_000  # of eight bytes


def sent(rows: DataFrame, most: int = MAX_SENT_ROWS) -> DataFrame:
    """Goes to every worker where it has few rows; else both sides of its join are shuffled. Same rows either way.

    `rows` is counted, so it should be computed already.
    """
    return f.broadcast(rows) if rows.limit(most + 1).count() <= most else rows


def sent_values(rows: DataFrame, most: int = MAX_SENT_ROWS) -> "Broadcast[np.ndarray] | None":
    """The only column of `rows`, sorted, for every worker; null where it has too many rows."""
    values = rows.limit(most + 1).toArrow()
    if values.num_rows > most:
        return None
    sent: Broadcast[Any] = rows.sparkSession.sparkContext.broadcast(np.sort(values.column(0).to_numpy()))
    return sent
