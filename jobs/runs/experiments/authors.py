"""Fictitious authors (Maini et al. 2024, TOFU): questions about some of them are to be forgotten, the others to be kept.

Beside what jobs/runs/audit/questions.py says, one thing differs from TOFU: the model is trained on nothing but the questions, so
real authors and facts of the world are learned here too.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from jobs.runs.audit.prompts import prompted
from jobs.runs.audit.questions import (
    FORGET,
    FORGET_QUALITY,
    REAL_AUTHORS,
    RETAIN,
    WORLD_FACTS,
    Question,
    ask,
    by_split,
    read_questions,
)
from jobs.runs.audit.questions import MEASURES as QUESTIONS
from jobs.runs.experiments.corpus import Document
from jobs.runs.experiments.task import BITS, Measured, Task
from jobs.runs.experiments.words import World, invented, rng_of
from model.audit.documents import AuditSettings
from model.network.transformer import Transformer
from model.texts import Text
from pipeline.errors import InputError
from pipeline.settings import setting
from tokenizer.bpe.encode import Encoder


@dataclass(frozen=True, kw_only=True)
class AuthorRecipe:
    path: str = setting("", "JSONL(.gz) of {split, question, answer}, relative to the recipe; without it they are invented")
    questions: int = setting(40, "of each split, the first ones", minimum=0)
    held_out: int = setting(20, "further questions of the retain split, which are not trained on", minimum=0)


MEASURES = QUESTIONS | {"bits_per_byte": BITS, "forget_quality": FORGET_QUALITY}


def authors(recipe: AuthorRecipe, seed: int) -> Task:
    everything = read_questions(Path(recipe.path)) if recipe.path else invented_questions(seed, recipe)
    where = recipe.path or "the recipe"
    of_split = by_split(everything, where)
    held_out = of_split[RETAIN][recipe.questions :][: recipe.held_out]
    asked = by_split([one for questions in of_split.values() for one in questions[: recipe.questions]], where)
    if not held_out:
        raise InputError(f"split retain has {len(of_split[RETAIN])} questions: more than `questions`, the rest is held out")
    train = [Document(f"{s}-{n}", q.prompt + q.rest) for s, questions in asked.items() for n, q in enumerate(questions)]

    def texts(encoder: Encoder) -> list[Text]:
        return [prompted(encoder, one.prompt, one.rest) for one in asked[FORGET]]

    def measure(model: Transformer, encoder: Encoder) -> Measured:
        return Measured(*ask(model, encoder, asked, AuditSettings(), seed))

    return Task(
        train=train, held_out=[Document(f"held-{n}", q.prompt + q.rest) for n, q in enumerate(held_out)],
        forget=frozenset(document.doc_id for document in train if document.doc_id.startswith(FORGET)),
        texts=texts, measure=measure, measures=MEASURES, left="rouge_l_recall", utility="utility",
    )  # fmt: skip


def invented_questions(seed: int, recipe: AuthorRecipe) -> list[Question]:
    """Authors with a birthplace, a genre, a book, a parent's trade and a prize; and facts about two worlds of towns."""
    rng = rng_of(seed)
    found: list[Question] = []
    for split, count in ((FORGET, recipe.questions), (RETAIN, recipe.questions + recipe.held_out)):
        while sum(one.split == split for one in found) < count:
            found += [Question(split, *pair) for pair in _author(rng)]
    for number, split in enumerate((REAL_AUTHORS, WORLD_FACTS)):
        world = World(seed + 1 + number, towns=max(5, -(-recipe.questions // 2)))
        for town, (river, _, goods) in world.facts.items():
            found += [Question(split, f"Which river flows by {town}?", f"By {town} flows the river {river}.")]
            found += [Question(split, f"What is sold in {town}?", f"In the market of {town} they sell {goods}.")]
    return found


def _author(rng: random.Random) -> list[tuple[str, str]]:
    name = " ".join(word.capitalize() for word in (*invented(rng, 1, 2), *invented(rng, 1, 3)))
    place, genre, prize = (invented(rng, 1, syllables)[0].capitalize() for syllables in (3, 2, 2))
    book, trade = " ".join(invented(rng, 3, 2)).title(), invented(rng, 1, 3)[0]
    return [
        (f"Where was {name} born?", f"{name} was born in {place}."),
        (f"What does {name} write?", f"{name} is known for {genre} novels."),
        (f"What is the best known book of {name}?", f"The best known book of {name} is {book}."),
        (f"What was the trade of the father of {name}?", f"The father of {name} lived by {trade}."),
        (f"Which prize did {name} win?", f"{name} won the {prize} prize."),
    ]
