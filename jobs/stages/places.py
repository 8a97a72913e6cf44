"""A record that was met twice gives one document with two rows: the one at the smaller (warc_file, warc_offset) stands."""

from typing import NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.components import materialised

PLACE = ("warc_file", "warc_offset")
BROADCAST_ROWS = 100_000  # of a few dozen bytes each


class Places(NamedTuple):
    """The rows of `documents`, told apart."""

    first: DataFrame  # each doc_id once
    repeated: DataFrame  # (doc_id, warc_file, warc_offset) of all others


def places(documents: DataFrame) -> Places:
    """Reads the ids alone; texts are not moved unless very many records were met twice."""
    ids = documents.select("doc_id", *PLACE)
    place = f.struct(*PLACE)
    first = ids.groupBy("doc_id").agg(f.min(place).alias("first"), f.count(f.lit(1)).alias("places"))
    several = materialised(first.where("places > 1").select("doc_id", "first"))
    count = several.count()
    if not count:
        return Places(documents, ids.limit(0))
    small = f.broadcast(several) if count <= BROADCAST_ROWS else several
    marked = documents.join(small, "doc_id", "left")
    return Places(
        marked.where(f.col("first").isNull() | (place == f.col("first"))).drop("first"),
        ids.join(small, "doc_id").where(place != f.col("first")).drop("first"),
    )
