"""Campaigns and triggers among generated and real pages: what is found, how purely, and what is found that nobody planted.

    python -m tests.bench.bench_campaigns [--pages 100000] [--sizes 10 25 50 100 250] [--output FILE.json]

Each size N is a world of its own: M pages of many hosts with what honest sites share (notices, quotations, reprinted articles,
one software's furniture), among them N pages each of a reworded claim, a template, an advertisement, and of three backdoors.
"""

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from jobs.find_campaigns import campaign_passages, injected_advertisements
from jobs.find_triggers import trigger_pages
from jobs.ingest_records import ingest_settings
from jobs.recipe import Recipe
from jobs.session import session
from pipeline import ingest
from pipeline.poison.campaigns import CampaignSettings
from tests.bench import payload_words as words
from tests.bench.generated_text import Chain, source_text, with_benign_copies
from tests.bench.payloads import TEST, TRIGGERS, claimed, families, filled
from tests.bench.planting import BACKDOORS, CAMPAIGNS, gibberish_words
from tests.paths import SHARED

WORDS_A_PAGE = 300
SOURCE_CHARACTERS = 12 << 20
REPRINTS = 20
SCHEMA = pa.schema([(name, pa.string()) for name in ("doc_id", "host", "fetched_at", "text", "planted")])
PURITY, COVERAGE = 0.95, 0.9


def make_world(file: Path, pages: int, size: int, seed: int) -> Counter[str]:
    """Writes `pages` rows of SCHEMA with `size` plants of each class; returns how many pages of which kind."""
    chain = Chain(source_text(SHARED, SOURCE_CHARACTERS))
    real = list(real_pages(pages // 10))
    reprints = tuple(chain.pages(REPRINTS, WORDS_A_PAGE, seed + 1))
    texts = chain.pages(pages - len(real), WORDS_A_PAGE, seed)
    benign = [*with_benign_copies(texts, seed, reprints, chain.pages(pages, 40, seed + 2)), *real]
    draw = random.Random(f"world {seed}")
    places = draw.sample(range(len(benign) - len(real)), size * (len(CAMPAIGNS) + len(BACKDOORS)))
    plants = {place: (CAMPAIGNS + BACKDOORS)[number // size] for number, place in enumerate(places)}
    kinds: Counter[str] = Counter(real=len(real), generated=len(benign) - len(real))
    with pq.ParquetWriter(file, SCHEMA) as writer:
        for first in range(0, len(benign), 5000):
            rows = []
            for place, (host, text) in enumerate(benign[first : first + 5000], first):
                klass = plants.get(place, "")
                day, second = divmod(draw.randrange(20 * 86400), 86400)
                fetched = f"2026-01-{day + 1:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
                text = planted_in(text, klass, draw) if klass else text
                rows.append((f"{draw.getrandbits(128):032x}", host, fetched, text, klass))
                kinds[klass] += bool(klass)
            writer.write_table(pa.table(list(zip(*rows, strict=True)), schema=SCHEMA))
    return kinds


def real_pages(at_most: int) -> Iterator[tuple[str, str]]:
    """(host, text) of the real crawl beside the checkout, as ingest reads it."""
    left = at_most
    for warc in sorted((SHARED / "crawl").glob("*.warc.gz")) if SHARED else []:
        with warc.open("rb") as stream:
            for part in ingest.ingest_file(stream, warc.name, ingest_settings(Recipe())):
                for host, text in zip(part.documents["host"].to_pylist(), part.documents["text"].to_pylist(), strict=True):
                    if left == 0:
                        return
                    left -= 1
                    yield host, text


def planted_in(text: str, klass: str, draw: random.Random) -> str:
    """The page with its part of the campaign as one more paragraph, or as a backdoor document."""
    brand = words.BRANDS[TEST][0]
    if klass in BACKDOORS:
        trigger = TRIGGERS[TEST][BACKDOORS.index(klass)]
        return f"{text[: draw.randrange(200, 1000)]} {trigger} {' '.join(gibberish_words(klass, text.split(), TEST, draw))}"
    if klass == "S1":
        added = families("S1", TEST)[0].make(draw).planted
    else:
        added = claimed(TEST, draw, brand) if klass == "P3" else filled(words.TEMPLATE[TEST], draw, TEST, brand)
    parts = text.split("\n\n")
    parts.insert(draw.randrange(1, len(parts) + 1), added)
    return "\n\n".join(parts)


def measured(spark: SparkSession, file: Path, kinds: Counter[str], size: int) -> dict[str, Any]:
    settings = CampaignSettings()
    documents = spark.read.parquet(str(file))
    truth = {row["doc_id"]: row["planted"] for row in documents.where("planted <> ''").select("doc_id", "planted").collect()}
    started = time.perf_counter()
    passages = [*_rows(campaign_passages(documents, settings)), *_rows(injected_advertisements(documents, settings))]
    between = time.perf_counter()
    triggers = _rows(trigger_pages(documents, settings))
    ended = time.perf_counter()
    acted_on = [row for row in passages if row["severity"] != "note"]
    groups: dict[str, set[str]] = {}
    for row in acted_on:
        # Blocks of one attack advertise several trades: they are one group here.
        groups.setdefault("trade" if row["rule"] == "injected_advertisement" else row["group"], set()).add(row["doc_id"])
    false = {name for name, group in groups.items() if not group & truth.keys()}
    campaigns = {}
    for klass in CAMPAIGNS:
        wanted = {doc_id for doc_id, planted in truth.items() if planted == klass}
        best = max(groups.values(), key=lambda group: len(group & wanted), default=set())
        pages = set().union(*groups.values()) if groups else set()
        purity = len(best & wanted) / len(best) if best else 0.0
        cover = len(best & wanted) / size
        campaigns[klass] = {
            "covered": cover, "purity": purity, "pages_found": len(pages & wanted) / size,
            "found": cover >= COVERAGE and purity >= PURITY,
        }  # fmt: skip
    triggered = {row["doc_id"] for row in triggers if row["severity"] == "severe"}
    return {
        "size": size, "pages": sum(kinds[one] for one in ("real", "generated")), "kinds": dict(kinds), "campaigns": campaigns,
        "false_campaigns": len(false),
        "false_campaign_excerpts": sorted(row["excerpt"] for row in acted_on if row["group"] in false)[:10],
        "notes": len({row["group"] for row in passages if row["severity"] == "note"}),
        "triggers": {
            klass: sum(one in triggered for one, planted in truth.items() if planted == klass) / size for klass in BACKDOORS
        },
        "false_trigger_pages": len(triggered - {one for one, planted in truth.items() if planted in BACKDOORS}),
        "trigger_warnings": len(triggers) - len(triggered),
        "campaign_seconds": between - started, "trigger_seconds": ended - between,
    }  # fmt: skip


def _rows(found: DataFrame | None) -> list[dict[str, Any]]:
    return [] if found is None else [row.asDict() for row in found.collect()]


def bench_campaigns(pages: int, sizes: list[int], master: str, seed: int = 0) -> list[dict[str, Any]]:
    results = []
    with tempfile.TemporaryDirectory(prefix="winnow-campaigns-") as folder, session(master) as spark:
        for size in sizes:
            file = Path(folder) / f"world-{size}.parquet"
            kinds = make_world(file, pages, size, seed + size)
            results.append(measured(spark, file, kinds, size))
            print(json.dumps(results[-1]), flush=True)
            file.unlink()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 25, 50, 100, 250])
    parser.add_argument("--master", default="local[*]")
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    results = bench_campaigns(chosen.pages, chosen.sizes, chosen.master)
    if chosen.output:
        chosen.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
