"""What no page shows alone: campaigns, triggers and doubtful provenance, as rows of `findings` and `edits`."""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from jobs.spark.components import materialised
from jobs.spark.packed import buckets_for
from jobs.spark.pages import Pages
from jobs.stages.looks import Look
from jobs.stages.scan.find_campaigns import advertisement_look, campaign_passages, injected_advertisements
from jobs.stages.scan.find_provenance import doubtful_pages
from jobs.stages.scan.find_triggers import strange_look, trigger_pages
from jobs.stages.scan.shared_ngrams import sketch_look
from pipeline import tables
from pipeline.poison.sites.campaigns import CAMPAIGN, TRIGGER, CampaignSettings
from pipeline.poison.sites.provenance import PROVENANCE, ProvenanceSettings

FOUND = ("doc_id", "start", "end", "rule", "severity", "excerpt")


NARROW = ("doc_id", "url", "host", "fetched_at", "warc_file", "digest_ok", "payload_digest")  # of pages


def looks_across(settings: CampaignSettings, pages: Pages) -> list[Look]:
    """What is taken of each page for what shows across them."""
    if not settings.enabled:
        return []
    return [sketch_look(settings, buckets_for(pages.piece_count)), advertisement_look(), strange_look()]


def found_across(
    taken: dict[str, DataFrame], pages: Pages, campaigns: CampaignSettings, provenance: ProvenanceSettings
) -> tuple[DataFrame, DataFrame]:
    """(findings, edits) of pages with the columns NARROW, doc_id unique; computed when this returns.

    `taken` is what `looks_across` took of them.
    """
    parts = [(PROVENANCE, doubtful_pages(pages, provenance))]
    if campaigns.enabled:
        parts.append((CAMPAIGN, campaign_passages(taken, pages, campaigns)))
        parts.append((CAMPAIGN, injected_advertisements(taken["blocks"], campaigns)))
        parts.append((TRIGGER, trigger_pages(taken["strange"], pages, campaigns)))
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
