"""findings -> the documents that they drop."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from pipeline.contamination.settings import CONTAMINATION
from pipeline.personal.settings import PERSONAL
from pipeline.poison.findings import ScanSettings, dropping_severities

OUTCOMES = {PERSONAL: "personal", CONTAMINATION: "contaminated"}  # of an attack; of every other: poisoned
ORDER = ("poisoned", "personal", "contaminated")  # of a document with several the first


def dropped(findings: DataFrame, settings: ScanSettings) -> DataFrame:
    """(doc_id, finding, found): documents that a finding drops, with the rule that found it and the outcome.

    What personal data and benchmark items do their own settings say: a severe one drops its page, whatever scan.drop_from is.
    """
    outcome = f.lit("poisoned")
    for attack, name in OUTCOMES.items():
        outcome = f.when(f.col("attack") == attack, name).otherwise(outcome)
    place = f.array_position(f.array(*map(f.lit, ORDER)), outcome)
    poison = ~f.col("attack").isin(*OUTCOMES) & f.col("severity").isin(*dropping_severities(settings))
    severe = findings.where(poison | (f.col("attack").isin(*OUTCOMES) & (f.col("severity") == "severe")))
    first = severe.groupBy("doc_id").agg(f.min(f.struct(place.alias("place"), outcome.alias("found"), "rule")).alias("first"))
    return first.select("doc_id", f.col("first.rule").alias("finding"), f.col("first.found").alias("found"))
