"""Sizes by name: a row says how large a model is and what it is trained with. Adding a size is adding a row.

Rates belong to a size (a wider model wants lower ones), so a row without them is refused rather than given another's.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from model.network.shape import Shape
from pipeline.errors import UsageError

NAMED = ("learning_rate", "embedding_rate", "row_tokens", "batch_rows", "micro_batch_rows")  # what every row says


@dataclass(frozen=True)
class Size:
    """`plan`: settings of model/training/plan.py that are this size's own."""

    shape: Shape
    plan: dict[str, Any]


SIZES = {
    "tiny": Size(
        Shape(vocabulary=0, layers=4, width=48, heads=3, kv_heads=3, head_width=16, hidden=128),
        {"learning_rate": 0.01, "embedding_rate": 0.01, "row_tokens": 256, "batch_rows": 16, "micro_batch_rows": 16},
    ),
    "small": Size(
        Shape(vocabulary=0, layers=8, width=256, heads=4, kv_heads=4, head_width=64, hidden=704),
        {"learning_rate": 0.005, "embedding_rate": 0.005, "row_tokens": 512, "batch_rows": 32, "micro_batch_rows": 8},
    ),
    "gpt2": Size(
        Shape(vocabulary=0, layers=12, width=768, heads=6, kv_heads=6, head_width=128, hidden=2048),
        {"learning_rate": 0.002, "embedding_rate": 0.003, "row_tokens": 1024, "batch_rows": 512, "micro_batch_rows": 64}
        | {"steps": 5000},
    ),
}


DEEPEST = 128


def of_depth(depth: int) -> Size:
    """One dial, as nanochat has it: everything follows from the number of layers.

    Width 64·depth, heads of 64 (of 128 from a width of 512 on), feed-forward 8/3 of the width; rates those of gpt2 times
    sqrt(768/width); 524,288 tokens a step at depth 12, elsewhere by weights^0.383 (nanochat's rule, to the next power of two);
    20 tokens a weight of the matrices (Hoffmann et al. 2022).
    """
    width = 64 * depth
    head_width = 128 if width >= 512 and depth % 2 == 0 else 64
    heads, hidden = width // head_width, -(-8 * width // (3 * 64)) * 64
    shape = Shape(vocabulary=0, layers=depth, width=width, heads=heads, kv_heads=heads, head_width=head_width, hidden=hidden)
    slower, weights = math.sqrt(768 / width), shape.parameters_by_part["matrices"]
    step_tokens = 2 ** round(19 + 0.383 * math.log2(weights / SIZES["gpt2"].shape.parameters_by_part["matrices"]))
    rows = max(1, step_tokens // 1024)
    plan = {
        "learning_rate": float(f"{0.002 * slower:.2g}"), "embedding_rate": float(f"{0.003 * slower:.2g}"), "row_tokens": 1024,
        "batch_rows": rows, "micro_batch_rows": min(rows, 32), "steps": max(1, 20 * weights // step_tokens),
    }  # fmt: skip
    return Size(shape, plan)


def size_of(name: str) -> Size:
    if name in SIZES:
        return SIZES[name]
    if name[:1] == "d" and name[1:].isdecimal() and name.isascii() and len(name) < 5 and 1 <= int(name[1:]) <= DEEPEST:
        return of_depth(int(name[1:]))
    raise UsageError(f"--model {name} is not known: {', '.join(SIZES)}, or --depth of 1 to {DEEPEST}")


def plan_of_size(name: str) -> dict[str, Any]:
    """What the size is trained with. Raises UsageError where its row leaves that to another size."""
    plan = size_of(name).plan
    if missing := [one for one in NAMED if one not in plan]:
        raise UsageError(
            f"size {name} has no {' and no '.join(missing)}: name it in its row of model/training/sizes.py "
            "(`winnow train --set learning_rate=…` on a short run tells which is good)"
        )
    return plan


def shape_of(size: str, tokens: int, extra_tokens: int = 0, *, rows: int = 0, **changes: object) -> Shape:
    """A named size for a tokenizer of so many tokens; `extra_tokens` are what the objective adds (mask, sentinels).

    The vocabulary is rounded up to a multiple of 64: matrix units like it, and the rows that no token uses cost nothing else
    (+25 % in nanoGPT's own measurement, 50,257 to 50,304). `rows`: of the table, where weights that were brought have others.
    """
    if rows and rows < tokens + extra_tokens:
        raise UsageError(f"vocabulary_rows is {rows} and {tokens + extra_tokens} tokens have to be told apart")
    vocabulary = rows or -(-(tokens + extra_tokens) // 64) * 64
    return replace(size_of(size).shape, vocabulary=vocabulary, **changes)  # type: ignore[arg-type]
