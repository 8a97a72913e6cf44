"""curated -> tokenizer/: word counts, and the byte-pair encoding learned from them."""

import time
from dataclasses import dataclass

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.count_words import word_counts, write_word_counts
from jobs.stage import Stage, Work
from tokenizer.learn import TokenizerSettings, learn
from tokenizer.vocabulary import FIRST_MERGE, tokenizer_json


@dataclass(frozen=True)
class Trained:
    """A tokenizer.json and how it came to be."""

    json: str
    vocabulary_size: int  # smaller than asked for where the text gave no more pairs
    merges: int
    words: int            # distinct
    seconds: float        # of learning, reading apart


def read_word_counts(folder: str) -> pa.Table:
    """(word, count) of every word, read from a folder of Parquet files."""
    filesystem, path = fsspec.core.url_to_fs(folder)
    return pq.read_table(path, filesystem=filesystem, columns=["word", "count"], page_checksum_verification=True)


def train_tokenizer(counts_folder: str, settings: TokenizerSettings) -> Trained:
    """Learns from a word_counts table on disk, in this process: distinct words grow slowly where text grows fast."""
    counts = read_word_counts(counts_folder)
    started = time.monotonic()
    merges = learn(counts["word"], counts["count"], settings)
    seconds = time.monotonic() - started
    return Trained(tokenizer_json(merges), FIRST_MERGE + len(merges.left), len(merges.left), counts.num_rows, seconds)


def run(work: Work) -> dict[str, int]:
    settings, curated = work.recipe.tokenizer, work.read("curated")
    folder = work.corpus.staging(work.stage, "tokenizer", "word_counts")
    write_word_counts(word_counts(curated, settings), folder)
    trained = train_tokenizer(folder, settings)
    with work.corpus.filesystem.open(work.corpus.staging(work.stage, "tokenizer", "tokenizer.json"), "wb") as file:
        file.write(trained.json.encode())
    return {"records": curated.count(), "words": trained.words, "merges": trained.merges, "vocabulary": trained.vocabulary_size}


STAGE = Stage(name="tokenizer", after=("select",), sections=("tokenizer",), publishes=("tokenizer",), run=run)
