"""winnow's own functions on one core, without Spark: from WARC bytes to verdicts and signatures. Prints one line of JSON.

    .venv/bin/python -m tests.bench.bench_winnow FILE.warc.gz...

`whole` is what the peer's pipeline does (read, extract, measure, judge, sign), on every page, with language and hidden
text on top. The other stages are the same work, taken apart; the best of REPEATS counts.
"""

import json
import sys
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import pyarrow as pa

from jobs.corpus.recipe import Recipe, ingest_settings
from jobs.kernels.warm import compile_kernels
from pipeline.duplicates.copies import signatures
from pipeline.language import identify as language
from pipeline.quality import measures as quality
from pipeline.quality.rules import judge, resolve
from pipeline.read import html, ingest
from pipeline.read.batches import BATCH_DOCUMENTS
from pipeline.read.http import charset
from pipeline.read.http import response as http
from pipeline.read.warc import records as warc
from tests.bench.clock import Clock, peak_bytes

REPEATS = 3
RECIPE = Recipe()
SETTINGS = ingest_settings(RECIPE)


def bench_whole(warcs: list[Path], clock: Clock) -> dict[str, int]:
    rules = resolve(RECIPE.rules)
    counts = {"records": 0, "documents": 0, "kept": 0}
    with clock.stage("whole"):
        for file in warcs:
            with file.open("rb") as stream:
                for part in ingest.ingest_file(stream, str(file), SETTINGS):
                    broken = judge(part.documents, rules)
                    signatures(part.documents.column("text"), RECIPE.duplicates)
                    counts["records"] += part.documents.num_rows + part.rejects.num_rows
                    counts["documents"] += part.documents.num_rows
                    counts["kept"] += part.documents.num_rows - len(broken.column("row").unique())
    return counts


def bench_stages(warcs: list[Path], clock: Clock) -> None:
    with clock.stage("read"):
        records = list(chain.from_iterable(_records(file) for file in warcs))
    with clock.stage("decode"):
        pages = [page for record in records if (page := _decoded(record)) is not None]
    with clock.stage("extract"):
        extracted = [html.extract(page, SETTINGS.html).text for page in pages]
    texts = [text for text in extracted if text]
    for first in range(0, len(texts), BATCH_DOCUMENTS):
        batch = pa.array(texts[first : first + BATCH_DOCUMENTS], pa.string())
        with clock.stage("language"):
            languages = language.identify(batch, SETTINGS.language).column("language")
        with clock.stage("measures"):
            quality.measure(batch, languages, SETTINGS.lines)
        with clock.stage("minhash"):
            signatures(batch, RECIPE.duplicates)


def _records(file: Path) -> list[warc.Record]:
    with file.open("rb") as stream:
        return [record for record in warc.read_records(stream, SETTINGS.warc) if isinstance(record, warc.Record)]


def _decoded(record: warc.Record) -> bytes | None:
    """The HTML of a page as ingest sees it; None for what is no page."""
    if record.record_type != "response":
        return None
    response = http.parse_response(record.block, SETTINGS.http)
    if response.status not in SETTINGS.pages.statuses or response.mime not in ingest.HTML_MIMES:
        return None
    return charset.decode(response.payload, response.charset).utf8


def main(warcs: list[Path]) -> None:
    compile_kernels(("pages", "measures", "copies"))
    bench_whole(warcs[:1], Clock())  # loads kernels and models
    best = Clock()
    for _ in range(REPEATS):
        clock = Clock()
        counts = bench_whole(warcs, clock)
        bench_stages(warcs, clock)
        best.keep_best(clock)
    print(json.dumps({
        "side": "winnow", "versions": {name: version(name) for name in ("winnow", "numba", "pyarrow")},
        **counts, "stages": best.stages, "peak_memory_bytes": peak_bytes(),
    }))  # fmt: skip


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
