"""How rotary positions are stretched, so that weights which were trained on short texts read longer ones. Knows no torch."""

import math
from dataclasses import dataclass

from pipeline.errors import UsageError

PLAIN, LINEAR, LLAMA3, YARN = "default", "linear", "llama3", "yarn"  # as transformers calls them
TYPES = (PLAIN, LINEAR, LLAMA3, YARN)
TURNS = {LLAMA3: (1.0, 4.0), YARN: (1.0, 32.0)}  # Llama 3.1's own code; Peng et al. 2023, 3.2


@dataclass(frozen=True, kw_only=True)
class RopeScaling:
    """`linear` stretches every pair of dimensions by `factor`; `llama3` and `yarn` those alone that turn seldom.

    A pair turns as often as its angle goes round within `context` tokens: up to `turns[0]` times it is stretched by all of
    the factor, from `turns[1]` times on not at all, and in between by some of it.
    """

    type: str = PLAIN
    factor: float = 1.0
    context: int = 0  # tokens of the longest texts before
    turns: tuple[float, ...] = ()
    attention: float = 1.0  # yarn: cosines and sines are multiplied by it
    whole: bool = True  # yarn: what is stretched begins and ends at whole pairs

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise UsageError(f"rope_type is {self.type!r}: one of {', '.join(TYPES)}")
        if self.factor < 1 or (self.type == PLAIN and self.factor > 1):
            raise UsageError(f"rope_factor is {self.factor} and rope_type {self.type}: at least 1, of linear, llama3 and yarn")
        if self.type != YARN and (self.attention != 1 or not self.whole):
            raise UsageError(f"rope_attention and rope_whole are of yarn alone, and rope_type is {self.type}: leave them out")
        if (self.context > 0) != (self.type in TURNS):
            raise UsageError(
                f"rope_context is {self.context} and rope_type {self.type}: llama3 and yarn, and they alone, "
                "want the tokens of the longest texts before"
            )
        if self.type in TURNS and not 0 < self.turns[0] < self.turns[1]:
            raise UsageError(f"rope_turns is {self.turns}: two numbers above 0, the lower one first")


NOT_SCALED = RopeScaling()


def scaling_of(
    *,
    type: str,  # noqa: A002 - as transformers calls it
    factor: float,
    context: int,
    turns: tuple[float, ...],
    attention: float,
    whole: bool,
) -> RopeScaling:
    """With what was left out: no turns are those of the type's source, an attention of 0 is yarn's own, 0.1 ln(factor) + 1."""
    if turns and (type not in TURNS or len(turns) != 2):
        raise UsageError(f"rope_turns is {turns} and rope_type {type}: two numbers, of llama3 or yarn")
    sharper = 0.1 * math.log(max(1.0, factor)) + 1 if type == YARN else 1.0
    return RopeScaling(
        type=type,
        factor=float(factor),
        context=context,
        turns=turns or TURNS.get(type, ()),
        attention=attention or sharper,
        whole=whole,
    )
