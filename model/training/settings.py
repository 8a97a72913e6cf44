"""The settings of a plan by topic: what is trained, how fast, by which optimizer. A part of the trainer takes its topic alone."""

import math
from dataclasses import dataclass

from model.checkpoint_files import MOST_STEPS
from model.network.scaling import PLAIN, TYPES, RopeScaling, scaling_of
from model.network.shape import Shape
from model.training.objectives import EXTRA_TOKENS, KINDS
from model.training.sizes import shape_of
from pipeline.settings import REQUIRED, setting

LARGEST_FACTOR = 1000  # of rates and weights of a loss: fp32 overflows not far beyond what anybody means
WIDTHS = ("width", "heads", "kv_heads", "head_width", "hidden")


@dataclass(frozen=True, kw_only=True)
class ShapeSettings:
    """Which architecture, and what it is asked."""

    model: str = setting("tiny", "tiny, small, gpt2, or dN for a depth of N layers (model/training/sizes.py)")
    layers: int = setting(0, "this and the next six: of the shape; 0 for those of the model", minimum=0, maximum=1 << 10)
    width: int = setting(0, "numbers of a token's state", minimum=0, maximum=1 << 20)
    heads: int = setting(0, "of queries", minimum=0, maximum=1 << 12)
    kv_heads: int = setting(0, "of keys and values; each serves heads / kv_heads queries", minimum=0, maximum=1 << 12)
    head_width: int = setting(0, "numbers of a query, key or value", minimum=0, maximum=1 << 12)
    hidden: int = setting(0, "numbers between the two halves of a feed-forward layer", minimum=0, maximum=1 << 22)
    vocabulary_rows: int = setting(
        0, "of the table of tokens; 0: as many as tokens, up to a multiple of 64", minimum=0, maximum=1 << 24
    )
    rope_base: float = setting(0.0, "of rotary positions, 1 or more; 0 for the model's", minimum=0, maximum=10**15)
    rope_type: str = setting(
        PLAIN, "rotary positions as they are, or stretched for longer texts as transformers has it", choices=TYPES
    )
    rope_factor: float = setting(1.0, "positions are stretched by so much", minimum=1, maximum=10**6)
    rope_context: int = setting(0, "of llama3 and yarn: tokens of the longest texts before", minimum=0, maximum=1 << 24)
    rope_turns: tuple[float, ...] = setting(
        (),
        "of llama3 and yarn: what turns less often in rope_context is stretched, more often is left; none for 1,4 and 1,32",
        above=0,
    )
    rope_attention: float = setting(
        0.0,
        "of yarn: cosines and sines are multiplied by it; 0 for 0.1 ln(rope_factor) + 1",
        "Peng et al. 2023, 3.4",
        minimum=0,
        maximum=LARGEST_FACTOR,
    )
    rope_whole: bool = setting(True, "of yarn: what is stretched begins and ends at whole dimensions")
    tied: bool = setting(True, "one table embeds tokens and scores them")
    query_key_norms: bool = setting(True, "queries and keys are normalised, as in Qwen3; without, the model is Llama's")
    norm_epsilon: float = setting(1e-6, "added to the mean square by which a norm divides", minimum=1e-30, maximum=0.1)
    objective: str = setting("next", "next token (GPT), masked tokens (BERT) or missing spans (T5)", choices=tuple(KINDS))
    windows: str = setting("L", "by layer, repeated: L sees the whole document, S the last `window` tokens")
    window: int = setting(256, "tokens, the one that looks back included", minimum=1, maximum=1 << 24)
    experts: int = setting(0, "experts of each feed-forward layer; 0 for none", minimum=0, maximum=1 << 12)
    experts_used: int = setting(2, "experts each token goes through", minimum=1, maximum=1 << 12)
    balance_weight: float = setting(
        0.01, "of the experts' load balance in the loss", "Switch Transformer 2.2", minimum=0, maximum=LARGEST_FACTOR
    )

    @property
    def rope_scaling(self) -> RopeScaling:
        return scaling_of(
            type=self.rope_type, factor=self.rope_factor, context=self.rope_context, turns=self.rope_turns,
            attention=self.rope_attention, whole=self.rope_whole,
        )  # fmt: skip

    def shape(self, vocabulary: int) -> Shape:
        return shape_of(
            self.model,
            vocabulary,
            EXTRA_TOKENS[self.objective],
            rows=self.vocabulary_rows,
            **{name: value for name in ("layers", *WIDTHS, "rope_base") if (value := getattr(self, name))},
            rope_scaling=self.rope_scaling,
            tied=self.tied,
            query_key_norms=self.query_key_norms,
            norm_epsilon=self.norm_epsilon,
            kind=KINDS[self.objective],
            windows=self.windows,
            window=self.window,
            experts=self.experts,
            experts_used=self.experts_used,
        )


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings:
    """How learning rates go from the first update to the last."""

    steps: int = setting(1000, "updates of the weights", minimum=1, maximum=MOST_STEPS)
    schedule: str = setting("wsd", "wsd (warm-up, stable, decay) or cosine", choices=("wsd", "cosine"))
    warmup_share: float = setting(0.02, "of the steps, rising from 0", minimum=0, maximum=1)
    warmup_steps: int = setting(
        0, "in place of warmup_share where above 0; a run that grows keeps those of its first plan", minimum=0, maximum=MOST_STEPS
    )
    decay_share: float = setting(
        0.3, "of the steps, wsd falling to 0", "Hägele et al. 2024: 1 - sqrt is close to cosine", minimum=0, maximum=1
    )
    final_rate: float = setting(0.0, "share of the learning rate that the decay leads to", minimum=0, maximum=1)

    @property
    def rising(self) -> int:
        """Updates of the warm-up."""
        return self.warmup_steps or max(1, round(self.warmup_share * self.steps))

    def rate_share(self, step: int) -> float:
        """What the learning rates of update number `step` (from 0) are multiplied by.

        `final_rate` would be that of the update after the last (as in nanoGPT), so that none is made in vain at rate 0.
        """
        warmup = self.rising
        if step < warmup:
            return (step + 1) / warmup
        if self.schedule == "cosine":
            progress = (step - warmup) / (self.steps - warmup)
            return self.final_rate + (1 - self.final_rate) * (1 + math.cos(math.pi * progress)) / 2
        left = (self.steps - step) / max(1, round(self.decay_share * self.steps))
        return 1.0 if left >= 1 else self.final_rate + (1 - self.final_rate) * (1 - math.sqrt(1 - left))


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings:
    """What moves the weights."""

    optimizer: str = setting("muon", "muon (matrices by Muon, the rest by AdamW) or adamw", choices=("muon", "adamw"))
    learning_rate: float = setting(
        REQUIRED, "at its highest, for matrices; default that of the size", above=0, maximum=LARGEST_FACTOR
    )
    embedding_rate: float = setting(
        REQUIRED, "the same for embedding, head and norms; default that of the size, and learning_rate with adamw",
        above=0, maximum=LARGEST_FACTOR,
    )  # fmt: skip
    betas: tuple[float, float] = setting((0.9, 0.95), "of AdamW", "GPT-3 appendix B", minimum=0, below=1)
    momentum: float = setting(0.95, "of Muon", "modded-nanogpt", minimum=0, below=1)
    muon_bits: int = setting(
        0, "of Muon's products, 16 or 32. 0: those of the first start, 16 where the device has bf16", choices=(0, 16, 32)
    )
    weight_decay: float = setting(
        0.1, "of matrices, times the learning rate", "GPT-3 appendix B", minimum=0, maximum=LARGEST_FACTOR
    )
    clip: float = setting(1.0, "largest norm of a step's gradient", "GPT-3 appendix B", above=0)


@dataclass(frozen=True, kw_only=True)
class LearningSettings(ScheduleSettings, OptimizerSettings):
    """What moves the weights, and how far each time."""
