"""The same small model and examples for ours and for TRL and PEFT: tokens are numbers, words are "t05"."""

from model.network.shape import Shape
from model.network.transformer import Transformer, initialise

SHAPE = Shape(vocabulary=64, layers=2, width=32, heads=4, kv_heads=2, head_width=8, hidden=48)
END = 0
# prompt, better answer, worse answer
PAIRS = [
    ([5, 9, 17], [21, 33, 4], [50, 3]),
    ([7, 7], [8, 9, 10, 11, 12], [60, 61, 13]),
    ([40, 2, 30, 31], [6], [19, 22, 23, 24]),
]
ANSWERS = [([5, 9, 17], [21, 33, 4, 0]), ([5, 9, 17], [50, 3, 0]), ([7, 7], [8, 9, 10, 0]), ([7, 7], [60, 0])]
REWARDS = [1.0, 0.0, 0.25, 0.75]
WATCHED = ("embedding", "layers.0.q", "layers.1.down")


def models() -> tuple[Transformer, Transformer]:
    """(the model that is tuned, the model before)."""
    return initialise(Transformer(SHAPE), 4), initialise(Transformer(SHAPE), 3)
