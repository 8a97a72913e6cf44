"""Multiple choice by likelihood: the answer is the choice that the run finds likeliest, with some solved questions before it."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from jobs.runs.evaluate.lines import read_lines, text_of, texts_of
from jobs.runs.evaluate.measures import calibration_error
from jobs.runs.generate_text import LoadedRun, load_run
from model.evaluate import answer_losses
from pipeline.errors import InputError, UsageError

FORM = '{"context": text, "choices": [text, …], "answer": number}'
BETWEEN = "\n\n"


class Question(NamedTuple):
    context: str
    choices: list[str]
    answer: int

    @property
    def solved(self) -> str:
        return self.context + self.choices[self.answer]


def evaluate_choices(
    run: Path,
    choices: Path,
    step: int | None = None,
    *,
    shots: int = 0,
    examples: Path | None = None,
    device: torch.device | None = None,
) -> dict[str, Any]:
    """Accuracy when the answer is the likeliest choice, and the likeliest per byte; calibration of the first.

    `shots` solved questions stand before each, of `examples` or of the same file, never the question itself.
    """
    loaded = load_run(run, step, device)
    questions = list(read_choices(choices))
    others = questions if examples is None else list(read_choices(examples))
    if shots and len(others) - (examples is None) < shots:
        raise UsageError(f"--shots {shots}: there are {len(others)} questions to take them from")
    asked, right, right_by_byte, sure, too_long = 0, list[bool](), 0, list[float](), 0
    for question in questions:
        context = prompt_of(question, others, shots)
        losses = choice_losses(loaded, context, question.choices)
        if losses is None:
            too_long += 1
            continue
        asked += 1
        right.append(bool(losses.argmin() == question.answer))
        right_by_byte += int((losses / [len(answer.encode()) for answer in question.choices]).argmin() == question.answer)
        sure.append(confidence(losses))
    if not asked:
        raise InputError(f"{choices} has no question that fits {loaded.record.train_plan.row_tokens} tokens")
    return {
        "questions": asked, "accuracy": sum(right) / asked, "accuracy_per_byte": right_by_byte / asked, "too_long": too_long,
        "shots": shots, "calibration_error": calibration_error(np.array(sure), np.array(right)),
    }  # fmt: skip


def confidence(losses: np.ndarray) -> float:
    """The probability of the likeliest choice among all."""
    likely = np.exp(losses.min() - losses)
    return float(1 / likely.sum())


def choice_losses(loaded: LoadedRun, context: str, choices: Sequence[str]) -> np.ndarray | None:
    """Nats of each choice after the context; null where they do not fit, or one adds no token."""
    before = loaded.tokens_of(context)
    after = [loaded.tokens_of(context + answer)[len(before) :] for answer in choices]
    if not all(after) or len(before) + max(map(len, after)) > loaded.record.train_plan.row_tokens:
        return None
    return np.array(answer_losses(loaded.model, before, after))


def prompt_of(question: Question, others: Sequence[Question], shots: int) -> str:
    """Solved questions and this one. Which they are follows from hashes of both, so the order of a file changes nothing."""
    if not shots:
        return question.context
    near = sorted((one for one in others if one != question), key=lambda one: _hash(question.context + "\0" + one.solved))
    return BETWEEN.join([*(one.solved for one in near[:shots]), question.context])


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def read_choices(path: Path) -> Iterator[Question]:
    """The questions of a file; context first."""
    return read_lines(path, _question, FORM)


def _question(values: dict[str, Any]) -> Question:
    choices, answer = texts_of(values, "choices"), values["answer"]
    if type(answer) is not int or not 0 <= answer < len(choices):
        raise ValueError("answer is no number of a choice")
    return Question(text_of(values, "context"), choices, answer)
