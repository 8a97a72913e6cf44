"""`winnow inspect` on millions of generated documents: every page, CPU seconds and memory.

    python -m tests.bench.bench_inspect [--documents 1000000] [--folder FOLDER] [--keep] [--output FILE]

Texts are short (the view reads none but those it shows); every other table is as large as a crawl would have it. CPU seconds are
those of the whole process, all threads, so that other work on the machine does not count.
"""

import argparse
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from starlette.testclient import TestClient

from jobs.corpus.files.parquet import part, store_table
from jobs.corpus.files.tables import folder_of
from jobs.corpus.folder import Corpus
from jobs.inspect.app import application
from jobs.inspect.index import Index, Opened
from pipeline.blocks import StoredFile
from pipeline.quality.rules import RuleSettings, judge, resolve
from pipeline.tables import MEASURES, TABLES
from tests.bench.sides import machine
from tests.jobs.report.report_corpus import write_manifest
from tests.jobs.stored import put

PART = 250_000  # documents of one file
LANGUAGES = ("en", "de", "fr", "es", "ru", "ja", "zh", "it", "pt", "pl")
STAGES = ("ingest", "filter", "scan", "dedup", "select", "tokenizer", "shard")
PAGES = {
    "overview": "/",
    "rules": "/rules",
    "a rule as it stands": "/rules/gopher_short_doc",
    "a rule with another bound": "/rules/gopher_short_doc?minimum=120",
    "documents": "/documents",
    "documents, filtered and sorted": "/documents?outcome=filtered&language=de&sort=word_count",
    "documents, searched": "/documents?search=page/1234",
    "documents, by quality": "/documents?low=0.85&high=0.95&language=de",
    "documents, a passage in a host's": "/documents?passage=short+text&host=host300.example",
    "documents, page 500": "/documents?sort=tokens&page=500",
    "clusters": "/clusters",
    "clusters, the least alike": "/clusters?kind=near&order=unlike",
    "findings": "/findings",
    "hosts": "/hosts",
    "languages": "/languages",
    "tokens": "/tokens",
    "labels, what is next": "/labels?person=ann",
    "status": "/status",
    "takedown, first look": "/takedown",
}


NAMES = ("documents", "measures", "verdicts", "duplicates", "outcomes", "curated", "spans", "findings")  # as `_part` yields them


def make(folder: Path, documents: int) -> None:
    """A corpus in `folder`, written a file of PART documents at a time: memory does not grow with `documents`."""
    stored: dict[str, list[StoredFile]] = {name: [] for name in NAMES}
    for number, start in enumerate(range(0, documents, PART)):
        for name, table in zip(NAMES, _part(number, start, min(PART, documents - start)), strict=True):
            stored[name].append(store_table(str(folder), part(folder_of(name), number), table.to_batches(), TABLES[name]))
    read = {
        "path": "crawl.warc.gz",
        "bytes": 10 * documents,
        "records": documents,
        "documents": documents,
        "rejects": 0,
        "damaged_bytes": 0,
    }
    put(folder, {"files": [read], "rejects": [], "edits": []}, stored=stored)
    write_manifest(folder, STAGES)


def _part(number: int, start: int, count: int) -> Iterator[pa.Table]:
    rng = np.random.default_rng([5, number])
    places = pa.array(np.arange(start, start + count))
    ids = pa.array([f"{place * 0x9E3779B97F4A7C15 % 2**64:016x}{place:016x}" for place in range(start, start + count)])
    hosts = pc.binary_join_element_wise("host", pa.array(rng.zipf(1.3, count) % 20_000).cast(pa.string()), ".example", "")
    urls = pc.binary_join_element_wise("https://", hosts, "/page/", places.cast(pa.string()), "")
    languages = pa.array(np.array(LANGUAGES)[rng.integers(0, len(LANGUAGES), count)])
    measured = {name: _measure(rng, name, kind, count) for name, kind in MEASURES.items()}
    measured |= {"word_count": pa.array(rng.lognormal(5.5, 1.2, count).astype(np.int32))}
    measured |= {"text_chars": pc.multiply(measured["word_count"], pa.scalar(6, pa.int32()))}
    base = {
        "doc_id": ids,
        "url": urls,
        "host": hosts,
        "language": languages,
        "language_confidence": pa.array(np.ones(count, np.float32)),
        "language_share": pa.array(np.ones(count, np.float32)),
        "warc_file": pa.array(["crawl.warc.gz"] * count),
        "warc_offset": places,
        "text": pa.array(["A short text."] * count),
        "title": urls,
    }
    yield _table("documents", base, count)
    yield _table("measures", base | measured, count)
    broken = judge(pa.table(base | measured), resolve(RuleSettings()))
    yield _table(
        "verdicts",
        {name: broken.column(name) for name in ("stage", "rule", "value", "bound")} | {"doc_id": ids.take(broken.column("row"))},
        broken.num_rows,
    )
    first = np.full(count, -1)
    rows = broken.column("row").to_numpy()
    first[rows[::-1]] = np.arange(len(rows))[::-1]
    is_copy = (first < 0) & (rng.random(count) < 0.2)
    kept = np.flatnonzero((first < 0) & ~is_copy)
    copies = np.flatnonzero(is_copy)
    keepers = kept[rng.integers(0, len(kept), len(copies))]
    yield _table(
        "duplicates",
        {
            "doc_id": ids.take(pa.array(copies)),
            "keeper_id": ids.take(pa.array(keepers)),
            "cluster_id": ids.take(pa.array(keepers)),
            "kind": pa.array(["near"] * len(copies)),
            "warc_file": pa.array(["crawl.warc.gz"] * len(copies)),
            "warc_offset": pa.array(copies + start),
            "similarity": pa.array(rng.uniform(0.7, 1, len(copies)).astype(np.float32)),
        },
        len(copies),
    )
    outcome = np.where(first >= 0, "filtered", np.where(is_copy, "duplicate", "kept"))
    reason = broken.column("rule").take(pa.array(np.maximum(first, 0)))
    yield _table(
        "outcomes", base | {"outcome": pa.array(outcome), "reason": pc.if_else(pa.array(first >= 0), reason, None)}, count
    )
    lengths = pa.array(rng.integers(20, 2_000, len(kept)))
    chosen = {name: column.take(pa.array(kept)) for name, column in base.items()}
    yield _table("curated", chosen | {"n_tokens": lengths}, len(kept))
    starts = pa.array(np.concatenate([[1], 1 + np.cumsum(lengths.to_numpy() + 1)[:-1]]))
    yield _table(
        "spans",
        {"doc_id": chosen["doc_id"], "shard": pa.array(np.full(len(kept), number)), "start": starts, "length": lengths},
        len(kept),
    )
    found = np.flatnonzero(rng.random(count) < 0.02)
    yield _table(
        "findings",
        {
            "doc_id": ids.take(pa.array(found)),
            "rule": pa.array(["model_vocabulary"] * len(found)),
            "attack": pa.array(["artefact"] * len(found)),
            "severity": pa.array(["note"] * len(found)),
            "field": pa.array(["text"] * len(found)),
            "start": pa.array(np.zeros(len(found))),
            "end": pa.array(np.full(len(found), 5)),
            "excerpt": pa.array(["delve"] * len(found)),
        },
        len(found),
    )


