"""What a model reads and should say, as arrays: batches are made of it, and plans are known, without torch."""

from typing import NamedTuple

import numpy as np


class Sequence(NamedTuple):
    """Flat tokens of pieces. Shapes: tokens, positions [N], int32; boundaries [pieces + 1], int32."""

    tokens: np.ndarray
    positions: np.ndarray
    boundaries: np.ndarray


class Inputs(NamedTuple):
    """What the model reads and what it should say. `targets` [N], int32, below 0 where it need not say anything."""

    sequence: Sequence
    targets: np.ndarray
    memory: Sequence | None = None  # for the encoder of an encoder-decoder; piece i belongs to piece i of `sequence`
