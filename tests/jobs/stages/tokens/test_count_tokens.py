"""Where each token is used: sums that a dictionary gives too, however Spark cuts the documents."""

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from jobs.stages.tokens.count_tokens import origins, token_counts
from pipeline.tables import TOKEN_COUNTS
from tokenizer.shards.token_counts import count_partition

Document = tuple[list[int], str | None, str]  # ids, host, cluster


def slow_counts(documents: list[Document]) -> list[dict[str, Any]]:
    """TOKEN_COUNTS by one dictionary per token."""
    found: dict[int, dict[str, Any]] = defaultdict(
        lambda: {"documents": 0, "clusters": set(), "of_host": defaultdict(int), "n": 0}
    )
    for ids, host, cluster in documents:
        for token in ids:
            found[token]["n"] += 1
            if host is not None:
                found[token]["of_host"][host] += 1
        for token in set(ids):
            found[token]["documents"] += 1
            found[token]["clusters"].add(cluster)
    rows = []
    for token, one in sorted(found.items()):
        top = min(one["of_host"].items(), key=lambda item: (-item[1], item[0]), default=(None, 0))
        values = (token, one["n"], one["documents"], len(one["of_host"]), len(one["clusters"]), *top)
        rows.append(dict(zip(TOKEN_COUNTS.names, values, strict=True)))
    return rows


def counted(spark: SparkSession, documents: list[Document], dtype: str, partitions: int) -> list[dict[str, Any]]:
    tokens = [(f"{n:04}", np.array(ids, dtype).tobytes()) for n, (ids, _, _) in enumerate(documents)]
    encoded = spark.createDataFrame(tokens, "doc_id string, tokens binary").repartition(partitions)
    where = [(f"{n:04}", host, cluster) for n, (_, host, cluster) in enumerate(documents)]
    counts = token_counts(encoded, spark.createDataFrame(where, "doc_id string, host string, cluster_id string"), dtype)
    return [row.asDict() for row in counts.orderBy("token").collect()]


def some_documents(seed: int, largest: int) -> list[Document]:
    rng = np.random.default_rng(seed)
    made: list[Document] = [([], "a.example", "empty"), ([largest], None, "far")]
    for number in range(60):
        ids = (rng.zipf(1.5, rng.integers(0, 40)) % (largest + 1)).tolist()
        host = [None, "a.example", "b.example", "c.example", f"{number}.example"][rng.integers(5)]
        made.append((ids, host, f"cluster {rng.integers(20)}" if number % 2 else f"own {number}"))
    return made


@pytest.mark.spark
@pytest.mark.parametrize(("dtype", "largest", "partitions"), [("uint16", 65_535, 1), ("uint32", 200_000, 5)])
def test_counts_are_those_of_a_dictionary(spark: SparkSession, dtype: str, largest: int, partitions: int) -> None:
    documents = some_documents(partitions, largest)
    assert counted(spark, documents, dtype, partitions) == slow_counts(documents)


@pytest.mark.spark
def test_a_token_of_one_page_and_its_copies_has_one_cluster(spark: SparkSession) -> None:
    documents: list[Document] = [([7, 7], "a", "x"), ([7], "b", "x"), ([7, 8], "b", "x"), ([8], "c", "y")]
    seven, eight = counted(spark, documents, "uint16", 3)
    assert (seven["documents"], seven["hosts"], seven["clusters"]) == (3, 2, 1)
    assert (seven["top_host"], seven["top_host_occurrences"]) == ("a", 2), "of equals the first by name"
    assert (eight["documents"], eight["hosts"], eight["clusters"]) == (2, 2, 2)


@pytest.mark.spark
def test_a_keeper_stands_in_the_cluster_of_its_copies(spark: SparkSession) -> None:
    def table(rows: list[tuple[Any, ...]], schema: str) -> DataFrame:
        return spark.createDataFrame(rows, schema)

    pages = [("k", "a", "f", 1), ("m", "b", "f", 2), ("m", "b", "g", 1), ("z", None, "f", 3), ("z", None, "f", 4)]
    copies = [("m", "k", "c", "near", "f", 2), ("m", "m", "m", "record", "g", 1), ("z", "z", "z", "record", "f", 4)]
    found = origins(
        table(pages, "doc_id string, host string, warc_file string, warc_offset long"),
        table(copies, "doc_id string, keeper_id string, cluster_id string, kind string, warc_file string, warc_offset long"),
    )
    assert sorted(tuple(row) for row in found.collect()) == [("k", "a", "c"), ("m", "b", "c"), ("z", None, "z")]


@given(st.lists(st.tuples(st.lists(st.integers(0, 5000), max_size=30), st.sampled_from([None, "a", "b"])), max_size=30),
       st.integers(1, 7))  # fmt: skip
def test_a_partition_is_counted_alike_in_batches_of_any_size(pages: list[tuple[list[int], str | None]], size: int) -> None:
    """Documents without copies leave one row per token, whatever they are cut into."""
    pages = sorted(pages, key=lambda one: (one[1] is not None, one[1]))
    tokens = pa.array([np.array(ids, "<u2").tobytes() for ids, _ in pages], pa.binary())
    whole = pa.record_batch(
        [tokens, pa.array([host for _, host in pages], pa.string()), pa.nulls(len(pages), pa.string())],
        names=["tokens", "host", "cluster"],
    )
    batches = [whole.slice(first, size) for first in range(0, len(pages), size)]
    found = [row for batch in count_partition(iter(batches), "uint16") for row in batch.to_pylist()]
    for row in found:
        assert row.pop("cluster") is None
    assert found == slow_counts([(ids, host, str(number)) for number, (ids, host) in enumerate(pages)])
