"""documents that would be kept -> repeats: places of text that stands again and again, all but one of which are cut.

After dedup, so that copies of one page do not make furniture of its text, and a line is kept by a page that stays.
Read `repeats` downwards, it is the algorithm. What is shuffled is a hash a line; nothing is collected, and nothing depends on the
order of rows or on partitions: the page that keeps is chosen by value.
"""

from functools import reduce

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.components import materialised
from jobs.spark.pages import Pages, map_pages
from jobs.spark.sending import sent
from jobs.stages.looks import Look, looked
from jobs.stages.places import PLACE, places
from jobs.stages.removed import removed
from jobs.stages.scan.dropped import dropped
from jobs.stages.stage import Stage, Work
from pipeline.duplicates.repeat_marks import COMMON_LINE, HOST_LINE, PASSAGE, SENTENCES, STRETCHES, cut_lines, stretches
from pipeline.duplicates.repeats import RepeatSettings
from pipeline.tables import REPEATS


def run(work: Work) -> dict[str, int]:
    copies = work.read("duplicates").where("kind <> 'record'").select("doc_id")
    planted = dropped(work).select("doc_id")
    gone = work.read("verdicts", "doc_id").union(planted).union(copies).union(removed(work).select("doc_id"))
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
    return Look({"stretches": STRETCHES}, lambda batch: (("stretches", one) for one in stretches(batch, settings)))


def _host_lines(read: DataFrame, pages: DataFrame, settings: RepeatSettings) -> DataFrame | None:
    """(doc_id, hash, reason, pages, kept, repeat): for each page its lines that are its host's furniture."""
    if settings.host_pages is None:
        return None
    key = ["host", "language"]
    on_hosts = read.where((f.col("reason") == HOST_LINE) & f.col("host").isNotNull())
    sizes = pages.groupBy(*key).agg(f.count(f.lit(1)).alias("host_pages"))
    counted = on_hosts.groupBy(*key, "hash").agg(f.count(f.lit(1)).alias("pages"))
    several = counted.where(f.col("pages") >= settings.host_pages).join(sizes, key)
    enough = several.where(f.col("pages") >= settings.host_share * f.col("host_pages")).drop("host_pages")
    furniture = materialised(enough.withColumn("repeat", f.xxhash64(*key, "hash")))
    return _marks(on_hosts.join(sent(furniture, 200_000), [*key, "hash"]), HOST_LINE, settings)


def _common_lines(read: DataFrame, settings: RepeatSettings) -> DataFrame | None:
    """The same for lines that many hosts have."""
    if settings.min_hosts is None:
        return None
    on_hosts = read.where((f.col("reason") == HOST_LINE) & f.col("host").isNotNull())
    by_host = on_hosts.groupBy("hash", "host").agg(f.count(f.lit(1)).alias("pages"))
    counted = by_host.groupBy("hash").agg(f.count(f.lit(1)).alias("hosts"), f.sum("pages").alias("pages"))
    common = materialised(counted.where(f.col("hosts") >= settings.min_hosts).withColumn("repeat", f.xxhash64("hash")))
    return _marks(on_hosts.join(sent(common.drop("hosts"), 200_000), "hash"), COMMON_LINE, settings)


def _marks(found: DataFrame, reason: str, settings: RepeatSettings) -> DataFrame:
    """Lines that are furniture, with whether this page keeps it: that with the smallest doc_id.

    It is sought among these alone: the smallest of strings makes Spark sort, and most lines of a crawl are no furniture.
    """
    marks = found.select("doc_id", "hash", f.lit(reason).alias("reason"), "pages", "repeat")
    if settings.keep == "none":
        return marks.withColumn("kept", f.lit(False))
    marks = materialised(marks)
    keepers = marks.groupBy("repeat").agg(f.min("doc_id").alias("keeper"))
    return marks.join(keepers, "repeat").withColumn("kept", f.col("doc_id") == f.col("keeper")).drop("keeper")


def _cut_lines(marks: DataFrame, pages: Pages, settings: RepeatSettings) -> DataFrame:
    """REPEATS of lines: those that stay for the others, and those that go, where enough of them stand together."""
    of_page = marks.groupBy("doc_id").agg(f.collect_list(f.struct("hash", "reason", "pages", "kept", "repeat")).alias("marks"))
    marked = pages.of(pages.select("doc_id").join(of_page, "doc_id"))
    return map_pages(lambda batch: iter([cut_lines(batch, settings)]), marked, ("text",), REPEATS)


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
    after=("ingest", "detect", "filter", "scan", "dedup"),
    sections=("scan", "detected", "repeats"),
    publishes=("repeats",),
    run=run,
    kernels=("repeats",),
)
