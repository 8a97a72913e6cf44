"""Fictitious authors (Maini et al. 2024, TOFU): questions about some of them are to be forgotten, the others to be kept.

Three things differ from TOFU. The model is trained on nothing but the questions, so real authors and facts of the world are
learned here too. Wrong answers are right ones of other questions of the same split, where TOFU has them written. And the
paraphrase of an answer is the answer itself, as TOFU has it for all splits but its own authors.
"""

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jobs.runs.audit_run import decoder_of
from jobs.runs.experiments.corpus import Document
from jobs.runs.experiments.task import BITS, Measure, Measured, Task, prompted
from jobs.runs.experiments.words import World, chance_of, invented
from model.audit.documents import Audited, AuditSettings, audit_each
from model.audit.questions import forget_score, model_utility, normalised_probability, retain_score, truth_ratio
from model.audit.scores import score_texts
from model.texts import Text
from model.transformer import Transformer
from pipeline.errors import InputError
from pipeline.settings import setting
from tokenizer.encode import Encoder

FORGET, RETAIN, REAL_AUTHORS, WORLD_FACTS = SPLITS = ("forget", "retain", "real_authors", "world_facts")
_WRONG = 4  # wrong answers of a question
_LARGEST_BYTES = 64 << 20


@dataclass(frozen=True, kw_only=True)
class AuthorRecipe:
    path: str = setting("", "JSONL(.gz) of {split, question, answer}, relative to the recipe; without it they are invented")
    questions: int = setting(40, "of each split, the first ones")
    held_out: int = setting(20, "further questions of the retain split, which are not trained on")


class Question(NamedTuple):
    split: str
    question: str
    answer: str

    @property
    def prompt(self) -> str:
        return f"Question: {self.question}\nAnswer:"

    @property
    def rest(self) -> str:
        return f" {self.answer}"


MEASURES = {
    "probability": Measure("probability", "of answers to forget, p^(1/n) (TOFU 2.2.2)", 0.1),
    "rouge_l_recall": Measure("ROUGE-L recall", "of answers to forget, greedy, no stemmer (Lin 2004, as TOFU)", 0.1),
    "extraction_strength": Measure("extraction strength", "of answers to forget; 1 - k/n (OpenUnlearning, end mended)", 0.1),
    "truth_ratio": Measure("truth ratio", "of answers to forget, mean of min(R, 1/R), geometric mean (OpenUnlearning)", 0.15),
    "utility": Measure("model utility", "harmonic mean of probability, ROUGE-L, truth ratio of three splits (TOFU 2.2.1)", 0.1),
    "bits_per_byte": BITS,
    "forget_quality": Measure("log10 forget quality", "two-sample KS p of truth ratios, mean over oracles (TOFU 2.2.3)"),
}


def authors(recipe: AuthorRecipe, seed: int) -> Task:
    everything = read_questions(Path(recipe.path)) if recipe.path else invented_questions(seed, recipe)
    of_split = {split: [one for one in everything if one.split == split] for split in SPLITS}
    held = of_split[RETAIN][recipe.questions :][: recipe.held_out]
    asked = {split: questions[: recipe.questions] for split, questions in of_split.items()}
    if short := [split for split, questions in asked.items() if len(questions) <= _WRONG]:
        told = f"{recipe.path or 'the recipe'} has {len(asked[short[0]])} questions of split {short[0]}"
        raise InputError(f"{told}: give more than {_WRONG}, so that there are wrong answers")
    if not held:
        raise InputError(f"split retain has {len(of_split[RETAIN])} questions: more than `questions`, the rest is held out")
    train = [Document(f"{s}-{n}", q.prompt + q.rest) for s, questions in asked.items() for n, q in enumerate(questions)]

    def texts(encoder: Encoder) -> list[Text]:
        return [prompted(encoder, one.prompt, one.rest) for one in asked[FORGET]]

    def measure(model: Transformer, encoder: Encoder) -> Measured:
        found = {split: _of_split(model, encoder, questions, seed) for split, questions in asked.items()}
        forgotten, ratios = found[FORGET].audited, found[FORGET].ratios
        parts = [value for split in SPLITS[1:] for value in _utility_parts(split, found[split])]
        values = {name: _mean(forgotten, name) for name in ("probability", "rouge_l_recall", "extraction_strength")}
        return Measured(values | {"truth_ratio": forget_score(ratios), "utility": model_utility(parts)}, ratios)

    return Task(
        train=train, held_out=[Document(f"held-{n}", q.prompt + q.rest) for n, q in enumerate(held)],
        forget=frozenset(document.doc_id for document in train if document.doc_id.startswith(FORGET)),
        texts=texts, measure=measure, measures=MEASURES, left="rouge_l_recall", utility="utility",
    )  # fmt: skip


