"""What no page shows alone: campaigns, triggers and doubtful provenance, as rows of `findings` and `edits`."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from jobs.spark.components import materialised
from jobs.stages.scan.find_campaigns import campaign_passages, injected_advertisements
from jobs.stages.scan.find_provenance import doubtful_pages
from jobs.stages.scan.find_triggers import trigger_pages
from pipeline import tables
from pipeline.poison.sites.campaigns import CAMPAIGN, TRIGGER, CampaignSettings
from pipeline.poison.sites.provenance import PROVENANCE, ProvenanceSettings

FOUND = ("doc_id", "start", "end", "rule", "severity", "excerpt")


def found_across(
    documents: DataFrame, campaigns: CampaignSettings, provenance: ProvenanceSettings
) -> tuple[DataFrame, DataFrame]:
    """(findings, edits) of documents with unique doc_ids and all columns of the table; computed when this returns."""
    parts = [(PROVENANCE, doubtful_pages(documents, provenance))]
    if campaigns.enabled:
        parts.append((CAMPAIGN, campaign_passages(documents, campaigns)))
        parts.append((CAMPAIGN, injected_advertisements(documents, campaigns)))
        parts.append((TRIGGER, trigger_pages(documents, campaigns)))
    rows = [frame.select(*FOUND, f.lit(attack).alias("attack")) for attack, frame in parts if frame is not None]
    constants = {"field": f.lit("text"), "decoded": f.lit(None).cast("string"), "reason": f.lit(None).cast("string")}
    findings = materialised(reduce(DataFrame.unionByName, rows).withColumns(constants))
    edits = findings.where(is_cut(campaigns, provenance)).select(
        "doc_id", "start", "end", f.lit("").alias("replacement"), f.col("rule").alias("reason")
    )
    return findings.select(*tables.FINDINGS.names), edits.select(*tables.EDITS.names)


def is_cut(campaigns: CampaignSettings, provenance: ProvenanceSettings) -> Column:
    """Whether a finding's span leaves the kept text."""
    passages = (f.col("attack") == CAMPAIGN) & (f.col("severity") != "note") & f.lit(campaigns.campaigns == "cut")
    return passages | ((f.col("rule") == "edited_text") & f.lit(provenance.edited_text == "cut"))
