"""documents that would be kept -> repeats: places of text that stands again and again, all but one of which are cut.

After dedup, so that copies of one page do not make furniture of its text, and a line is kept by a page that stays.
Read `repeats` downwards, it is the algorithm. What is shuffled is a hash a line; nothing is collected, and nothing depends on the
order of rows or on partitions: the page that keeps is chosen by value.
"""

from collections.abc import Iterator
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.arrow_map import BatchFunction
from jobs.spark.components import materialised
from jobs.spark.pages import Pages, map_pages
from jobs.spark.sending import sent
from jobs.stages.looks import Look, looked
from jobs.stages.places import PLACE, places
from jobs.stages.scan.dropped import dropped
from jobs.stages.stage import Stage, Work
from pipeline.arrays import distinct_pairs, pieces
from pipeline.duplicates.repeats import (
    RepeatSettings,
    Stretches,
    cuts,
    lines,
    repeated_passages,
    sentences,
    spans,
    words_of,
)
from pipeline.tables import REPEATS

HOST_LINE, COMMON_LINE, PASSAGE, SENTENCES = "host_line", "common_line", "repeated_passage", "repeated_sentences"
READ = pa.schema(
    [
        ("doc_id", pa.string()),
        ("host", pa.string()),
        ("language", pa.string()),  # "" where it is not known
        ("reason", pa.string()),
        ("hash", pa.int64()),  # of the words; null for passages
        ("start", pa.int32()),  # null for lines: a page that has several equal ones has one row
        ("end", pa.int32()),
    ]
)


def run(work: Work) -> dict[str, int]:
    copies = work.read("duplicates").where("kind <> 'record'").select("doc_id")
    planted = dropped(work.read("findings"), work.recipe.scan).select("doc_id")
    gone = work.read("verdicts", "doc_id").union(planted).union(copies)
    languages = (
        work.read("measures", "doc_id", "language")
        .groupBy("doc_id")
        .agg(f.coalesce(f.min("language"), f.lit("")).alias("language"))
    )
    pages = work.pages("documents", "doc_id", "host", *PLACE)
    standing = places(pages.rows).first.join(gone, "doc_id", "left_anti").join(languages, "doc_id")
    pages = pages.of(standing.persist(StorageLevel.DISK_ONLY))
    try:
        taken, count = looked(pages, ("text",), [repeat_look(work.recipe.repeats)], work.journal())
        found = repeats(taken["stretches"], pages, work.recipe.repeats)
        written = work.write("repeats", found if found is not None else work.empty(REPEATS))
        return {"records": count, "repeats": written.rows, "documents": written.documents}
    finally:
        standing.unpersist()


def repeats(read: DataFrame, pages: Pages, settings: RepeatSettings) -> DataFrame | None:
    """REPEATS of pages with doc_id (unique), host and language, computed when this returns; null: nothing is sought.

    `read` is what `repeat_look` took of them.
    """
    marks = [some for some in (_host_lines(read, pages.rows, settings), _common_lines(read, settings)) if some is not None]
    found = [_cut_lines(reduce(DataFrame.unionByName, marks), pages, settings)] if marks else []
    if settings.passage_words is not None:
        found.append(_as_repeats(read.where(f.col("reason") == PASSAGE)))
    if settings.sentences is not None:
        found.append(_repeated_sentences(read))
    return materialised(reduce(DataFrame.unionByName, found)) if found else None


