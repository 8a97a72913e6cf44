"""jobs/spark/packed.py against a dictionary: rows of one key meet whole, whatever the buckets, batches and partitions."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from jobs.spark.arrow_map import spark_schema
from jobs.spark.packed import LEAST_BUCKETS, MOST_BUCKETS, PACKED, _by_bucket, bucket_of, buckets_for, met, packed

ROWS = pa.schema([("key", pa.int64()), ("name", pa.string())])
KEYS = st.integers(-(2**63), 2**63 - 1)


def batch_of(pairs: list[tuple[int, str | None]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"key": key, "name": name} for key, name in pairs], ROWS)


def packed_rows(pairs: list[tuple[int, str | None]], buckets: int) -> pa.RecordBatch:
    batch = batch_of(pairs)
    return packed(batch, bucket_of(batch["key"].to_numpy(), buckets))


@given(st.lists(st.tuples(KEYS, st.none() | st.text(max_size=3)), max_size=40), st.integers(1, 9))
def test_every_row_is_in_the_bucket_of_its_key_and_in_no_other(pairs: list[tuple[int, str | None]], buckets: int) -> None:
    rows = packed_rows(pairs, buckets)
    found: dict[int, set[int]] = {}
    unpacked = Counter[tuple[int, str | None]]()
    for number, table in zip(rows["bucket"].to_pylist(), _by_bucket(iter([rows]), ROWS), strict=True):
        for one in table.to_pylist():
            found.setdefault(one["key"], set()).add(number)
            unpacked[one["key"], one["name"]] += 1
    assert unpacked == Counter(pairs)
    assert all(len(numbers) == 1 for numbers in found.values())


@pytest.mark.spark
@pytest.mark.parametrize(("partitions", "batches"), [(1, 1), (3, 4)])
def test_rows_of_a_key_meet_from_all_batches(spark: SparkSession, partitions: int, batches: int) -> None:
    pairs = [(number % 17, f"n{number}") for number in range(200)]
    packs = [packed_rows(pairs[at::batches], 5) for at in range(batches)]
    frame = spark.createDataFrame(pa.Table.from_batches(packs, PACKED).to_pylist(), spark_schema(PACKED)).repartition(partitions)

    def counted(rows: pa.Table) -> pa.Table:
        counts = Counter(rows["key"].to_pylist())
        return pa.table([list(counts), list(counts.values())], schema=pa.schema([("key", pa.int64()), ("rows", pa.int64())]))

    made = pa.schema([("key", pa.int64()), ("rows", pa.int64())])
    assert sorted(map(tuple, met(frame, ROWS, counted, made).collect())) == sorted(Counter(key for key, _ in pairs).items())


def test_keys_that_follow_one_another_are_spread_over_all_buckets() -> None:
    for keys in (np.arange(1000), np.arange(1000) << 40):
        assert np.bincount(bucket_of(keys, 8), minlength=8).min() > 60
    assert (buckets_for(1), buckets_for(10), buckets_for(10**6)) == (LEAST_BUCKETS, 40, MOST_BUCKETS)
