"""curated -> word_counts: how often each word occurs, all that the tokenizer learns from."""

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame

from jobs.spark.packed import PACKED, bucket_of, buckets_for, met, packed
from jobs.spark.pages import Pages, map_pages
from pipeline.tables import LANGUAGE_COUNTS, WORD_COUNTS
from pipeline.urls import host_of
from tokenizer.bpe.count import MEETING, count_to_meet, counts_of_words, meeting
from tokenizer.bpe.learn import TokenizerSettings


def host_counts(curated: Pages, settings: TokenizerSettings) -> DataFrame:
    """MEETING of pages with url and language, packed by word, equal keys once a batch; languages are kept apart only where they
    matter.
    """
    buckets = buckets_for(curated.piece_count)

    def counted(documents: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        hosts = pa.array([host_of(url) for url in documents["url"].to_pylist()], pa.string())
        languages = documents["language"] if settings.language_temperature != 1 else None
        rows, heads = count_to_meet(documents["text"], hosts, languages, settings.max_word_bytes, settings.words)
        yield packed(rows, bucket_of(heads, buckets))

    return map_pages(counted, curated, ("text",), PACKED)


def word_counts(by_host: DataFrame, settings: TokenizerSettings) -> DataFrame:
    """(word, count, documents, hosts) of the whole corpus; each word once. Grows with words and hosts, never with text."""
    return met(by_host, meeting(settings.language_temperature != 1), counts_of_words, WORD_COUNTS)


def language_counts(by_host: DataFrame) -> DataFrame:
    """(word, language, count) of the whole corpus; each pair once."""
    return met(by_host, MEETING, _of_languages, LANGUAGE_COUNTS)


def _of_languages(rows: pa.Table) -> pa.Table:
    pairs = rows.group_by(["word", "language"]).aggregate([("count", "sum")])
    return pairs.select(["word", "language", "count_sum"]).rename_columns(LANGUAGE_COUNTS.names)
