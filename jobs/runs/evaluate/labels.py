"""`winnow evaluate --labels`: how often a classifier finds the label that somebody gave a text, and how sure it is."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from jobs.runs.evaluate.lines import read_lines, text_of
from jobs.runs.evaluate.measures import calibration_error, share
from jobs.runs.loaded import load_model
from jobs.runs.record import tokenizer_of
from jobs.runs.tune.chat import plain
from model.post.classify import label_probabilities
from model.post.examples import Learned
from pipeline.errors import InputError, UsageError
from tokenizer.bpe.encode import Encoder

FORM = '{"text": …, "label": …}'


class Labelled(NamedTuple):
    text: str
    label: str


def evaluate_labels(run: Path, file: Path, step: int | None = None, device: torch.device | None = None) -> dict[str, Any]:
    """{"texts", "accuracy", "macro_f1", "calibration_error", "recall"}: accuracy with its interval, recall by label.

    Raises UsageError for a run that is no classifier, InputError for a label that it does not know.
    """
    model, record, _ = load_model(run, step, device)
    labels: Sequence[str] | None = (record.tuning or {}).get("labels")
    if labels is None:
        raise UsageError(f"{run} tells no labels apart: `winnow finetune RUN --method classify` makes one of it")
    given = list(read_lines(file, _labelled, FORM))
    if unknown := {one.label for one in given} - set(labels):
        raise InputError(f"{file} has a label {min(unknown)!r}, and {run} knows {', '.join(labels)[:200]}")
    if not given:
        raise InputError(f"{file} has no text; each line is {FORM}")
    encoder, context = Encoder(tokenizer_of(record)), record.train_plan.row_tokens
    texts = [Learned(*(part[:context] for part in plain(one.text, encoder))) for one in given]
    probabilities = np.array(list(label_probabilities(model, texts)))
    said, true = probabilities.argmax(-1), np.array([labels.index(one.label) for one in given])
    right = (said == true).astype(float)
    recall = {label: float(right[true == number].mean()) for number, label in enumerate(labels) if (true == number).any()}
    return {
        "texts": len(given), "accuracy": share(float(right.sum()), len(given))._asdict(), "macro_f1": macro_f1(said, true),
        "calibration_error": calibration_error(probabilities.max(-1), right), "recall": recall,
    }  # fmt: skip


def macro_f1(said: np.ndarray, true: np.ndarray) -> float:
    """Mean over the labels that are said or true of 2 · hits / (times said + times true)."""
    hits, of = defaultdict[int, int](int), defaultdict[int, int](int)
    for one, other in zip(said.tolist(), true.tolist(), strict=True):
        hits[one] += one == other
        of[one] += 1
        of[other] += 1
    return float(np.mean([2 * hits[label] / of[label] for label in of]))


def _labelled(values: dict[str, Any]) -> Labelled:
    label = values["label"]
    if not isinstance(label, str | int):
        raise TypeError('"label" is neither a text nor a whole number')
    return Labelled(text_of(values, "text"), str(label))
