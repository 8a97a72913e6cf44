"""What becomes of a page on which a detector of one's own found something: a recipe says it, detector by detector.

[detected.by.project_names]
action = "mask"
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pipeline.errors import RecipeError
from pipeline.plugins.calls import NAME
from pipeline.settings import check_settings, setting

OWN = "own"  # findings.attack
SEVERITIES = {"label": "note", "mask": "warn", "cut": "warn", "drop": "severe"}


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """Of one detector's findings."""

    action: Literal["label", "drop", "cut", "mask"] = setting("label", "of the page, or of the spans in its text")
    outcome: Literal["filtered", "poisoned", "personal", "contaminated"] = setting("filtered", "of a page that is dropped")
    min_score: float | None = setting(
        None, "a finding with a lower score is a label; one without a score is sure", minimum=0, maximum=1
    )

    @property
    def least(self) -> float:
        """`min_score` as scores are compared: 32-bit numbers; 0 takes all."""
        return float(np.float32(self.min_score or 0))

    @property
    def severity(self) -> str:
        """Of a finding that scores enough; of any other it is that of a label."""
        return SEVERITIES[self.action]

    @property
    def hides(self) -> bool:
        """Whether what was found is not to be shown either."""
        return self.action == "mask" or (self.action == "drop" and self.outcome == "personal")


@dataclass(frozen=True, kw_only=True)
class DetectedSettings:
    """What findings of your own detectors do: `[detected.by.NAME]` has `action`, `outcome` of dropped pages, `min_score`."""

    by: dict[str, Any] = dataclasses.field(
        default_factory=dict,
        metadata={
            "meaning": "a table a detector. action: label (only reported), drop (the page goes), cut or mask (the span goes); "
            "outcome of a page that goes: filtered, poisoned, personal, contaminated; min_score: what scores less is a label"
        },
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", {name: _consequence(name, one) for name, one in self.by.items()})

    def of(self, name: str) -> Consequence:
        found: Consequence = self.by.get(name, Consequence())
        return found

    def require(self, functions: tuple[str, ...]) -> None:
        """Raises RecipeError where it speaks of a detector that the recipe does not name."""
        if unknown := sorted({*self.by} - {*functions}):
            raise RecipeError(
                f"detected.by.{unknown[0]}: detectors.functions has no such detector; it names {', '.join(functions) or 'none'}"
            )


def _consequence(name: str, given: Any) -> Consequence:
    if not NAME.fullmatch(str(name)):
        raise RecipeError(f"detected.by.{str(name)[:64]}: small letters, digits and _, as detectors.functions has it")
    values = dataclasses.asdict(given) if isinstance(given, Consequence) else given
    known = [one.name for one in dataclasses.fields(Consequence)]
    if not isinstance(values, Mapping) or (unknown := [key for key in values if key not in known]):
        told = f"{unknown[0]} is no setting" if isinstance(values, Mapping) else f"it is {values!r}"
        raise RecipeError(f"detected.by.{name}: {told}; write a table with any of {', '.join(known)}")
    made = Consequence(**values)
    check_settings(made, RecipeError, f"detected.by.{name}.")
    return made
