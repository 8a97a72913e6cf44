"""N-grams that several sites have and that are rare all the same: sketched page by page, counted where they meet.

Nearly all n-grams stand on one page. They go through one shuffle, packed (jobs/spark/packed.py), and what only one site has ends
there.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.arrow_map import arrow_map
from jobs.spark.packed import PACKED, bucket_of, met, packed
from jobs.spark.sending import sent_values
from jobs.stages.looks import Look
from pipeline.arrays import changes, distinct_pairs
from pipeline.hashing import text_hash
from pipeline.poison.sites.campaigns import SKETCH, CampaignSettings, sketches
from pipeline.urls import site

PAGE = pa.schema([("doc_id", pa.string()), ("domain", pa.string()), ("site", pa.int64()), *SKETCH])  # site: hash of the domain
NGRAM = pa.schema([("fingerprint", pa.int64()), ("site", pa.int64())])
ON_SITES = pa.schema([*NGRAM, ("pages", pa.int64())])
MARK = pa.struct([("place", pa.int32()), ("fingerprint", pa.int64()), ("start", pa.int32()), ("end", pa.int32())])
MARKED = pa.schema([("doc_id", pa.string()), ("domain", pa.string()), ("marked", pa.list_(MARK))])
MIN_TELLING_PAGES = 4  # of a domain, to say what is on most of them


def sketch_look(settings: CampaignSettings, buckets: int) -> Look:
    """The sampled n-grams of each page, and on which sites they are."""

    def take(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        domains = [site(host) if host else None for host in batch["host"].to_pylist()]
        sites = pa.array([None if domain is None else text_hash(domain) for domain in domains], pa.int64())
        found = sketches(batch["text"], settings)
        columns = [batch["doc_id"], pa.array(domains, pa.string()), sites, *found.columns]
        yield "sketches", pa.RecordBatch.from_arrays(columns, schema=PAGE)
        lists = found["fingerprints"]
        rows, fingerprints = distinct_pairs(pc.list_parent_indices(lists).to_numpy(), lists.flatten().to_numpy())
        pairs = pa.record_batch([pa.array(fingerprints), sites.take(pa.array(rows))], schema=NGRAM).drop_null()
        yield "ngrams", packed(pairs, bucket_of(pairs["fingerprint"].to_numpy(), buckets))

    return Look({"sketches": PAGE, "ngrams": PACKED}, take)


def shared_ngrams(taken: dict[str, DataFrame], settings: CampaignSettings) -> DataFrame:
    """(fingerprint, pages): n-grams on enough domains and not on too many pages, that are not their sites' furniture.

    Furniture shows on domains with several pages; what is that on most of them (a common shop software) is so on all.
    """
    sizes = taken["sketches"].groupBy("site").agg(f.count(f.lit(1)).alias("site_pages"))
    # Nearly all n-grams stand on one page or one domain, and go no further than where they meet.
    on_sites = met(taken["ngrams"], NGRAM, lambda pairs: of_several_sites(pairs, settings.min_domains), ON_SITES)
    counted = on_sites.join(sizes, "site")
    tells = f.col("site_pages") >= MIN_TELLING_PAGES
    furniture = tells & (f.col("pages") > settings.max_template_share * f.col("site_pages"))
    totals = counted.groupBy("fingerprint").agg(
        f.sum(f.when(~furniture, f.col("pages"))).alias("pages"), f.count_if(~furniture).alias("domains"),
        f.count_if(tells).alias("telling"), f.count_if(furniture).alias("furnished"),
    )  # fmt: skip
    rare = (f.col("domains") >= settings.min_domains) & (f.col("pages") <= settings.max_pages)
    return totals.where(rare & (2 * f.col("furnished") <= f.greatest("telling", f.lit(3)))).select("fingerprint", "pages")


def of_several_sites(pairs: pa.Table, min_pages: int) -> pa.Table:
    """ON_SITES of the n-grams among (fingerprint, site), a row a page, that several sites and enough pages have."""
    fingerprints, sites = (pairs[name].to_numpy() for name in NGRAM.names)
    order = np.lexsort((sites, fingerprints))
    fingerprints, sites = fingerprints[order], sites[order]
    new = np.flatnonzero(changes(fingerprints) | changes(sites))
    pages = np.diff(np.append(new, len(order)))
    fingerprints, sites = fingerprints[new], sites[new]
    first = np.flatnonzero(changes(fingerprints))
    sizes = np.diff(np.append(first, len(fingerprints)))
    enough = (sizes > 1) & (np.add.reduceat(pages, first) >= min_pages) if len(first) else np.zeros(0, bool)
    kept = np.repeat(enough, sizes)
    return pa.table([fingerprints[kept], sites[kept], pages[kept]], schema=ON_SITES)


def marked(sketched: DataFrame, shared: DataFrame) -> DataFrame:
    """(doc_id, domain, marked): for each page that has any, its shared n-grams in order."""
    few = sent_values(shared.select("fingerprint"))
    if few is None:
        return marked_by_join(sketched, shared)

    def marking(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield with_marks(batch, few.value)

    return arrow_map(marking, sketched.where("domain is not null"), MARKED)


def with_marks(batch: pa.RecordBatch, shared: np.ndarray) -> pa.RecordBatch:
    """MARKED of a batch of PAGE; `shared` is sorted."""
    fingerprints = batch["fingerprints"]
    values, rows = fingerprints.flatten().to_numpy(), pc.list_parent_indices(fingerprints).to_numpy()
    at = np.searchsorted(shared, values)
    found = np.flatnonzero(shared[np.minimum(at, len(shared) - 1)] == values) if len(shared) else np.zeros(0, np.int64)
    rows_found = rows[found]
    first_of_row = np.searchsorted(rows, rows_found)
    marks = pa.StructArray.from_arrays(
        [
            pa.array((found - first_of_row).astype(np.int32)), pa.array(values[found]),
            *(batch[name].flatten().take(pa.array(found)) for name in ("starts", "ends")),
        ],
        fields=list(MARK),
    )  # fmt: skip
    kept, counts = np.unique(rows_found, return_counts=True)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    names = [batch[name].take(pa.array(kept)) for name in ("doc_id", "domain")]
    return pa.RecordBatch.from_arrays(
        [*names, pa.ListArray.from_arrays(offsets, marks).cast(MARKED.field("marked").type)], schema=MARKED
    )


def marked_by_join(sketched: DataFrame, shared: DataFrame) -> DataFrame:
    """The same where too many are shared to send them to every worker."""
    ngrams = f.posexplode(f.arrays_zip(*SKETCH.names)).alias("place", "ngram")
    each = sketched.where("domain is not null").select("doc_id", "domain", ngrams)
    parts = [f.col(f"ngram.{name}").alias(name.removesuffix("s")) for name in SKETCH.names]
    kept = each.select("doc_id", "domain", "place", *parts).join(shared.select("fingerprint"), "fingerprint", "left_semi")
    in_order = f.sort_array(f.collect_list(f.struct("place", "fingerprint", "start", "end")))
    return kept.groupBy("doc_id", "domain").agg(in_order.alias("marked"))
