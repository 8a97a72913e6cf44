"""What `repeats` cuts of real pages by host and language, the lines themselves for whoever reads them, and how its cost grows."""

import itertools
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.recipe import build_recipe, ingest_settings
from jobs.spark.arrow_map import peak_worker_bytes
from jobs.spark.session import session
from jobs.stages.duplicates.find_repeats import repeat_look, repeats
from pipeline.duplicates.repeats import RepeatSettings, Stretches, cuts, lines, repeated_passages, words_of
from pipeline.read.ingest import ingest_file
from tests.bench.clock import TreeSeconds
from tests.pages import FramePages, taken

COLUMNS = ("doc_id", "host", "language", "text")
FACTORS = (1, 2, 4, 8)
GROWING_PAGES, BATCH = 1000, 256
SHOWN_CHARACTERS = 160
Page = dict[str, str]


def pages_of(warcs: list[Path], *, main_content: bool) -> list[Page]:
    """Pages with text, of equal texts one: as HTML is read by default, or all that a page shows, which is what WET files hold."""
    settings = ingest_settings(build_recipe({"html": {"main_content": main_content}}))
    found: dict[str, Page] = {}
    for warc in warcs:
        with warc.open("rb") as stream:
            for some in ingest_file(stream, warc.name, settings):
                columns = [some.documents.column(name).to_pylist() for name in ("doc_id", "host", "text")]
                for doc_id, host, text, language in zip(*columns, some.measures.column("language").to_pylist(), strict=True):
                    if text and text not in found:
                        found[text] = {"doc_id": doc_id, "host": host, "language": language or "", "text": text}
    return list(found.values())


def bench_lines(warcs: list[Path], listing: Path | None = None) -> dict[str, Any]:
    """With `listing` every different text that is cut goes into that file, for reading; it is not for a repository."""
    return {
        name: _removed(pages_of(warcs, main_content=main_content), listing if name == "whole_page" else None)
        for name, main_content in (("whole_page", False), ("main_text", True))
    }


def bench_growth(warcs: list[Path], factors: tuple[int, ...] = FACTORS) -> list[dict[str, Any]]:
    """The job itself on so many times the same pages, each time on hosts of their own."""
    pages = sorted(pages_of(warcs, main_content=False), key=lambda page: page["doc_id"])[:GROWING_PAGES]
    with tempfile.TemporaryDirectory(prefix="winnow-lines-") as folder, session("local[1]", {"spark.local.dir": folder}) as spark:
        return [_grown(spark, pages, factor) for factor in (factors[0], *factors)][1:]  # the first one warms


def _frame(spark: SparkSession, pages: list[Page], factor: int) -> DataFrame:
    rows = [
        {**page, "doc_id": f"{number:x}{page['doc_id'][1:]}", "host": f"{number}.{page['host']}"}
        for number in range(factor)
        for page in pages
    ]
    return spark.createDataFrame(pa.Table.from_pylist(rows).select(list(COLUMNS)))


def furniture(pages: list[Page], settings: RepeatSettings) -> dict[tuple[str, str, int], str]:
    """What the job counts, in one process: (host, language, line) -> the doc_id that keeps it."""
    found: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for page, own in zip(pages, _lines_of(pages), strict=True):
        for one in {value for value, words in zip(own.hashes.tolist(), own.words.tolist(), strict=True) if words}:
            found[page["host"], page["language"], one].append(page["doc_id"])
    sizes = Counter((page["host"], page["language"]) for page in pages)
    least = {key: max(settings.host_pages or 0, settings.host_share * size) for key, size in sizes.items()}
    return {key: min(doc_ids) for key, doc_ids in found.items() if len(doc_ids) >= least[key[:2]]}


def _lines_of(pages: list[Page]) -> Iterator[Stretches]:
    for first in range(0, len(pages), BATCH):
        batch = pa.array([page["text"] for page in pages[first : first + BATCH]], pa.string())
        found = lines(words_of(batch))
        borders = np.searchsorted(found.rows, np.arange(len(batch) + 1))
        for one, other in itertools.pairwise(borders):
            yield Stretches(*(column[one:other] for column in found))


def _cut_texts(pages: list[Page], settings: RepeatSettings) -> Iterator[tuple[Page, str, int, int]]:
    """(page, reason, start, end) of all that goes."""
    keepers = furniture(pages, settings)
    for page, own in zip(pages, _lines_of(pages), strict=True):
        met = [keepers.get((page["host"], page["language"], value)) for value in own.hashes.tolist()]
        goes = np.array([keeper not in (None, page["doc_id"]) for keeper in met], bool) & (own.words > 0)
        for one in cuts(own, goes, settings.min_words):
            yield page, "host_line", one.start, one.end
        for _, start, end in repeated_passages(words_of(pa.array([page["text"]])), settings.passage_words or 0):
            yield page, "repeated_passage", start, end


def _removed(pages: list[Page], listing: Path | None) -> dict[str, Any]:
    characters: dict[str, Counter[str]] = defaultdict(Counter)
    texts: Counter[tuple[str, str, str]] = Counter()
    for page in pages:
        for kind in ("host", "language"):
            characters[f"{kind}s"][page[kind]] += len(page["text"])
    for page, reason, start, end in _cut_texts(pages, RepeatSettings()):
        for kind in ("host", "language"):
            characters[f"{reason} {kind}s"][page[kind]] += end - start
        texts[reason, page["host"], page["text"][start:end].strip()] += 1
    if listing is not None:
        shown = [f"{count}\t{reason}\t{host}\t{text[:SHOWN_CHARACTERS]!r}" for (reason, host, text), count in texts.most_common()]
        listing.write_text("\n".join(shown) + "\n", "utf-8")
    return {
        "pages": len(pages),
        "different_lines": sum(reason == "host_line" for reason, _, _ in texts),
        "lines": sum(count for (reason, _, _), count in texts.items() if reason == "host_line"),
        "passages": sum(count for (reason, _, _), count in texts.items() if reason == "repeated_passage"),
        **{kind: _shares(characters, kind) for kind in ("hosts", "languages")},
    }


def _shares(characters: dict[str, Counter[str]], kind: str) -> list[dict[str, Any]]:
    """The largest first, and all that lose anything."""
    rows = [
        {"name": name, "characters": size, "lines": characters[f"host_line {kind}"][name],
         "passages": characters[f"repeated_passage {kind}"][name]}
        for name, size in characters[kind].most_common()
    ]  # fmt: skip
    return [row for row in rows if row["lines"] or row["passages"]]


def _grown(spark: SparkSession, pages: list[Page], factor: int) -> dict[str, Any]:
    frame = _frame(spark, pages, factor)
    processor = TreeSeconds()
    before = processor()
    settings = RepeatSettings()
    with tempfile.TemporaryDirectory() as folder:
        found = repeats(taken(frame, repeat_look(settings), Path(folder))["stretches"], FramePages(frame), settings)
    assert found is not None
    rows = found.count()
    return {
        "pages": factor * len(pages), "repeats": rows, "cpu_seconds": round(processor() - before, 1),
        "peak_worker_bytes": peak_worker_bytes(spark).value,
    }  # fmt: skip
