"""curated -> word_counts: how often each word occurs, all that the tokenizer learns from."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from jobs.spark.pages import Pages, map_pages
from pipeline.urls import host_of
from tokenizer.bpe.count import HOST_COUNTS, count_by_host
from tokenizer.bpe.learn import TokenizerSettings


def host_counts(curated: Pages, settings: TokenizerSettings) -> DataFrame:
    """(word, host, language, count, documents) of pages with url and language, equal keys once a batch; languages are kept apart
    only where they matter."""

    def counted(documents: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        hosts = pa.array([host_of(url) for url in documents.column("url").to_pylist()], pa.string())
        languages = documents.column("language") if settings.language_temperature != 1 else None
        yield count_by_host(documents.column("text"), hosts, languages, settings.max_word_bytes, settings.words)

    return map_pages(counted, curated, ("text",), HOST_COUNTS)


def word_counts(by_host: DataFrame) -> DataFrame:
    """(word, count, documents, hosts) of the whole corpus; each word once. Grows with words and hosts, never with text."""
    pairs = by_host.groupBy("word", "host").agg(f.sum("count").alias("count"), f.sum("documents").alias("documents"))
    return pairs.groupBy("word").agg(
        f.sum("count").alias("count"), f.sum("documents").alias("documents"), f.count("*").alias("hosts")
    )


def language_counts(by_host: DataFrame) -> DataFrame:
    """(word, language, count) of the whole corpus; each pair once."""
    return by_host.groupBy("word", "language").agg(f.sum("count").alias("count"))
