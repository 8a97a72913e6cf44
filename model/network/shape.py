"""How large a model is: parameters by part, floating-point operations per token."""

from dataclasses import dataclass

from model.network.scaling import NOT_SCALED, YARN, RopeScaling
from pipeline.errors import UsageError

DECODER, ENCODER, ENCODER_DECODER = "decoder", "encoder", "encoder-decoder"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One architecture: Qwen3's (RMSNorm, rotary positions, grouped queries, normalised queries and keys, SwiGLU), or, where
    queries and keys are not normalised, Llama's."""

    vocabulary: int  # rows of the embedding, a multiple of 64
    layers: int  # of the decoder or the encoder; an encoder-decoder has as many of both
    width: int
    heads: int
    kv_heads: int  # each serves heads / kv_heads queries
    head_width: int
    hidden: int  # of the feed-forward layer, or of one expert
    kind: str = DECODER
    windows: str = "L"  # by layer, repeated: L sees the whole document, S the last `window` tokens
    window: int = 256
    experts: int = 0  # 0: every token goes through the same feed-forward layer
    experts_used: int = 2  # by each token
    rope_base: float = 10_000.0
    rope_scaling: RopeScaling = NOT_SCALED
    tied: bool = True  # one table embeds tokens and scores them
    query_key_norms: bool = True
    norm_epsilon: float = 1e-6  # added to the mean square by which a norm divides

    def __post_init__(self) -> None:
        if self.kind not in (DECODER, ENCODER, ENCODER_DECODER):
            raise UsageError(f"kind is {self.kind!r}: {DECODER}, {ENCODER} or {ENCODER_DECODER}")
        if self.heads % self.kv_heads or self.head_width % 2:
            raise UsageError(f"{self.heads} heads over {self.kv_heads} key-value heads of width {self.head_width}: must divide")
        if not self.windows or set(self.windows) - {"S", "L"}:
            raise UsageError(f"windows is {self.windows!r}: a string of S and L, such as SSSL")
        if self.rope_scaling.type == YARN and self.rope_base <= 1:
            raise UsageError(f"rope_base is {self.rope_base}: yarn wants one above 1")
        if self.experts and not 1 <= self.experts_used <= self.experts:
            raise UsageError(f"experts_used is {self.experts_used} of {self.experts}")

    def window_of(self, layer: int) -> int | None:
        """Tokens a layer looks back on, itself included; None for all."""
        return self.window if self.windows[layer % len(self.windows)] == "S" else None

    @property
    def parameters_by_part(self) -> dict[str, int]:
        """Numbers of weights: `matrices` are those of the blocks, `used` of them is what one token goes through."""
        attention = self.width * self.head_width * 2 * (self.heads + self.kv_heads)
        expert = 3 * self.width * self.hidden
        router = self.width * self.experts
        feed_forward = self.experts * expert + router if self.experts else expert
        used = self.experts_used * expert + router if self.experts else expert
        of_heads = 2 * self.head_width if self.query_key_norms else 0
        norms = 2 * self.width + of_heads
        blocks, cross = self.layers, 0
        if self.kind == ENCODER_DECODER:
            blocks, cross = 2 * self.layers, self.layers
        return {
            "embedding": self.vocabulary * self.width,
            "head": 0 if self.tied else self.vocabulary * self.width,
            "matrices": blocks * (attention + feed_forward) + cross * attention,
            "matrices_used": blocks * (attention + used) + cross * attention,
            "norms": blocks * norms + cross * (self.width + of_heads) + self.width * (2 if cross else 1),
        }

    @property
    def parameters(self) -> int:
        parts = self.parameters_by_part
        return sum(count for part, count in parts.items() if part != "matrices_used")

    def flops_per_token(self, context: int, *, causal: bool = False) -> float:
        """Of one training step, forward and backward: 6 per weight used and 12·layers·heads·head_width·context for attention.

        That is PaLM's convention (appendix B), which nanoGPT and llm.c follow; `causal` counts only the half of the attention
        matrix that a decoder fills. Packed documents need less still: MFU by either is of a row without borders.
        """
        parts = self.parameters_by_part
        weights = parts["matrices_used"] + self.vocabulary * self.width
        attention = 12 * self.layers * self.heads * self.head_width * context
        return 6 * weights + (attention / 2 if causal else attention)
