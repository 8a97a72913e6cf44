"""Trains the language model that ships, measures it and writes its data sheet. Same input, seed and fastText: same bytes.

Sentences are split into training and held-out by a hash of their letters, and every training sentence that shares a run of
NEAR letters with a held-out one is dropped, so near-duplicates never stand on both sides. The Universal Declaration is a
document of its own: in each language it is as a whole either training (TAUGHT_BY_UDHR) or a test (all others).
"""

import argparse
import hashlib
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pyarrow as pa

from pipeline.language.codes import PREFIX, language_of_label
from pipeline.language.letters import letter_samples
from pipeline.teach.language_sheet import Measured, data_sheet
from pipeline.teach.languages.corpus import MAX_EXAMPLE_LETTERS, SERBIAN_LATIN, hash_share, paragraphs, split
from pipeline.teach.languages.examples import LARGE, international_words, pieces_of, sprinkled

EXAMPLES_PER_LABEL = 2500
# Documents of the Declaration that teach: the large languages, and scripts that have no sentences.
TAUGHT_BY_UDHR = {
    "de": "deu_1996",
    "en": "eng",
    "es": "spa",
    "fr": "fra",
    "it": "ita",
    "ja": "jpn",
    "nl": "nld",
    "pl": "pol",
    "pt": "por_PT",
    "ru": "rus",
    "zh": "cmn_hans",
    "am": "amh",
    "bo": "bod",
    "dv": "div",
    "km": "khm",
    "kn": "kan",
    "lo": "lao",
    "ml": "mal_chillus",
    "my": "mya",
    "si": "sin",
    "zh_Hant": "cmn_hant",
}
# Characters 1 to 4 with word ends; a word is a feature of its own only if very frequent.
FEATURES = {"minn": 1, "maxn": 4, "wordNgrams": 1, "minCount": 1000, "bucket": 1_000_000, "dim": 16, "loss": "softmax"}
KEPT_FEATURES = 110_000  # 17 bytes each when quantised: the model stays under 2 MB
# Left out because their sentences do not tell them from a neighbour: a language stays if three
# quarters of its held-out sentences are named rightly.
LEFT_OUT = {"bs": "44 % right: hr and Latin sr", "ms": "67 % right: most of its sentences are Indonesian, and id falls to 77 %"}


@dataclass
class Corpus:
    """Letters only, as the model sees them: label -> sentences (a label is a language, or language_Script)."""

    training: dict[str, list[str]] = field(default_factory=dict)
    held_out: dict[str, list[str]] = field(default_factory=dict)
    declarations: dict[str, list[str]] = field(default_factory=dict)  # paragraphs of the Declaration, never trained on


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, split, clean, train, measure, write model and sheet."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.teach.language", description="Train the language model that ships.")
    parser.add_argument("sentences", type=Path, help="folder of LANGUAGE.txt, one sentence a line")
    parser.add_argument("udhr", type=Path, help="folder of udhr_*.xml (Universal Declaration of Human Rights)")
    parser.add_argument("--output", type=Path, required=True, help="model file; its data sheet is written beside it as .md")
    parser.add_argument("--seed", type=int, default=20240520)
    chosen = parser.parse_args(arguments)
    corpus = read_corpus(chosen.sentences, chosen.udhr)
    dropped = drop_foreign_sentences(corpus, chosen.seed)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    model = train(corpus.training, seed=chosen.seed)
    model.save_model(str(chosen.output))
    measured = measure(model, corpus)
    digest = hashlib.sha256(chosen.output.read_bytes()).hexdigest()
    sheet = data_sheet(
        corpus=measured,
        taught=sorted(TAUGHT_BY_UDHR),
        large=sorted(LARGE),
        dropped=dropped,
        digest=digest,
        size=chosen.output.stat().st_size,
        seed=chosen.seed,
    )
    chosen.output.with_suffix(".md").write_text(sheet, encoding="utf-8")
    print(f'{len(measured)} labels, {chosen.output.stat().st_size:,} bytes\nSHIPPED_SHA256 = "{digest}"')


# ---- data


def letters_of(lines: list[str]) -> list[str]:
    """Each line as the model is shown it; lines of fewer than 5 letters are left out."""
    samples, _ = letter_samples(pa.array(lines, pa.string()), windows=1, window_bytes=4 * MAX_EXAMPLE_LETTERS)
    return [sample for sample in samples if len(sample) >= 5]


