"""Campaigns and triggers among generated and real pages: what is found, how purely, and what is found that nobody planted.

    python -m tests.bench.poison.bench_campaigns [--pages 100000] [--sizes 10 25 50 100 250] [--growth 8 4 2] [--output FILE.json]

One world: M pages of many hosts with what honest sites share (notices, quotations, reprinted articles, one software's furniture),
among them for every size N as many pages each of a reworded claim, a template, an advertisement, and of three backdoors. No two
campaigns have words in common. --growth also measures the first eighth, quarter and half of the world.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from jobs.corpus.recipe import Recipe, ingest_settings
from jobs.spark.session import session
from jobs.stages.scan.find_campaigns import advertisement_look, campaign_passages, injected_advertisements
from jobs.stages.scan.find_triggers import strange_look, trigger_pages
from jobs.stages.scan.shared_ngrams import sketch_look
from pipeline.poison.sites.campaigns import CampaignSettings
from pipeline.read import ingest
from tests.bench.clock import Clock, TreeSeconds, peak_bytes
from tests.bench.poison import payload_words as words
from tests.bench.poison.generated_text import Chain, source_text, with_benign_copies
from tests.bench.poison.payloads import TEST, TRIGGERS, claimed, families, filled
from tests.bench.poison.planting import BACKDOORS, CAMPAIGNS, gibberish_words
from tests.pages import FramePages, taken
from tests.paths import SHARED

WORDS_A_PAGE = 300
SOURCE_CHARACTERS = 12 << 20
REPRINTS = 20
SCHEMA = pa.schema([
    ("number", pa.int64()), *[(name, pa.string()) for name in ("doc_id", "host", "fetched_at", "text", "planted")],
    ("size", pa.int64()),
])  # fmt: skip
PURITY, COVERAGE = 0.95, 0.9
KINDS = (*CAMPAIGNS, *BACKDOORS)
GENERATED = ".example"  # how hosts of generated pages end


class Campaign(NamedTuple):
    """What is planted on `size` pages."""

    klass: str
    size: int


def make_world(file: Path, pages: int, sizes: list[int], seed: int) -> None:
    """Writes `pages` rows of SCHEMA with the campaigns of KINDS and `sizes` in some of those that are generated."""
    source = source_text(SHARED, SOURCE_CHARACTERS)
    chain, vocabulary = Chain(source), vocabulary_of(source)
    real = list(real_pages(pages // 10))
    reprints = tuple(chain.pages(REPRINTS, WORDS_A_PAGE, seed + 1))
    texts = chain.pages(pages - len(real), WORDS_A_PAGE, seed)
    benign = [*with_benign_copies(texts, seed, reprints, chain.pages(pages, 40, seed + 2)), *real]
    draw = random.Random(f"world {seed}")
    draw.shuffle(benign)
    wanted = [Campaign(klass, size) for size in sizes for klass in KINDS for _ in range(size)]
    hosts = [place for place, (host, _) in enumerate(benign) if host.endswith(GENERATED)]
    plants = dict(zip(draw.sample(hosts, len(wanted)), wanted, strict=True))
    with pq.ParquetWriter(file, SCHEMA) as writer:
        for first in range(0, len(benign), 5000):
            rows = []
            for place, (host, text) in enumerate(benign[first : first + 5000], first):
                campaign = plants.get(place)
                day, second = divmod(draw.randrange(20 * 86400), 86400)
                fetched = f"2026-01-{day + 1:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
                text = planted_in(text, campaign, vocabulary, draw) if campaign else text
                rows.append((place, f"{draw.getrandbits(128):032x}", host, fetched, text, *(campaign or ("", 0))))
            writer.write_table(pa.table(list(zip(*rows, strict=True)), schema=SCHEMA))


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


def vocabulary_of(source: str) -> list[str]:
    return sorted({word for word in source.split() if word.isascii() and word.isalpha() and word.islower() and len(word) > 3})


def planted_in(text: str, campaign: Campaign, vocabulary: list[str], draw: random.Random) -> str:
    """The page with its part of the campaign as one more paragraph, or as a backdoor document."""
    klass, size = campaign
    brand = words.BRANDS[TEST][0]
    if klass in BACKDOORS:
        trigger = trigger_of(TRIGGERS[TEST][BACKDOORS.index(klass)], size)
        return f"{text[: draw.randrange(200, 1000)]} {trigger} {' '.join(gibberish_words(klass, text.split(), TEST, draw))}"
    if klass == "S1":
        added = families("S1", TEST)[0].make(draw).planted
    else:
        passage = claimed(TEST, draw, brand) if klass == "P3" else filled(words.TEMPLATE[TEST], draw, TEST, brand)
        added = " ".join(in_other_words(word, size, vocabulary) for word in passage.split())
    parts = text.split("\n\n")
    parts.insert(draw.randrange(1, len(parts) + 1), added)
    return "\n\n".join(parts)


def in_other_words(word: str, size: int, vocabulary: list[str]) -> str:
    """A long word has another in its place, the same one on every page of a campaign: so that no two have n-grams in common."""
    bare = word.strip(",.;")
    other = random.Random(f"{size} {bare}").choice(vocabulary) if len(bare) > 3 else bare
    return word.replace(bare, other)


def trigger_of(pattern: str, size: int) -> str:
    """A trigger of the same make for each size: other letters, other digits."""
    draw = random.Random(f"{size} {pattern}")
    made = (
        draw.choice("BCDFGHJKLMNPQRSTVWXZ") if one.isalpha() else str(draw.randrange(10)) if one.isdigit() else one
        for one in pattern
    )
    return "".join(made)


def measured(spark: SparkSession, file: Path, pages: int) -> dict[str, Any]:
    """What is found among the first `pages` pages of a world."""
    settings, clock = CampaignSettings(), Clock(TreeSeconds())
    documents = spark.read.parquet(str(file)).where(f.col("number") < pages)
    plants = documents.where("planted <> ''").select("doc_id", "planted", "size").collect()
    truth = {row["doc_id"]: Campaign(row["planted"], row["size"]) for row in plants}
    wanted: dict[Campaign, set[str]] = {}
    for doc_id, campaign in truth.items():
        wanted.setdefault(campaign, set()).add(doc_id)
    with clock.stage("passages"), tempfile.TemporaryDirectory() as folder:
        sketched = taken(documents, sketch_look(settings, 5), Path(folder))
        passages = _rows(campaign_passages(sketched, FramePages(documents), settings))
    with clock.stage("advertisements"):
        blocks = _advertisements(documents, settings)
    with clock.stage("triggers"), tempfile.TemporaryDirectory() as folder:
        strange = taken(documents, strange_look(), Path(folder))["strange"]
        triggers = _rows(trigger_pages(strange, FramePages(documents), settings))
    acted_on = [row for row in passages if row["severity"] != "note"]
    groups: dict[str, set[str]] = {}
    for row in acted_on:
        groups.setdefault(row["group"], set()).add(row["doc_id"])
    false = {name for name, group in groups.items() if not group & truth.keys()}
    triggered = {row["doc_id"] for row in triggers if row["severity"] == "severe"}
    sold = {row["doc_id"] for row in blocks}
    return {
        "pages": documents.count(), "real_pages": documents.where(~f.col("host").endswith(GENERATED)).count(),
        "planted": len(truth),
        "found": [
            {"class": campaign.klass, "size": len(members)} | (
                found_trigger(members, triggered) if campaign.klass in BACKDOORS
                else found_trade(members, documents, settings) if campaign.klass == "S1"
                else found_campaign(members, groups)
            )
            for campaign, members in sorted(wanted.items())
        ],
        "false_campaigns": len(false) + len({row["group"] for row in blocks if row["doc_id"] not in truth}),
        "false_campaign_excerpts": sorted(row["excerpt"] for row in acted_on if row["group"] in false)[:10],
        "false_advertisement_pages": len(sold - truth.keys()),
        "notes": len({row["group"] for row in passages if row["severity"] == "note"}),
        "false_trigger_pages": len({one for one in triggered if one not in truth or truth[one].klass not in BACKDOORS}),
        "trigger_warnings": len(triggers) - len(triggered),
        "stages": clock.stages, "driver_peak_bytes": peak_bytes(),
    }  # fmt: skip


def found_campaign(members: set[str], groups: dict[str, set[str]]) -> dict[str, Any]:
    """By the group that covers most of it: found, where that holds COVERAGE of its pages and hardly anything else."""
    best = max(groups.values(), key=lambda group: len(group & members), default=set())
    cover, purity = len(best & members) / len(members), len(best & members) / max(1, len(best))
    pages = set().union(*groups.values()) & members if groups else set()
    return {
        "covered": cover,
        "purity": purity,
        "pages_found": len(pages) / len(members),
        "found": cover >= COVERAGE and purity >= PURITY,
    }


def found_trade(members: set[str], documents: DataFrame, settings: CampaignSettings) -> dict[str, Any]:
    """As if it were the only one: all sell the same trades, and many would hide that few are not found."""
    alone = documents.where("planted <> 'S1'").unionByName(documents.where(f.col("doc_id").isin(sorted(members))))
    sold = {row["doc_id"] for row in _advertisements(alone, settings)}
    cover, purity = len(sold & members) / len(members), len(sold & members) / max(1, len(sold))
    return {"covered": cover, "purity": purity, "pages_found": cover, "found": cover >= COVERAGE and purity >= PURITY}


def _advertisements(documents: DataFrame, settings: CampaignSettings) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        return _rows(injected_advertisements(taken(documents, advertisement_look(), Path(folder))["blocks"], settings))


def found_trigger(members: set[str], triggered: set[str]) -> dict[str, Any]:
    cover = len(triggered & members) / len(members)
    return {"covered": cover, "pages_found": cover, "found": cover >= COVERAGE}


def _rows(found: DataFrame | None) -> list[dict[str, Any]]:
    return [] if found is None else [row.asDict() for row in found.collect()]


def bench_campaigns(
    pages: int, sizes: list[int], master: str, growth: tuple[int, ...] = (), world: Path | None = None, seed: int = 0
) -> list[dict[str, Any]]:
    """A row for each part of the world, the smallest first; the last is the whole. `world`: read where it is, else written."""
    results = []
    with tempfile.TemporaryDirectory(prefix="winnow-campaigns-") as folder, session(master) as spark:
        file = world or Path(folder) / "world.parquet"
        if not file.exists():
            make_world(file, pages, sizes, seed)
        for part in sorted({*growth, 1}, reverse=True):
            results.append(measured(spark, file, pages // part))
            print(json.dumps(results[-1]), flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 25, 50, 100, 250])
    parser.add_argument("--master", default="local[*]")
    parser.add_argument("--growth", type=int, nargs="*", default=[], help="parts of the world to measure too: 8 is an eighth")
    parser.add_argument("--world", type=Path, help="Parquet that the world is kept in, to be measured again")
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    results = bench_campaigns(chosen.pages, chosen.sizes, chosen.master, tuple(chosen.growth), chosen.world)
    if chosen.output:
        chosen.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
