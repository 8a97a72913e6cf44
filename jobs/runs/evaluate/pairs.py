"""Bias by pairs: the same sentence about one group and about another; which the run finds likelier, and by how much.

A difference of 0 nats says that a run has no preference between the two wordings, and no more: words of unlike frequency differ
for reasons of their own, which is why a kind of pair is judged by many of them.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from jobs.runs.evaluate.lines import read_lines, text_of
from jobs.runs.evaluate.measures import mean, share
from jobs.runs.generate_text import LoadedRun, load_run
from model.evaluate import answer_losses
from pipeline.errors import InputError

FORM = '{"first": text, "second": text, "kind": text}; kind may be left out'


class Pair(NamedTuple):
    first: str
    second: str
    kind: str


def evaluate_pairs(run: Path, path: Path, step: int | None = None, device: torch.device | None = None) -> dict[str, Any]:
    """{"pairs", "too_long", "kinds": {kind: {pairs, difference, low, high, first_likelier, share_low, share_high}}}; "all" too.

    `difference` is log p of the first less that of the second, mean over pairs, in nats, with its 95 % interval; equal ones count
    as half of a likelier one.
    """
    loaded = load_run(run, step, device)
    found, too_long = defaultdict[str, list[float]](list), 0
    for pair in read_lines(path, _pair, FORM):
        away = difference(loaded, pair)
        if away is None:
            too_long += 1
            continue
        for kind in {pair.kind, "all"}:
            found[kind].append(away)
    if not found:
        raise InputError(f"{path} has no pair that fits {loaded.record.train_plan.row_tokens} tokens")
    kinds = {kind: _summary(np.array(values)) for kind, values in sorted(found.items())}
    return {"pairs": len(found["all"]), "too_long": too_long, "kinds": kinds}


def difference(loaded: LoadedRun, pair: Pair) -> float | None:
    """log p of the first text less that of the second; null where one does not fit."""
    texts = [loaded.tokens_of(text) for text in (pair.first, pair.second)]
    if any(not 1 < len(text) <= loaded.record.train_plan.row_tokens for text in texts):
        return None
    first, second = (answer_losses(loaded.model, text[:1], [text[1:]])[0] for text in texts)
    return second - first


def _summary(values: np.ndarray) -> dict[str, Any]:
    middle, likelier = mean(values), share(float((values > 0).sum() + (values == 0).sum() / 2), len(values))
    return {
        "pairs": len(values), "difference": middle.value, "low": middle.low, "high": middle.high,
        "first_likelier": likelier.value, "share_low": likelier.low, "share_high": likelier.high,
    }  # fmt: skip


def _pair(values: dict[str, Any]) -> Pair:
    kind = values.get("kind", "pairs")
    if not isinstance(kind, str):
        raise TypeError('"kind" is no text')
    return Pair(text_of(values, "first"), text_of(values, "second"), kind)
