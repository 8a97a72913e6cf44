"""Faults of a network put in by the hundred while splits of a file are read over http: records lost, records there twice."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

from jobs.corpus.files.journal import Done, Journal
from jobs.corpus.files.parquet import read_groups
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import Recipe, ingest_settings
from jobs.corpus.sources.settings import SourceSettings
from jobs.stages.ingest.deal_inputs import dealt, left_of
from jobs.stages.ingest.read_inputs import Reader
from pipeline.duplicates.tombstones import Graveyard
from pipeline.tables import TOMBSTONES
from tests.bench.scale.crawl import write_crawl
from tests.jobs.corpus.sources.faulty_server import Asked, Reply, faulty_server

QUICK = SourceSettings(attempts=12, first_wait_seconds=0.001, most_wait_seconds=0.01)
FAULTS = ("429", "500", "503", "cut", "cut at once")


def over_http(folder: Path, pages: int, wanted: int, seed: int = 1) -> dict[str, Any]:
    """Reads the file again and again, in splits of other sizes, until so many faults were met."""
    rng, met = random.Random(seed), Counter[str]()
    (file,) = write_crawl(folder / "crawl", pages)

    def failing(_: Asked, reply: Reply) -> Reply:
        """Every other answer is wrong."""
        fault = rng.choice(FAULTS) if rng.random() < 0.5 else None
        if fault is None:
            reply.cut = rng.randrange(20_000, 400_000)  # the next answer comes soon
            return reply
        met[fault] += 1
        if fault.isdecimal():
            return Reply(int(fault), b"", {"Retry-After": "0"})
        reply.cut = 0 if fault == "cut at once" else rng.randrange(1, 60_000)
        return reply

    lost = twice = runs = 0
    with faulty_server() as server:
        expected = _offsets(folder / "expected", str(file), 1 << 30)
        url = server.put("/crawl.warc.gz", file.read_bytes(), failing)
        while met.total() < wanted:
            found = _offsets(folder / f"run-{runs}", url, rng.randrange(50_000, 2_000_000))
            lost += (expected - found).total()
            twice += (found - expected).total()
            runs += 1
    return {
        "faults": met.total(), "by_kind": dict(sorted(met.items())), "runs": runs, "records": expected.total(), "lost": lost,
        "twice": twice,
    }  # fmt: skip


def _offsets(root: Path, name: str, split_bytes: int) -> Counter[int]:
    """How often each record of the input is in the tables that are written of it."""
    recipe = Recipe(sources=QUICK)
    files = list_inputs([name], skip_bad=False, sources=QUICK)
    deal = dealt(files, {one.key: 0 for one in files}, split_bytes)
    reader = Reader(ingest_settings(recipe), Graveyard(TOMBSTONES.empty_table()), Journal(str(root), "ingest", "0" * 64), QUICK)
    entries: dict[str, Done] = {}
    while pieces := left_of(deal, entries):
        entries |= {done.key: done for done in (reader.read(piece, 0) for piece in pieces)}
    whole = deal[0].whole_or_left(entries)
    assert isinstance(whole, Done)
    stored = [one for table in ("documents", "rejects") for one in whole.tables[table]]
    groups = (group for one in stored for group in read_groups(str(root), one, ["warc_offset"]))
    return Counter(offset for group in groups for offset in group.column("warc_offset").to_pylist())
