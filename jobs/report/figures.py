"""Charts as SVG text: drawn by Altair and vl-convert, coloured by the page's own style so that they follow light and dark.

Vega wants real colours while it draws. Each one used here is a placeholder that is replaced by a CSS variable afterwards.
"""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

import altair
import vl_convert
from altair.utils.schemapi import debug_mode
from markupsafe import Markup, escape

from jobs.report.measures import Axis, Distribution
from jobs.report.numbers import CLUSTER_STEPS
from jobs.report.wording import number, spelled

Given = ParamSpec("Given")
COLOURS = {
    "#010101": "var(--ink)",
    "#020202": "var(--soft)",
    "#030303": "var(--line)",
    "#040404": "var(--kept)",
    "#050505": "var(--other)",
    "#060606": "var(--bound)",
    "#070707": "var(--duplicate)",
}
SHORT = "abs(datum.value) < 1000 ? format(datum.value, '~g') : format(datum.value, '~s')"  # 0.25, 50, 20k
INK, SOFT, LINE, KEPT, OTHER, BOUND, DUPLICATE = COLOURS
CONFIG: dict[str, Any] = {
    "background": None,
    "font": "system-ui, sans-serif",
    "aria": False,
    "padding": {"left": 6, "right": 6, "top": 4, "bottom": 2},
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "titleColor": SOFT,
        "domainColor": LINE,
        "tickColor": LINE,
        "gridColor": LINE,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "tickSize": 3,
        "labelPadding": 3,
        "labelFlush": False,
    },
}


def unchecked(draw: Callable[Given, Markup]) -> Callable[Given, Markup]:
    """Altair holds every piece of a chart against its schema, two thirds of a report's time; tests draw each chart with it."""

    @functools.wraps(draw)
    def drawn(*given: Given.args, **named: Given.kwargs) -> Markup:
        with debug_mode(False):
            return draw(*given, **named)

    return drawn


@unchecked
def distribution(found: Distribution) -> Markup:
    """All documents in grey, the kept ones in front of them, and a line at every bound. Heights are square roots."""
    outline = altair.Chart(altair.Data(values=_outline(found))).mark_area(interpolate="step-after")
    outline = outline.encode(
        x=_measure_axis(found.axis),
        y=altair.Y("documents:Q", axis=None, stack=None, scale=altair.Scale(type="sqrt")),
        color=altair.Color("which:N", scale=altair.Scale(domain=["all", "kept"], range=[OTHER, KEPT]), legend=None),
    )
    borders = sorted({at for one in found.bounds if (at := found.axis.border(one)) is not None})
    lines = altair.Chart(altair.Data(values=[{"at": at} for at in borders])).mark_rule(
        color=BOUND, strokeWidth=1.5, strokeDash=[4, 2]
    )
    chart = altair.layer(outline, lines.encode(x="at:Q")).properties(width=306, height=96)
    bounds = ", ".join(f"{one.rule} {'at least' if one.is_minimum else 'at most'} {number(one.value)}" for one in found.bounds)
    description = f"{number(found.documents)} documents, median {number(found.median)}, largest {number(found.largest)}. "
    return svg(
        chart,
        f"Distribution of {spelled(found.measure)}",
        description + (f"Bounds: {bounds}." if bounds else "No rule bounds it."),
    )


def _outline(found: Distribution) -> list[dict[str, Any]]:
    """Steps as (left edge, height); the areas overlap and are not stacked, because the kept are among all."""
    axis, rows = found.axis, []
    for which, counts in (("all", found.all), ("kept", found.kept)):
        for step in range(axis.steps + 1):
            at = axis.low + (axis.high - axis.low) * step / axis.steps
            rows.append({"which": which, "at": at, "documents": counts[min(step, axis.steps - 1)]})
    return rows


def _measure_axis(axis: Axis, title: str | None = None) -> altair.X:
    marks = altair.Axis(tickCount=5, grid=False, labelExpr=SHORT)
    if axis.whole:  # a number's mark stands in the middle of its step
        between = max(1, round((axis.high - axis.low) / 6))
        places = [whole + 0.5 for whole in range(int(axis.low), int(axis.high), between)]
        marks = altair.Axis(values=places, labelExpr="floor(datum.value)", grid=False)
    elif axis.logarithmic:
        places = [axis.place(10.0**power) for power in range(int(axis.high) + 1)]
        marks = altair.Axis(values=places, labelExpr=SHORT.replace("datum.value", "round(pow(10, datum.value) - 1)"), grid=False)
    return altair.X("at:Q", scale=altair.Scale(domain=[axis.low, axis.high], nice=False, zero=False), title=title, axis=marks)


