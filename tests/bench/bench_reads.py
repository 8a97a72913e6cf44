"""What comparing everything that is read costs: on a curation of the sample crawl, and on an epoch of a loader.

    python -m tests.bench.bench_reads [--repeats 5] [--tokens 200000000] [--output FILE]

Curation: seconds of CPU that the driver spends on hashes and checksums of what it reads, beside all seconds of CPU, Java's and
the workers' too (tasks leave comparing to the driver). Loader: seconds of CPU of the first epoch, the one that compares, and of
the same with comparing switched off, in turns, in a process each: the median of the differences. Either is a share of the whole.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from jobs.corpus.folder import changing
from jobs.corpus.inputs import list_inputs
from jobs.corpus.recipe import read_recipe
from jobs.kernels.warm import compile_kernels
from jobs.sample import make_sample
from jobs.spark import tables
from jobs.stages.curate import STAGES, run_stages
from jobs.stages.stage import Work, working
from pipeline.blocks import CheckedFile, block_holds
from tests.bench.clock import TreeSeconds, cpu_seconds
from tests.bench.sides import machine
from tests.tokenizer.shards.test_loader import write_corpus
from tokenizer.shards import files
from tokenizer.shards.loader import LoaderSettings, open_loader

DOCUMENT_TOKENS, SHARDS, VOCABULARY = 700, 4, 32_000
SETTINGS = LoaderSettings(row_tokens=1024, batch_rows=64)


class Spent:
    """Seconds of CPU in some functions, those that they call from one another counted once."""

    def __init__(self) -> None:
        self.seconds, self._lock, self._within = 0.0, threading.Lock(), threading.local()

    def measured(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            if getattr(self._within, "yes", False):
                return function(*arguments)
            self._within.yes, started = True, time.thread_time()
            try:
                return function(*arguments)
            finally:
                self._within.yes = False
                with self._lock:
                    self.seconds += time.thread_time() - started

        return timed


def of_curation(folder: Path) -> dict[str, float]:
    """The sample crawl, curated in this process."""
    make_sample(folder / "crawl")
    compile_kernels()
    recipe, inputs = read_recipe(str(folder / "crawl/recipe.toml")), list_inputs([str(folder / "crawl")], skip_bad=False)
    spent, seconds = Spent(), TreeSeconds()
    before = seconds()
    with (
        patch.object(tables, "_sha256", spent.measured(tables._sha256)),
        patch.object(CheckedFile, "_checked", spent.measured(CheckedFile._checked)),
        changing(str(folder / "corpus")) as corpus,
        working(Work(corpus=corpus, recipe=recipe, inputs=inputs, preload=())) as work,
    ):
        run_stages(work, STAGES, lambda _: None, lambda *_: None)
        whole = seconds() - before
    return {"cpu_seconds": round(whole, 2), "comparing": round(spent.seconds, 3), "share": round(spent.seconds / whole, 5)}


def make_shards(folder: Path, tokens: int) -> None:
    rng, each = np.random.default_rng(3), tokens // SHARDS // DOCUMENT_TOKENS
    shards = [list(rng.integers(2, VOCABULARY, (each, DOCUMENT_TOKENS), np.uint16)) for _ in range(SHARDS)]
    write_corpus(folder, shards, vocabulary_size=VOCABULARY)  # type: ignore[arg-type]  # arrays are lists of numbers enough


def epoch(corpus: Path, *, comparing: bool) -> float:
    """Seconds of CPU that a new loader takes to hand out every batch of an epoch, the first touch of every byte."""
    started = cpu_seconds()
    with patch.object(files, "block_holds", block_holds if comparing else lambda *_: True):
        loader = open_loader(str(corpus), SETTINGS)
        for step in range(loader.rows // SETTINGS.batch_rows):
            loader.batch(step)
    return cpu_seconds() - started


def of_loader(folder: Path, tokens: int, repeats: int) -> dict[str, float]:
    make_shards(folder, tokens)
    pairs = [[_epoch_in_a_process(folder, one) for one in ("yes", "no")] for _ in range(repeats + 1)][
        1:
    ]  # the first warms the disk
    whole, differences = statistics.median(one for one, _ in pairs), statistics.median(one - other for one, other in pairs)
    return {"cpu_seconds": round(whole, 2), "comparing": round(differences, 3), "share": round(differences / whole, 4)}


def _epoch_in_a_process(folder: Path, comparing: str) -> float:
    command = [sys.executable, "-m", "tests.bench.bench_reads", "--epoch-of", str(folder), "--comparing", comparing]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=200_000_000)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--epoch-of", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--comparing", default="yes", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.epoch_of:
        print(epoch(options.epoch_of, comparing=options.comparing == "yes"))
        return
    with tempfile.TemporaryDirectory(prefix="winnow-reads-") as folder:
        found = {
            "machine": machine(),
            "curate": of_curation(Path(folder, "curate")),
            "loader": of_loader(Path(folder, "loader"), options.tokens, options.repeats),
        }
    text = json.dumps(found, indent=1)
    print(text)
    if options.output:
        options.output.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
