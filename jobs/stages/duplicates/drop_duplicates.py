"""documents -> duplicates: every document that is a copy, and the document that is kept for it.

Same URL, then same text, then similar text; a copy takes no part in what follows. Read `duplicates` downwards, it is the
algorithm. Nothing depends on the order of rows or on partitions: what is kept is chosen by value. What earlier corpora keep takes
part as fixed: it stands, and stands before all others.
"""

from collections.abc import Iterator
from functools import reduce
from typing import NamedTuple

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as f

from jobs.spark.arrow_map import arrow_map
from jobs.spark.components import components, materialised
from jobs.spark.packed import buckets_for
from jobs.spark.pages import Pages, map_pages
from jobs.stages.duplicates.earlier import Earlier, that_meet
from jobs.stages.duplicates.shared_bands import shared_bands
from jobs.stages.duplicates.signing import SIGNED, Value, signing, text_length
from jobs.stages.places import PLACE
from jobs.stages.select.best import BEST, NEWEST, Order, in_order
from pipeline.duplicates.copies import shingle_sets, similarities
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.tables import DUPLICATES, SKETCHES

FIXED: Order = (("fixed", "desc"),)  # before anything else
MAX_ROUNDS = 8  # of choosing keepers; what is undecided after them is kept, and counted

SHINGLES = pa.schema([("doc_id", pa.string()), ("shingles", pa.binary())])
PAIRS = pa.schema([("left", pa.string()), ("right", pa.string())])
COMPARED = pa.schema([*PAIRS, ("similarity", pa.float32())])
NEAR = ("doc_id", "keeper_id", "similarity")


class Duplicates(NamedTuple):
    """What was found among documents; computed."""

    copies: DataFrame  # the table `duplicates`, of kinds url, exact, near and earlier
    sketches: DataFrame  # the table `sketches`: of all that stand
    undecided: int  # documents alike another that are kept because MAX_ROUNDS of choosing did not reach them


def duplicates(
    pages: Pages, settings: DuplicateSettings, value: Value = text_length, earlier: Earlier | None = None
) -> Duplicates:
    """Of pages with columns doc_id (unique), url, fetched_at, is_row, warc_file and warc_offset. `value` is that of each page of
    a batch: the higher, the better. `earlier` has none of these doc_ids.

    `keeper_id` is never itself a copy. A near copy is connected with its keeper by pairs of at least `min_similarity`;
    `similarity` is its own with the keeper, which can be less: a copy of a copy.
    """
    signed = map_pages(signing(settings, value), pages, ("text",), SIGNED).withColumn("fixed", f.lit(False))
    corpora = [pages]
    if earlier is not None:
        signed = materialised(signed)
        fixed = that_meet(earlier, signed).withColumn("fixed", f.lit(True))
        signed = signed.unionByName(fixed, allowMissingColumns=True)
        corpora += earlier.pages
    keyed = materialised(with_keepers(signed))
    standing = keyed.where("url_keeper = doc_id and text_keeper = doc_id")
    copies = url_copies(keyed).unionByName(exact_copies(keyed))

    buckets = buckets_for(sum(one.piece_count for one in corpora))
    pairs = materialised(candidate_pairs(standing, settings, buckets))
    to_compare = pairs.union(copies.where("kind = 'url'").select("doc_id", "parent"))
    shingles = materialised(shingled(corpora, to_compare, settings))
    near, undecided = near_copies(pairs, shingles, standing, settings, any_fixed=earlier is not None)

    found = near.withColumn("kind", f.lit("near")).unionByName(with_final_keepers(copies, near, shingles))
    cluster = f.least("keeper_id", f.min("doc_id").over(Window.partitionBy("keeper_id")))
    placed = found.withColumn("cluster_id", cluster).join(keyed.select("doc_id", *PLACE), "doc_id")
    if earlier is not None:
        kept_before = keyed.where("fixed").select(f.col("doc_id").alias("keeper_id"), f.lit("earlier").alias("before"))
        placed = placed.join(kept_before, "keeper_id", "left").withColumn("kind", f.coalesce("before", "kind"))
    every = materialised(placed.select(*DUPLICATES.names))
    own = standing.where("not fixed").join(every.select("doc_id"), "doc_id", "left_anti")
    return Duplicates(every, own.select(*SKETCHES.names), undecided)