@unchecked
def passing(axis: Axis, rows: list[dict[str, Any]], now: float | None, then: float | None, measure: str) -> Markup:
    """Which share of pages and of tokens a bound would let pass, for a bound at every step; lines at two of them.

    `rows`: at (a place on the axis), kind (pages, tokens), share.
    """
    lines = altair.Chart(altair.Data(values=rows)).mark_line(interpolate="step-after", strokeWidth=2)
    lines = lines.encode(
        x=_measure_axis(axis, f"bound on {measure}"),
        y=altair.Y(
            "share:Q",
            title="of what the other rules leave",
            scale=altair.Scale(domain=[0, 1]),
            axis=altair.Axis(format=".0%", tickCount=5, domain=False, ticks=False, gridOpacity=0.6),
        ),
        color=altair.Color("kind:N", scale=altair.Scale(domain=["pages", "tokens"], range=[KEPT, DUPLICATE]), legend=None),
    )
    places = [(axis.place(value), dash) for value, dash in ((now, [1, 0]), (then, [4, 2])) if value is not None]
    rules = [
        altair.Chart(altair.Data(values=[{"at": at}])).mark_rule(color=BOUND, strokeWidth=1.5, strokeDash=dash).encode(x="at:Q")
        for at, dash in places
        if axis.low <= at <= axis.high
    ]
    chart = altair.layer(lines, *rules).properties(width=440, height=180)
    said = f"The bound stands at {number(now)}" + (f", and would stand at {number(then)}." if then is not None else ".")
    return svg(chart, f"What passes by the bound on {measure}", said)


@unchecked
def similarity(rows: list[dict[str, Any]]) -> Markup:
    """Near-duplicates by Jaccard similarity with the page that was kept in their place."""
    values = [row | {"high": row["low"] + 0.02} for row in rows]
    chart = (
        altair.Chart(altair.Data(values=values))
        .mark_bar(color=DUPLICATE, binSpacing=1)
        .encode(
            x=altair.X(
                "low:Q",
                bin=altair.Bin(binned=True, step=0.02),
                title="similarity with the kept page",
                scale=altair.Scale(domain=[min(row["low"] for row in rows), 1.0]),
                axis=altair.Axis(grid=False, format=".2f", tickCount=6),
            ),
            x2="high:Q",
            y=altair.Y("records:Q", title="records", axis=_counts_axis()),
        )
        .properties(width=440, height=150)
    )
    return svg(chart, "Near-duplicates by similarity", f"{sum(row['records'] for row in rows)} near-duplicates.")


@unchecked
def clusters(rows: list[dict[str, Any]]) -> Markup:
    chart = (
        altair.Chart(altair.Data(values=rows))
        .mark_bar(color=DUPLICATE)
        .encode(
            x=altair.X(
                "members:N",
                title="pages in a cluster, the kept one included",
                axis=altair.Axis(labelAngle=0),
                scale=altair.Scale(domain=list(CLUSTER_STEPS.values())),
            ),
            y=altair.Y("clusters:Q", title="clusters", axis=_counts_axis()),
        )
        .properties(width=440, height=150)
    )
    return svg(chart, "Sizes of duplicate clusters", "; ".join(f"{row['clusters']} of {row['members']}" for row in rows))


def _counts_axis() -> altair.Axis:
    return altair.Axis(tickCount=4, labelExpr=f"datum.value % 1 ? '' : {SHORT}", domain=False, ticks=False, gridOpacity=0.6)


def svg(chart: altair.Chart | altair.LayerChart, title: str, description: str) -> Markup:
    """The chart as one accessible SVG element that scales with its column. Vega escapes all text in it."""
    drawn: str = vl_convert.vegalite_to_svg(chart.to_json(validate=False), config=CONFIG)
    for placeholder, variable in COLOURS.items():
        drawn = drawn.replace(placeholder, variable)
    for role in ("graphics-symbol", "graphics-object"):  # the title says all of it: a reader need not hear of lines without names
        drawn = drawn.replace(f'role="{role}"', 'aria-hidden="true"')
    opening, body = drawn.split(">", 1)
    frame = opening[opening.index("viewBox") :]
    width = frame.split()[2]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" style="max-width:{width}px" {frame}>'
    return Markup("%s<title>%s</title><desc>%s</desc>%s") % (Markup(head), escape(title), escape(description), Markup(body))  # noqa: S704
