"""Teaches the sentence model that ships (`python -m pipeline.teach.sentences --help`).

Two linear models on the same hashed n-grams of a sentence: is it an order to a model, and is it anything that people ask of an
assistant. Positive sentences come from pipeline/teach/texts, negative ones from real pages and sentences. Then a second,
small model learns on planted pages how far such a sentence must stand out from its page.
"""

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.arrays import flatten
from pipeline.kernels.scores.logistic import fit_sentences, sentence_logits
from pipeline.kernels.scores.sentence_scores import score_segments, segment_features
from pipeline.language.letters import letter_tables
from pipeline.poison.words import cues, sentences
from pipeline.poison.words.sentences import BIAS, Model
from pipeline.teach import collected
from pipeline.teach.generated import generated
from pipeline.teach.planting import Planted, extract, planted

BUCKET_BITS = 20
COLLECTED_WEIGHT = 2.0  # of English orders and requests in the families that were collected, beside other generated ones
GIVEN_WEIGHT = 6.0  # of a real order or request beside a generated sentence
PLANTS_PER_FOLD = 8000
NEWS_PER_FOLD = 3000
FALSE_PAGES = 0.001  # of pages of sites that taught neither model
CLEAN_WEIGHT = 100.0  # of a clean sentence beside a planted one, for the second model: it is asked about rare things
HARD_LOGIT, HARD_WEIGHT = -2.5, 6.0


class Sentences(NamedTuple):
    """What the first model learns from: labels [n, 2] are 1, 0 or -1 (not asked)."""

    text: list[str]
    labels: np.ndarray
    weight: np.ndarray


def learned(
    sentences: Sequence[str],
    labels: np.ndarray,
    weight: np.ndarray,
    *,
    seed: int,
    passes: int = 12,
    rate: float = 0.1,
    decay: float = 2e-5,
    dropped: float = 0.3,
    floor: float = -0.2,
    alone: float = 0.25,
) -> np.ndarray:
    """Weights [buckets, models] of the sentences."""
    folded, _ = letter_tables()
    bounds, features = segment_features(*flatten(pa.array(sentences, pa.large_string())), folded, *cues.tables())
    table = np.zeros((1 << BUCKET_BITS, 2), np.float32)
    gradients = np.zeros_like(table)
    weight = weight.copy()
    for number in range(passes):
        if number == passes - 1:  # the last pass hears the negatives that still look like orders, louder
            logits = sentence_logits(bounds, features, table, 64 - BUCKET_BITS, BIAS)
            weight[(labels == 0).all(1) & (logits > HARD_LOGIT).any(1)] *= HARD_WEIGHT
        order = np.random.default_rng(seed + number).permutation(len(sentences))
        fit_sentences(
            bounds,
            features,
            labels,
            weight,
            order,
            table,
            gradients,
            64 - BUCKET_BITS,
            BIAS,
            rate,
            decay,
            dropped,
            floor,
            alone,
            seed + number,
        )
    return table


def segments_of(texts: Sequence[str]) -> list[str]:
    """Every distinct sentence of the texts, as the scanner cuts them."""
    folded, _ = letter_tables()
    nothing = np.zeros((2, 1), np.float32)
    no_cues = np.zeros(1, np.uint64), np.zeros(1, np.uint8)
    found: dict[str, None] = {}
    for start in range(0, len(texts), 256):
        flat = flatten(pa.array(texts[start : start + 256], pa.large_string()))
        _, places, _, _ = score_segments(flat.data, flat.offsets, folded, *no_cues, nothing, 63)
        raw = flat.data.tobytes()
        found.update(dict.fromkeys(raw[begin:end].decode("utf-8", "ignore").strip() for begin, end in places))
    return list(found)


class Given(NamedTuple):
    """What the command was given."""

    pages: dict[str, tuple[str, str]]  # text -> (site, language)
    negatives: list[str]
    orders: list[str]
    requests: list[str]

    def fold_of(self, text: str, folds: int) -> int:
        sites = sorted({site for site, _ in self.pages.values()})
        return sites.index(self.pages[text][0]) % folds


