"""How near an extracted text is to what people took from the page."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pipeline.teach.block_labels import words_of
from pipeline.teach.extraction_pages import Page

RESAMPLES = 2000
SEED = 20240520


def prf(found: str, truth: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of words as a bag: prf("a b", "b c") -> (.5, .5, .5)."""
    ours, theirs = Counter(words_of(found)), Counter(words_of(truth))
    common = (ours & theirs).total()
    if common == 0:
        return (1.0, 1.0, 1.0) if not ours and not theirs else (0.0, 0.0, 0.0)
    precision, recall = common / ours.total(), common / theirs.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def script_of(text: str) -> str:
    """The script of most of the letters: LATIN, CYRILLIC, CJK, …"""
    scripts = Counter(unicodedata.name(letter, "? ").split()[0] for letter in text if letter.isalpha())
    return scripts.most_common(1)[0][0] if scripts else "none"


def one_line(text: str) -> str:
    return " ".join(text.split())


def summary(pages: Sequence[Page], texts: Sequence[str]) -> dict[str, Any]:
    """Means over pages: of words by kind and by script, and shares of snippets."""
    by_kind, by_script = defaultdict(list), defaultdict(list)
    for page, text in zip(pages, texts, strict=True):
        if page.text:
            score = prf(text, page.text)
            by_kind[page.kind].append(score)
            by_script[script_of(page.text)].append(score)
            if page.kind != "readability":
                by_kind["seven types"].append(score)
    return {
        "kinds": {kind: _mean(scores) for kind, scores in sorted(by_kind.items())},
        "scripts": {script: _mean(scores) for script, scores in sorted(by_script.items())},
        "snippets": _snippets(pages, texts),
    }


def _mean(scores: list[tuple[float, float, float]]) -> dict[str, float]:
    means = np.mean(scores, axis=0).round(4).tolist()
    return {"pages": len(scores)} | dict(zip(("precision", "recall", "f1"), means, strict=True))


def _snippets(pages: Sequence[Page], texts: Sequence[str]) -> dict[str, float]:
    """Of the pages that have nothing but snippets: shares of strings found where they must be, and kept out where not."""
    present, absent = [], []
    for page, text in zip(pages, texts, strict=True):
        if page.kind == "snippets":
            line = one_line(text)
            present += [one_line(snippet) in line for snippet in page.present]
            absent += [one_line(snippet) not in line for snippet in page.absent]
    return {"with_found": _share(present), "without_kept_out": _share(absent)}


def _share(answers: list[bool]) -> float:
    return round(sum(answers) / len(answers), 4) if answers else 0.0


def f1_of(pages: Sequence[Page], texts: Sequence[str], kinds: Iterable[str]) -> np.ndarray:
    asked = set(kinds)
    pairs = zip(pages, texts, strict=True)
    return np.array([prf(text, page.text)[2] for page, text in pairs if page.text and page.kind in asked])


def difference(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """The mean difference of two extractors on the same pages, with the 95 % interval of a paired bootstrap over pages."""
    rng = np.random.default_rng(SEED)
    gains = ours - theirs
    means = gains[rng.integers(0, len(gains), (RESAMPLES, len(gains)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"mean": round(float(gains.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
