"""curated -> word_counts: how often each word occurs, all that the tokenizer learns from."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from jobs.spark.packed import PACKED, bucket_of, buckets_for, met, packed
from jobs.spark.pages import Pages, map_pages
from pipeline.arrays import flatten
from pipeline.tables import LANGUAGE_COUNTS, WORD_COUNTS
from pipeline.urls import host_of
from tokenizer.bpe.count import HOST_COUNTS, count_by_host
from tokenizer.bpe.learn import TokenizerSettings

HEAD_BYTES = 8  # of a word, that choose its bucket


def host_counts(curated: Pages, settings: TokenizerSettings) -> DataFrame:
    """HOST_COUNTS of pages with url and language, packed by word, equal keys once a batch; languages are kept apart only where
    they matter.
    """
    buckets = buckets_for(curated.piece_count)

    def counted(documents: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        hosts = pa.array([host_of(url) for url in documents["url"].to_pylist()], pa.string())
        languages = documents["language"] if settings.language_temperature != 1 else None
        counts = count_by_host(documents["text"], hosts, languages, settings.max_word_bytes, settings.words)
        yield packed(counts, bucket_of(_heads(counts["word"]), buckets))

    return map_pages(counted, curated, ("text",), PACKED)


def _heads(words: pa.Array) -> np.ndarray:
    """uint64 [words]: the first bytes of each."""
    data, offsets = flatten(words)
    heads = np.zeros(len(words), np.uint64)
    for place in range(HEAD_BYTES):
        at = offsets[:-1] + place
        inside = at < offsets[1:]
        heads[inside] |= data[at[inside]].astype(np.uint64) << np.uint64(8 * place)
    return heads


def word_counts(by_host: DataFrame) -> DataFrame:
    """(word, count, documents, hosts) of the whole corpus; each word once. Grows with words and hosts, never with text."""
    return met(by_host, HOST_COUNTS, _of_words, WORD_COUNTS)


def _of_words(rows: pa.Table) -> pa.Table:
    pairs = rows.group_by(["word", "host"]).aggregate([("count", "sum"), ("documents", "sum")])
    every = pc.CountOptions(mode="all")
    words = pairs.group_by("word").aggregate([("count_sum", "sum"), ("documents_sum", "sum"), ("host", "count", every)])
    return words.select(["word", "count_sum_sum", "documents_sum_sum", "host_count"]).rename_columns(WORD_COUNTS.names)


def language_counts(by_host: DataFrame) -> DataFrame:
    """(word, language, count) of the whole corpus; each pair once."""
    return met(by_host, HOST_COUNTS, _of_languages, LANGUAGE_COUNTS)


def _of_languages(rows: pa.Table) -> pa.Table:
    pairs = rows.group_by(["word", "language"]).aggregate([("count", "sum")])
    return pairs.select(["word", "language", "count_sum"]).rename_columns(LANGUAGE_COUNTS.names)
