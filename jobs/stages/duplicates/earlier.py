"""What earlier corpora keep, as keepers that stand whatever this one has met: `duplicates.against` of the recipe.

Each corpus has the sketches of what it might keep. Of an earlier one those of curated pages are read, and of them the ones that
share a key with a page of this corpus go on; texts are read for candidates alone. What an earlier corpus keeps without a sketch
that fits (other settings or another version made it, a takedown brought the page back) is sketched anew from its text.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from jobs.corpus.code import decides
from jobs.corpus.files.readers import VIEW, reading
from jobs.corpus.folder import Corpus, corpus_at, open_corpus
from jobs.spark.arrow_map import spark_schema
from jobs.spark.components import materialised
from jobs.spark.pages import Pages, map_pages
from jobs.spark.tables import read_files, read_pages
from jobs.stages.duplicates.signing import DECIDED_LATER, SIGNED, signing
from jobs.stages.places import PLACE, places
from pipeline.duplicates.settings import DuplicateSettings
from pipeline.errors import RecipeError
from pipeline.lineage import DECLARED
from pipeline.tables import CURATED, DOCUMENTS, DUPLICATES, SKETCHES


@dataclass(frozen=True)
class Earlier:
    """Documents that stand: their sketches (SKETCHES, doc_id unique), and the way to their texts."""

    sketches: DataFrame
    pages: Sequence[Pages] = ()


@contextmanager
def kept_earlier(spark: SparkSession, here: str, settings: DuplicateSettings) -> Iterator[Earlier]:
    """What the corpora that `settings` name keep; they are read, and on record as read, for the length of the block.

    Of a document that several keep, the one that is named first counts. Raises CorpusError, RecipeError.
    """
    with _all_read(settings.against, here):
        corpora = [open_corpus(path) for path in settings.against]
        for corpus in corpora:
            corpus.require("select")
        found = Earlier(spark.createDataFrame([], spark_schema(SKETCHES)))
        for corpus in corpora:
            found = _with_kept(found, spark, corpus, settings)
        yield found


@contextmanager
def _all_read(paths: tuple[str, ...], here: str) -> Iterator[None]:
    if not paths:
        yield
        return
    root = corpus_at(paths[0]).root
    if root == here:
        raise RecipeError(f"duplicates.against names {paths[0]}, which is this corpus itself; name earlier ones alone")
    with reading(root, VIEW, here), _all_read(paths[1:], here):
        yield


def _with_kept(found: Earlier, spark: SparkSession, corpus: Corpus, settings: DuplicateSettings) -> Earlier:
    """+ what `corpus` keeps and none before it."""
    curated = read_files(spark, corpus, corpus.files("curated"), pa.schema([CURATED.field("doc_id")]))
    kept = curated.join(found.sketches.select("doc_id"), "doc_id", "left_anti")
    stored = read_pages(spark, corpus, "documents", DOCUMENTS, ("doc_id", "url", "fetched_at", "charset_source", *PLACE))
    is_row = (f.col("charset_source") == DECLARED).alias("is_row")
    first = places(stored.rows).first.join(kept, "doc_id", "left_semi").withColumn("is_row", is_row)
    files = corpus.files("sketches") if _fits(corpus, settings) else ()
    known = read_files(spark, corpus, files, SKETCHES).join(kept, "doc_id", "left_semi")
    missing = first.join(known.select("doc_id"), "doc_id", "left_anti")
    if not missing.isEmpty():
        anew = map_pages(signing(settings), stored.of(missing), ("text",), SIGNED)
        known = materialised(known.unionByName(anew.select(*SKETCHES.names)))
    return Earlier(found.sketches.unionByName(known), [*found.pages, stored.of(first)])


def _fits(corpus: Corpus, settings: DuplicateSettings) -> bool:
    """Whether the corpus' sketches are what this version makes with these settings."""
    record = corpus.stages.get("dedup", {}).get("made_of", {})
    made, now = record.get("code", {}), decides(signing.__module__).files
    same_code = all(made.get(file) == value for file, value in now.items())
    made_by = {one.name for one in fields(settings)} - DECIDED_LATER
    return same_code and all(record["settings"].get(f"duplicates.{name}") == getattr(settings, name) for name in made_by)


def without_known(documents: DataFrame, earlier: Earlier) -> tuple[DataFrame, DataFrame]:
    """(documents that no earlier corpus keeps, DUPLICATES of those that one does: the same record, read again)."""
    known = earlier.sketches.select("doc_id")
    met = documents.join(known, "doc_id", "left_semi")
    same = [f.col("doc_id").alias(name) for name in ("keeper_id", "cluster_id")]
    copies = met.select("doc_id", *PLACE, *same, f.lit("earlier").alias("kind"), f.lit(1.0).cast("float").alias("similarity"))
    return documents.join(known, "doc_id", "left_anti"), copies.select(*DUPLICATES.names)


def that_meet(earlier: Earlier, signed: DataFrame) -> DataFrame:
    """Of the earlier sketches those that share an address, a text or a band with one of `signed`: all that can decide anything.

    Keys meet as 64 bits each, so the earlier corpus sends through the shuffle its keys and no more. A key that is shared by
    chance costs a comparison.
    """
    here = signed.select(_keys().alias("key")).distinct()
    there = earlier.sketches.select("doc_id", _keys().alias("key")).join(here, "key", "left_semi").select("doc_id").distinct()
    return earlier.sketches.join(there, "doc_id", "left_semi")


def _keys() -> Column:
    """A row for each key of a sketch."""
    single = [f.xxhash64(f.lit(name), f.col(name)) for name in ("url_key", "text_key")]
    held = [f.when(f.col(name).isNotNull(), key) for name, key in zip(("url_key", "text_key"), single, strict=True)]
    bands = f.coalesce(f.col("bands"), f.array().cast("array<bigint>"))
    return f.explode(f.filter(f.concat(f.array(*held), bands), lambda key: key.isNotNull()))
