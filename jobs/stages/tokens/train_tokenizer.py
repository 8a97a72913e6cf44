"""curated -> tokenizer/: word counts, and the byte-pair encoding learned from them.

tokenizer/language_counts is there only where the recipe's language_temperature asks for it.
"""

import time
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark import StorageLevel

from jobs.corpus.opening import file_system_of
from jobs.stages.stage import Stage, Work
from jobs.stages.tokens.count_words import host_counts, language_counts, word_counts, write_word_counts
from tokenizer.bpe.languages import LANGUAGE_COUNTS, weighted_counts
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.vocabulary import first_merge, tokenizer_json


@dataclass(frozen=True)
class Trained:
    """A tokenizer.json and how it came to be."""

    json: str
    vocabulary_size: int  # smaller than asked for where the text gave no more pairs
    merges: int
    words: int  # distinct
    seconds: float  # of learning, reading apart


def read_word_counts(folder: str, columns: tuple[str, ...] = ("word", "count")) -> pa.Table:
    """Every row of a table of words, read from a folder of Parquet files."""
    filesystem, path = file_system_of(folder)
    return pq.read_table(path, filesystem=filesystem, columns=list(columns), page_checksum_verification=True)


def train_tokenizer(counts_folder: str, settings: TokenizerSettings, languages_folder: str | None = None) -> Trained:
    """Learns from a word_counts table on disk, in this process: distinct words grow slowly where text grows fast.

    With `languages_folder`, a language_counts table, from its counts weighted by the settings' language_temperature.
    """
    if languages_folder is None:
        counts = read_word_counts(counts_folder)
    else:
        by_language = read_word_counts(languages_folder, tuple(LANGUAGE_COUNTS.names))
        counts = weighted_counts(by_language, settings.language_temperature)
    started = time.monotonic()
    merges = learn(counts["word"], counts["count"], settings)
    seconds = time.monotonic() - started
    size = first_merge(settings.special_tokens) + len(merges.left)
    text = tokenizer_json(merges, settings.words, settings.special_tokens)
    return Trained(text, size, len(merges.left), counts.num_rows, seconds)


def count(work: Work) -> tuple[str, str | None]:
    """Writes word_counts and, where languages are weighted, language_counts; their folders."""
    settings, curated = work.recipe.tokenizer, work.read("curated")
    folder = work.corpus.staging(work.stage, "tokenizer", "word_counts")
    if settings.language_temperature == 1:
        write_word_counts(word_counts(host_counts(curated, settings)), folder)
        return folder, None
    languages_folder = work.corpus.staging(work.stage, "tokenizer", "language_counts")
    by_host = host_counts(curated, settings).persist(StorageLevel.DISK_ONLY)  # two tables, one pass over the text
    try:
        write_word_counts(word_counts(by_host), folder)
        write_word_counts(language_counts(by_host), languages_folder)
    finally:
        by_host.unpersist()
    return folder, languages_folder


def run(work: Work) -> dict[str, int]:
    folder, languages_folder = count(work)
    trained = train_tokenizer(folder, work.recipe.tokenizer, languages_folder)
    with work.corpus.filesystem.open(work.corpus.staging(work.stage, "tokenizer", "tokenizer.json"), "wb") as file:
        file.write(trained.json.encode())
    records = work.read("curated").count()
    return {"records": records, "words": trained.words, "merges": trained.merges, "vocabulary": trained.vocabulary_size}


STAGE = Stage(
    name="tokenizer", after=("select",), sections=("tokenizer",), publishes=("tokenizer",), run=run, kernels=("words", "merges")
)
