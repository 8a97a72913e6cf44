"""documents that nothing dropped so far -> duplicates. jobs/stages/duplicates/drop_duplicates.py has the algorithm; this is its
stage.

Scanning comes before: an injected copy of a page must not be the one that is kept, nor a page that a rule dropped.
"""

from pyspark import StorageLevel
from pyspark.sql import Column
from pyspark.sql import functions as f

from jobs.stages.duplicates.drop_duplicates import duplicates, repeated_records
from jobs.stages.places import PLACE, places
from jobs.stages.scan.dropped import dropped
from jobs.stages.stage import Stage, Work
from pipeline.lineage import DECLARED


def run(work: Work) -> dict[str, int]:
    pages = work.pages("documents", "doc_id", "url", "fetched_at", "charset_source", *PLACE)
    documents = places(pages.rows)
    found = dropped(work.read("findings"), work.recipe.scan)
    gone = work.read("verdicts", "doc_id").union(found.select("doc_id"))
    standing = documents.first.join(gone, "doc_id", "left_anti").withColumn("is_row", _is_row()).persist(StorageLevel.DISK_ONLY)
    try:
        copies = duplicates(pages.of(standing), work.recipe.duplicates).unionByName(repeated_records(documents.repeated))
        written = work.write("duplicates", copies, counting="kind")
        return {"records": standing.count(), "duplicates": written.rows, **written.values}
    finally:
        standing.unpersist()


def _is_row() -> Column:
    """JSON lines and Parquet, which declare their charset by what they are."""
    return f.col("charset_source") == DECLARED


STAGE = Stage(
    name="dedup",
    after=("ingest", "filter", "scan"),
    sections=("duplicates", "scan"),
    publishes=("duplicates",),
    run=run,
    kernels=("copies",),
)