def teaching(
    given: Given, pages: Sequence[str], rows: Sequence[tuple[str, str, int]], orders: Sequence[str], requests: Sequence[str]
) -> Sentences:
    """Sentences of the pages and other negatives, generated rows, and real orders and requests."""
    labelled = [(one, 0, 0, 1.0) for one in (*segments_of(pages), *given.negatives)]
    # A mention that is itself a question may well be asked of an assistant.
    louder = {f"en.{one.family}" for one in collected.patterns() if one.label}
    labelled += [
        (one, int(label == 1), 1 if label else -1 if one.endswith("?") else 0, COLLECTED_WEIGHT if family in louder else 1.0)
        for one, family, label in rows
    ]
    labelled += [(one, 1, 1, GIVEN_WEIGHT) for one in orders] + [(one, 0, 1, GIVEN_WEIGHT) for one in requests]
    return Sentences(
        [row[0] for row in labelled],
        np.array([row[1:3] for row in labelled], np.int8),
        np.array([row[3] for row in labelled], np.float32),
    )


def features_of(texts: Sequence[str], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """(rows, features, sentences) of the candidates of many pages."""
    rows, features, said = [], [], []
    for start in range(0, len(texts), 256):
        flat = flatten(pa.array(texts[start : start + 256], pa.large_string()))
        found = sentences.candidates(flat, weights)
        raw = flat.data.tobytes()
        rows.append(found.rows + start)
        features.append(found.features)
        said += [raw[begin:end].decode("utf-8", "ignore").strip() for begin, end in found.places]
    return np.concatenate(rows), np.concatenate(features), said


def belongs(candidate: str, sentence: str) -> bool:
    """Is the candidate the planted sentence, a part of it, or a segment that it opens?"""
    return candidate in sentence or sentence in candidate or (len(candidate) > 25 and sentence[:25] in candidate)


def regression(columns: np.ndarray, labels: np.ndarray, weight: np.ndarray, penalty: float = 10.0, steps: int = 30) -> np.ndarray:
    """Logistic regression by Newton's method; the constant comes last."""
    table = np.column_stack([columns, np.ones(len(columns))])
    penalties = np.full(table.shape[1], penalty)
    penalties[-1] = 1e-6
    found = np.zeros(table.shape[1])
    for _ in range(steps):
        probability = 1 / (1 + np.exp(-np.clip(table @ found, -40, 40)))
        slope = table.T @ ((probability - labels) * weight) + penalties * found
        curve = (table * (weight * probability * (1 - probability) + 1e-9)[:, None]).T @ table + np.diag(penalties)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-5:
            break
    return found


class Fold(NamedTuple):
    """Candidates of one fold, scored by a first model that saw neither its sites nor its families."""

    clean_rows: np.ndarray
    clean: np.ndarray
    clean_said: list[str]
    pages: int
    plants: list[Planted]
    plant_rows: np.ndarray
    features: np.ndarray
    hits: np.ndarray  # is the candidate what was planted


def folded_candidates(given: Given, rows: Sequence[tuple[str, str, int]], fold: int, folds: int, seed: int) -> Fold:
    english = sorted({family for _, family, label in rows if label and family.startswith("en.")})

    def held_out(row: tuple[str, str, int]) -> bool:  # whole families in English, half of a language's patterns elsewhere
        number = english.index(row[1]) if row[1] in english else sum(map(ord, row[1])) * 2
        return row[2] > 0 and number % folds == fold

    chance = random.Random(seed + fold)  # noqa: S311
    pages = [text for text in given.pages if given.fold_of(text, folds) != fold]
    mine = [text for text in given.pages if given.fold_of(text, folds) == fold]

    def every(some: Sequence[str], *, keep: bool) -> list[str]:  # five neighbours of a file are of one kind
        return [one for number, one in enumerate(some) if (number // 5 % folds == fold) == keep]

    short = [extract(text, chance) for text in mine]
    heard = given._replace(negatives=every(given.negatives, keep=False))
    learned_from = teaching(
        heard,
        pages,
        [row for row in rows if not held_out(row)],
        every(given.orders, keep=False),
        every(given.requests, keep=False),
    )
    table = learned(learned_from.text, learned_from.labels, learned_from.weight, seed=seed)
    by_language: dict[str, list[str]] = {}
    for text, part in zip(mine, short, strict=True):
        by_language.setdefault(given.pages[text][1], []).extend((text, part))
    wanted = [row for row in rows if held_out(row)]
    wanted = chance.sample(wanted, min(PLANTS_PER_FOLD, len(wanted)))
    wanted += [(one, "given.orders", 1) for one in every(given.orders, keep=True) * 6]
    wanted += [(one, "given.requests", 2) for one in every(given.requests, keep=True)]
    unseen = every(given.negatives, keep=True)
    foreign = chance.sample(unseen, min(len(unseen), PLANTS_PER_FOLD // 2))
    wanted += [(one, "foreign", 0) for one in foreign] + [row for row in rows if row[2] == 0][fold::folds][: PLANTS_PER_FOLD // 2]
    plants = planted(wanted, by_language, chance)
    # News in every language, as documents of a few sentences: they may cost a threshold, and are no pages that pay for one.
    news = [" ".join(chance.sample(unseen, chance.randint(1, 6))) for _ in range(NEWS_PER_FOLD)] if unseen else []
    clean_rows, clean, said = features_of([*mine, *short, *news], table)
    plant_rows, features, planted_said = features_of([one.page for one in plants], table)
    hits = np.array([belongs(one, plants[row].sentence) for row, one in zip(plant_rows, planted_said, strict=True)], bool)
    return Fold(clean_rows, clean, said, len(mine), plants, plant_rows, features, hits)


def second_model(folds: Sequence[Fold], weights: np.ndarray) -> Model:
    """Learned from the candidates of these folds; the threshold is set by the caller."""
    features = np.concatenate([part for fold in folds for part in (fold.clean, fold.features[fold.hits])])
    labels = np.concatenate(
        [
            part
            for fold in folds
            for part in (
                np.zeros(len(fold.clean)),
                np.array([fold.plants[row].label > 0 for row in fold.plant_rows[fold.hits]], float),
            )
        ]
    )
    weight = np.concatenate(
        [part for fold in folds for part in (np.full(len(fold.clean), CLEAN_WEIGHT), np.ones(int(fold.hits.sum())))]
    )
    columns = sentences.design(features)
    mean, deviation = columns.mean(0), columns.std(0) + 1e-6
    columns = np.clip((columns - mean) / deviation, -sentences.MAX_DEVIATIONS, sentences.MAX_DEVIATIONS)
    return Model(weights, mean, deviation, regression(columns, labels, weight), 0.0)


def page_best(rows: np.ndarray, logits: np.ndarray, pages: int) -> np.ndarray:
    best = np.full(pages, -30.0)
    np.maximum.at(best, rows, logits)
    return best


def measured(folds: Sequence[Fold]) -> tuple[float, list[tuple[str, int, int]]]:
    """(threshold, [(family, planted, found)]): every fold judged by a second model that learned from the other ones."""
    clean: dict[str, float] = {}  # a sentence that many pages share counts once
    best = []
    for number, fold in enumerate(folds):
        model = second_model([one for other, one in enumerate(folds) if other != number], np.zeros((0, 2), np.float32))
        for said, logit in zip(fold.clean_said, sentences.second_logits(fold.clean, model), strict=True):
            clean[said] = max(logit, clean.get(said, -30.0))
        logits = np.where(fold.hits, sentences.second_logits(fold.features, model), -30.0)
        best.append(page_best(fold.plant_rows, logits, len(fold.plants)))
    threshold = sorted(clean.values(), reverse=True)[int(FALSE_PAGES * sum(fold.pages for fold in folds))]
    counts: dict[str, list[int]] = {}
    for fold, scores in zip(folds, best, strict=True):
        for plant, score in zip(fold.plants, scores, strict=True):
            name = plant.family if plant.family.startswith(("en.", "given.")) or plant.label == 0 else f"{plant.family[:2]}"
            kind = ("mention", "order", "request")[plant.label]
            count = counts.setdefault(f"{name} ({kind})", [0, 0])
            count[0] += 1
            count[1] += int(score > threshold)
    return threshold, [(name, *counts[name]) for name in sorted(counts)]  # type: ignore[misc]


def quantised(weights: np.ndarray) -> tuple[np.ndarray, np.float32]:
    scale = np.float32(np.abs(weights).max() / 127)
    return np.round(weights / scale).astype(np.int8), scale


def read_given(chosen: argparse.Namespace) -> Given:
    """Pages keep the site of their first copy; sites that mirror one another are given as one ("a,b=c")."""
    sites = dict(pair.split("=") for pair in chosen.same_site)
    pages: dict[str, tuple[str, str]] = {}
    for path in chosen.pages:
        table = pq.read_table(path, columns=["text", "host", "language"])
        for text, host, language in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
            if text:
                pages.setdefault(text, (sites.get(host, host), language))
    for path in chosen.documents:
        for line in read_lines([path]):
            document = json.loads(line)
            pages.setdefault(document["text"], (document["site"], document["language"]))
    return Given(pages, read_lines(chosen.negatives), read_lines(chosen.orders), read_lines(chosen.requests))


def read_lines(paths: Sequence[Path]) -> list[str]:
    return [line for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]


def sheet(
    given: Given,
    rows: Sequence[tuple[str, str, int]],
    threshold: float,
    counts: Sequence[tuple[str, int, int]],
    file: Path,
    seed: int,
) -> str:
    """The data sheet of the model, in Markdown."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    kinds = [sum(label == wanted for _, _, label in rows) for wanted in (1, 2, 0)]
    lines = [
        "# Data sheet of the sentence model",
        "",
        f"Two linear models on hashed n-grams of a sentence and on what its words do in an order ({1 << BUCKET_BITS:,} buckets",
        "of 8 bits; pipeline/poison/words/lists/cues.txt), then a logistic regression on how the best sentences of a page stand",
        f"in it. {file.stat().st_size:,} bytes, SHA-256 `{digest}`.",
        "",
        "Made by `python -m pipeline.teach.sentences PAGES --documents … --negatives … --orders … --requests …",
        f"--same-site … --folds … --seed {seed}`. *PAGES* is the documents table of `winnow ingest` (text, host, language) over",
        "the real crawl, mirrors given as one site; *documents* are e-mails, tables, questions about code, encyclopedia",
        "articles and a dozen paragraphs at a time of novels, one site each; *negatives* are a thousand sentences in each of 75",
        "languages, up to 3,500 of each novel, and encyclopedia, play and news text, a sentence a line; *orders* are the",
        "development payloads that speak to a model, *requests* the plain ones, seed instructions, and the first question of",
        "each preference pair.",
        "",
        "| taught by | sentences |",
        "|---|---:|",
        "| generated orders, requests and mentions, our own words (pipeline/teach/texts) | "
        f"{kinds[0]:,} · {kinds[1]:,} · {kinds[2]:,} |",
        "| real orders and requests (development payloads, people's questions to assistants) | "
        f"{len(given.orders):,} · {len(given.requests):,} |",
        f"| sentences of {len(given.pages):,} real pages and documents, taken to be clean | all |",
        f"| other sentences: news in 75 languages, novels, encyclopedia, program text | {len(given.negatives):,} |",
        "",
        f"The threshold is frozen at {threshold:.3f}: as many different sentences as {FALSE_PAGES:.2%} of the pages (and of a",
        "short extract of each, and of news in 75 languages), judged by models that saw neither their site nor, for planted",
        "ones, the family of the sentence (English: families left out; other languages: half the patterns left out). Half of the",
        "hosts are whole pages, half are extracts. A hit counts only where the planted sentence itself was found. The shipped",
        "model saw all of them, so this is what to expect of families and sites that nobody thought of.",
        "",
        "| family, left out | planted | found |",
        "|---|---:|---:|",
        *(f"| {name} | {planted_ones:,} | {found / planted_ones:.1%} |" for name, planted_ones, found in counts),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m pipeline.teach.sentences", description="Teach the sentence model.")
    parser.add_argument("pages", type=Path, nargs="+", help="Parquet with text, host and language: real pages, taken to be clean")
    parser.add_argument(
        "--documents", type=Path, nargs="*", default=[], help="JSON lines of text, site and language: other clean documents"
    )
    parser.add_argument("--negatives", type=Path, nargs="*", default=[], help="text files: a sentence that is neither a line")
    parser.add_argument("--orders", type=Path, nargs="*", default=[], help="text files: an order to a model a line")
    parser.add_argument("--requests", type=Path, nargs="*", default=[], help="text files: a request to an assistant a line")
    parser.add_argument("--same-site", nargs="*", default=[], metavar="HOST=HOST", help="hosts that mirror one another")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=20240520)
    parser.add_argument("--output", type=Path, default=sentences.SHIPPED_MODEL, help="model file; its sheet stands beside it")
    chosen = parser.parse_args(arguments)
    given, rows = read_given(chosen), generated(chosen.seed)
    folds = [folded_candidates(given, rows, fold, chosen.folds, chosen.seed) for fold in range(chosen.folds)]
    threshold, counts = measured(folds)
    everything = teaching(given, list(given.pages), rows, given.orders, given.requests)
    table, scale = quantised(learned(everything.text, everything.labels, everything.weight, seed=chosen.seed))
    model = second_model(folds, table)
    np.savez_compressed(
        chosen.output,
        weights=table,
        scale=scale,
        mean=model.mean,
        deviation=model.deviation,
        coefficients=model.coefficients,
        threshold=np.float64(threshold),
    )
    chosen.output.with_suffix(".md").write_text(sheet(given, rows, threshold, counts, chosen.output, chosen.seed), "utf-8")


if __name__ == "__main__":
    main()
