"""Precision and recall of each kind of personal data: on generated truth, on texts written by hand, and its share of a crawl."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.personal.scan import personal
from pipeline.personal.settings import KINDS, PersonalSettings
from pipeline.poison.scan import scan
from tests.bench.content.handmade import texts
from tests.bench.content.personal_truth import Case, cases
from tests.bench.poison.poison_sides import RECIPE, page_of
from tests.bench.poison.recall import payloads_of

Found = tuple[str, int, int]  # kind, start, end


def found_in(pages: list[str], languages: list[str]) -> list[list[Found]]:
    findings, _ = personal(pa.array(pages, pa.string()), pa.array(languages, pa.string()), PersonalSettings())
    rows: list[list[Found]] = [[] for _ in pages]
    for one in findings.to_pylist():
        rows[one["row"]].append((one["rule"], one["start"], one["end"]))
    return rows


def generated(per_kind: int, seed: int = 0) -> dict[str, dict[str, Any]]:
    made = list(cases(per_kind, seed))
    rows = found_in([one.text for one in made], [one.language for one in made])
    truth = [[(one.kind, one.start, one.end)] if one.end > one.start else [] for one in made]
    return scores(truth, rows)


def by_hand() -> dict[str, dict[str, Any]]:
    read = list(texts())
    return scores([one.spans for one in read], found_in([one.text for one in read], [one.language for one in read]))


def scores(truth: Iterable[Iterable[Found]], found: Iterable[Iterable[Found]]) -> dict[str, dict[str, Any]]:
    """A span counts where kind, start and end are the same."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for expected, seen in zip(map(set, truth), map(set, found), strict=True):
        for name, spans in (("true", expected), ("found", seen), ("both", expected & seen)):
            for kind, _, _ in spans:
                counts[kind][name] += 1
    return {kind: _score(counts[kind]) for kind in KINDS if counts[kind]["true"]}


def _score(count: Counter[str]) -> dict[str, Any]:
    precision = count["both"] / count["found"] if count["found"] else None
    return {**count, "precision": precision, "recall": count["both"] / count["true"]}


def missed(per_kind: int, seed: int = 0) -> list[tuple[Case, list[Found]]]:
    """Generated cases that were not read as they are, for whoever works on the detectors."""
    made = list(cases(per_kind, seed))
    rows = found_in([one.text for one in made], [one.language for one in made])
    return [
        (one, seen)
        for one, seen in zip(made, rows, strict=True)
        if seen != ([(one.kind, one.start, one.end)] if one.end > one.start else [])
    ]


def of_crawl(warcs: list[Path]) -> dict[str, Any]:
    """Pages and spans of each kind on real pages, and what looking cost beside the scan for planted text."""
    pages = [page_of(payload) for payload in payloads_of(warcs)]
    texts_, hidden, markup = (pa.array(column, pa.string()) for column in zip(*pages, strict=True))
    languages, settings = pa.nulls(len(pages), pa.string()), PersonalSettings(max_findings_per_page=10_000)
    personal(texts_.slice(0, 8), languages.slice(0, 8), settings)
    started = time.process_time()
    findings, _ = personal(texts_, languages, settings)
    middle = time.process_time()
    scan(texts_, hidden, RECIPE.scan, markup)
    ended = time.process_time()
    rows = set(zip(*(findings.column(name).to_pylist() for name in ("rule", "row")), strict=True))
    spans, on_pages = Counter(findings.column("rule").to_pylist()), Counter(kind for kind, _ in rows)
    return {
        "pages": len(pages),
        "milliseconds_a_page": round(1000 * (middle - started) / len(pages), 2),
        "planted_text_milliseconds_a_page": round(1000 * (ended - middle) / len(pages), 2),
        "kinds": {kind: {"spans": spans[kind], "pages": on_pages[kind]} for kind in KINDS},
    }
