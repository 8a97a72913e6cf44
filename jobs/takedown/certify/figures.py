"""The pictures of a certificate: which steps were trained again, and what the weights knew before and after."""

from typing import Any

import altair
from markupsafe import Markup

from jobs.report.figures import BOUND, DUPLICATE, KEPT, OTHER, svg, unchecked

COLOURS = {"before": BOUND, "after": KEPT, "oracle": DUPLICATE}
KNOWLEDGE = ("exact_memorisation", "extraction_strength", "probability", "verbatim")  # shares, between 0 and 1


def drawn(certificate: dict[str, Any]) -> dict[str, Markup | None]:
    """{"timeline", "knowledge"}; null where there is nothing to draw."""
    run, audit = certificate["run"], certificate["audit"]
    shares = [name for name in KNOWLEDGE if audit and name in audit.get("before", {})]
    return {
        "timeline": _timeline(run["rollback"], run["first_read"], run["final"]) if run and run["steps"] else None,
        "knowledge": _knowledge(audit, shares) if shares else None,
    }


@unchecked
def _timeline(rollback: int, first_read: int, final: int) -> Markup:
    stretches = [{"from": 0, "to": rollback, "what": "kept"}, {"from": rollback, "to": final, "what": "again"}]
    x = altair.X("from:Q", title="step", scale=altair.Scale(domain=[0, final], nice=False))
    colour = altair.Color("what:N", scale=altair.Scale(domain=["kept", "again"], range=[OTHER, DUPLICATE]), legend=None)
    bars = altair.Chart(altair.Data(values=stretches)).mark_bar(height=18).encode(x=x, x2="to:Q", color=colour)
    line = altair.Chart(altair.Data(values=[{"from": first_read}])).mark_rule(color=BOUND, strokeWidth=2).encode(x=x)
    chart = altair.layer(bars, line).properties(width=640, height=30)
    return svg(chart, "Steps", f"Steps up to {rollback} kept, up to {final} trained again; first read in step {first_read}.")


@unchecked
def _knowledge(audit: dict[str, dict[str, float]], shares: list[str]) -> Markup:
    values = [
        {"measure": name.replace("_", " "), "when": when, "value": audit[when][name]}
        for when in COLOURS
        for name in shares
        if name in audit.get(when, {})
    ]
    scale = altair.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    chart = altair.Chart(altair.Data(values=values)).mark_bar().encode(
        y=altair.Y("measure:N", title=None),
        yOffset=altair.YOffset("when:N", sort=list(COLOURS)),
        x=altair.X("value:Q", title="share", scale=altair.Scale(domain=[0, 1])),
        color=altair.Color("when:N", scale=scale, legend=altair.Legend(title=None, orient="top")),
    ).properties(width=560, height=44 * len(shares))  # fmt: skip
    return svg(chart, "What is known", "Shares of the pages that weights give back before, after, and never having seen them.")
