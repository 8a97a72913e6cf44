"""How often the language model is right, how often it is sure, and what it says of languages it was never taught."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.language.identify import shown
from pipeline.language.model import NONE, LanguageModel
from pipeline.teach.languages.corpus import Corpus
from pipeline.teach.languages.examples import international_words
from pipeline.teach.languages.labels import NOISE, is_claimed, language_of
from pipeline.teach.languages.learn import flat
from pipeline.teach.languages.noise import KINDS, noise
from pipeline.teach.languages.pages import pages_of

SURE = 0.65  # the bound of the rule `language_confidence`
PIECE_LETTERS = 30
NOISE_LINES, PAGES = 1200, 20


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One label: lines it was trained on, and shares of held-out text (None: nothing held out)."""

    label: str
    sentences: int
    declarations: int
    held_out: int
    sentence: float | None
    piece: float | None
    declaration: float | None
    sure: float | None  # of all held-out lines, those named rightly with a confidence of SURE or more
    taken_for: Counter[str] = field(default_factory=Counter)


def named(model: LanguageModel, lines: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """(codes, confidence) of lines of letters, each asked as the page it would be."""
    _, (labels, confidence) = model.answer(shown(flat(lines))[0])
    return ["und" if label == NONE else language_of(model.names[label]) for label in labels], confidence


def measure(model: LanguageModel, corpus: Corpus) -> list[Measured]:
    """Each claimed label."""
    rows = []
    for label in corpus.claimed:
        language = language_of(label)
        sentences, declared = (source.get(label) for source in (corpus.sentences, corpus.declarations))
        lines, paragraphs = sentences.held_out if sentences else [], declared.held_out if declared else []
        answers, confidence = named(model, [*lines, *paragraphs])
        right = np.array([answer == language for answer in answers], bool)
        pieces = [answer == language for answer in named(model, [line[:PIECE_LETTERS] for line in lines])[0]]
        rows.append(
            Measured(
                label=label,
                sentences=len(sentences.training) if sentences else 0,
                declarations=len(declared.training) if declared else 0,
                held_out=len(answers),
                sentence=share(right[: len(lines)]),
                piece=share(pieces),
                declaration=share(right[len(lines) :]),
                sure=share(right & (confidence >= SURE)),
                taken_for=Counter(answer for answer in answers if answer != language),
            )
        )
    return rows


def macro_f1(truth: Sequence[str], answers: Sequence[str]) -> float:
    """Mean of F1 over the languages of `truth`; an answer of another language counts against that language alone."""
    said, there = Counter(answers), Counter(truth)
    hits = Counter(one for one, answer in zip(truth, answers, strict=True) if one == answer)
    return float(np.mean([2 * hits[language] / (said[language] + there[language]) for language in there]))


def held_out_sentences(corpus: Corpus) -> tuple[list[str], list[str]]:
    """(letters, language) of all held-out sentences; Serbian in Latin letters, which is made from it, stays out."""
    found = [
        (line, language_of(label))
        for label, lines in sorted(corpus.sentences.items())
        if "_" not in label
        for line in lines.held_out
    ]
    return [line for line, _ in found], [language for _, language in found]


def sure_though_untaught(model: LanguageModel, corpus: Corpus, labels: Sequence[str]) -> dict[str, float]:
    """Of each label's held-out lines, those that get a name with a confidence of SURE or more; the model was not taught them,
    or taught not to claim them."""
    shares = {}
    for label in labels:
        lines = [line for source in (corpus.sentences, corpus.declarations) if label in source for line in source[label].held_out]
        answers, confidence = named(model, lines)
        if lines:
            sure = [answer not in ("und", language_of(label) if is_claimed(label) else "und") for answer in answers]
            shares[label] = float(np.mean(np.array(sure) & (confidence >= SURE)))
    return shares


def sure_of_pages(model: LanguageModel, corpus: Corpus, label: str) -> float:
    """The same of a label's held-out lines made into pages; 0 where it has none."""
    lines = [line for source in (corpus.sentences, corpus.declarations) if label in source for line in source[label].held_out]
    names = international_words(one.training for one in corpus.sentences.values())
    answers, confidence = named(model, list(pages_of(lines, PAGES, names, f"measured {label}")) if lines else [])
    return share(np.array([answer not in ("und", language_of(label)) for answer in answers], bool) & (confidence >= SURE)) or 0.0


def sure_of_noise(model: LanguageModel) -> dict[str, float]:
    """Of each kind of noise, the lines that get a name with a confidence of SURE or more; other lines than those that taught."""
    found: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    lines = list(noise(NOISE_LINES, "measured"))
    answers, confidence = named(model, [letters for _, letters in lines])
    for (kind, _), answer, sure in zip(lines, answers, confidence, strict=True):
        found[kind].append(answer != "und" and sure >= SURE)
    return {kind: float(np.mean(some)) for kind, some in found.items()}


def share(found: Sequence[bool] | np.ndarray) -> float | None:
    return float(np.mean(found)) if len(found) else None


def unclaimed(corpus: Corpus) -> list[str]:
    return [label for label in corpus.labels if not is_claimed(label) and label != NOISE]
