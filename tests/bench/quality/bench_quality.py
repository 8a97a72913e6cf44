"""`make bench-quality`: the recipes that ship beside datatrove, what each rule takes, and the score on labelled pages.

    .venv/bin/python -m tests.bench.quality.bench_quality [--every 4] [--parts agreement rules score cost language left_out]
    [--output FILE]

agreement   share of English pages (crawl and extraction of ../shared) with datatrove's verdict, by preset, and where they differ
rules       of all pages of the crawl: what each rule takes, alone too, and how much of that the score calls good; kept by recipe
score       AUC and precision of pages that were held out of the model, with bootstrap intervals, beside the published rules
cost        processor time of measures and of the score, a page
language    macro-F1 of held-out sentences, known pages of the crawl, the same bits on a plain CPU, cost (languages.py)
left_out    the language model taught again, and what it says of languages that were left out whole: a quarter of an hour
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.corpus.presets import PRESETS
from jobs.corpus.recipe import Recipe, build_recipe, ingest_settings
from pipeline.quality.evaluate import RESAMPLES, SEED, auc, auc_interval, precision_at, reliability
from pipeline.quality.fit import FitSettings, held_out_scores
from pipeline.quality.measures import measure
from pipeline.quality.rules import RULES, judge, resolve
from pipeline.quality.score import shipped_model
from pipeline.read.ingest import ingest_file
from pipeline.teach.quality import judged_lessons, lessons
from tests.bench.quality import languages
from tests.bench.quality.first_rules import first_rules
from tests.bench.sides import machine, peer_python, run_side
from tests.paths import PROJECT, SHARED

PARTS = ("agreement", "rules", "score", "cost", "language", "left_out")
PUBLISHED = ("fineweb", "c4", "gopher")
GOOD = 0.5


def pages(folders: tuple[str, ...], shared: Path) -> pa.Table:
    """Different texts of these folders with their measures, by doc_id."""
    settings, found = ingest_settings(Recipe()), []
    for folder in folders:
        for file in sorted((shared / folder).glob("*.warc.gz")):
            with file.open("rb") as stream:
                for part in ingest_file(stream, file.name, settings):
                    batch = part.measures.append_column("text", part.documents.column("text"))
                    found.append(batch)
    table = pa.Table.from_batches(found).sort_by("doc_id")
    first = {text: place for place, text in reversed(list(enumerate(table.column("text").to_pylist())))}
    return table.take(sorted(first.values()))


def agreement(shared: Path, every: int) -> dict[str, Any]:
    table = pages(("crawl", "extraction"), shared)
    table = table.filter(pc.equal(table.column("language"), "en"))
    table = table.take(list(range(0, table.num_rows, every)))
    with tempfile.TemporaryDirectory() as folder:
        texts, verdicts = Path(folder) / "texts.jsonl", Path(folder) / "verdicts.jsonl"
        texts.write_text("".join(json.dumps({"text": text}) + "\n" for text in table.column("text").to_pylist()))
        run_side("quality.peer_verdicts", texts, verdicts, core=0, python=peer_python())
        peer = [json.loads(line) for line in verdicts.read_text().splitlines()]
    return {name: _agreement(first_rules(table, name), [row[name] for row in peer]) for name in PUBLISHED}


def _agreement(ours: dict[int, str], theirs: list[str | None]) -> dict[str, Any]:
    """A page that ours drops for its language is none that theirs was asked about."""
    asked = [row for row in range(len(theirs)) if not ours.get(row, "").startswith("language")]
    differ = [row for row in asked if (row in ours) != (theirs[row] is not None)]
    where = Counter(f"winnow: {ours[row]}" if row in ours else f"datatrove: {theirs[row]}" for row in differ)
    dropped = sum(theirs[row] is not None for row in asked)
    return {
        "pages": len(asked), "agree": round(1 - len(differ) / len(asked), 4), "datatrove_drops": round(dropped / len(asked), 4),
        "differ": dict(where.most_common(8)),
    }  # fmt: skip


def rules(shared: Path) -> dict[str, Any]:
    table = pages(("crawl",), shared)
    every = tuple(rule for rule in RULES if rule.name != "low_quality")
    broken = judge(table, every)
    rows, names = broken.column("row").to_numpy(), np.array(broken.column("rule").to_pylist(), dtype=object)
    breadth, score = np.bincount(rows, minlength=table.num_rows), table.column("quality").to_numpy()
    taken = {}
    for rule in every:
        its = rows[names == rule.name]
        if len(its):
            good = round(float((score[its] >= GOOD).mean()), 3)
            taken[rule.name] = {"pages": len(its), "alone": int((breadth[its] == 1).sum()), "of_them_score_good": good}
    return {"pages": table.num_rows, "rules": taken, "kept": {name: _kept(table, name) for name in PRESETS}}


def _kept(table: pa.Table, base: str) -> dict[str, float]:
    """Share that no rule takes, of all pages and of those in English; languages are not asked for."""
    off = {name: {"enabled": False} for name in ("language",)}
    broken = judge(table, resolve(build_recipe({"base": base, "rules": off}).rules))
    kept = np.bincount(broken.column("row").to_numpy(), minlength=table.num_rows) == 0
    english = np.array([language == "en" for language in table.column("language").to_pylist()])
    return {"all": round(float(kept.mean()), 4), "english": round(float(kept[english].mean()), 4)}


def score(shared: Path) -> dict[str, Any]:
    settings, taught = FitSettings(), lessons(shared)
    lesson = judged_lessons(taught, settings)
    scores, good = held_out_scores(lesson, settings)[lesson.trusted], lesson.good[lesson.trusted]
    area, count = auc_interval(scores, good), len(good)
    table = pa.Table.from_batches([lesson.measures.slice(0, count)])
    table = table.set_column(table.schema.get_field_index("quality"), "quality", pa.array(scores, pa.float32()))
    for name, values in (("language", ["en"] * count), ("url", [""] * count), ("language_confidence", [1.0] * count)):
        table = table.append_column(name, pa.array(values))
    return {
        "pages": count,
        "auc": [round(value, 4) for value in area],
        "reliability": [{name: round(value, 3) for name, value in one.items()} for one in reliability(scores, good)],
        "recipes": {name: _beside(table, scores, good, name) for name in PRESETS},
    }


def _beside(table: pa.Table, scores: np.ndarray, good: np.ndarray, base: str) -> dict[str, Any]:
    """A recipe's verdicts, and the score at the share it keeps; gains with the interval of paired bootstrap."""
    rows = judge(table, resolve(build_recipe({"base": base}).rules)).column("row").to_numpy()
    broken = np.bincount(rows, minlength=len(good)).astype(float)
    kept, random = broken == 0, np.random.default_rng(SEED)
    gains, areas = [], []
    for _ in range(RESAMPLES):
        drawn = random.integers(0, len(good), len(good))
        right, stays = good[drawn], kept[drawn]
        gains.append(precision_at(scores[drawn], right, float(stays.mean())) - right[stays].mean())
        areas.append(auc(scores[drawn], right) - auc(-broken[drawn], right))
    return {
        "kept": round(float(kept.mean()), 4), "precision": round(float(good[kept].mean()), 4),
        "good_of_dropped": round(float(good[~kept].mean()), 4), "auc_of_rules_broken": round(auc(-broken, good), 4),
        "score_precision": round(precision_at(scores, good, float(kept.mean())), 4),
        "gain_precision": [round(float(value), 4) for value in np.quantile(gains, [0.5, 0.025, 0.975])],
        "gain_auc": [round(float(value), 4) for value in np.quantile(areas, [0.5, 0.025, 0.975])],
    }  # fmt: skip


