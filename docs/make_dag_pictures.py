"""The picture of the DAGs in docs/cluster.md, from what Airflow makes of their files: `make pictures-dags`.

    python -m docs.make_dag_pictures PYTHON       PYTHON: an interpreter that has Airflow

A lane is a DAG, a box a task, a column what may begin at the same time; a dashed box is the asset that one DAG tells of, and that
another starts with or asks for.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import altair
import pandas

FOLDER = Path(__file__).resolve().parents[1] / "airflow_dags"
PICTURE = Path(__file__).with_name("dags.svg")
BOX_WIDTH, BOX_HEIGHT, GAP, LANE = 84, 30, 20, 76  # pixels
INK, PAPER, ASSET = "#1f2933", "#e8eef5", "#fff7e0"

# Run by Airflow's interpreter: winnow's has no Airflow.
STRUCTURE = """
import json, runpy, sys
sys.path.insert(0, sys.argv[1])
found = {}
for file in sys.argv[2:]:
    dag = runpy.run_path(file)["dag"]
    tasks = [
        {"name": task.task_id, "many": task.is_mapped, "after": sorted(task.upstream_task_ids),
         "tells": [one.name for one in task.outlets]}
        for task in dag.topological_sort()
    ]
    begun_by = getattr(dag.timetable, "asset_condition", None)
    assets = [asset.name for asset in begun_by.objects] if begun_by else []
    assets += [one.name for task in dag.tasks for one in task.inlets]
    found[dag.dag_id] = {"tasks": tasks, "starts_with": assets}
print(json.dumps(found))
"""


def structure(python: str) -> dict[str, Any]:
    """{DAG: {"tasks": [{name, many, after, tells}] in their order, "starts_with": assets}}."""
    files = sorted(str(file) for file in FOLDER.glob("*.py") if not file.name.startswith("winnow_"))
    command = [python, "-c", STRUCTURE, str(FOLDER), *files]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own files
    return dict(json.loads(done.stdout.splitlines()[-1]))


def boxes(dags: dict[str, Any]) -> list[dict[str, Any]]:
    """{name, label, dag, lane, column, kind, after}: tasks and assets where they stand; a task that is one of each has its ×."""
    found = []
    for lane, (dag, what) in enumerate(dags.items()):
        columns: dict[str, int] = {}
        for asset in what["starts_with"]:
            columns[asset] = 0
            found.append(_box(asset, {"dag": dag, "lane": lane, "column": 0}, "asset", []))
        for task in what["tasks"]:
            after = task["after"] or what["starts_with"]
            columns[task["name"]] = max((columns[one] + 1 for one in after), default=0)
            place = {"dag": dag, "lane": lane, "column": columns[task["name"]]}
            found.append(_box(task["name"], place, "task", after, " × n" if task["many"] else ""))
            for asset in task["tells"]:
                found.append(_box(asset, place | {"column": place["column"] + 1}, "asset", [task["name"]]))
    return found


def _box(name: str, place: dict[str, Any], kind: str, after: list[str], mark: str = "") -> dict[str, Any]:
    return {"name": name, "label": name.replace("_", " ") + mark, **place, "kind": kind, "after": after}


def arrows(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From the end of one box to the beginning of another."""
    at = {(one["dag"], one["name"], one["column"]): one for one in found}
    ends = [
        (before, one) for one in found for before in at.values() if before["dag"] == one["dag"] and before["name"] in one["after"]
    ]
    return [
        {"x": _left(before) + BOX_WIDTH, "x2": _left(one) - 3, "y": _middle(before)}
        for before, one in ends
        if before["column"] < one["column"]
    ]


def _left(box: dict[str, Any]) -> int:
    return int(box["column"]) * (BOX_WIDTH + GAP)


def _middle(box: dict[str, Any]) -> int:
    return int(box["lane"]) * LANE + LANE // 2 + 8


def drawn(dags: dict[str, Any]) -> altair.LayerChart:
    found = boxes(dags)
    width = max(_left(one) for one in found) + BOX_WIDTH + 1
    rows = [
        one | {"x": _left(one), "x2": _left(one) + BOX_WIDTH, "middle": _left(one) + BOX_WIDTH // 2, "y": _middle(one)}
        | {"top": _middle(one) - BOX_HEIGHT // 2, "bottom": _middle(one) + BOX_HEIGHT // 2}
        for one in found
    ]  # fmt: skip
    lanes = [{"x": 0, "y": _middle({"lane": lane}) - 26, "label": dag} for lane, dag in enumerate(dags)]
    table, named, ends = pandas.DataFrame(rows), pandas.DataFrame(lanes), pandas.DataFrame(arrows(found))

    def across(column: str) -> altair.X:
        return altair.X(f"{column}:Q", axis=None, scale=altair.Scale(domain=[0, width], nice=False))

    def down(column: str) -> altair.Y:
        return altair.Y(f"{column}:Q", axis=None, scale=altair.Scale(domain=[0, len(dags) * LANE], nice=False, reverse=True))

    box = altair.Chart(table).encode(x=across("x"), x2="x2:Q", y=down("top"), y2="bottom:Q")
    text = altair.Chart(table).mark_text(fontSize=11, color=INK)
    title = altair.Chart(named).mark_text(fontSize=13, fontWeight="bold", align="left", color=INK)
    head = altair.Chart(ends).mark_point(shape="triangle-right", filled=True, color=INK, size=40, opacity=1)
    return (
        altair.layer(
            box.transform_filter("datum.kind == 'task'").mark_rect(fill=PAPER, stroke=INK, cornerRadius=4),
            box.transform_filter("datum.kind == 'asset'").mark_rect(fill=ASSET, stroke=INK, strokeDash=[3, 3], cornerRadius=4),
            text.encode(x=across("middle"), y=down("y"), text="label:N"),
            title.encode(x=across("x"), y=down("y"), text="label:N"),
            altair.Chart(ends).mark_rule(color=INK).encode(x=across("x"), x2="x2:Q", y=down("y")),
            head.encode(x=across("x2"), y=down("y")),
        )
        .properties(width=width, height=len(dags) * LANE, background="white")
        .configure_view(stroke=None)
    )


def main() -> int:
    if len(sys.argv) != 2:
        print("python -m docs.make_dag_pictures PYTHON: an interpreter that has Airflow; `make pictures-dags` names it")
        return 2
    drawn(structure(sys.argv[1])).save(PICTURE)
    print(f"docs/{PICTURE.name}: {PICTURE.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
