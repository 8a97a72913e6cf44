"""An experiment's results as one HTML file: forgetting against utility against cost, relearning, every number."""

from typing import Any

import altair
import numpy as np
from markupsafe import Markup

from jobs.report.figures import BOUND, DUPLICATE, INK, KEPT, SOFT, svg, unchecked
from jobs.report.pages import rendered
from pipeline.shipped import shipped

_KINDS = ("before", "method", "retrained")
_COLOUR = altair.Color("kind:N", scale=altair.Scale(domain=list(_KINDS), range=[BOUND, DUPLICATE, KEPT]), legend=None)


def render_page(results: dict[str, Any]) -> str:
    rows = [row | {"means": _means(row), "spread": _spread(row), "kind": _kind(row)} for row in results["rows"]]
    contents = {
        "results": results,
        "rows": rows,
        "methods": [row for row in rows if row["kind"] == "method"],
        "before": rows[0],
        "retrained": rows[-1],
        "trade": trade_chart(results, rows),
        "cost": cost_chart(results, rows),
        "relearning": relearning_chart(rows) if rows[0]["relearning"] else None,
    }
    return rendered(shipped("jobs/runs/experiments/experiment.html"), contents)


def _kind(row: dict[str, Any]) -> str:
    return row["name"] if row["name"] in _KINDS else "method"


def _means(row: dict[str, Any]) -> dict[str, float]:
    return {name: float(np.mean(values)) for name, values in row["values"].items() if values}


def _spread(row: dict[str, Any]) -> dict[str, float | None]:
    """Standard deviation over seeds; null for one."""
    return {name: float(np.std(values, ddof=1)) if len(values) > 1 else None for name, values in row["values"].items() if values}


def _points(rows: list[dict[str, Any]], x: str, y: str) -> list[dict[str, Any]]:
    """A point for each seed."""
    return [
        {"name": row["name"], "kind": row["kind"], "x": a, "y": b}
        for row in rows
        if row["values"]
        for a, b in zip(row["values"][x], row["values"][y], strict=True)
    ]


@unchecked
def trade_chart(results: dict[str, Any], rows: list[dict[str, Any]]) -> Markup:
    """What is still known against what should stay: a point a seed, the name at the mean."""
    left, utility = (results["measures"][results[name]]["title"] for name in ("left", "utility"))
    x = altair.X("x:Q", title=f"{left} of what is to be forgotten", scale=altair.Scale(nice=True, padding=12))
    y = altair.Y("y:Q", title=utility, scale=altair.Scale(zero=False, padding=14))
    means = [
        {"name": row["name"], "kind": row["kind"], "x": row["means"][results["left"]], "y": row["means"][results["utility"]]}
        for row in rows
        if row["means"]
    ]
    points = altair.Chart(altair.Data(values=_points(rows, results["left"], results["utility"])))
    names = altair.Chart(altair.Data(values=_apart(means)))
    chart = altair.layer(
        points.mark_circle(size=44, opacity=0.55).encode(x=x, y=y, color=_COLOUR),
        names.mark_text(align="left", dx=4, dy=-9, fontSize=11, color=INK).encode(x="x:Q", y="label:Q", text="name:N"),
    ).properties(width=640, height=330)
    description = "; ".join(f"{one['name']}: {left} {one['x']:.2f}, {utility} {one['y']:.2f}" for one in means)
    return svg(chart, "Forgetting against utility", description)


def _apart(means: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Labels moved up where two would lie on each other."""
    if not means:
        return []
    height = 0.05 * (max(one["y"] for one in means) - min(one["y"] for one in means) or 1)
    width = 0.16 * (max(one["x"] for one in means) - min(one["x"] for one in means) or 1)
    placed: list[dict[str, Any]] = []
    for one in sorted(means, key=lambda mean: (mean["y"], mean["x"], mean["name"])):
        label = one["y"]
        while any(abs(other["label"] - label) < height and abs(other["x"] - one["x"]) < width for other in placed):
            label += height / 4
        placed.append(one | {"label": label})
    return placed


def _below_each_other(ends: list[dict[str, Any]], height: float = 0.058) -> list[dict[str, Any]]:
    """Labels of lines that end between 0 and 1, each as near to its end as the one above lets it be."""
    placed: list[dict[str, Any]] = []
    for number, one in enumerate(sorted(ends, key=lambda end: (-end["y"], end["name"]))):
        above = placed[-1]["label"] if placed else 1 + height
        lowest = height * (len(ends) - 1 - number)  # room for those still to come
        placed.append(one | {"label": min(above - height, max(one["y"], lowest))})
    return placed


@unchecked
def cost_chart(results: dict[str, Any], rows: list[dict[str, Any]]) -> Markup:
    """What is still known against seconds."""
    left = results["measures"][results["left"]]["title"]
    values = [
        {"name": row["name"], "kind": row["kind"], "x": row["seconds"], "y": row["means"][results["left"]]}
        for row in rows
        if row["means"] and row["kind"] != "before"
    ]
    x = altair.X("x:Q", title="seconds", scale=altair.Scale(type="log", padding=20))
    y = altair.Y("y:Q", title=f"{left} left", scale=altair.Scale(padding=14))
    chart = altair.layer(
        altair.Chart(altair.Data(values=values)).mark_circle(size=60).encode(x=x, y=y, color=_COLOUR),
        altair.Chart(altair.Data(values=_apart(values)))
        .mark_text(align="left", dx=7, fontSize=11, color=INK)
        .encode(x="x:Q", y="label:Q", text="name:N"),
    ).properties(width=640, height=240)
    return svg(chart, "Cost", "; ".join(f"{one['name']}: {one['x']:.1f} seconds, {left} {one['y']:.2f}" for one in values))


@unchecked
def relearning_chart(rows: list[dict[str, Any]]) -> Markup:
    """A line a method, by steps of plain training on the texts; retraining in green."""
    curves = [
        {"name": row["name"], "kind": row["kind"], "step": step, "strength": strength}
        for row in rows
        for step, strength in row["relearning"]
    ]
    last = max(one["step"] for one in curves)
    ends = [one | {"x": last, "y": one["strength"]} for one in curves if one["step"] == last]
    shown = altair.Scale(nice=False, domain=[0, last * 1.16])
    x = altair.X("step:Q", title="steps of training on the forgotten texts", scale=shown)
    y = altair.Y("strength:Q", title="extraction strength", scale=altair.Scale(domain=[0, 1]))
    chart = altair.layer(
        altair.Chart(altair.Data(values=curves))
        .mark_line(strokeWidth=1.6)
        .encode(x=x, y=y, color=_COLOUR, detail="name:N", strokeDash=altair.StrokeDash("name:N", legend=None)),
        altair.Chart(altair.Data(values=_below_each_other(ends)))
        .mark_text(align="left", dx=5, fontSize=11, color=SOFT)
        .encode(x="x:Q", y="label:Q", text="name:N"),
    ).properties(width=640, height=300)
    description = "; ".join(f"{one['name']} ends at {one['y']:.2f}" for one in ends)
    return svg(chart, "Relearning", description)
