"""A run's plan: everything that decides its weights, together with the corpus. The plan is the log.

Which rows step 4,711 read, with which learning rate and which mask, is computed from it (tokenizer/shards/loader.py), not
recorded.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from model.checkpoint_files import MOST_STEPS
from model.training.settings import LARGEST_FACTOR, LearningSettings, ShapeSettings
from model.training.sizes import plan_of_size
from pipeline.errors import UsageError
from pipeline.settings import LARGEST_SEED, check_settings, setting
from tokenizer.shards.loader import LoaderSettings
from tokenizer.shards.turns import LARGEST as LARGEST_WEIGHTS


@dataclass(frozen=True, kw_only=True)
class TrainPlan(ShapeSettings, LearningSettings):
    """Everything that decides the weights of a run, together with its corpus."""

    seed: int = setting(0, "of weights, order of rows and masks", minimum=0, maximum=LARGEST_SEED)

    row_tokens: int = setting(256, "tokens of a row: the longest context", minimum=2, maximum=1 << 24)
    batch_rows: int = setting(16, "rows of a step, over all processes", minimum=1, maximum=1 << 24)
    micro_batch_rows: int = setting(
        16,
        "rows that go through the model at once; gradients of several add up to a step's",
        formerly="micro_rows",
        minimum=1,
        maximum=1 << 24,
    )

    weights: tuple[int, ...] = setting(
        (), "turns of each corpus, where a run reads several: shares of the rows of a step", minimum=1, maximum=LARGEST_WEIGHTS
    )

    z_weight: float = setting(1e-4, "of z-loss", "PaLM 5.1", minimum=0, maximum=LARGEST_FACTOR)

    keep_every: int = setting(
        0, "checkpoints at these multiples of steps are kept for good; 0 for none", minimum=0, maximum=MOST_STEPS
    )
    evaluate_every: int = setting(0, "steps between looks at held-out text; 0 for a tenth of all", minimum=0, maximum=MOST_STEPS)
    save_every: int = setting(250, "steps between checkpoints", minimum=1, maximum=MOST_STEPS)
    keep_last: int = setting(2, "of the others, so many stay", minimum=1, maximum=MOST_STEPS)
    deterministic: bool = setting(True, "the same bits every time; costs some speed on a GPU")
    compile: bool = setting(False, "feed-forward layers by torch.compile: other bits, the same each time; wants a C++ compiler")
    sharded: bool = setting(False, "weights, gradients and optimizer split over the processes (FSDP2)")
    threads: int = setting(
        0, "of the CPU; sums are cut by them, so they decide the last bits. 0: those of the first start", minimum=0, maximum=1024
    )

    def __post_init__(self) -> None:
        check_settings(self)
        if self.batch_rows % self.micro_batch_rows:
            raise UsageError(f"batch_rows {self.batch_rows} is no multiple of micro_batch_rows {self.micro_batch_rows}")
        if 0 < self.rope_base < 1:
            raise UsageError(f"rope_base is {self.rope_base}: 1 or more, or 0 for the model's")
        if self.compile and self.objective == "spans":
            raise UsageError("compile is for steps of one size, and missing spans are never of one: next or masked")
        if self.sharded and (self.compile or self.objective == "spans"):
            raise UsageError("sharded goes with neither compile nor missing spans: leave one of them out")
        if self.schedule == "wsd" and not self.warmup_steps and self.warmup_share + self.decay_share > 1:
            raise UsageError(f"warmup_share {self.warmup_share} and decay_share {self.decay_share} are more than all steps")
        if self.warmup_steps > self.steps:
            raise UsageError(f"warmup_steps {self.warmup_steps} are more than all {self.steps} steps")
        self.shape(0)  # that the model can be built, before anything is written

    @property
    def loader(self) -> LoaderSettings:
        return LoaderSettings(row_tokens=self.row_tokens, batch_rows=self.batch_rows, seed=self.seed)

    @property
    def step_tokens(self) -> int:
        """Places of a step, padding included: the constant that the summed loss is divided by."""
        return self.row_tokens * self.batch_rows

    def to_json(self) -> dict[str, Any]:
        """As JSON gives it back: lists, no tuples."""
        values = dataclasses.asdict(self).items()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


def plan_of(model: str, **changes: Any) -> TrainPlan:
    """The plan of a named size, with these settings changed; None leaves a setting as it is.

    AdamW trains all weights at one rate unless `embedding_rate` is given: the sizes' own are for beside Muon.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    of_size = plan_of_size(model)
    chosen = {"model": model, **of_size, **given}
    if chosen.get("optimizer") == "adamw":
        chosen["embedding_rate"] = given.get("embedding_rate", chosen["learning_rate"])
    if isinstance(chosen["batch_rows"], int) and "micro_batch_rows" not in given:
        chosen["micro_batch_rows"] = max(1, math.gcd(chosen["batch_rows"], of_size["micro_batch_rows"]))
    try:
        return TrainPlan(**chosen)
    except TypeError as error:
        raise UsageError(f"plan: {error}; `winnow train --help` lists the settings") from error


def plan_from_json(values: dict[str, Any]) -> TrainPlan:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return TrainPlan(**given)
