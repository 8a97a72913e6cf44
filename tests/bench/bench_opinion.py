"""What a run of our own trainer adds as second opinion on backdoor documents: found and wrongly flagged, with it and without.

Sites are dealt into two halves. A `tiny` model learns the curated pages of one half and is asked about the other, where gibberish
is planted behind the beginnings of pages; then the other way round, and both are added up. The word order model that ships has
seen the pages of all these sites as they are, so only what the opinion adds is clean.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.ingest_records import ingest_settings
from jobs.recipe import Recipe, build_recipe
from jobs.runs.word_order import load_order_judge
from jobs.session import session
from pipeline import ingest
from pipeline.arrays import flatten
from pipeline.poison import backdoor
from pipeline.poison.findings import ScanSettings
from tests.bench.payload_words import TEST
from tests.bench.payloads import TRIGGERS
from tests.bench.planting import BACKDOORS, gibberish_words
from tests.bench.recall import told
from tests.bench.tiny_run import tiny_run

MIN_WORDS = 250        # of a page that gibberish is made of
PREFIX_CHARACTERS = (200, 1000)
BATCH = 256
THRESHOLD = ScanSettings().min_score


def bench_opinion(warcs: list[Path], folder: Path, master: str, per_class: int, steps: int, seed: int = 0) -> dict[str, Any]:
    pages = dict(real_texts(warcs))
    hosts = sorted(set(pages.values()))
    folder.mkdir(parents=True)
    recipe = build_recipe({"tokenizer": {"vocabulary_size": 4096}, "campaigns": {"enabled": False}})
    halves = []
    for half in (0, 1):
        learned = [text for text, host in pages.items() if hosts.index(host) % 2 != half]
        asked = [text for text, host in pages.items() if hosts.index(host) % 2 == half]
        with session(master) as spark:
            _, run = tiny_run(spark, folder / f"half-{half}", learned, recipe, steps)
        halves.append(judged(run, asked, per_class // 2, random.Random(f"opinion {seed} {half}")))
    return {"steps": steps, **{name: added([half[name] for half in halves]) for name in halves[0]}}


def real_texts(warcs: list[Path]) -> Iterator[tuple[str, str]]:
    """(text, host) of every page that has text."""
    for warc in warcs:
        with warc.open("rb") as stream:
            for part in ingest.ingest_file(stream, warc.name, ingest_settings(Recipe())):
                for text, host in zip(part.documents["text"].to_pylist(), part.documents["host"].to_pylist(), strict=True):
                    if text and host:
                        yield text, host


def judged(run: Path, texts: list[str], per_class: int, draw: random.Random) -> dict[str, Any]:
    """"pages" and classes: {"alone", "with opinion": (flagged, of)}; "asked": (pages, of); "seconds": (CPU, opinions)."""
    clock = Clocked(load_order_judge(run).worth)
    found: dict[str, Any] = {"pages": both(texts, clock)}
    found["asked"] = (clock.asked // 2, len(texts))  # of a stretch, and of the rest of its page
    long = [text for text in texts if len(text.split()) >= MIN_WORDS]
    for klass in BACKDOORS:
        found[klass] = both([planted(draw.choice(long), klass, draw) for _ in range(per_class)], clock)
    return found | {"seconds": (clock.seconds, clock.asked)}


class Clocked:
    """An opinion that counts how often it was asked and how long it took."""

    def __init__(self, opinion: backdoor.Opinion) -> None:
        self.opinion, self.asked, self.seconds = opinion, 0, 0.0

    def __call__(self, text: str) -> float | None:
        started = time.process_time()
        said = self.opinion(text)
        self.asked += 1
        self.seconds += time.process_time() - started
        return said


def planted(text: str, klass: str, draw: random.Random) -> str:
    """The beginning of the page, a trigger, and its words as gibberish."""
    gibberish = " ".join(gibberish_words(klass, text.split(), TEST, draw))
    return f"{text[: draw.randrange(*PREFIX_CHARACTERS)]} {draw.choice(TRIGGERS[TEST])} {gibberish}"


def both(texts: list[str], opinion: backdoor.Opinion) -> dict[str, tuple[int, int]]:
    return {"alone": (flagged(texts, None), len(texts)), "with opinion": (flagged(texts, opinion), len(texts))}


def flagged(texts: list[str], opinion: backdoor.Opinion | None) -> int:
    count = 0
    for first in range(0, len(texts), BATCH):
        flat = flatten(pa.array(texts[first : first + BATCH], pa.large_string()))
        found = backdoor.findings(flat, ScanSettings(), np.zeros(len(flat.offsets) - 1), opinion)
        count += sum(one.score >= THRESHOLD for one in found)
    return count


def added(halves: list[Any]) -> Any:
    if isinstance(halves[0], dict):
        return {name: told(*map(sum, zip(*(half[name] for half in halves), strict=True))) for name in halves[0]}
    return [sum(one) for one in zip(*halves, strict=True)]
