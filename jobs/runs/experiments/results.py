"""`winnow experiment`: every model of a trial measured, held against the oracles, and written as results.json and report.html."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from jobs.runs.audit.questions import forget_quality
from jobs.runs.experiments.page import render_page
from jobs.runs.experiments.recipe import ExperimentRecipe
from jobs.runs.experiments.task import Measured, Task
from jobs.runs.experiments.trial import BEFORE, CORPUS, WITHOUT, Trial
from jobs.runs.folder import versions
from model.audit.compare import ORACLES, equivalence
from model.audit.relearn import Relearned, steps_until
from model.unlearning.settings import METHODS

RESULTS, REPORT, FORMAT = "results.json", "report.html", 1
BACK = 0.9  # share of the extraction strength before, at which texts count as relearned
RETRAINED = "retrained"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """A line of the results: one model before, or one method or retraining over its seeds. Values by measure, one a seed."""

    name: str
    title: str
    values: dict[str, list[float]]
    seconds: float  # mean over seeds; of the model before, what its training took
    cost: float  # seconds by those of retraining
    diverged: int  # seeds whose loss was no longer finite; they have no values
    equivalence: dict[str, dict[str, Any]]  # measure -> model/audit/compare.Equivalence; empty with fewer than five oracles
    equal: bool | None  # in every measure with a margin; null where nothing can be said
    relearning: list[tuple[int, float]]  # (step, extraction strength) of the first seed
    relearned_after: int | None  # steps


class _Made(NamedTuple):
    """What the models of one row gave."""

    measured: list[Measured]
    seconds: list[float]
    curve: list[Relearned]
    diverged: int = 0


def run_experiment(recipe: ExperimentRecipe, output: Path, say: Say, device: torch.device) -> dict[str, Any]:
    """What results.json says."""
    trial = Trial(recipe, output, device)
    settings = recipe.experiment
    before, seconds = trial.trained(CORPUS, BEFORE, settings.seed)
    made = {BEFORE: _Made([trial.measure(before)], [seconds], trial.relearned(before))}
    say(_result_line(BEFORE, made[BEFORE], trial.task))
    made[RETRAINED] = _oracles(trial)
    say(_result_line(RETRAINED, made[RETRAINED], trial.task))
    for method in recipe.methods:
        made[method] = _method(trial, before, method)
        say(_result_line(method, made[method], trial.task))
    results = {
        "format": FORMAT,
        "recipe": recipe.as_json(),
        "measures": {name: measure._asdict() for name, measure in trial.task.measures.items()},
        "left": trial.task.left,
        "utility": trial.task.utility,
        "texts": len(trial.task.texts(trial.encoder)),
        "rows": [asdict(row) for row in rows_of(made, trial.task)],
        "versions": versions(),
    }
    (output / RESULTS).write_text(json.dumps(results, indent=1) + "\n")
    (output / REPORT).write_text(render_page(results), "utf-8")
    return results


def _oracles(trial: Trial) -> _Made:
    """Retrained on the corpus without, with as many seeds; the first of them is what exact unlearning gives."""
    settings = trial.recipe.experiment
    trained = [trial.trained(WITHOUT, f"oracle-{seed}", seed) for seed in range(settings.seed, settings.seed + settings.oracles)]
    return _Made([trial.measure(model) for model, _ in trained], [one for _, one in trained], trial.relearned(trained[0][0]))


def _method(trial: Trial, before: Any, method: str) -> _Made:
    found = [trial.forgotten(before, method, seed) for seed in range(trial.recipe.experiment.seeds)]
    kept = [one for one in found if one is not None]
    curve = trial.relearned(kept[0][0]) if kept else []
    return _Made([trial.measure(model) for model, _ in kept], [one for _, one in kept], curve, len(found) - len(kept))


def rows_of(made: dict[str, _Made], task: Task) -> list[Row]:
    """Before, then the methods in the recipe's order, then retraining."""
    oracles = made[RETRAINED]
    values = {name: _values(one, oracles) for name, one in made.items()}
    retraining, first = float(np.mean(oracles.seconds)), made[BEFORE].curve[:1]
    strength = BACK * first[0].extraction_strength if first else 0.0
    rows = []
    for name in [BEFORE, *(name for name in made if name not in (BEFORE, RETRAINED)), RETRAINED]:
        one = made[name]
        seconds = float(np.mean(one.seconds)) if one.seconds else 0.0
        compared = {} if name == RETRAINED else _compared(values[name], values[RETRAINED], task)
        rows.append(Row(
            name, METHODS.get(name, {BEFORE: "the model as trained", RETRAINED: "trained without the texts"}.get(name, name)),
            values[name], seconds, seconds / retraining, one.diverged, compared,
            all(found["equivalent"] for found in compared.values()) if compared else None,
            [(point.step, point.extraction_strength) for point in one.curve],
            steps_until(one.curve, strength) if one.curve else None,
        ))  # fmt: skip
    return rows


def _values(made: _Made, oracles: _Made) -> dict[str, list[float]]:
    """By measure; forget quality is added where there are truth ratios. Oracles are held against each other."""
    measures = made.measured[0].values if made.measured else {}
    found = {measure: [one.values[measure] for one in made.measured] for measure in measures}
    if made.measured and made.measured[0].truth_ratios:
        found["forget_quality"] = [
            forget_quality(one.truth_ratios, [other.truth_ratios for other in oracles.measured if other is not one])
            for one in made.measured
        ]
    return found


def _compared(values: dict[str, list[float]], oracles: dict[str, list[float]], task: Task) -> dict[str, dict[str, Any]]:
    margins = {name: measure.margin for name, measure in task.measures.items() if measure.margin is not None}
    if not values or len(next(iter(oracles.values()))) < ORACLES:
        return {}
    return {name: equivalence(values[name], oracles[name], margin)._asdict() for name, margin in margins.items()}


def _result_line(name: str, made: _Made, task: Task) -> str:
    if not made.measured:
        return f"{name}: diverged with every seed"
    means = {measure: float(np.mean([one.values[measure] for one in made.measured])) for measure in (task.left, task.utility)}
    values = ", ".join(f"{task.measures[measure].title} {value:.3f}" for measure, value in means.items())
    return f"{name}: {values}, {float(np.mean(made.seconds)):.1f} s"


def results_table(results: dict[str, Any]) -> tuple[list[str], list[list[object]]]:
    """Columns and lines for people: means over seeds of what is left and of what should stay; the page has every measure."""
    shown = (results["left"], results["utility"])
    columns = ["method", "seeds", *(results["measures"][name]["title"] for name in shown)]
    lines: list[list[object]] = []
    for row in results["rows"]:
        means = [float(np.mean(row["values"][name])) if row["values"].get(name) else None for name in shown]
        seeds = max((len(values) for values in row["values"].values()), default=0)
        lines.append([row["name"], seeds, *means, row["seconds"], row["cost"], row["relearned_after"], row["equal"]])
    return [*columns, "seconds", "of retraining", "relearned after", "equal to retrained"], lines
