"""documents -> duplicates: every document that is a copy, and the document that is kept for it.

Same URL, then same text, then similar text; a copy takes no part in what follows. Read `duplicates` downwards, it is the
algorithm. Nothing depends on the order of rows or on partitions: what is kept is chosen by value.
"""

from collections.abc import Callable, Iterator
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as f

from jobs.spark.arrow_map import BatchFunction, arrow_map
from jobs.spark.components import components, materialised
from jobs.spark.pages import Pages, map_pages
from jobs.stages.best import BEST, NEWEST, Order, in_order
from jobs.stages.places import PLACE
from pipeline.duplicates.copies import shingle_sets, signature_bands, signatures, similarities, text_keys
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.instants import instant
from pipeline.tables import DUPLICATES
from pipeline.urls import url_key

TAKEN_OVER = ("doc_id", *PLACE)
Value = Callable[[pa.RecordBatch], pa.Array]
MAX_ROUNDS = 8  # of choosing keepers; what is undecided after them is kept

SIGNED = pa.schema(
    [
        ("doc_id", pa.string()),
        ("fetched", pa.int64()),  # instant; null: unknown
        ("warc_file", pa.string()),
        ("warc_offset", pa.int64()),
        ("value", pa.float64()),
        ("is_part", pa.bool_()),  # a row that may share its address with others of the same fetch
        ("url_key", pa.string()),  # null: no address, or addresses are not compared
        ("text_key", pa.binary()),  # null: no text, or texts are not compared
        ("bands", pa.list_(pa.int64())),  # null: no words, or near copies are not looked for
    ]
)
SHINGLES = pa.schema([("doc_id", pa.string()), ("shingles", pa.binary())])
PAIRS = pa.schema([("left", pa.string()), ("right", pa.string())])
COMPARED = pa.schema([*PAIRS, ("similarity", pa.float32())])
NEAR = ("doc_id", "keeper_id", "similarity")


def text_length(batch: pa.RecordBatch) -> pa.Array:
    """Code points: the shorter copy has usually lost something."""
    return pc.utf8_length(batch["text"])


def duplicates(pages: Pages, settings: DuplicateSettings, value: Value = text_length) -> DataFrame:
    """The table `duplicates` of pages with columns doc_id (unique), url, fetched_at, is_row, warc_file and warc_offset.
    Computed when this returns; kinds url, exact and near. `value` is that of each page of a batch: the higher, the better.

    `keeper_id` is never itself a copy. A near copy is connected with its keeper by pairs of at least `min_similarity`;
    `similarity` is its own with the keeper, which can be less: a copy of a copy.
    """
    keyed = materialised(with_keepers(map_pages(signing(settings, value), pages, ("text",), SIGNED)))
    standing = keyed.where("url_keeper = doc_id and text_keeper = doc_id")
    copies = url_copies(keyed).unionByName(exact_copies(keyed))

    pairs = materialised(candidate_pairs(standing, settings))
    to_compare = pairs.union(copies.where("kind = 'url'").select("doc_id", "parent"))
    shingles = materialised(shingled(pages, to_compare, settings))
    near = near_copies(pairs, shingles, standing, settings)

    found = near.withColumn("kind", f.lit("near")).unionByName(with_final_keepers(copies, near, shingles))
    cluster = f.least("keeper_id", f.min("doc_id").over(Window.partitionBy("keeper_id")))
    placed = found.withColumn("cluster_id", cluster).join(keyed.select("doc_id", *PLACE), "doc_id")
    return materialised(placed.select(*DUPLICATES.names))


def repeated_records(documents: DataFrame) -> DataFrame:
    """Rows of kind `record` for documents whose record stands at a smaller place too: one document, met again."""
    same = [f.col("doc_id").alias(name) for name in ("keeper_id", "cluster_id")]
    return documents.select("doc_id", *PLACE, *same, f.lit("record").alias("kind"), full_similarity().alias("similarity"))


