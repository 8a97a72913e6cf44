"""Tasks that fail half-way, are tried again, run twice or twice at one time: F4 and F5 of the matrix of faults.

Spark gives each of these to whatever writes. The functions that write are called here as its tasks call them; whatever happened
before, the attempt that counts tells of the same files, and each of them lies there once.
"""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.corpus.files.journal import Journal
from jobs.corpus.files.parquet import part
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import build_recipe, ingest_settings
from jobs.corpus.sources.settings import SourceSettings
from jobs.spark.tables import write_file
from jobs.stages.ingest.read_inputs import Piece, Reader
from jobs.stages.tokens.shard_tasks import ShardPlan, write_partition
from pipeline.duplicates.tombstones import Graveyard
from pipeline.hashing import file_sha256
from pipeline.read.warc.splits import Split
from pipeline.tables import CURATED, TOMBSTONES
from tests.crawls import write_crawl
from tests.faults.outcome import Outcome, total
from tests.faults.stops import KINDS, Work, stopped
from tokenizer.shards.files import SplitPlan

Task = Callable[[Path], Any]  # writes below a folder; what it tells of that


class Broken(Exception):
    """What stands for an executor that is lost in the middle of a task."""


def table_task(rng: random.Random, breaks_at: int = -1) -> Task:
    """A file of `curated`, sorted, some rows twice."""
    rows = [{"doc_id": f"{number // 2:032x}", "text": f"{rng.random()} " * 9, "n_tokens": number // 2} for number in range(60)]
    rows = [{"url": None, "language": "en"} | rows[number // 2 * 2] for number in range(60)]
    batches = [pa.RecordBatch.from_pylist(rows[at : at + 7], CURATED) for at in range(0, 60, 7)]
    return lambda root: write_file(_given(batches, breaks_at), str(root), part("curated", 0), CURATED, "language")


def shard_task(rng: random.Random, breaks_at: int = -1) -> Task:
    """Two shards of one partition, with their spans."""
    documents = [np.array([rng.randrange(2, 300) for _ in range(rng.randrange(1, 40))], "<u2") for _ in range(40)]
    before = np.cumsum([0, *(len(one) + 1 for one in documents)])
    split = SplitPlan("train", 0, 2, int(before[-1]))
    rows = [
        {"shard": split.shard_of(int(at)), "bucket": number, "before": int(at), "n_tokens": len(ids), "doc_id": f"{number:032x}",
         "tokens": ids.tobytes()}
        for number, (at, ids) in enumerate(zip(before, documents, strict=False))
    ]  # fmt: skip
    batches = [pa.RecordBatch.from_pylist(rows[at : at + 6]) for at in range(0, 40, 6)]
    return lambda root: list(write_partition(_given(batches, breaks_at), ShardPlan(str(root), "uint16", 0, (split,))))


def ingest_task(crawl: Path, pieces: int) -> Task:
    """An input file, read whole, or the first of two pieces of it."""
    (file,) = list_inputs([str(crawl)], skip_bad=False)
    piece = Piece(file, 0, Split(0, file.size // pieces, True))

    def read(root: Path) -> Any:
        reader = Reader(
            ingest_settings(build_recipe({})), Graveyard(TOMBSTONES.empty_table()), Journal(str(root), "ingest", "ab" * 32),
            SourceSettings(),
        )  # fmt: skip
        return reader.read(piece, 0).as_json()

    return read


def _given(batches: list[pa.RecordBatch], breaks_at: int) -> Iterator[pa.RecordBatch]:
    for number, batch in enumerate(batches):
        if number == breaks_at:
            raise Broken
        yield batch


def lying(root: Path) -> Counter[str]:
    """Files by name and content; what a killed attempt was writing has a hidden name, and is swept by the next writer."""
    paths = (path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    return Counter(f"{path.relative_to(root)} {file_sha256(path)}" for path in paths)


# What happens to a task before, or while, it does its work


def raised(root: Path, task: Task, broken: Task, rng: random.Random) -> None:
    try:
        broken(root)
    except Broken:
        return


def twice(root: Path, task: Task, broken: Task, rng: random.Random) -> None:
    task(root)


def at_one_time(root: Path, task: Task, broken: Task, rng: random.Random) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(task, [root] * 3))


def cut_short(root: Path, task: Task, broken: Task, rng: random.Random) -> None:
    """Its process is killed, or the disk gives out, at some point."""
    stopped(Work("task", task), root, rng.randrange(1, 40), rng.choice(list(KINDS)))


def run(folder: Path, seed: int, count: int) -> Outcome:
    """What became of `count` tasks."""
    rng = random.Random(seed)
    (crawl,), _ = write_crawl(folder / f"crawl-{seed}", files=1, pages=4)
    return total(_one(folder / "tasks", random.Random(rng.random()), number, crawl) for number in range(count))


def _one(root: Path, rng: random.Random, number: int, crawl: Path) -> Outcome:
    made_of = rng.random()
    make = [table_task, shard_task, None][number % 3]
    task = make(random.Random(made_of)) if make else ingest_task(crawl, 1 + number % 2)
    broken = make(random.Random(made_of), rng.randrange(1, 7)) if make else task
    shutil.rmtree(root, ignore_errors=True)
    expected, files = task(root), lying(root)
    shutil.rmtree(root)
    root.mkdir()
    rng.choice([raised, twice, at_one_time, cut_short] if make else [twice, at_one_time, cut_short])(root, task, broken, rng)
    told, left = task(root), lying(root)
    return Outcome(
        injected=1,
        harmless=told == expected and left == files,
        lost=(files - left).total(),
        duplicated=(left - files).total(),
        silent=told != expected,
    )
