"""Questions and answers in four splits, and what TOFU measures on them (Maini et al. 2024).

A line may bring what TOFU's perturbed sets have, under their names: `paraphrased_answer`, and wrong ones as `perturbed_answer`.
The measures are then OpenUnlearning's. Without them wrong answers are right ones of other questions of the split, and an answer
is its own paraphrase, as TOFU has it for all splits but its own authors.
"""

import gzip
import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jobs.runs.audit.prompts import decoder_of, prompted
from model.audit.compare import kolmogorov_smirnov
from model.audit.documents import Audited, AuditSettings, audit_each
from model.audit.questions import forget_score, model_utility, normalised_probability, retain_score, truth_ratio
from model.audit.scores import score_texts
from model.network.transformer import Transformer
from pipeline.errors import InputError
from tokenizer.bpe.encode import Encoder

FORGET, RETAIN, REAL_AUTHORS, WORLD_FACTS = SPLITS = ("forget", "retain", "real_authors", "world_facts")
WRONG = 4  # wrong answers of a question
_LARGEST_BYTES = 64 << 20


class Question(NamedTuple):
    split: str
    question: str
    answer: str
    paraphrased_answer: str | None = None
    perturbed_answer: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        return f"Question: {self.question}\nAnswer:"

    @property
    def rest(self) -> str:
        return f" {self.answer}"

    @property
    def rests(self) -> list[str]:
        """All that may follow the prompt and is given."""
        others = (self.paraphrased_answer, *self.perturbed_answer)
        return [self.rest, *(f" {one}" for one in others if one is not None)]


class Measure(NamedTuple):
    """What a number is called and which definition it follows. Models are equal where all that have a margin lie within it."""

    title: str
    definition: str
    margin: float | None = None


MEASURES = {
    "probability": Measure("probability", "of answers to forget, p^(1/n) (TOFU 2.2.2)", 0.1),
    "rouge_l_recall": Measure("ROUGE-L recall", "of answers to forget, greedy, no stemmer (Lin 2004, as TOFU)", 0.1),
    "extraction_strength": Measure("extraction strength", "of answers to forget; 1 - k/n (OpenUnlearning, end mended)", 0.1),
    "truth_ratio": Measure("truth ratio", "of answers to forget, mean of min(R, 1/R), geometric mean (OpenUnlearning)", 0.15),
    "utility": Measure("model utility", "harmonic mean: probability, ROUGE-L, truth ratio of three splits (TOFU 2.2.1)", 0.1),
}
FORGET_QUALITY = Measure("log10 forget quality", "two-sample KS p of truth ratios, mean over oracles (TOFU 2.2.3)")


class Answers(NamedTuple):
    """Values by the names of MEASURES, and the truth ratio of each question to forget."""

    values: dict[str, float]
    truth_ratios: list[float]


class _Split(NamedTuple):
    audited: list[Audited]
    ratios: list[float]
    normalised: list[float]  # probability of the right answer among the choices


def ask(model: Transformer, encoder: Encoder, asked: dict[str, list[Question]], settings: AuditSettings, seed: int) -> Answers:
    """What a model answers; `asked` has a list of questions for every split."""
    for one in (one for questions in asked.values() for one in questions):
        if max(len(prompted(encoder, one.prompt, rest).tokens) for rest in one.rests) > settings.context:
            raise InputError(f"question {one.question[:40]!r} and its answer exceed {settings.context} tokens: leave it out")
    found = {split: _of_split(model, encoder, asked[split], settings, seed) for split in SPLITS}
    forgotten, ratios = found[FORGET].audited, found[FORGET].ratios
    parts = [value for split in SPLITS[1:] for value in _utility_parts(split, found[split])]
    values = {name: _mean(forgotten, name) for name in ("probability", "rouge_l_recall", "extraction_strength")}
    return Answers(values | {"truth_ratio": forget_score(ratios), "utility": model_utility(parts)}, ratios)


def forget_quality(ratios: Sequence[float], oracles: Sequence[Sequence[float]]) -> float:
    """Mean of log10 p over oracles; 0 where there is none to compare with."""
    each = [math.log10(kolmogorov_smirnov(ratios, other).p) for other in oracles]
    return float(np.mean(each)) if each else 0.0


