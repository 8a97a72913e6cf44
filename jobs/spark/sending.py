"""A small side of a join goes to every worker, a large one does not."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

MAX_SENT_ROWS = 2_000_000  # of eight bytes


def sent(rows: DataFrame, most: int = MAX_SENT_ROWS) -> DataFrame:
    """Goes to every worker where it has few rows; else both sides of its join are shuffled. Same rows either way.

    `rows` is counted, so it should be computed already.
    """
    return f.broadcast(rows) if rows.limit(most + 1).count() <= most else rows
