"""A record that was met twice gives one document with two rows: the one at the smaller (warc_file, warc_offset) stands."""

from typing import NamedTuple

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

PLACE = ("warc_file", "warc_offset")


class Places(NamedTuple):
    """The rows of `documents`, told apart."""

    first: DataFrame  # each doc_id once
    repeated: DataFrame  # all others


def places(documents: DataFrame) -> Places:
    """Of narrow rows, which have doc_id and PLACE: they are sorted, in one shuffle."""
    number = f.row_number().over(Window.partitionBy("doc_id").orderBy(*PLACE))
    numbered = documents.withColumn("_number", number)
    return Places(*(numbered.where(which).drop("_number") for which in ("_number = 1", "_number > 1")))
