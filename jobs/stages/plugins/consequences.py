"""own_findings -> what the recipe makes of them: pages that go, and spans that go from kept texts."""

from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from pipeline.plugins.detected import Consequence, DetectedSettings
from pipeline.tables import OWN_EDITS

Chosen = dict[str, Consequence]  # by detector


def dropping(own_findings: DataFrame, settings: DetectedSettings) -> DataFrame | None:
    """(doc_id, found, rule) of findings that drop their page, with the outcome; null where the recipe has none drop any."""
    chosen = _with_action(settings, "drop")
    if not chosen:
        return None
    outcomes = f.create_map(*[f.lit(word) for name, one in chosen.items() for word in (name, one.outcome)])
    return own_findings.where(_sure(chosen)).select("doc_id", outcomes[f.col("detector")].alias("found"), _rule().alias("rule"))


def edits(own_findings: DataFrame, settings: DetectedSettings) -> DataFrame | None:
    """OWN_EDITS; null where the recipe has no span cut or masked."""
    chosen = _with_action(settings, "cut", "mask")
    if not chosen:
        return None
    masked = f.col("detector").isin(*_with_action(settings, "mask"))
    replacement = f.when(masked, f.concat(f.lit("<"), f.upper("kind"), f.lit(">"))).otherwise("")
    found = own_findings.where(_sure(chosen) & (f.col("field") == "text"))
    return found.select("doc_id", "start", "end", replacement.alias("replacement"), _rule().alias("reason")).select(
        *OWN_EDITS.names
    )


def _with_action(settings: DetectedSettings, *actions: str) -> Chosen:
    return {name: one for name, one in settings.by.items() if one.action in actions}


def _sure(chosen: Chosen) -> Column:
    """Whether a finding is of one of these detectors, and scores enough."""
    score = f.coalesce(f.col("score"), f.lit(1.0))
    return reduce(or_, [(f.col("detector") == name) & (score >= one.least) for name, one in chosen.items()])


def _rule() -> Column:
    return f.concat("detector", f.lit("."), "kind")
