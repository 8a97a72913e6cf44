"""Near copies never lie on both sides of the split, whatever Spark does and however clusters and hosts overlap."""

import random
from collections.abc import Iterable

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from jobs.stages.tokens.hold_out import hashes_of_clusters, with_unit
from jobs.stages.tokens.place_documents import in_splits
from tokenizer.shards.files import PLANNED, ShardSettings
from tokenizer.shards.splits import VALIDATION, hash_bound, split_hashes

pytestmark = pytest.mark.spark
HELD_OUT = PLANNED.index(VALIDATION)
HALF = ShardSettings(validation_share=0.5, validation_unit="host")
DUPLICATES = "doc_id string, keeper_id string, cluster_id string, kind string"
Row = tuple[str, str, str, str]


def doc_id(number: int) -> str:
    return f"{number:032x}"


def pages(hosts: list[int]) -> list[tuple[str, str | None]]:
    """doc_id and URL; host 0 stands for a page without one."""
    return [(doc_id(page), f"http://h{host}.example/{page}" if host else None) for page, host in enumerate(hosts)]


def split_of(spark: SparkSession, hosts: list[int], duplicates: Iterable[Row], partitions: int = 2) -> dict[str, bool]:
    """doc_id -> held out, by the jobs."""
    curated = spark.createDataFrame(pages(hosts), "doc_id string, url string").repartition(partitions)
    clusters = hashes_of_clusters(curated, spark.createDataFrame(list(duplicates), DUPLICATES).repartition(partitions), HALF)
    own = own_hashes(hosts)
    joined = own if clusters is None else own | {row["doc_id"]: row["split_hash"] for row in clusters.collect()}
    return {page: split_hash < hash_bound(HALF.validation_share) for page, split_hash in joined.items()}


def own_hashes(hosts: list[int]) -> dict[str, int]:
    units = [f"h{host}.example" if host else doc_id(page) for page, host in enumerate(hosts)]
    return dict(zip(map(doc_id, range(len(hosts))), split_hashes(units, HALF.seed), strict=True))


def slow_split(hosts: list[int], duplicates: list[Row]) -> dict[str, bool]:
    """The same by following every link until nothing is added."""
    own, near = own_hashes(hosts), [row for row in duplicates if row[3] != "record"]
    held_out = {}
    for page in own:
        reached, before = {page}, set[str]()
        while reached != before:
            before = set(reached)
            clusters = {row[2] for row in near if reached & set(row[:2])}
            reached |= {member for row in near if row[2] in clusters for member in row[:2] if member in own}
        held_out[page] = all(own[member] < hash_bound(HALF.validation_share) for member in reached)
    return held_out


def drawn_corpus(seed: int) -> tuple[list[int], list[Row]]:
    """400 pages of 60 hosts and clusters of one to four pages, some of them not curated, some sharing a page."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for _ in range(120):
        cluster, keeper = doc_id(rng.randrange(1000)), rng.randrange(450)
        rows += [(doc_id(rng.randrange(450)), doc_id(keeper), cluster, "near") for _ in range(rng.randrange(1, 4))]
        rows.append((doc_id(keeper), doc_id(keeper), doc_id(keeper), "record"))
    return [rng.randrange(60) for _ in range(400)], rows


@pytest.mark.parametrize(("seed", "partitions"), [(1, 1), (1, 5), (2, 2)])
def test_a_cluster_is_held_out_with_all_its_hosts_or_not_at_all(spark: SparkSession, seed: int, partitions: int) -> None:
    hosts, rows = drawn_corpus(seed)
    expected = slow_split(hosts, rows)
    assert split_of(spark, hosts, rows, partitions) == expected
    for row in rows:
        assert expected.get(row[0], expected.get(row[1])) == expected.get(row[1], expected.get(row[0])), "near copies straddle"
    alone = {page: split_hash < hash_bound(HALF.validation_share) for page, split_hash in own_hashes(hosts).items()}
    assert sum(alone.values()) - 30 > sum(expected.values()) > 50, "clusters decide much here, and not everything"


def test_one_page_of_a_host_in_training_keeps_a_copy_on_a_held_out_host_there(spark: SparkSession) -> None:
    hosts = list(range(1, 9))
    own = split_of(spark, hosts, [])
    out, kept = (next(page for page, held_out in own.items() if held_out is side) for side in (True, False))
    joined = split_of(spark, hosts, [(out, kept, min(out, kept), "near")])
    assert own[out] and not joined[out]
    assert {page: side for page, side in own.items() if page != out} == {
        page: side for page, side in joined.items() if page != out
    }, "what has no part in the cluster stays where it was"


def test_what_other_documents_a_corpus_has_decides_nothing(spark: SparkSession) -> None:
    few, many = split_of(spark, [1, 2, 3], []), split_of(spark, [1, 2, 3, 1, 2, 4, 5], [])
    assert few.items() <= many.items()


def test_hosts_are_counted_in_one_spelling(spark: SparkSession) -> None:
    names = [f"http://h{host}.example/" for host in range(999)]
    auto = ShardSettings()
    few = spark.createDataFrame([(name,) for name in [*names, "http://H1.Example:80/x", None]], "url string")
    assert with_unit(auto, few).validation_unit == "page"
    assert with_unit(auto, few.union(few.sparkSession.createDataFrame([("http://new/",)]))).validation_unit == "host"


@pytest.mark.parametrize(("share", "held_out"), [(0.0, 0), (1e-9, 1), (0.5, 2)])
def test_a_tiny_corpus_holds_out_its_lowest_draw_at_least_and_never_all(spark: SparkSession, share: float, held_out: int) -> None:
    low = hash_bound(0.25)
    rows = [(low, 0, 5), (low + 1, 1, 5), (low + 2, 2, 5)]  # all in the lower half
    documents = spark.createDataFrame(rows, "split_hash long, bucket int, n_tokens long").withColumn("late", f.lit(False))
    split, found = in_splits(documents, share)
    assert split.where(f.col("split") == HELD_OUT).count() == held_out
    assert sum(one.tokens for one in found) == 18
    alone, _ = in_splits(documents.limit(1), share)
    assert alone.where(f.col("split") == HELD_OUT).count() == 0, "one unit is not split"
