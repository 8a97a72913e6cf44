"""findings -> the documents that they drop."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from pipeline.poison.findings import ScanSettings, dropping_severities


def poisoned(findings: DataFrame, settings: ScanSettings) -> DataFrame:
    """(doc_id, finding): documents that a finding drops, with the rule that found it."""
    severe = findings.where(f.col("severity").isin(*dropping_severities(settings)))
    return severe.groupBy("doc_id").agg(f.min("rule").alias("finding"))
