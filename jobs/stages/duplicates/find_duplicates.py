"""documents that nothing dropped so far -> duplicates. jobs/stages/duplicates/drop_duplicates.py has the algorithm; this is its
stage.

Scanning comes before: an injected copy of a page must not be the one that is kept, nor a page that a rule dropped.
"""

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from jobs.spark.pages import Pages
from jobs.stages.duplicates.drop_duplicates import Duplicates, duplicates, repeated_records
from jobs.stages.duplicates.earlier import kept_earlier, without_known
from jobs.stages.places import PLACE, places
from jobs.stages.scan.dropped import dropped
from jobs.stages.stage import Stage, Work
from pipeline.lineage import DECLARED


def run(work: Work) -> dict[str, int]:
    pages = work.pages("documents", "doc_id", "url", "fetched_at", "charset_source", *PLACE)
    documents = places(pages.rows)
    found = dropped(work)
    gone = work.read("verdicts", "doc_id").union(found.select("doc_id"))
    standing = documents.first.join(gone, "doc_id", "left_anti").withColumn("is_row", _is_row()).persist(StorageLevel.DISK_ONLY)
    try:
        if work.recipe.duplicates.against:
            return _against_earlier(work, pages.of(standing), documents.repeated)
        copies = duplicates(pages.of(standing), work.recipe.duplicates)
        return _written(work, standing, copies, repeated_records(documents.repeated))
    finally:
        standing.unpersist()


def _against_earlier(work: Work, pages: Pages, repeated: DataFrame) -> dict[str, int]:
    settings = work.recipe.duplicates
    with kept_earlier(work.spark, work.corpus.root, settings) as earlier:
        new, known = without_known(pages.rows, earlier)
        copies = duplicates(pages.of(new), settings, earlier=earlier)
        return _written(work, pages.rows, copies, known.unionByName(repeated_records(repeated)))


def _written(work: Work, standing: DataFrame, found: Duplicates, others: DataFrame) -> dict[str, int]:
    written = work.write("duplicates", found.copies.unionByName(others), counting="kind")
    work.write("sketches", found.sketches)
    undecided = {"undecided": found.undecided} if found.undecided else {}
    return {"records": standing.count(), "duplicates": written.rows, **written.values, **undecided}


def _is_row() -> Column:
    """JSON lines and Parquet, which declare their charset by what they are."""
    return f.col("charset_source") == DECLARED


STAGE = Stage(
    name="dedup",
    after=("ingest", "detect", "filter", "scan"),
    sections=("duplicates", "scan", "detected"),
    publishes=("duplicates", "sketches"),
    run=run,
    kernels=("copies",),
)
