"""The report of a run: one HTML file beside its checkpoints, with the curves, the plan and where everything came from."""

from pathlib import Path
from typing import Any

import altair
from markupsafe import Markup

from jobs.report.figures import BOUND, DUPLICATE, KEPT, svg, unchecked
from jobs.report.pages import rendered
from jobs.runs.record import RunRecord, read_run
from jobs.runs.spoken import Conversation, conversation
from jobs.runs.train.metrics import read_metrics
from model.checkpoint_files import read_state, saved_steps
from pipeline.errors import WinnowError
from pipeline.shipped import shipped

POINTS = 600  # of a curve: more cannot be seen


def write_run_report(run: Path) -> Path:
    """Writes report.html from run.json, metrics.jsonl and the checkpoints; where it is."""
    target = run / "report.html"
    aside = run / ".report.tmp"
    aside.write_text(rendered(shipped("jobs/runs/run.html"), _contents(run)), "utf-8")
    aside.replace(target)
    return target


def _contents(run: Path) -> dict[str, Any]:
    record, lines = read_run(run), read_metrics(run)
    evaluations = [line for line in lines if line["validation_loss"] is not None]
    plan = record.train_plan
    return {
        "name": run.resolve().name,
        "record": record,
        "read": _read(record, lines[-1]["step"] if lines else 0),
        "parameters": plan.shape(record.vocabulary).parameters,
        "steps": lines[-1]["step"] if lines else 0,
        "tokens": (lines[-1]["step"] if lines else 0) * plan.step_tokens,
        "last": lines[-1] if lines else None,
        "best": min(evaluations, key=lambda line: line["validation_loss"]) if evaluations else None,
        "speed": _median([line["tokens_per_second"] for line in lines]) if lines else None,
        "mfu": _median([line["mfu"] for line in lines if line["mfu"] is not None]),
        "loss": loss_curve(lines) if lines else None,
        "throughput": throughput_curve(lines) if lines else None,
        "measures": [
            (name.replace("_", " "), measure_curve(lines, name)) for name in (lines[-1].get("measures") or {} if lines else {})
        ],
        "evaluations": evaluations,
        "rates": rates_curve(lines) if lines else None,
        "conversation": _conversation(run),
        "checkpoints": [read_state(run, step) for step in saved_steps(run)],
    }


def _conversation(run: Path) -> Conversation | None:
    """Null too where the run cannot speak here: its corpus, and with it the tokenizer, may be out of reach."""
    try:
        return conversation(run)
    except WinnowError:
        return None


def _read(record: RunRecord, steps: int) -> list[dict[str, Any]]:
    """Each corpus that the steps on shards have read: its source, how often, and its share of them."""
    reading, sources = record.reading(steps), record.sources
    rows = reading.steps * reading.settings.batch_rows
    return [
        {
            "source": sources[number],
            "epochs": reading.turns.had(place, rows) / max(1, sum(sources[number].shard_rows)),
            "share": float(reading.turns.weights[place]) / reading.turns.length,
        }
        for place, number in enumerate(reading.corpora)
    ]


def _median(values: list[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None


def _thinned(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return lines[:: max(1, len(lines) // POINTS)]


@unchecked
def loss_curve(lines: list[dict[str, Any]]) -> Markup:
    """Each step's loss in blue, the held-out loss in front of it."""
    steps = altair.Chart(altair.Data(values=[{"step": line["step"], "loss": line["loss"]} for line in _thinned(lines)]))
    held_out = [{"step": line["step"], "loss": line["validation_loss"]} for line in lines if line["validation_loss"] is not None]
    evaluations = altair.Chart(altair.Data(values=held_out))
    x = altair.X("step:Q", title="step", scale=altair.Scale(nice=False))
    y = altair.Y("loss:Q", title="nats per token", scale=altair.Scale(zero=False))
    chart = altair.layer(
        steps.mark_line(color=DUPLICATE, strokeWidth=1.2).encode(x=x, y=y),
        evaluations.mark_line(color=KEPT, strokeWidth=2, point=altair.OverlayMarkDef(color=KEPT)).encode(x=x, y=y),
    ).properties(width=640, height=220)
    description = f"Training loss from {lines[0]['loss']:.2f} to {lines[-1]['loss']:.2f} nats per token."
    return svg(
        chart, "Loss", description + (f" Held out: {held_out[0]['loss']:.2f} to {held_out[-1]['loss']:.2f}." if held_out else "")
    )


@unchecked
def measure_curve(lines: list[dict[str, Any]], name: str) -> Markup:
    """What a tuning measures of each step in blue, of held-out examples in front of it."""
    each = [{"step": line["step"], "value": line["measures"][name]} for line in _thinned(lines)]
    looks = [line for line in lines if name in line["validation_measures"]]
    held_out = [{"step": line["step"], "value": line["validation_measures"][name]} for line in looks]
    title = name.replace("_", " ")
    x, y = altair.X("step:Q", title="step", scale=altair.Scale(nice=False)), altair.Y("value:Q", title=title)
    chart = altair.layer(
        altair.Chart(altair.Data(values=each)).mark_line(color=DUPLICATE, strokeWidth=1.2).encode(x=x, y=y),
        altair.Chart(altair.Data(values=held_out)).mark_line(color=KEPT, strokeWidth=2).encode(x=x, y=y),
    ).properties(width=640, height=140)
    return svg(chart, title, f"By step, from {each[0]['value']:.3f} to {each[-1]['value']:.3f}.")


@unchecked
def rates_curve(lines: list[dict[str, Any]]) -> Markup:
    """The learning rate of each group of weights: matrices in green; embedding, head and norms in blue."""
    groups = {"matrices": "learning_rate", "embedding, head, norms": "embedding_rate"}
    each = [{"step": line["step"], "rate": line[field], "of": name} for line in _thinned(lines) for name, field in groups.items()]
    x, y = altair.X("step:Q", title="step", scale=altair.Scale(nice=False)), altair.Y("rate:Q", title="rate")
    colour = altair.Color("of:N", legend=None, scale=altair.Scale(domain=[*groups], range=[KEPT, DUPLICATE]))
    # Where both are the same the second is drawn upon the first: dashes let that be seen.
    dash = altair.StrokeDash("of:N", legend=None, scale=altair.Scale(domain=[*groups], range=[[1, 0], [4, 4]]))
    chart = altair.Chart(altair.Data(values=each)).mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour, strokeDash=dash)
    highest = {name: max(line[field] for line in lines) for name, field in groups.items()}
    said = "; ".join(f"{name} up to {rate:.3g}" for name, rate in highest.items())
    return svg(chart.properties(width=640, height=110), "Learning rates", f"Green: matrices. Blue: the others. At most: {said}.")


@unchecked
def throughput_curve(lines: list[dict[str, Any]]) -> Markup:
    values = [{"step": line["step"], "speed": line["tokens_per_second"]} for line in _thinned(lines)]
    median = _median([line["tokens_per_second"] for line in lines]) or 0.0
    x = altair.X("step:Q", title="step", scale=altair.Scale(nice=False))
    y = altair.Y("speed:Q", title="tokens/s")
    chart = altair.layer(
        altair.Chart(altair.Data(values=values)).mark_line(color=KEPT, strokeWidth=1).encode(x=x, y=y),
        altair.Chart(altair.Data(values=[{"speed": median}])).mark_rule(color=BOUND, strokeDash=[4, 2]).encode(y="speed:Q"),
    ).properties(width=640, height=140)
    return svg(chart, "Throughput", f"Tokens a second by step; the dashed line is the median, {median:,.0f}.")
