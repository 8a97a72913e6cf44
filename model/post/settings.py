"""Which method tunes, with which numbers. What a method's authors published is its default."""

from dataclasses import asdict, dataclass
from typing import Any

from model.training.settings import LARGEST_FACTOR
from pipeline.errors import UsageError
from pipeline.settings import check_settings, setting

METHODS = {
    "sft": "answers, word by word",
    "dpo": "one answer preferred to another (--set preference=dpo, ipo), or answers called good and bad (kto)",
    "reward": "a model that scores answers, from pairs",
    "classify": "labels of texts, by a head (BERT's use)",
    "grpo": "the model's own answers, rewarded by a program",
    "distil": "what a larger run would have said",
}
ADAPTERS = ("none", "lora", "prefix", "bottleneck")
LINEARS = ("query", "key", "value", "output", "gate", "up", "down")

# What differs from the defaults below. Rates are shares of the one that the run was trained with, which its size decides:
# a preference moves a model further than as many words of an answer do.
PUBLISHED: dict[str, dict[str, Any]] = {
    "sft": {"rate_share": 0.1},
    "dpo": {"rate_share": 0.01},
    "reward": {"rate_share": 0.05},
    "classify": {"rate_share": 0.05},
    "grpo": {"rate_share": 0.02, "examples": 8},
    "distil": {"rate_share": 0.1},
}


@dataclass(frozen=True, kw_only=True)
class TuneSettings:
    """Everything that decides a tuning, beside its plan, its examples and the run it begins with."""

    method: str = setting("sft", ", ".join(METHODS), choices=tuple(METHODS))
    examples: int = setting(16, "examples of a step (of grpo: prompts)", minimum=1, maximum=1 << 16)
    epochs: float = setting(3.0, "times that every example is read, where no --steps are given", minimum=1e-6, maximum=10_000)
    rate_share: float = setting(
        0.1, "learning rate, as a share of the one that the run was trained with", minimum=1e-9, maximum=10
    )
    held_out: int = setting(0, "examples that are only measured, chosen by their ids", minimum=0, maximum=1 << 32)

    preference: str = setting("dpo", "dpo, ipo or kto", choices=("dpo", "ipo", "kto"))
    beta: float = setting(
        0.1, "how far preferences may lead away from the model before", "Rafailov et al. 2023", above=0, maximum=LARGEST_FACTOR
    )
    good_weight: float = setting(1.0, "of answers called good (kto)", "Ethayarajh et al. 2024", minimum=0, maximum=LARGEST_FACTOR)
    bad_weight: float = setting(1.0, "of answers called bad (kto)", "Ethayarajh et al. 2024", minimum=0, maximum=LARGEST_FACTOR)

    group: int = setting(8, "answers to each prompt (grpo)", "DeepSeekMath has 64", minimum=2, maximum=1024)
    answer_tokens: int = setting(64, "of an answer that the model writes, at most", minimum=1, maximum=1 << 16)
    temperature: float = setting(1.0, "that answers are drawn at", minimum=0.01, maximum=100)
    kl_weight: float = setting(
        0.04, "of the divergence from the model before (grpo)", "DeepSeekMath 4.2", minimum=0, maximum=LARGEST_FACTOR
    )

    answers: str = setting("given", "that are learned (distil): given ones, or the model's own", choices=("given", "own"))
    divergence: str = setting(
        "forward", "from the larger run (distil): forward covers all it would say, reverse no more than that",
        "Hinton et al. 2015; Gu et al. 2024", choices=("forward", "reverse"),
    )  # fmt: skip
    softness: float = setting(1.0, "temperature that softens both (distil)", "Hinton 2015: 1 to 20", minimum=0.1, maximum=100)
    top: int = setting(0, "of the larger run's best tokens, the others as one (distil); 0 for all", minimum=0, maximum=1 << 24)

    adapter: str = setting("none", "lora, prefix or bottleneck: train that alone", choices=ADAPTERS)
    rank: int = setting(8, "of LoRA's updates", "Hu et al. 2021", minimum=1, maximum=4096)
    alpha: float = setting(16.0, "LoRA's updates are multiplied by alpha / rank", "PEFT's examples", above=0, maximum=10**6)
    targets: tuple[str, ...] = setting(LINEARS, f"matrices that LoRA updates, of {', '.join(LINEARS)}")
    prefix_tokens: int = setting(16, "places before every text", "Li and Liang 2021: 10 to 200", minimum=1, maximum=4096)
    bottleneck_width: int = setting(
        16, "numbers between the two layers of a bottleneck", "Houlsby et al. 2019", minimum=1, maximum=1 << 20
    )

    def __post_init__(self) -> None:
        check_settings(self)
        if unknown := set(self.targets) - set(LINEARS):
            raise UsageError(f"targets names {min(unknown)}: of {', '.join(LINEARS)}")
        if not self.targets:
            raise UsageError("targets is empty: LoRA needs a matrix to update")

    @property
    def has_head(self) -> bool:
        """Whether a head of its own judges texts, in place of the table that scores tokens."""
        return self.method in ("reward", "classify")

    @property
    def writes(self) -> bool:
        """Whether the model writes the answers that it learns from."""
        return self.method == "grpo" or (self.method == "distil" and self.answers == "own")

    def to_json(self) -> dict[str, Any]:
        values = asdict(self).items()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


def tune_settings(method: str, **changes: Any) -> TuneSettings:
    """A method as published, with these settings changed; None leaves a setting as it is. An adapter learns ten times as fast."""
    if method not in METHODS:
        raise UsageError(f"--method {method} is not known: {', '.join(METHODS)}")
    given = {name: value for name, value in changes.items() if value is not None}
    of_method: dict[str, Any] = dict(PUBLISHED[method])
    if given.get("adapter", "none") != "none":
        of_method["rate_share"] *= 10
    return TuneSettings(**{"method": method, **of_method, **given})


def settings_from_json(values: dict[str, Any]) -> TuneSettings:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return TuneSettings(**given)
