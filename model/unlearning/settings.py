"""Which method unlearns, with which numbers. What a method's authors published is its default."""

from dataclasses import dataclass
from typing import Any

from pipeline.errors import UsageError
from pipeline.settings import setting

METHODS = {
    "ga": "gradient ascent on the texts to forget",
    "graddiff": "gradient difference: ascent on them, descent on kept rows",
    "kl": "ascent on them, Kullback-Leibler divergence from the model before on kept rows",
    "npo": "negative preference optimisation",
    "simnpo": "negative preference optimisation by length, without a reference model",
    "dpo": "a refusal preferred to the text",
    "idk": "descent on a refusal in place of the text",
    "rmu": "representation misdirection",
    "task-vector": "the direction that learning them by heart takes, subtracted",
}

# What differs from the defaults below; sources beside each.
PUBLISHED: dict[str, dict[str, Any]] = {
    "ga": {"alpha": 0.0},  # TOFU 3: the forget loss alone
    "simnpo": {"beta": 4.5, "gamma": 0.125},  # OpenUnlearning's configuration of SimNPO
    "rmu": {"alpha": 100.0},  # Li et al. 2024, the original repository
}
NEEDS_REFERENCE = frozenset({"kl", "npo", "dpo", "rmu"})
NEEDS_REFUSALS = frozenset({"dpo", "idk"})


@dataclass(frozen=True, kw_only=True)
class UnlearningSettings:
    """Everything that decides the outcome, beside the model, the texts and the kept rows."""

    method: str = setting("npo", ", ".join(METHODS))
    steps: int = setting(50, "updates of the weights")
    learning_rate: float = setting(1e-3, "of AdamW, for all weights, after a tenth of the steps; large models want 1e-5", "TOFU")
    texts: int = setting(16, "to forget, in each step")
    rows: int = setting(16, "to keep, in each step")
    beta: float = setting(0.1, "how fast NPO, SimNPO and DPO saturate", "NPO 3.1, TOFU")
    delta: float = setting(0.0, "nats per token that SimNPO shifts by; the paper's gamma is beta times this", "SimNPO's code")
    gamma: float = setting(1.0, "weight of the forget loss", "OpenUnlearning")
    alpha: float = setting(1.0, "weight of the loss on kept rows; task-vector: how much of the direction is subtracted", "TOFU")
    layer: int | None = setting(None, "block whose states RMU moves, from 0; None for the middle one")
    steering: float = setting(20.0, "length of the vector that RMU moves states to", "Li et al. 2024")
    clip: float = setting(1.0, "largest norm of a step's gradient")
    seed: int = setting(0, "of the order of texts and rows, and of RMU's direction")

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UsageError(f"method is {self.method!r}: one of {', '.join(METHODS)}")
        for name in ("steps", "texts", "learning_rate", "beta", "clip"):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name} is {getattr(self, name)}: above 0")
        for name in ("rows", "alpha", "gamma"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"{name} is {getattr(self, name)}: at least 0")

    @property
    def keeps(self) -> bool:
        """Whether kept rows are read at all."""
        return self.alpha > 0 and self.rows > 0 and self.method != "task-vector"


def settings_of(method: str, **changes: Any) -> UnlearningSettings:
    """A method as published, with these settings changed; None leaves a setting as it is."""
    given = {name: value for name, value in changes.items() if value is not None}
    try:
        return UnlearningSettings(**({"method": method, **PUBLISHED.get(method, {})} | given))
    except TypeError as error:
        known = ", ".join(UnlearningSettings.__dataclass_fields__)
        raise UsageError(f"settings of {method}: {error}; known are {known}") from error