def repeat_look(settings: RepeatSettings) -> Look:
    """Lines, sentences and repeated passages of each page."""
    of_lines = settings.host_pages is not None or settings.min_hosts is not None

    def take(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        for first, last in pieces(batch["text"]):
            part = batch.slice(first, last - first)
            words = words_of(part["text"])
            if of_lines:
                found = lines(words)
                yield "stretches", _rows(part, HOST_LINE, *different(found))
            if settings.sentences is not None:
                found = spans(sentences(words), settings.sentences, words)
                yield "stretches", _rows(part, SENTENCES, found.rows, found.hashes, found.starts, found.ends)
            if settings.passage_words is not None:
                passages = np.array(repeated_passages(words, settings.passage_words), np.int64).reshape(-1, 3).T
                yield "stretches", _rows(part, PASSAGE, passages[0], None, passages[1], passages[2])

    return Look({"stretches": READ}, take)


def different(found: Stretches) -> tuple[np.ndarray, np.ndarray]:
    """(rows, hashes) of pieces that have a word, each once a row."""
    some = found.words > 0
    return distinct_pairs(found.rows[some], found.hashes[some])


def _rows(
    batch: pa.RecordBatch, reason: str, rows: np.ndarray, hashes: np.ndarray | None, *borders: np.ndarray
) -> pa.RecordBatch:
    taken = [batch[name].take(pa.array(rows, pa.int64())) for name in ("doc_id", "host", "language")]
    places_ = [pa.array(one, pa.int32()) for one in borders] or [pa.nulls(len(rows), pa.int32())] * 2
    hashed = pa.nulls(len(rows), pa.int64()) if hashes is None else pa.array(hashes, pa.int64())
    return pa.RecordBatch.from_arrays([*taken, pa.repeat(reason, len(rows)).cast(pa.string()), hashed, *places_], schema=READ)


def _host_lines(read: DataFrame, pages: DataFrame, settings: RepeatSettings) -> DataFrame | None:
    """(doc_id, hash, reason, pages, kept, repeat): for each page its lines that are its host's furniture."""
    if settings.host_pages is None:
        return None
    key = ["host", "language"]
    on_hosts = read.where((f.col("reason") == HOST_LINE) & f.col("host").isNotNull())
    sizes = pages.groupBy(*key).agg(f.count(f.lit(1)).alias("host_pages"))
    counted = on_hosts.groupBy(*key, "hash").agg(f.count(f.lit(1)).alias("pages"), f.min("doc_id").alias("keeper"))
    several = counted.where(f.col("pages") >= settings.host_pages).join(sizes, key)
    enough = several.where(f.col("pages") >= settings.host_share * f.col("host_pages")).drop("host_pages")
    furniture = materialised(enough.withColumn("repeat", f.xxhash64(*key, "hash")))
    return _marks(on_hosts.join(sent(furniture, 200_000), [*key, "hash"]), HOST_LINE, settings)


def _common_lines(read: DataFrame, settings: RepeatSettings) -> DataFrame | None:
    """The same for lines that many hosts have."""
    if settings.min_hosts is None:
        return None
    on_hosts = read.where((f.col("reason") == HOST_LINE) & f.col("host").isNotNull())
    by_host = on_hosts.groupBy("hash", "host").agg(f.count(f.lit(1)).alias("pages"), f.min("doc_id").alias("keeper"))
    counted = by_host.groupBy("hash").agg(
        f.count(f.lit(1)).alias("hosts"), f.sum("pages").alias("pages"), f.min("keeper").alias("keeper")
    )
    common = materialised(counted.where(f.col("hosts") >= settings.min_hosts).withColumn("repeat", f.xxhash64("hash")))
    return _marks(on_hosts.join(sent(common.drop("hosts"), 200_000), "hash"), COMMON_LINE, settings)


def _marks(joined: DataFrame, reason: str, settings: RepeatSettings) -> DataFrame:
    kept = (f.col("doc_id") == f.col("keeper")) & f.lit(settings.keep == "one")
    return joined.select("doc_id", "hash", f.lit(reason).alias("reason"), "pages", kept.alias("kept"), "repeat")


def _cut_lines(marks: DataFrame, pages: Pages, settings: RepeatSettings) -> DataFrame:
    """REPEATS of lines: those that stay for the others, and those that go, where enough of them stand together."""
    of_page = marks.groupBy("doc_id").agg(f.collect_list(f.struct("hash", "reason", "pages", "kept", "repeat")).alias("marks"))
    return map_pages(_cutting(settings), pages.of(pages.select("doc_id").join(of_page, "doc_id")), ("text",), REPEATS)


def _cutting(settings: RepeatSettings) -> BatchFunction:
    def cutting(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        made: list[tuple[Any, ...]] = []
        for first, last in pieces(batch["text"]):
            part = batch.slice(first, last - first)
            found = lines(words_of(part["text"]))
            borders = np.searchsorted(found.rows, np.arange(part.num_rows + 1))
            for row, (doc_id, marks) in enumerate(zip(part["doc_id"].to_pylist(), part["marks"].to_pylist(), strict=True)):
                own = Stretches(*(column[borders[row] : borders[row + 1]] for column in found))
                made += [(doc_id, *one) for one in _of_page(own, marks, settings)]
        columns = list(zip(*made, strict=True)) or [()] * len(REPEATS)
        yield pa.record_batch([pa.array(one, kind) for one, kind in zip(columns, REPEATS.types, strict=True)], schema=REPEATS)

    return cutting


def _of_page(own: Stretches, marks: list[dict[str, Any]], settings: RepeatSettings) -> Iterator[tuple[Any, ...]]:
    """Rows without their doc_id. Of two marks of a line the one by which it goes counts, its host's before all hosts'."""
    of_line = {mark["hash"]: mark for mark in sorted(marks, key=lambda mark: (not mark["kept"], mark["reason"] == HOST_LINE))}
    met = [of_line.get(one) if words else None for one, words in zip(own.hashes.tolist(), own.words.tolist(), strict=True)]
    stays: set[int] = set()
    for place, mark in enumerate(met):
        if mark is not None and mark["kept"] and mark["hash"] not in stays:
            stays.add(mark["hash"])
            yield int(own.starts[place]), int(own.ends[place]), mark["reason"], mark["repeat"], mark["pages"], True
    goes = np.array([mark is not None and not mark["kept"] for mark in met], bool)
    for one in cuts(own, goes, settings.min_words):
        mark = of_line[int(own.hashes[one.line])]
        yield one.start, one.end, mark["reason"], mark["repeat"], mark["pages"], False


def _repeated_sentences(read: DataFrame) -> DataFrame:
    """Every place of a span that stands at several; the first by doc_id and place stays."""
    found = read.where(f.col("reason") == SENTENCES)
    place = f.struct("doc_id", "start")
    counted = found.groupBy("hash").agg(
        f.min(place).alias("keeper"), f.count(f.lit(1)).alias("places"), f.countDistinct("doc_id").alias("pages")
    )
    several = materialised(counted.where("places > 1").drop("places"))
    joined = found.join(sent(several, 200_000), "hash")
    return joined.select(
        "doc_id", "start", "end", "reason", f.col("hash").alias("repeat"), "pages", (place == f.col("keeper")).alias("kept")
    )


def _as_repeats(passages: DataFrame) -> DataFrame:
    none = f.lit(None).cast("long")
    return passages.select(
        "doc_id", "start", "end", "reason", none.alias("repeat"), none.alias("pages"), f.lit(False).alias("kept")
    )


STAGE = Stage(
    name="repeats",
    after=("ingest", "filter", "scan", "dedup"),
    sections=("scan", "repeats"),
    publishes=("repeats",),
    run=run,
    kernels=("repeats",),
)