def signing(settings: DuplicateSettings, value: Value) -> BatchFunction:
    """Reads each text once: everything that says which documents have to be compared."""

    def signed(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        keys = {name: pa.nulls(batch.num_rows, SIGNED.field(name).type) for name in ("url_key", "text_key", "bands")}
        if settings.same_url:
            keys["url_key"] = _address_keys(batch, settings)
        if settings.exact:
            keys["text_key"] = text_keys(batch["text"])
        if settings.near:
            keys["bands"] = signature_bands(signatures(batch["text"], settings), settings)
        fetched = pa.array([instant(date) for date in batch["fetched_at"].to_pylist()], pa.int64())
        is_part = pc.and_(batch["is_row"], settings.row_urls != "always")
        known = value(batch).cast(pa.float64())
        known = pc.if_else(pc.is_nan(known), None, known)  # NaN would be the best of all
        columns = {"fetched": fetched, "is_part": is_part, "value": known, **{name: batch[name] for name in TAKEN_OVER}, **keys}
        yield pa.RecordBatch.from_arrays([columns[name] for name in SIGNED.names], schema=SIGNED)

    return signed


def _address_keys(batch: pa.RecordBatch, settings: DuplicateSettings) -> pa.Array:
    keys = pa.array([url_key(url) if url else None for url in batch["url"].to_pylist()], pa.string())
    return pc.if_else(pc.and_(batch["is_row"], settings.row_urls == "never"), None, keys)


def with_keepers(signed: DataFrame) -> DataFrame:
    """+ url_keeper: the newest of the same URL; + text_keeper: the best of the same text among those.

    Rows of one URL are fetches of a page only where their dates say so: chapters and chunks of one fetch share its date, or
    have none. Of such the texts decide.
    """
    is_newest = f.col("fetched").isNull() | (f.col("fetched") == f.max("fetched").over(of_same(f.col("url_key"))))
    newest = first_of(f.col("url_key"), NEWEST)
    by_url = signed.withColumn("url_keeper", f.when(f.col("is_part") & is_newest, f.col("doc_id")).otherwise(newest))
    standing_text = f.when(f.col("url_keeper") == f.col("doc_id"), f.col("text_key"))
    return by_url.withColumn("text_keeper", first_of(standing_text, BEST))


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


def candidate_pairs(standing: DataFrame, settings: DuplicateSettings) -> DataFrame:
    """(left, right), left the better: in each bucket everyone with the best, and with the next `bucket_neighbours` in value.

    A bucket of n documents gives less than (1 + bucket_neighbours) n pairs, so a hot one (a cookie banner on a million
    pages) costs a sort and not a square. Order is the same in all bands, so most pairs come up again and fall away.
    """
    in_buckets = standing.select("doc_id", "value", "fetched", f.explode("bands").alias("bucket"))
    bucket = in_order(Window.partitionBy("bucket"), BEST)
    nearest = [f.lag("doc_id", step).over(bucket) for step in range(1, settings.bucket_neighbours + 1)]
    better = in_buckets.withColumn("better", f.array(f.first("doc_id").over(bucket), *nearest))
    return better.select(f.explode("better"), "doc_id").toDF(*PAIRS.names).where("left <> right").distinct()


def shingled(pages: Pages, pairs: DataFrame, settings: DuplicateSettings) -> DataFrame:
    """(doc_id, shingles) of the documents in `pairs`, once each."""

    def sets(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_arrays([batch["doc_id"], shingle_sets(batch["text"], settings)], schema=SHINGLES)

    wanted = pairs.select(f.explode(f.array(*pairs.columns)).alias("doc_id"))
    rows = pages.select("doc_id").join(wanted, "doc_id", "left_semi")
    return map_pages(sets, pages.of(rows), ("text",), SHINGLES)


def compared(pairs: DataFrame, shingles: DataFrame) -> DataFrame:
    """(left, right) + similarity, the Jaccard of all their shingles."""
    sides = [shingles.toDF(side, f"{side}_shingles") for side in PAIRS.names]
    return arrow_map(_similarities, pairs.select("left", "right").join(sides[0], "left").join(sides[1], "right"), COMPARED)


def _similarities(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    similarity = similarities(batch["left_shingles"], batch["right_shingles"])
    yield pa.RecordBatch.from_arrays([batch["left"], batch["right"], similarity], schema=COMPARED)


def near_copies(pairs: DataFrame, shingles: DataFrame, standing: DataFrame, settings: DuplicateSettings) -> DataFrame:
    """(doc_id, keeper_id, similarity). Of each component of similar pairs the best is kept.

    Chains drift: the end of one can have little in common with the best. Such a document is no copy of it; among
    themselves they choose again.
    """
    similar = materialised(compared(pairs, shingles).where(f.col("similarity") >= settings.min_similarity))
    decided = [similar.limit(0).toDF(*NEAR)]
    values = standing.select(f.col("doc_id").alias("node"), "doc_id", "value", "fetched")
    for _ in range(MAX_ROUNDS if not similar.isEmpty() else 0):
        members = components(similar).join(values, "node")
        kept = members.select(first_of(f.col("component"), BEST).alias("left"), f.col("doc_id").alias("right"))
        judged = materialised(compared(kept.where("left <> right"), shingles))
        is_copy = f.col("similarity") >= settings.min_keeper_similarity
        decided.append(judged.where(is_copy).select("right", "left", "similarity").toDF(*NEAR))
        drifted = judged.where(~is_copy).select("right")
        if drifted.isEmpty():
            break
        similar = materialised(similar.join(drifted, "right", "left_semi").join(drifted.toDF("left"), "left", "left_semi"))
    return reduce(DataFrame.unionByName, decided)


def with_final_keepers(copies: DataFrame, near: DataFrame, shingles: DataFrame) -> DataFrame:
    """(doc_id, keeper_id, similarity, kind): where the parent is a near copy itself, its keeper is theirs."""
    parents = near.select(f.col("doc_id").alias("parent"), "keeper_id", f.col("similarity").alias("of_parent"))
    resolved = copies.join(parents, "parent", "left").withColumn("keeper_id", f.coalesce("keeper_id", "parent"))
    # An exact copy is as similar to the keeper as its parent is; an older fetch of the URL can hold any text.
    of_parent = f.coalesce("of_parent", full_similarity()).alias("similarity")
    exact = resolved.where("kind = 'exact'").select("doc_id", "keeper_id", of_parent, "kind")
    older = compared(resolved.where("kind = 'url'").select("keeper_id", "doc_id").toDF(*PAIRS.names), shingles)
    return exact.unionByName(older.select("right", "left", "similarity").toDF(*NEAR).withColumn("kind", f.lit("url")))