def repeated_records(documents: DataFrame) -> DataFrame:
    """Rows of kind `record` for documents whose record stands at a smaller place too: one document, met again."""
    same = [f.col("doc_id").alias(name) for name in ("keeper_id", "cluster_id")]
    return documents.select("doc_id", *PLACE, *same, f.lit("record").alias("kind"), full_similarity().alias("similarity"))


def with_keepers(signed: DataFrame) -> DataFrame:
    """+ url_keeper: the newest of the same URL; + text_keeper: the best of the same text among those.

    Rows of one URL are fetches of a page only where their dates say so: chapters and chunks of one fetch share its date, or
    have none. Of such the texts decide. What is fixed keeps itself, and any other fetch of its URL is older than it.
    """
    itself, fetched, same_url = f.col("doc_id"), f.col("fetched"), of_same(f.col("url_key"))
    fixed_dates = [of(f.when(f.col("fixed"), fetched)).over(same_url) for of in (f.min, f.max)]
    of_fixed = [f.coalesce(date, fetched) == fetched for date in fixed_dates]
    of_newest_fetch = fetched.isNull() | ((fetched == f.max("fetched").over(same_url)) & of_fixed[0] & of_fixed[1])
    stands = f.col("fixed") | (f.col("is_part") & of_newest_fetch)
    by_url = signed.withColumn("url_keeper", f.when(stands, itself).otherwise(first_of(f.col("url_key"), (*FIXED, *NEWEST))))
    standing_text = f.when(f.col("url_keeper") == f.col("doc_id"), f.col("text_key"))
    best = first_of(standing_text, (*FIXED, *BEST))
    return by_url.withColumn("text_keeper", f.when(f.col("fixed"), itself).otherwise(best))


def first_of(key: Column, order: Order) -> Column:
    """doc_id of the first row with the same key; a row without a key is its own first."""
    return f.first("doc_id").over(in_order(of_same(key), order))


def of_same(key: Column) -> WindowSpec:
    return Window.partitionBy(key, f.when(key.isNull(), f.col("doc_id")))


def full_similarity() -> Column:
    """1, of texts that are the same."""
    return f.lit(1.0).cast("float")


def url_copies(keyed: DataFrame) -> DataFrame:
    """(doc_id, kind, parent): `parent` is the newest fetch of the URL, or the document of the same text kept for that one."""
    newest = keyed.select(f.col("doc_id").alias("url_keeper"), f.col("text_keeper").alias("parent"))
    older = keyed.where("url_keeper <> doc_id").select("doc_id", f.lit("url").alias("kind"), "url_keeper")
    return older.join(newest, "url_keeper").select("doc_id", "kind", "parent")


def exact_copies(keyed: DataFrame) -> DataFrame:
    """(doc_id, kind, parent): `parent` is the best document of the same text."""
    copies = keyed.where("text_keeper <> doc_id")
    return copies.select("doc_id", f.lit("exact").alias("kind"), f.col("text_keeper").alias("parent"))


def candidate_pairs(standing: DataFrame, settings: DuplicateSettings, buckets: int) -> DataFrame:
    """(left, right), left the better: of each band everyone with the best, and with the next `bucket_neighbours` in value.

    A band of n documents gives less than (1 + bucket_neighbours) n pairs, so a hot one (a cookie banner on a million
    pages) costs a sort and not a square. Order is the same in all bands, so most pairs come up again and fall away.
    What is fixed is compared with nothing else that is.
    """
    values = standing.select("doc_id", "value", "fetched", "fixed")
    band = in_order(Window.partitionBy("band"), (*FIXED, *BEST))
    nearest = [f.lag("doc_id", step).over(band) for step in range(1, settings.bucket_neighbours + 1)]
    shared = shared_bands(standing, buckets).join(values, "doc_id")
    better = shared.withColumn("better", f.array(f.first("doc_id").over(band), *nearest)).where("not fixed")
    return better.select(f.explode("better"), "doc_id").toDF(*PAIRS.names).where("left <> right").distinct()