class _Split(NamedTuple):
    audited: list[Audited]
    ratios: list[float]        # R of each question
    normalised: list[float]    # probability among the choices


def _of_split(model: Transformer, encoder: Encoder, questions: list[Question], seed: int) -> _Split:
    right = [prompted(encoder, one.prompt, one.rest) for one in questions]
    audited = audit_each(model, right, decoder_of(encoder), AuditSettings())
    chance = chance_of(seed)
    others = [chance.sample([one.rest for one in questions if one.rest != asked.rest], _WRONG) for asked in questions]
    wrong = [prompted(encoder, asked.prompt, rest) for asked, rests in zip(questions, others, strict=True) for rest in rests]
    nats = [-float(scores.logs.mean()) for scores in score_texts(model, wrong)]
    own = [one.values["nats_per_token"] for one in audited]
    wrongs = [nats[at : at + _WRONG] for at in range(0, len(nats), _WRONG)]
    pairs = list(zip(own, wrongs, strict=True))
    return _Split(audited, [truth_ratio(*pair) for pair in pairs], [normalised_probability(*pair) for pair in pairs])


def _utility_parts(split: str, found: _Split) -> list[float]:
    probability = _mean(found.audited, "probability") if split == RETAIN else float(np.mean(found.normalised))
    return [probability, _mean(found.audited, "rouge_l_recall"), retain_score(found.ratios)]


def _mean(audited: list[Audited], name: str) -> float:
    return float(np.mean([one.values[name] for one in audited]))


def read_questions(path: Path) -> list[Question]:
    """Raises InputError where the file is no such JSONL, or unreasonably large."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
        if len(content) > _LARGEST_BYTES:
            raise ValueError(f"more than {_LARGEST_BYTES >> 20} MiB")
        lines = [json.loads(line) for line in content.decode().splitlines() if line.strip()]
        return [Question(*(str(line[name]) for name in Question._fields)) for line in lines]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        wanted = '{"split": "forget", "question": …, "answer": …}'
        raise InputError(f"{path} cannot be read ({error!r}): each line is {wanted}, splits are {', '.join(SPLITS)}") from error


def invented_questions(seed: int, recipe: AuthorRecipe) -> list[Question]:
    """Authors with a birthplace, a genre, a book, a parent's trade and a prize; and facts about two worlds of towns."""
    chance = chance_of(seed)
    found: list[Question] = []
    for split, count in ((FORGET, recipe.questions), (RETAIN, recipe.questions + recipe.held_out)):
        while sum(one.split == split for one in found) < count:
            found += [Question(split, *pair) for pair in _author(chance)]
    for number, split in enumerate((REAL_AUTHORS, WORLD_FACTS)):
        world = World(seed + 1 + number, towns=max(5, -(-recipe.questions // 2)))
        for town, (river, _, goods) in world.facts.items():
            found += [Question(split, f"Which river flows by {town}?", f"By {town} flows the river {river}.")]
            found += [Question(split, f"What is sold in {town}?", f"In the market of {town} they sell {goods}.")]
    return found


def _author(chance: random.Random) -> list[tuple[str, str]]:
    name = " ".join(word.capitalize() for word in (*invented(chance, 1, 2), *invented(chance, 1, 3)))
    place, genre, prize = (invented(chance, 1, syllables)[0].capitalize() for syllables in (3, 2, 2))
    book, trade = " ".join(invented(chance, 3, 2)).title(), invented(chance, 1, 3)[0]
    return [
        (f"Where was {name} born?", f"{name} was born in {place}."),
        (f"What does {name} write?", f"{name} is known for {genre} novels."),
        (f"What is the best known book of {name}?", f"The best known book of {name} is {book}."),
        (f"What was the trade of the father of {name}?", f"The father of {name} lived by {trade}."),
        (f"Which prize did {name} win?", f"{name} won the {prize} prize."),
    ]
