"""Answers in words: several are drawn, each may think aloud, and the one that comes oftenest counts (Wang et al. 2022).

An answer is its last number, or where nothing in it is a number, its last line. Paraphrases of a question should have one answer.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import torch

from jobs.runs.evaluate.lines import read_lines, text_of, texts_of
from jobs.runs.evaluate.measures import share
from jobs.runs.generate_text import load_run
from jobs.runs.tune.rewards import last_number
from jobs.runs.write.batch import Asked, answered
from model.generate import SamplingSettings
from pipeline.errors import InputError

FORM = '{"prompt": text} or {"prompts": [text, …]}, with {"answer": text}'


class Question(NamedTuple):
    prompts: list[str]
    answer: str


def evaluate_asked(
    run: Path,
    path: Path,
    settings: SamplingSettings,
    *,
    samples: int,
    slots: int = 16,
    chat: bool = False,
    step: int | None = None,
    device: torch.device | None = None,
) -> dict[str, Any]:
    """Accuracy of a single answer and of the most common of `samples`, with intervals; how far answers and paraphrases agree."""
    loaded = load_run(run, step, device, chat=chat)
    questions = list(read_lines(path, _question, FORM))
    asked = (Asked(f"{number}/{nth}", prompt) for number, one in enumerate(questions) for nth, prompt in enumerate(one.prompts))
    said: dict[str, list[str]] = {}
    too_long = set[str]()
    for one in answered(loaded, asked, settings, samples=samples, stops=(), slots=slots):
        if "error" in one:
            too_long.add(one["id"])
        else:
            said.setdefault(one["id"], []).append(final(one["text"]))
    kept = [
        (question, [said[f"{number}/{nth}"] for nth in range(len(question.prompts))])
        for number, question in enumerate(questions)
        if not any(f"{number}/{nth}" in too_long for nth in range(len(question.prompts)))
    ]
    if not kept:
        raise InputError(f"{path} has no question that fits {loaded.record.train_plan.row_tokens} tokens")
    return {"questions": len(kept), "too_long": len(questions) - len(kept), "samples": samples, **_summary(kept)}


def _summary(kept: Sequence[tuple[Question, list[list[str]]]]) -> dict[str, Any]:
    singles = [same(answer, question.answer) for question, each in kept for answers in each for answer in answers]
    majorities = [same(majority(answers), question.answer) for question, each in kept for answers in each]
    agreeing = [agreement(answers) for _, each in kept for answers in each]
    pairs = [same(majority(one), majority(other)) for _, each in kept if len(each) > 1 for one, other in combinations(each, 2)]
    return {
        "single": share(sum(singles), len(singles))._asdict(), "majority": share(sum(majorities), len(majorities))._asdict(),
        "agreement": sum(agreeing) / len(agreeing), "consistency": share(sum(pairs), len(pairs))._asdict() if pairs else None,
    }  # fmt: skip


def final(text: str) -> str:
    """What counts of an answer: "5 + 7 is 12.\\nSo 12 apples" -> "12" """
    number = last_number(text)
    if number is not None:
        return f"{number:.12g}"
    lines = text.split("\n")
    return " ".join(next((line for line in reversed(lines) if line.strip()), "").split()).casefold()


def same(one: str, other: str) -> bool:
    return final(one) == final(other)


def majority(answers: Sequence[str]) -> str:
    """The most common; of equals the one that came first."""
    return Counter(answers).most_common(1)[0][0]


def agreement(answers: Sequence[str]) -> float:
    """Share of the most common."""
    return Counter(answers).most_common(1)[0][1] / len(answers)


def _question(values: dict[str, Any]) -> Question:
    answer = values["answer"]
    if isinstance(answer, bool) or not isinstance(answer, str | int | float):
        raise TypeError('"answer" is neither a text nor a number')
    prompts = texts_of(values, "prompts") if "prompts" in values else [text_of(values, "prompt")]
    return Question(prompts, str(answer))
