"""Which shards each document may be in, before any is written: its split, its bucket, and what lies before that.

Documents of a split are ordered by a hash, whose first bits cut it into buckets. How many tokens each bucket holds, summed, says
where it begins; no document needs to know all those before it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from tokenizer.shards.files import PLANNED, SplitPlan
from tokenizer.shards.splits import LATE, TRAIN, VALIDATION, bound_that_splits, hash_bound

BUCKET_BITS = 16


class Bucket(NamedTuple):
    """Documents of one split whose order begins with the same bits."""

    split: int  # its place in PLANNED
    bucket: int
    tokens: int  # <|endoftext|> included
    lowest: int  # of their split hashes
    highest: int


def in_splits(documents: DataFrame, share: float) -> tuple[DataFrame, list[Bucket]]:
    """Documents + split, a place in PLANNED, and what lies in the buckets of each split."""
    bound = hash_bound(share)
    documents_split, found = _split_at(documents, bound)
    if found:
        moved = bound_that_splits(share, min(one.lowest for one in found), max(one.highest for one in found))
        if moved != bound:  # few documents: they drew nothing, or everything
            return _split_at(documents, moved)
    return documents_split, found


def _split_at(documents: DataFrame, bound: int) -> tuple[DataFrame, list[Bucket]]:
    held_out, late, others = map(PLANNED.index, (VALIDATION, LATE, TRAIN))
    split = documents.withColumn(
        "split", f.when(f.col("split_hash") < bound, held_out).when(f.col("late"), late).otherwise(others)
    )
    tokens = f.sum(f.col("n_tokens") + 1)
    rows = split.groupBy("split", "bucket").agg(tokens, f.min("split_hash"), f.max("split_hash")).collect()  # 196,608 at most
    return split, sorted(Bucket(*row) for row in rows)


def tokens_by_split(found: list[Bucket]) -> list[int]:
    return [sum(one.tokens for one in found if one.split == split) for split in range(len(PLANNED))]


def placed(found: list[Bucket], splits: Sequence[SplitPlan]) -> list[tuple[int, int, int, int, int]]:
    """(split, bucket, tokens of its split before it, first and last shard it may reach into)."""
    places, before = [], [0] * len(splits)
    for one in found:
        split, start = splits[one.split], before[one.split]
        before[one.split] += one.tokens
        last = split.shard_of(start + one.tokens - 1)
        places.append((one.split, one.bucket, start, split.shard_of(start), last))
    return places


def routed(documents: DataFrame, places: list[tuple[int, int, int, int, int]]) -> DataFrame:
    """Documents with the shards that their bucket reaches into; a bucket on the edge of two goes to both."""
    bounds = documents.sparkSession.createDataFrame(places, "split int, bucket int, before long, first int, last int")
    return (
        documents.join(f.broadcast(bounds), ["split", "bucket"])
        .withColumn("shard", f.explode(f.sequence("first", "last")))
        .select("shard", "order", "doc_id", "bucket", "before", "n_tokens", "tokens")
    )
