"""`winnow trace`, `explain` and `takedown --dry-run` on millions of generated documents (tests/bench/trace_corpus.py).

    python -m tests.bench.bench_trace [--documents 10000000] [--folder FOLDER] [--keep] [--output FILE]

The run that a takedown is asked about has read the corpus once; nothing was trained for it. Seconds are those of a question,
first as a process of its own (starting Python and loading kernels is most of it), then between two calls. Needs 400 bytes of
disk a document, in FOLDER.
"""

import argparse
import dataclasses
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import torch

from jobs.ask.explain import explain
from jobs.ask.trace import Tracer, spans_of
from jobs.corpus.folder import Corpus
from jobs.corpus.views import connect, rows
from jobs.runs.folder import record_of
from jobs.runs.record import write_run
from jobs.runs.train.steps import save
from jobs.runs.unlearn.affected import removed_reads
from jobs.spark.session import session
from jobs.takedown.reach.reach import find
from jobs.takedown.reach.request import Request
from model.training.parallel import Team
from model.training.plan import plan_of
from model.training.train import fresh_state
from tests.bench.sides import machine
from tests.bench.trace_corpus import make_corpus
from tests.paths import PROJECT
from tokenizer.shards.loader import open_loader


def ask(corpus: Corpus) -> dict[str, list[float]]:
    """Seconds of each question, in a process that has asked before."""
    with connect(corpus) as database:
        tracer, rng = Tracer(corpus, database), random.Random(5)
        real = rows(database, "SELECT c.doc_id, c.url, s.shard, s.start, s.length FROM curated c JOIN spans s USING (doc_id) "
                              "WHERE c.url LIKE 'https://real.example/%' ORDER BY c.url LIMIT 12")  # fmt: skip
        others = [row["url"] for row in rows(database, "SELECT url FROM documents USING SAMPLE 12 ROWS")]
        for row in real[:2]:  # loads kernels
            tracer.token(row["shard"], row["start"])
        seconds = {"token to WARC record": [timed(lambda row=row: verified(tracer, row, rng)) for row in real]}
        seconds["URL to spans"] = [timed(lambda row=row: spans_of(database, row["url"])) for row in real]
        seconds["explain a URL"] = [timed(lambda url=url: explain(corpus, database, url)) for url in others]
        seconds["explain a doc_id"] = [timed(lambda row=row: explain(corpus, database, row["doc_id"])) for row in real]
        return seconds


def ask_takedown(corpus: Corpus, run: Path) -> dict[str, list[float]]:
    """Seconds of finding all that a takedown would reach: pages, copies, spans; and with a run steps and checkpoints too."""
    with connect(corpus) as database:
        found = "SELECT url FROM curated WHERE url NOT LIKE 'https://real.example/%' USING SAMPLE 12 ROWS"
        requests = [Request(urls=(row["url"],)) for row in rows(database, found)]
        for request in requests[:2]:
            affected(corpus, database, run, request)
        return {
            "takedown of a URL": [timed(lambda one=one: find(corpus, database, one)) for one in requests],
            "takedown of a URL, with a run": [timed(lambda one=one: affected(corpus, database, run, one)) for one in requests],
        }


def affected(corpus: Corpus, database: duckdb.DuckDBPyConnection, run: Path, request: Request) -> None:
    if not removed_reads(corpus, run, find(corpus, database, request).spans).affected_checkpoints:
        raise SystemExit(f"{request} reached no checkpoint, and the run has read everything")


def make_run(corpus: Corpus, run: Path) -> None:
    """A run whose checkpoints say that it has read every page once; their weights are those it was born with."""
    plan = plan_of("tiny", row_tokens=1024, batch_rows=512)
    loader = open_loader(corpus.root, plan.loader)
    steps = -(-loader.rows // plan.batch_rows)
    record = record_of(Path(corpus.root), loader, dataclasses.replace(plan, steps=steps, threads=1), Team())
    write_run(run, record)
    state = fresh_state(record.train_plan, record.vocabulary, torch.device("cpu"))
    for state.step in range(steps // 4, steps + 1, max(1, steps // 4)):
        save(run, record, state)


def verified(tracer: Tracer, row: dict[str, Any], rng: random.Random) -> None:
    origin = tracer.token(row["shard"], row["start"] + rng.randrange(row["length"]))
    if not origin.verified or origin.url != row["url"]:
        raise SystemExit(f"traced to {origin}, expected {row['url']}")


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def commands(corpus: Corpus, run: Path) -> dict[str, list[float]]:
    """Seconds of the same questions typed as commands, start of Python and all."""
    with connect(corpus) as database:
        one = rows(database, "SELECT c.url, s.shard, s.start FROM curated c JOIN spans s USING (doc_id) "
                             "WHERE c.url LIKE 'https://real.example/%' LIMIT 1")[0]  # fmt: skip
    token = ["trace", corpus.root, "--shard", one["shard"], "--token", one["start"]]
    dry_run = ["takedown", corpus.root, "--url", one["url"], "--dry-run"]
    questions = {"token to WARC record": token, "URL to spans": ["trace", corpus.root, "--url", one["url"]],
                 "explain a URL": ["explain", corpus.root, one["url"]],
                 "takedown of a URL": dry_run, "takedown of a URL, with a run": [*dry_run, "--run", run]}  # fmt: skip
    return {name: [timed(lambda line=line: command(line)) for _ in range(3)] for name, line in questions.items()}


def command(arguments: list[object]) -> None:
    line = [sys.executable, "-c", "from jobs.cli import main; main()", *map(str, arguments)]
    subprocess.run(line, cwd=PROJECT, check=True, capture_output=True)


def main() -> None:
    options = _options()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="winnow-trace-")) / "corpus"
    made: float | None = None
    if not (folder / "corpus.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        with session() as spark:
            make_corpus(spark, options.documents, folder)
        made = round(time.perf_counter() - started)
    corpus = Corpus(str(folder))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with connect(corpus) as database:
        documents = rows(database, "SELECT count(*) AS n FROM documents")[0]["n"]
    result = {"machine": machine(), "duckdb": duckdb.__version__, "documents": documents, "bytes": size, "made_in_seconds": made}
    run = Path(tempfile.mkdtemp(prefix="winnow-trace-run-"))
    make_run(corpus, run)
    for kind, measured in (("commands", commands(corpus, run)), ("questions", ask(corpus) | ask_takedown(corpus, run))):
        result[kind] = {name: {"median": statistics.median(one), "slowest": max(one)} for name, one in measured.items()}
        for name, one in result[kind].items():
            print(f"{kind:10} {name:30} median {one['median']:.3f} s, slowest {one['slowest']:.3f} s", flush=True)
    print(f"{documents:,} documents, {size / 1e9:.1f} GB, made in {made} s")
    if options.output:
        options.output.write_text(json.dumps(result, indent=1) + "\n")
    shutil.rmtree(run)
    if not options.keep:
        shutil.rmtree(folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="where the corpus goes; one that is there already is asked again")
    parser.add_argument("--keep", action="store_true", help="leave the corpus where it is")
    parser.add_argument("--output", type=Path, help="where the figures go as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
