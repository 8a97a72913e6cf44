"""`winnow ablate`: the same plan on several corpora, with seeds, judged on pages that all of them hold out.

This is how a rule of curation proves itself: raw against filtered against deduplicated, on the same held-out text. Bits per byte,
because every corpus has a tokenizer of its own.
"""

import math
import posixpath
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jobs.corpus.folder import corpus_at
from jobs.corpus.shards import read_shards
from jobs.runs.evaluate.choices import evaluate_choices
from jobs.runs.evaluate.evaluate_run import Cost, document_costs
from jobs.runs.loaded import load_model
from jobs.runs.record import open_run_loader
from jobs.runs.train.train_model import token_bytes, train_run
from model.evaluate import bits_per_byte
from model.training.parallel import Team
from model.training.plan import TrainPlan
from pipeline.errors import UsageError
from tokenizer.shards.splits import TRAIN, VALIDATION

# Two-sided 95 % points of Student's t for 1 … 10 degrees of freedom; the normal's beyond.
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)


class Row(NamedTuple):
    """One corpus. Intervals are of means over seeds (Student's t, 95 %); null for a single seed.

    The difference is taken seed by seed: what a seed does to both corpora alike is no part of its interval.
    """

    corpus: str
    tokens: int  # to train on
    seeds: int
    documents: int  # held out by all corpora
    bits_per_byte: float  # mean
    low: float | None
    high: float | None
    against_first: float  # mean difference to the first corpus
    against_first_low: float | None
    against_first_high: float | None
    accuracy: float | None = None  # of multiple choice, mean; null where none was asked
    accuracy_against_first: float | None = None
    accuracy_against_first_low: float | None = None
    accuracy_against_first_high: float | None = None


def ablate(
    corpora: Sequence[str | Path], output: Path, plans: list[TrainPlan], team: Team, say: Callable[[str], None],
    choices: Path | None = None,
) -> list[Row]:  # fmt: skip
    """Trains and judges, by multiple choice too where a file has some; runs that are finished already are not trained again."""
    names = [posixpath.basename(corpus_at(str(corpus)).root) for corpus in corpora]
    if len(names) < 2 or len(set(names)) < len(names):
        raise UsageError("ablate compares two or more corpora, in folders of different names")
    costs: dict[str, list[dict[str, Cost]]] = {}
    right: dict[str, list[float]] = {}
    for name, corpus in zip(names, corpora, strict=True):
        for plan in plans:
            run = output / f"{name}-seed{plan.seed}"
            for _ in train_run(corpus, run, plan, team):
                pass
            model, record, _ = load_model(run, None, team.device)
            sizes = token_bytes(record.corpus, record.tokenizer_sha256)
            found = document_costs(model, open_run_loader(run, record, VALIDATION), sizes)
            costs.setdefault(name, []).append(found)
            if choices is not None:
                right.setdefault(name, []).append(evaluate_choices(run, choices)["accuracy"])
            say(f"{run}: {_bits(found, found):.4f} bits per byte of its own held-out pages")
    shared = set.intersection(*(set(found) for runs in costs.values() for found in runs))
    if not shared:
        raise UsageError("no page is held out by all of these corpora: give them the same seed and a larger validation_share")
    bits = {name: np.array([_bits(found, shared) for found in runs]) for name, runs in costs.items()}
    tokens = {name: _tokens(str(corpus)) for name, corpus in zip(names, corpora, strict=True)}
    return compared(bits, tokens, len(shared), {name: np.array(of_seeds) for name, of_seeds in right.items()})


def _tokens(corpus: str) -> int:
    manifest = read_shards(corpus)
    return sum(manifest.shards[number].tokens for number in manifest.read_as(TRAIN))


def compared(
    bits: dict[str, np.ndarray], tokens: dict[str, int], documents: int, right: dict[str, np.ndarray] | None = None
) -> list[Row]:
    """A row for each corpus, of its bits per byte by seed, and of its share of right answers."""
    first = next(iter(bits))
    return [
        Row(name, tokens[name], len(of_seeds), documents, *_with_interval(of_seeds), *_with_interval(of_seeds - bits[first]),
            *((float(right[name].mean()), *_with_interval(right[name] - right[first])) if right else ()))
        for name, of_seeds in bits.items()
    ]  # fmt: skip


def _with_interval(values: np.ndarray) -> tuple[float, float | None, float | None]:
    """(mean, low, high)."""
    mean, margin = float(values.mean()), interval(values)
    return (mean, None, None) if margin is None else (mean, mean - margin, mean + margin)


def _bits(costs: dict[str, Cost], documents: Iterable[str]) -> float:
    total = Cost()
    for doc_id in sorted(documents):
        total.add(costs[doc_id])
    return bits_per_byte(total.nats, total.bytes)


def interval(values: np.ndarray) -> float | None:
    """Half the width of the 95 % interval of the mean; null for one value."""
    if len(values) < 2:
        return None
    point = _T[len(values) - 2] if len(values) - 2 < len(_T) else 1.96
    return float(point * values.std(ddof=1) / math.sqrt(len(values)))