GOOD = {
    "mean_word_chars": 5.0,
    "alphabetic_word_share": 0.9,
    "alphabetic_token_share": 0.9,
    "quality": 0.9,
    "terminal_line_share": 0.9,
    "stop_word_count": 9,
    "mark_count": 90,
    "kept_line_count": 20,
    "kept_sentence_count": 20,
}  # of a page that breaks no rule; other measures are near 0
FAR_OUT = 0.01  # of the pages, by each measure


def _measure(rng: np.random.Generator, name: str, kind: pa.DataType, count: int) -> pa.Array:
    """Most pages hold every rule; some are far out."""
    good = GOOD.get(name, 0)
    values = good * rng.uniform(0.9, 1.1, count) if good else rng.beta(1, 400, count)
    far = rng.random(count) < FAR_OUT
    values[far] = rng.random(int(far.sum())) * (1 if pa.types.is_floating(kind) else 4)
    return pa.array(values.astype(np.float32 if pa.types.is_floating(kind) else np.int32))


def _table(name: str, columns: dict[str, Any], rows: int) -> pa.Table:
    schema = TABLES[name]
    arrays = [columns[one.name].cast(one.type) if one.name in columns else pa.nulls(rows, one.type) for one in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def measured(folder: Path, asked: int) -> dict[str, float]:
    """CPU seconds of opening the view and of each page, at first and the least of the later answers; the corpus is compared
    with itself. What a page says of the whole corpus is counted once, and charts are drawn by a library that is loaded once."""
    started = time.process_time()
    index = Index(str(folder), str(folder))
    client = TestClient(application(index, 8000), base_url="http://127.0.0.1:8000")
    index.ask(lambda opened: None)
    found = {"opening": time.process_time() - started}
    _say("opening", found["opening"])
    for name, address in (PAGES | _pages_of_one(index)).items():
        first, *later = (_asked(client, address) for _ in range(asked))
        found[name], found[f"{name}, first look"] = min(later), first
        _say(name, min(later), first)
    index.close()
    return found


def _pages_of_one(index: Index) -> dict[str, str]:
    """Pages of one document, of one cluster, and what a takedown would reach."""

    def ask(opened: Opened) -> dict[str, str]:
        copy = opened.store.row(
            "select doc_id, keeper_id, cluster_id, p.url from duplicates join pages p using (doc_id) order by doc_id limit 1"
        )
        return {
            "takedown, a page": f"/takedown?url={copy['url']}",
            "a document": f"/documents/{copy['doc_id']}",
            "a document, runs": f"/documents/{copy['doc_id']}/reads",
            "two documents, word by word": f"/documents/{copy['doc_id']}/against/{copy['keeper_id']}",
            "a cluster": f"/clusters/{copy['cluster_id']}",
            "compare": "/compare",
        }

    return index.ask(ask)


def _asked(client: TestClient, address: str) -> float:
    """CPU seconds of one answer."""
    started = time.process_time()
    answer = client.get(address)
    took = time.process_time() - started
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return took


def _say(name: str, seconds: float, first: float | None = None) -> None:
    at_first = "" if first is None else f", at first {first:.2f}"
    print(f"{name:32} {seconds:.2f} CPU s{at_first}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the corpus goes; one that is there already is asked again")
    parser.add_argument("--keep", action="store_true", help="leave the corpus where it is")
    parser.add_argument("--asked", type=int, default=4, help="times that each page is asked for, two at least")
    parser.add_argument("--output", type=Path, help="where the figures go as JSON")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="winnow-inspect-")) / "corpus"
    if not (folder / "corpus.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        make(folder, options.documents)
    documents = Corpus(str(folder)).rows("documents")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = measured(folder, options.asked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{documents:,} documents, largest memory {peak / 1024:,.0f} MiB, before the view {before / 1024:,.0f}")
    if options.output:
        result = {"machine": machine(), "documents": documents, "peak_mib": peak // 1024, "cpu_seconds": found}
        options.output.write_text(json.dumps(result, indent=1) + "\n")
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
