"""Documents that a takedown took out of this corpus: their rows stay, without text, and no stage counts them as pages."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.corpus.tombstones import read_tombstones
from jobs.stages.stage import Work


def removed(work: Work) -> DataFrame:
    """(doc_id, request), each document once."""
    stones = read_tombstones(work.corpus, ()).select(["doc_id", "request"])
    return work.spark.createDataFrame(stones).groupBy("doc_id").agg(f.min("request").alias("request"))
