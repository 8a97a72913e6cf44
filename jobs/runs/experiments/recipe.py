"""An experiment's TOML: which kind, what is trained, which methods with which settings. Unknown keys are refused.

kind = "canaries"            # or backdoor, authors
seeds = 3                    # of every method
oracles = 5                  # retrained without what is forgotten
[plan]                       # any setting of model/training/plan.py
steps = 400
[task]                       # settings of the kind: jobs/runs/experiments/canaries.py and its neighbours
canaries = 16
[unlearning]                 # any setting of model/unlearning/settings.py, for all methods
steps = 30
[methods.npo]                # the methods, each with what differs; without any, all of them
learning_rate = 0.002
"""

import dataclasses
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from jobs.runs.experiments.authors import AuthorRecipe, authors
from jobs.runs.experiments.backdoor import BackdoorRecipe, backdoor
from jobs.runs.experiments.canaries import CanaryRecipe, canaries
from jobs.runs.experiments.task import Task
from model.training.plan import TrainPlan, plan_of
from model.unlearning.settings import METHODS, UnlearningSettings, settings_of
from pipeline.errors import RecipeError, UsageError
from pipeline.settings import LARGEST_SEED, check_value, renamed, setting

KINDS: dict[str, tuple[type[Any], Callable[[Any, int], Task]]] = {
    "canaries": (CanaryRecipe, canaries),
    "backdoor": (BackdoorRecipe, backdoor),
    "authors": (AuthorRecipe, authors),
}
_SECTIONS = ("plan", "task", "unlearning", "methods")


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """The top of the file."""

    kind: str = setting("canaries", "canaries, backdoor or authors", choices=tuple(KINDS))
    seed: int = setting(0, "of the texts, and of the model that is made to forget", minimum=0, maximum=LARGEST_SEED)
    seeds: int = setting(3, "of every method", minimum=1)
    oracles: int = setting(
        5, "models retrained without what is forgotten, seeds from `seed` on; fewer than five decide nothing", minimum=1
    )
    vocabulary: int = setting(512, "tokens of the tokenizer, learned from the texts", minimum=258)
    relearning_steps: int = setting(20, "of plain training on what was forgotten", minimum=0)
    relearning_rate: float = setting(1e-3, "of AdamW", above=0)


@dataclass(frozen=True)
class ExperimentRecipe:
    """All that decides an experiment."""

    experiment: Experiment
    plan: TrainPlan
    task: Any
    methods: dict[str, UnlearningSettings]

    def make_task(self) -> Task:
        return KINDS[self.experiment.kind][1](self.task, self.experiment.seed)

    def decides_models(self) -> dict[str, Any]:
        """What the texts and the trained models depend on: with these unchanged, other methods need no training anew."""
        names = ("kind", "seed", "vocabulary")
        values = self.as_json()
        return {name: values["experiment"][name] for name in names} | {name: values[name] for name in ("plan", "task")}

    def as_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "experiment": dataclasses.asdict(self.experiment),
            "plan": self.plan.to_json(),
            "task": dataclasses.asdict(self.task),
            "methods": {name: dataclasses.asdict(settings) for name, settings in self.methods.items()},
        }


def read_experiment(path: Path) -> ExperimentRecipe:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path} is no recipe of an experiment ({error}); docs/experiments has some") from error
    try:
        return build_experiment(values, path.parent)
    except UsageError as error:
        raise RecipeError(f"{path}: {error}") from error


def build_experiment(values: dict[str, Any], folder: Path) -> ExperimentRecipe:
    """A path in it is relative to `folder`."""
    sections = {name: values.get(name, {}) for name in _SECTIONS}
    if wrong := [name for name, section in sections.items() if not isinstance(section, dict)]:
        raise RecipeError(f"{wrong[0]} is a table: write [{wrong[0]}]")
    top = _settings(Experiment, {name: value for name, value in values.items() if name not in _SECTIONS}, "")
    task = _settings(KINDS[top.kind][0], sections["task"], "task.")
    if getattr(task, "path", ""):
        task = dataclasses.replace(task, path=str(folder / task.path))
    given = _checked(TrainPlan, sections["plan"], "plan.")
    plan = plan_of(given.pop("model", "tiny"), **({"threads": 1, "seed": top.seed} | given))
    if plan.objective != "next":
        raise RecipeError(f"plan.objective is {plan.objective!r}: only decoders (next) are made to forget")
    return ExperimentRecipe(top, plan, task, _methods(sections["unlearning"], sections["methods"]))


def _methods(common: dict[str, Any], methods: dict[str, Any]) -> dict[str, UnlearningSettings]:
    _checked(UnlearningSettings, common, "unlearning.")
    found = {}
    for name, changes in (methods or {method: {} for method in METHODS}).items():
        if not isinstance(changes, dict):
            raise RecipeError(f"methods.{name} is a table: write [methods.{name}]")
        found[name] = settings_of(name, **{**common, **_checked(UnlearningSettings, changes, f"methods.{name}.")})
    return found


def _settings(kind: type[Any], values: dict[str, Any], where: str) -> Any:
    return kind(**_checked(kind, values, where))


def _checked(kind: type[Any], values: dict[str, Any], where: str) -> dict[str, Any]:
    """The same values, lists as tuples; raises RecipeError at a key that is not known or a value that is not allowed."""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    kinds = get_type_hints(kind)
    found = {}
    for name, value in values.items():
        if now := renamed(kind, name):
            raise RecipeError(f"{where}{name} is now {where}{now}")
        if name not in fields:
            raise RecipeError(f"{where}{name} is not known: {', '.join(fields)}")
        found[name] = tuple(value) if isinstance(value, list) else value
        check_value(where + name, found[name], kinds[name], fields[name].metadata, RecipeError)
    return found