def shingled(corpora: list[Pages], pairs: DataFrame, settings: DuplicateSettings) -> DataFrame:
    """(doc_id, shingles) of the documents in `pairs`, once each; each corpus has some of them."""

    def sets(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_arrays([batch["doc_id"], shingle_sets(batch["text"], settings)], schema=SHINGLES)

    wanted = pairs.select(f.explode(f.array(*pairs.columns)).alias("doc_id"))
    of_each = [pages.of(pages.select("doc_id").join(wanted, "doc_id", "left_semi")) for pages in corpora]
    return reduce(DataFrame.unionByName, (map_pages(sets, pages, ("text",), SHINGLES) for pages in of_each))


def compared(pairs: DataFrame, shingles: DataFrame) -> DataFrame:
    """(left, right) + similarity, the Jaccard of all their shingles."""
    sides = [shingles.toDF(side, f"{side}_shingles") for side in PAIRS.names]
    return arrow_map(_similarities, pairs.select("left", "right").join(sides[0], "left").join(sides[1], "right"), COMPARED)


def _similarities(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    similarity = similarities(batch["left_shingles"], batch["right_shingles"])
    yield pa.RecordBatch.from_arrays([batch["left"], batch["right"], similarity], schema=COMPARED)


def near_copies(
    pairs: DataFrame, shingles: DataFrame, standing: DataFrame, settings: DuplicateSettings, *, any_fixed: bool
) -> tuple[DataFrame, int]:
    """(doc_id, keeper_id, similarity), and how many are undecided. Of each component of similar pairs the best is kept.

    Chains drift: the end of one can have little in common with the best. Such a document is no copy of it; among
    themselves, and with what is fixed, they choose again.
    """
    similar = materialised(compared(pairs, shingles).where(f.col("similarity") >= settings.min_similarity))
    decided = [similar.limit(0).toDF(*NEAR)]
    values = standing.select(f.col("doc_id").alias("node"), "doc_id", "value", "fetched", "fixed")
    for _ in range(MAX_ROUNDS):
        if similar.isEmpty():
            return reduce(DataFrame.unionByName, decided), 0
        members = components(similar).join(values, "node")
        best = first_of(f.col("component"), (*FIXED, *BEST))
        kept = members.select(best.alias("left"), f.col("doc_id").alias("right"), "fixed").where("left <> right")
        judged = materialised(compared(kept.where("not fixed"), shingles))
        is_copy = f.col("similarity") >= settings.keeper_similarity
        decided.append(judged.where(is_copy).select("right", "left", "similarity").toDF(*NEAR))
        left = judged.where(~is_copy).select("right")
        if any_fixed:
            left = materialised(left.union(kept.where("fixed").select("right")))
        if left.isEmpty():
            return reduce(DataFrame.unionByName, decided), 0
        similar = materialised(similar.join(left, "right", "left_semi").join(left.toDF("left"), "left", "left_semi"))
    undecided = similar.select(f.explode(f.array(*PAIRS.names)).alias("node")).distinct().join(values.where("not fixed"), "node")
    return reduce(DataFrame.unionByName, decided), undecided.count()


def with_final_keepers(copies: DataFrame, near: DataFrame, shingles: DataFrame) -> DataFrame:
    """(doc_id, keeper_id, similarity, kind): where the parent is a near copy itself, its keeper is theirs."""
    parents = near.select(f.col("doc_id").alias("parent"), "keeper_id", f.col("similarity").alias("of_parent"))
    resolved = copies.join(parents, "parent", "left").withColumn("keeper_id", f.coalesce("keeper_id", "parent"))
    # An exact copy is as similar to the keeper as its parent is; an older fetch of the URL can hold any text.
    of_parent = f.coalesce("of_parent", full_similarity()).alias("similarity")
    exact = resolved.where("kind = 'exact'").select("doc_id", "keeper_id", of_parent, "kind")
    older = compared(resolved.where("kind = 'url'").select("keeper_id", "doc_id").toDF(*PAIRS.names), shingles)
    return exact.unionByName(older.select("right", "left", "similarity").toDF(*NEAR).withColumn("kind", f.lit("url")))