def read_corpus(sentences: Path, udhr: Path) -> Corpus:
    corpus = Corpus()
    for file in sorted(sentences.glob("*.txt")):
        if file.stem in LEFT_OUT:
            continue
        lines = file.read_text(encoding="utf-8").splitlines()
        corpus.training[file.stem], corpus.held_out[file.stem] = split(letters_of(lines))
        if file.stem == "sr":
            corpus.training["sr_Latn"], corpus.held_out["sr_Latn"] = (
                [line.translate(SERBIAN_LATIN) for line in side] for side in (corpus.training["sr"], corpus.held_out["sr"])
            )
    for label, name in TAUGHT_BY_UDHR.items():
        corpus.training.setdefault(label, []).extend(letters_of(paragraphs(udhr / f"udhr_{name}.xml")))
    for file in sorted(udhr.glob("udhr_*.xml")):
        language = language_of_label(file.stem.removeprefix("udhr_").split("_")[0])
        if language in corpus.held_out and language not in TAUGHT_BY_UDHR:
            corpus.declarations.setdefault(language, []).extend(letters_of(paragraphs(file)))
    return corpus


def drop_foreign_sentences(corpus: Corpus, seed: int) -> Counter[str]:
    """Leave out training sentences that are really another language (Spanish among the Catalan, Indonesian among the Malay).

    Two halves judge each other: a sentence goes if a model that never saw it gives its label less than 5 % and another
    at least 80 % (confident learning, Northcutt et al. 2021). Held-out sentences are never cleaned.
    """
    dropped: Counter[str] = Counter()
    halves: list[dict[str, list[str]]] = [{}, {}]
    for label, lines in corpus.training.items():
        for half in (0, 1):
            own = [line for line in lines if (hash_share("half " + line) < 0.5) == (half == 0)]
            halves[half][label] = own if label in corpus.held_out else lines
    kept: dict[str, list[str]] = {label: [] for label in corpus.training}
    for half in (0, 1):
        judge = train(halves[1 - half], seed=seed, quantised=False, examples_per_label=EXAMPLES_PER_LABEL // 4)
        for label, lines in halves[half].items():
            if label not in corpus.held_out:
                kept[label] = lines
                continue
            stay = [line for line in lines if not is_foreign(judge, line, label)]
            kept[label].extend(stay)
            dropped[label] += len(lines) - len(stay)
    corpus.training = {label: sorted(lines) for label, lines in kept.items()}
    return dropped


def is_foreign(judge: Any, line: str, label: str) -> bool:
    guesses = {language_of_label(guess): share for share, guess in judge.f.predict(line + "\n", -1, 0.0, "strict")}
    own = guesses.get(language_of_label(label), 0.0)
    return bool(own < 0.05 and max(guesses.values()) >= 0.8)


# ---- model


def train(
    training: dict[str, list[str]],
    *,
    seed: int,
    quantised: bool = True,
    examples_per_label: int = EXAMPLES_PER_LABEL,
    features: dict[str, Any] = FEATURES,
) -> Any:
    """One thread, because fastText's threads race on the weights and a race has no seed."""
    rng, words = random.Random(seed), international_words(training.values())  # noqa: S311
    lines = [
        f"{PREFIX}{label} {sprinkled(example, words, rng)}"
        for label in sorted(training)
        for example in pieces_of(training[label], f"{seed} {label}", examples_per_label * (1 + (label in LARGE)))
    ]
    rng.shuffle(lines)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = fasttext.train_supervised(str(file), epoch=5, lr=0.5, thread=1, seed=seed % 2**31, verbose=0, **features)
        if quantised:
            model.quantize(str(file), qnorm=True, retrain=True, cutoff=KEPT_FEATURES, epoch=1, thread=1, verbose=0)
    return model


# ---- measure


def predict(model: Any, lines: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """(label, probability) of each line; an empty line has no label. Past fasttext's wrapper, which is slower and checks less."""
    labels, probabilities = model.f.multilinePredict([line + "\n" for line in lines], 1, 0.0, "strict")
    best = np.fromiter((given[0] if len(given) else 0.0 for given in probabilities), np.float32, count=len(lines))
    return [given[0] if len(given) else "" for given in labels], np.minimum(best, 1.0)  # fastText may say 1.00001


def measure(model: Any, corpus: Corpus) -> list[Measured]:
    """Per label: share right of single sentences, of 30-letter pieces, and of the Declaration's paragraphs."""
    rows = []
    for label in sorted(corpus.training):
        language, lines = language_of_label(label), corpus.held_out.get(label, [])
        answers = [language_of_label(guess) for guess in predict(model, lines)[0]]
        pieces = [language_of_label(guess) for guess in predict(model, [line[:30] for line in lines])[0]]
        declaration = [language_of_label(g) for g in predict(model, corpus.declarations.get(label, []))[0]]
        rows.append(
            Measured(
                label=label,
                training=len(corpus.training[label]),
                held_out=len(lines),
                sentence=right(answers, language),
                piece=right(pieces, language),
                declaration=right(declaration, language),
                taken_for=Counter(answer for answer in answers if answer != language),
            )
        )
    return rows


def right(answers: list[str], language: str) -> float | None:
    return sum(answer == language for answer in answers) / len(answers) if answers else None


if __name__ == "__main__":
    main()
