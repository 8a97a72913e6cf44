"""findings, own_findings -> the documents that they drop."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.stages.plugins.consequences import dropping
from jobs.stages.stage import Work
from pipeline.contamination.settings import CONTAMINATION
from pipeline.personal.settings import PERSONAL
from pipeline.poison.findings import ScanSettings, dropping_severities

OUTCOMES = {PERSONAL: "personal", CONTAMINATION: "contaminated"}  # of an attack; of every other: poisoned
ORDER = ("poisoned", "personal", "contaminated", "filtered")  # of a document with several the first


def dropped(work: Work) -> DataFrame:
    """(doc_id, finding, found): documents that a finding drops, with the rule that found it and the outcome."""
    found = _of_scan(work.read("findings"), work.recipe.scan)
    own = dropping(work.read("own_findings"), work.recipe.detected)
    place = f.array_position(f.array(*map(f.lit, ORDER)), f.col("found"))
    every = found if own is None else found.unionByName(own)
    first = every.groupBy("doc_id").agg(f.min(f.struct(place.alias("place"), "found", "rule")).alias("first"))
    return first.select("doc_id", f.col("first.rule").alias("finding"), f.col("first.found").alias("found"))


def _of_scan(findings: DataFrame, settings: ScanSettings) -> DataFrame:
    """(doc_id, found, rule). What personal data and benchmark items do their own settings say: a severe one drops its page,
    whatever scan.drop_from is.
    """
    outcome = f.lit("poisoned")
    for attack, name in OUTCOMES.items():
        outcome = f.when(f.col("attack") == attack, name).otherwise(outcome)
    poison = ~f.col("attack").isin(*OUTCOMES) & f.col("severity").isin(*dropping_severities(settings))
    severe = findings.where(poison | (f.col("attack").isin(*OUTCOMES) & (f.col("severity") == "severe")))
    return severe.select("doc_id", outcome.alias("found"), "rule")
