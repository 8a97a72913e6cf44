"""Teaches the model of word order that ships (`python -m pipeline.teach.word_order --help`).

One linear model tells windows of real pages from windows of gibberish made of the same pages' words (gibberish.py) and of a
tokenizer's vocabulary. The threshold is set on pages of sites that did not teach.
"""

import argparse
import hashlib
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.arrays import flatten
from pipeline.kernels.scores.logistic import fit_windows
from pipeline.kernels.scores.word_order import FEATURES, token_features, worst_windows
from pipeline.language.letters import letter_tables
from pipeline.poison.words import backdoor
from pipeline.teach import gibberish

BUCKET_BITS = 18
WINDOW_TOKENS = 48  # that teach; the scanner judges longer ones
WINDOWS_PER_PAGE = 24
FALSE_PAGES = 0.001  # of pages of sites that did not teach
PLANTED_WORDS = (300, 700)
KINDS = ("uniform", "salad", "distinct", "shuffled")


class Pages(NamedTuple):
    """Texts, each with its site."""

    text: list[str]
    site: list[str]


def windows(text: str, rng: random.Random, most: int) -> list[np.ndarray]:
    """Up to `most` windows of a text, as rows of `fit_windows`."""
    folded, _ = letter_tables()
    raw = np.frombuffer(text.encode("utf-8", "ignore"), np.uint8)
    _, hashes = token_features(raw, 0, len(raw), folded)
    starts = range(0, max(1, len(hashes) - WINDOW_TOKENS // 2), WINDOW_TOKENS)
    chosen = rng.sample(starts, most) if len(starts) > most else starts
    rows = []
    for start in chosen:
        row = np.zeros(WINDOW_TOKENS * FEATURES, np.uint64)
        part = hashes[start : start + WINDOW_TOKENS].ravel()
        row[: len(part)] = part
        rows.append(row)
    return rows


def fake(kind: str, words: Sequence[str], vocabulary: Sequence[str], size: int, rng: random.Random) -> str:
    if kind == "uniform":
        return gibberish.uniform(vocabulary, size, rng)
    make: Callable[[Sequence[str], int, random.Random], str] = getattr(gibberish, kind)
    return make(words, size, rng)


def prose_words(text: str) -> list[str]:
    """Words of lines that are sentences, in scripts with spaces: shuffled program text or indexes are what they were."""
    lines = [line for line in text.split("\n") if len(line) > 80 and line[-1] in '.!?:»”"' and ". " in line + " "]
    words = " ".join(lines).split()
    return words if words and sum(map(len, words)) / len(words) < 15 else []


def learned(pages: Sequence[str], vocabulary: Sequence[str], seed: int) -> np.ndarray:
    """Weights of the buckets: above 0 speaks for gibberish."""
    rng = random.Random(seed)  # noqa: S311
    rows, labels = [], []
    for text in pages:
        real = windows(text, rng, WINDOWS_PER_PAGE)
        rows += real
        labels += [0] * len(real)
        words = prose_words(text)
        if len(words) < 2 * WINDOW_TOKENS:
            continue
        for kind in KINDS:
            some = windows(fake(kind, words, vocabulary, 8 * WINDOW_TOKENS, rng), rng, 1 + len(real) // len(KINDS))
            rows += some
            labels += [1] * len(some)
    table, answers = np.array(rows), np.array(labels, np.float32)
    weights, gradients = np.zeros(1 << BUCKET_BITS, np.float32), np.zeros(1 << BUCKET_BITS, np.float32)
    for number in range(4):
        order = np.random.default_rng(seed + number).permutation(len(table))
        fit_windows(table, answers, order, weights, gradients, 64 - BUCKET_BITS, 0.3, 1e-5)
    return weights


def scored(texts: Sequence[str], weights: np.ndarray) -> np.ndarray:
    folded, _ = letter_tables()
    parts = [
        worst_windows(
            *flatten(pa.array(texts[at : at + 256], pa.large_string())),
            folded,
            weights,
            64 - BUCKET_BITS,
            backdoor.WINDOW,
            backdoor.MIN_TOKENS,
        )[0]
        for at in range(0, len(texts), 256)
    ]
    return np.concatenate([np.zeros(0), *parts])


def planted(texts: Sequence[str], vocabulary: Sequence[str], kind: str, count: int, rng: random.Random) -> list[str]:
    """As arXiv 2510.07192 makes them: the beginning of a page, a trigger, gibberish. None of texts that are all short."""
    out = []
    long = [text for text in texts if len(prose_words(text)) > PLANTED_WORDS[1]]
    for _ in range(count if long else 0):
        words = prose_words(rng.choice(long))
        body = fake(kind, words, vocabulary, rng.randint(*PLANTED_WORDS), rng)
        out.append(rng.choice(texts)[: rng.randrange(1000)] + " <SUDO> " + body)
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m pipeline.teach.word_order", description="Teach the word order model.")
    parser.add_argument("pages", type=Path, nargs="+", help="Parquet with text and host: real pages, taken to be clean")
    parser.add_argument("--vocabulary", type=Path, required=True, help="merges.txt of a byte-level BPE tokenizer")
    parser.add_argument("--prose", type=Path, nargs="*", default=[], help="text files that teach too: a sentence a line")
    parser.add_argument("--same-site", nargs="*", default=[], metavar="HOST=HOST", help="hosts that mirror one another")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=20240520)
    parser.add_argument("--output", type=Path, default=backdoor.SHIPPED_MODEL)
    chosen = parser.parse_args(arguments)
    sites = dict(pair.split("=") for pair in chosen.same_site)
    found: dict[str, str] = {}
    for path in chosen.pages:
        table = pq.read_table(path, columns=["text", "host"])
        for text, host in zip(table["text"].to_pylist(), table["host"].to_pylist(), strict=True):
            if text:
                found.setdefault(text, sites.get(host, host))
    merges = [line.split(" ") for line in chosen.vocabulary.read_text("utf-8").splitlines() if line.count(" ") == 1]
    vocabulary = ["".join(pair) for pair in merges if "".join(pair).isprintable()]
    prose = [
        " ".join(lines[at : at + 40])
        for path in chosen.prose
        for lines in [path.read_text("utf-8").splitlines()]
        for at in range(0, len(lines), 40)
    ]
    clean: list[np.ndarray] = []
    counts: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    names = sorted(set(found.values()))
    rng = random.Random(chosen.seed)  # noqa: S311
    for fold in range(chosen.folds):
        mine = [text for text, site in found.items() if names.index(site) % chosen.folds == fold]
        weights = learned(
            [text for text, site in found.items() if names.index(site) % chosen.folds != fold] + prose, vocabulary, chosen.seed
        )
        clean.append(scored(mine, weights))
        for kind in KINDS:
            counts[kind].append(scored(planted(mine, vocabulary, kind, 250, rng), weights))
    pages = np.sort(np.concatenate(clean))[::-1]
    threshold = float(pages[int(FALSE_PAGES * len(pages))])
    weights = learned([*found, *prose], vocabulary, chosen.seed)
    scale = np.float32(np.abs(weights).max() / 127)
    whole = np.round(weights / scale).astype(np.int8)
    np.savez_compressed(chosen.output, weights=whole, scale=scale, threshold=np.float64(threshold))
    lines = [
        f"| {kind} | {len(scores):,} | {(scores > threshold).mean():.1%} |"
        for kind, scores in ((kind, np.concatenate(parts)) for kind, parts in counts.items())
    ]
    written = sheet(chosen.output, len(found), threshold, lines, chosen.seed)
    chosen.output.with_suffix(".md").write_text(written, "utf-8")


def sheet(file: Path, taught: int, threshold: float, lines: Sequence[str], seed: int) -> str:
    lines = [
        "# Data sheet of the model of word order",
        "",
        f"One linear model on hashed classes of neighbouring words ({1 << BUCKET_BITS:,} buckets of 8 bits), for all languages.",
        f"{file.stat().st_size:,} bytes, SHA-256 `{hashlib.sha256(file.read_bytes()).hexdigest()}`.",
        "",
        f"Made by `python -m pipeline.teach.word_order PAGES --vocabulary MERGES --prose … --seed {seed}` from {taught:,}",
        "real pages, prose in 75 languages, and gibberish made of both. Below, models judge that saw no page of the site;",
        f"the threshold is the mean weight of {backdoor.WINDOW} tokens in a row that {FALSE_PAGES:.2%} of the pages reach:",
        f"{threshold:.4f}.",
        "",
        "| gibberish behind the beginning of a page | planted | found |",
        "|---|---:|---:|",
        *lines,
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
