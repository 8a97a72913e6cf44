"""What detectors of a recipe's own found, in SQL as rows of `findings`: how bad each is, the recipe says."""

from typing import Any

from pipeline.plugins.detected import OWN, DetectedSettings

_AS_FINDINGS = """
SELECT doc_id, detector || '.' || kind AS rule, '{attack}' AS attack, {severity} AS severity, field, start, "end",
       {excerpt} AS excerpt, NULL AS decoded,
       concat_ws(', ', coalesce(nullif(detail, ''), 'found by ' || detector), 'score ' || round(score, 2)) AS reason
FROM {schema}.own_findings
"""


def own_as_findings(manifest: dict[str, Any], schema: str) -> str:
    """A SELECT of `own_findings` with the columns of `findings`, by the recipe that the manifest has."""
    settings = DetectedSettings(by=manifest.get("recipe", {}).get("detected", {}).get("by", {}))
    note, excerpt = "'note'", "excerpt"
    severities = [
        f"WHEN detector = '{name}' AND coalesce(score, 1) >= {one.least!r} THEN '{one.severity}'"
        for name, one in settings.by.items()
    ]
    hidden = ", ".join(f"'{name}'" for name, one in settings.by.items() if one.hides)
    return _AS_FINDINGS.format(
        attack=OWN, schema=schema,
        severity=f"CASE {' '.join(severities)} ELSE {note} END" if severities else note,
        excerpt=f"CASE WHEN detector IN ({hidden}) THEN '<' || upper(kind) || '>' ELSE excerpt END" if hidden else excerpt,
    )  # fmt: skip