def _of_split(model: Transformer, encoder: Encoder, questions: list[Question], settings: AuditSettings, seed: int) -> _Split:
    right = [prompted(encoder, one.prompt, one.rest) for one in questions]
    audited = audit_each(model, right, decoder_of(encoder), settings)
    rng = random.Random(seed)  # noqa: S311 - no secret depends on it
    answers = sorted({one.rest for one in questions})
    own = [one.values["nats_per_token"] for one in audited]
    ratios, normalised = list[float](), list[float]()
    wrongs = _nats(model, encoder, questions, [_wrong(asked, answers, rng) for asked in questions])
    said = _nats(
        model, encoder, questions, [[f" {one.paraphrased_answer}"] if one.paraphrased_answer else [] for one in questions]
    )
    for right_nats, paraphrased, wrong in zip(own, said, wrongs, strict=True):
        ratios.append(truth_ratio(paraphrased[0] if paraphrased else right_nats, wrong))
        normalised.append(normalised_probability(right_nats, wrong))
    return _Split(audited, ratios, normalised)


def _wrong(asked: Question, answers: Sequence[str], rng: random.Random) -> list[str]:
    """Those that the question brings, or right ones of others."""
    if asked.perturbed_answer:
        return [f" {one}" for one in asked.perturbed_answer]
    return rng.sample([rest for rest in answers if rest != asked.rest], WRONG)


def _nats(
    model: Transformer, encoder: Encoder, questions: Sequence[Question], rests: Sequence[Sequence[str]]
) -> list[list[float]]:
    """-log p per token of each of the texts that may follow each question."""
    texts = [prompted(encoder, asked.prompt, rest) for asked, given in zip(questions, rests, strict=True) for rest in given]
    nats = iter([-float(scores.logs.mean()) for scores in score_texts(model, texts)] if texts else [])
    return [[next(nats) for _ in given] for given in rests]


def _utility_parts(split: str, found: _Split) -> list[float]:
    probability = _mean(found.audited, "probability") if split == RETAIN else float(np.mean(found.normalised))
    return [probability, _mean(found.audited, "rouge_l_recall"), retain_score(found.ratios)]


def _mean(audited: list[Audited], name: str) -> float:
    return float(np.mean([one.values[name] for one in audited]))


def by_split(questions: Sequence[Question], where: str) -> dict[str, list[Question]]:
    """The questions of each split; raises InputError where there are too few different answers to have wrong ones."""
    found = {split: [one for one in questions if one.split == split] for split in SPLITS}
    for split, of_split in found.items():
        if of_split and all(one.perturbed_answer for one in of_split):
            continue
        if (answers := len({one.answer for one in of_split})) <= WRONG:
            raise InputError(f"{where} has {answers} answers in split {split}: give more than {WRONG}, so that some are wrong")
    return found


def read_questions(path: Path) -> list[Question]:
    """Raises InputError where the file is no such JSONL, or unreasonably large."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
        if len(content) > _LARGEST_BYTES:
            raise ValueError(f"more than {_LARGEST_BYTES >> 20} MiB")
        lines = [json.loads(line) for line in content.decode().splitlines() if line.strip()]
        return [_read(line) for line in lines]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        wanted = (
            '{"split": "forget", "question": …, "answer": …}, if need be with "paraphrased_answer" and a list "perturbed_answer"'
        )
        raise InputError(f"{path} cannot be read ({error!r}): each line is {wanted}, splits are {', '.join(SPLITS)}") from error


def _read(line: dict[str, object]) -> Question:
    paraphrased, perturbed = line.get("paraphrased_answer"), line.get("perturbed_answer") or []
    if (
        not isinstance(paraphrased, str | None)
        or not isinstance(perturbed, list)
        or not all(isinstance(one, str) for one in perturbed)
    ):
        raise ValueError("paraphrased_answer is no text, or perturbed_answer no list of texts")
    return Question(str(line["split"]), str(line["question"]), str(line["answer"]), paraphrased, tuple(perturbed))
