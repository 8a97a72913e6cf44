"""`winnow quality train`: a model of quality from files of good and of bad pages, and a sheet of what it was made of."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jobs.quality.pages import Pages, read_pages, without_copies
from pipeline.errors import UsageError
from pipeline.quality.evaluate import auc_interval, precision_at, reliability
from pipeline.quality.fit import FEWEST, FitSettings, fit, held_out_scores, judged

SHOWN = 10  # languages and hosts in a sheet


def train(good: Sequence[str], bad: Sequence[str], output: Path) -> dict[str, Any]:
    """Writes the model, and beside it the sheet; figures of the sheet. Raises UsageError where a side has too few pages."""
    pages, copies = without_copies([read_pages(good, 1), read_pages(bad, 0)])
    truth, settings = np.array(pages.good, float), FitSettings()
    lessons = judged(pages.texts, pages.languages, truth, settings)
    model = fit(lessons, settings, languages_of(pages))
    scores = held_out_scores(lessons, settings)
    sheet = figures(pages, scores, copies)
    try:
        output.write_text(json.dumps(model), "utf-8")
        output.with_suffix(".md").write_text(sheet_text(output.name, sheet), "utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from error
    return sheet


def languages_of(pages: Pages) -> list[str]:
    """Those with enough pages of both sides for their words to say something."""
    counts = Counter(zip(pages.languages, pages.good, strict=True))
    return sorted({name for name in pages.languages if name and min(counts[name, 0], counts[name, 1]) >= FEWEST})


def figures(pages: Pages, scores: np.ndarray, copies: int) -> dict[str, Any]:
    """What pages that were held out say of the model."""
    good = np.array(pages.good, float)
    area = auc_interval(scores, good)
    return {
        "pages": len(good),
        "good": int(good.sum()),
        "copies_left_out": copies,
        "auc": round(area.value, 4),
        "auc_interval": [round(area.low, 4), round(area.high, 4)],
        "precision_at_share_of_good": round(precision_at(scores, good, float(good.mean())), 4),
        "reliability": [{name: round(value, 3) for name, value in one.items()} for one in reliability(scores, good)],
        "kept_by_language": _kept_by(pages.languages, scores),
        "kept_by_host": _kept_by(pages.hosts, scores),
    }


def _kept_by(names: Sequence[str], scores: np.ndarray) -> list[dict[str, Any]]:
    """Share of pages that score at least one half, of the names with the most pages."""
    found = np.array(names, dtype=object)
    most = sorted(Counter(names).items(), key=lambda one: (-one[1], one[0]))[:SHOWN]
    return [
        {"name": name or "unknown", "pages": count, "kept": round(float((scores[found == name] >= 0.5).mean()), 3)}
        for name, count in most
    ]


def sheet_text(name: str, sheet: dict[str, Any]) -> str:
    """The data sheet as Markdown; names from pages stand in code, without marks that end it."""
    low, high = sheet["auc_interval"]
    lines = [
        f"# {name}",
        "",
        f"A model of quality for winnow (`quality.model`), from {sheet['pages']:,} different pages, {sheet['good']:,} of them "
        f"good; {sheet['copies_left_out']:,} copies were left out. All figures are of pages held out, a fifth at a time.",
        "",
        f"- AUC {sheet['auc']} (95 % interval {low} to {high})",
        f"- precision where as many are kept as are good: {sheet['precision_at_share_of_good']}",
        "",
        "| pages | score | good |",
        "| --- | --- | --- |",
        *(f"| {one['pages']} | {one['promised']} | {one['found']} |" for one in sheet["reliability"]),
    ]
    for title, key in (("language", "kept_by_language"), ("host or file", "kept_by_host")):
        lines += ["", f"| {title} | pages | score at least 0.5 |", "| --- | --- | --- |"]
        lines += [f"| `{_plain(one['name'])}` | {one['pages']} | {one['kept']} |" for one in sheet[key]]
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    return "".join(one for one in name if one.isalnum() or one in ".-_")[:80]
