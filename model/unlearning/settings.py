"""Which method unlearns, with which numbers. What a method's authors published is its default."""

from dataclasses import dataclass
from typing import Any

from pipeline.errors import UsageError
from pipeline.settings import LARGEST_SEED, check_settings, setting

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

    method: str = setting("npo", ", ".join(METHODS), choices=tuple(METHODS))
    steps: int = setting(50, "updates of the weights", minimum=1)
    learning_rate: float = setting(
        1e-3, "of AdamW, for all weights, after a tenth of the steps; large models want 1e-5", "TOFU", above=0
    )
    texts: int = setting(16, "to forget, in each step", minimum=1)
    rows: int = setting(16, "to keep, in each step", minimum=0)
    beta: float = setting(0.1, "how fast NPO, SimNPO and DPO saturate", "NPO 3.1, TOFU", above=0)
    delta: float = setting(0.0, "nats per token that SimNPO shifts by; the paper's gamma is beta times this", "SimNPO's code")
    gamma: float = setting(1.0, "weight of the forget loss", "OpenUnlearning", minimum=0)
    alpha: float = setting(
        1.0, "weight of the loss on kept rows; task-vector: how much of the direction is subtracted", "TOFU", minimum=0
    )
    layer: int | None = setting(None, "block whose states RMU moves, from 0; None for the middle one", minimum=0)
    steering: float = setting(20.0, "length of the vector that RMU moves states to", "Li et al. 2024", minimum=0)
    clip: float = setting(1.0, "largest norm of a step's gradient", above=0)
    seed: int = setting(0, "of the order of texts and rows, and of RMU's direction", minimum=0, maximum=LARGEST_SEED)

    def __post_init__(self) -> None:
        check_settings(self)

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