def cost(shared: Path) -> dict[str, Any]:
    """Of the second run: kernels are compiled then."""
    table, seconds = pages(("crawl",), shared), {}
    text, language = (table.column(name).combine_chunks() for name in ("text", "language"))
    for name, model in (("measures", None), ("measures_and_score", shipped_model())) * 2:
        started = time.process_time()
        measure(text, language, model=model)
        seconds[name] = time.process_time() - started
    return {name: {"microseconds_a_page": round(1e6 * value / table.num_rows, 1)} for name, value in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--every", type=int, default=2, help="agreement is taken on every Nth English page")
    parser.add_argument("--lid", type=Path, help="a fastText model of languages, lid.176.ftz, to stand beside ours")
    parser.add_argument("--shared", type=Path, default=SHARED, help="with crawl, extraction, quality and text")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "bench-quality.json")
    chosen = parser.parse_args()
    if chosen.shared is None:
        raise SystemExit("../shared is not there: name a folder by --shared")
    result = json.loads(chosen.output.read_text()) if chosen.output.exists() else {}
    parts: dict[str, Callable[[Path], dict[str, Any]]] = {
        "agreement": partial(agreement, every=chosen.every),
        "rules": rules,
        "score": score,
        "cost": cost,
        "language": partial(languages.language, other=chosen.lid),
        "left_out": languages.of_left_out,
    }
    for part in chosen.parts:
        result[part], result["machine"] = parts[part](chosen.shared), machine()
        print(json.dumps({part: result[part]}, indent=1), flush=True)
        chosen.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
