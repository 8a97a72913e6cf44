"""curated -> word_counts: how often each word occurs, all that the tokenizer learns from."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.arrow_map import arrow_map
from tokenizer.count import WORD_COUNTS, count_words
from tokenizer.learn import TokenizerSettings

WORDS_PER_FILE = 2_000_000  # a fixed number, so that the files do not depend on partitions


def word_counts(curated: DataFrame, settings: TokenizerSettings) -> DataFrame:
    """(word, count, documents) of the whole corpus; each word once."""

    def counted(documents: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        yield count_words(documents.column("text"), settings.max_word_bytes)

    return _summed(arrow_map(counted, curated.select("text"), WORD_COUNTS))


def without(counts: DataFrame, removed: DataFrame) -> DataFrame:
    """The counts of a corpus that never had the documents whose counts are `removed`."""
    taken = removed.select("word", (-f.col("count")).alias("count"), (-f.col("documents")).alias("documents"))
    return _summed(counts.unionByName(taken)).where("count > 0")


def write_word_counts(counts: DataFrame, folder: str) -> int:
    """Writes the table in files cut by value alone, each sorted by word; the number of words."""
    counts = counts.persist(StorageLevel.DISK_ONLY)
    try:
        words: int = counts.count()
        files = max(1, -(-words // WORDS_PER_FILE))
        placed = counts.repartitionById(files, f.pmod(f.xxhash64("word"), f.lit(files)).cast("int"))
        placed.sortWithinPartitions("word").write.mode("overwrite").parquet(folder)
    finally:
        counts.unpersist()
    return words


def _summed(counts: DataFrame) -> DataFrame:
    return counts.groupBy("word").agg(f.sum("count").alias("count"), f.sum("documents").alias("documents"))
