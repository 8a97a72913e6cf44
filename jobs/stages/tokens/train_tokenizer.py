"""curated -> tokenizer/: word counts, and the byte-pair encoding learned from them.

tokenizer/language_counts is there only where the recipe's language_temperature asks for it.
"""

import time
from dataclasses import dataclass

import pyarrow as pa
from pyspark import StorageLevel

from jobs.corpus.files.parquet import read_groups
from jobs.corpus.files.stored import store
from jobs.corpus.folder import corpus_at, is_corpus
from jobs.corpus.sources.open_source import open_source
from jobs.stages.stage import Stage, Work
from jobs.stages.tokens.count_words import host_counts, language_counts, word_counts
from pipeline.errors import InputError, RecipeError
from pipeline.tables import LANGUAGE_COUNTS, TABLES
from tokenizer.bpe.languages import weighted_counts
from tokenizer.bpe.learn import TokenizerSettings, learn
from tokenizer.bpe.vocabulary import first_merge, read_tokenizer, tokenizer_json

MOST_BYTES = 256 << 20  # of a tokenizer.json; one of 65,536 tokens has 4 MB


@dataclass(frozen=True)
class Trained:
    """A tokenizer.json and how it came to be."""

    json: str
    vocabulary_size: int  # smaller than asked for where the text gave no more pairs
    merges: int
    words: int  # distinct
    seconds: float  # of learning, reading apart


def train_tokenizer(counts: pa.Table, settings: TokenizerSettings) -> Trained:
    """Learns from counts (word, count) in this process: distinct words grow slowly where text grows fast."""
    started = time.monotonic()
    merges = learn(counts["word"], counts["count"], settings)
    seconds = time.monotonic() - started
    size = first_merge(settings.special_tokens) + len(merges.left)
    text = tokenizer_json(merges, settings.words, settings.special_tokens)
    return Trained(text, size, len(merges.left), counts.num_rows, seconds)


def count(work: Work) -> pa.Table:
    """Writes word_counts and, where languages are weighted, language_counts; the counts to learn from."""
    settings, curated = work.recipe.tokenizer, work.pages("curated", "url", "language")
    if settings.language_temperature == 1:
        work.write("word_counts", word_counts(host_counts(curated, settings), settings))
        return made(work, "word_counts", "word", "count")
    by_host = host_counts(curated, settings).persist(StorageLevel.DISK_ONLY)  # two tables, one pass over the text
    try:
        work.write("word_counts", word_counts(by_host, settings))
        work.write("language_counts", language_counts(by_host))
    finally:
        by_host.unpersist()
    return weighted_counts(made(work, "language_counts", *LANGUAGE_COUNTS.names), settings.language_temperature)


def made(work: Work, table: str, *columns: str) -> pa.Table:
    """Every row of a table that this stage has written."""
    groups = [group for one in work.made[table] for group in read_groups(work.corpus.root, one, list(columns))]
    return pa.concat_tables([pa.schema([TABLES[table].field(name) for name in columns]).empty_table(), *groups])


def brought(source: str, words: int) -> Trained:
    """The tokenizer of a file or of a corpus, as it is. Raises RecipeError where it is none that winnow can encode with."""
    try:
        text = corpus_at(source).text("tokenizer") if is_corpus(source) else _file_text(source)
        vocabulary = read_tokenizer(text)
    except (InputError, UnicodeDecodeError) as error:
        raise RecipeError(f"tokenizer.from: {source}: {error}") from error
    return Trained(text, len(vocabulary), len(vocabulary.left), words, 0.0)


def _file_text(path: str) -> str:
    with open_source(path).stream as file:
        return file.read(MOST_BYTES).decode()


def run(work: Work) -> dict[str, int]:
    settings, counts = work.recipe.tokenizer, count(work)
    trained = train_tokenizer(counts, settings) if settings.from_ is None else brought(settings.from_, counts.num_rows)
    work.publish_files("tokenizer", [store(work.corpus.root, "tokenizer/tokenizer-HASH.json", trained.json.encode())])
    records = work.corpus.rows("curated")
    return {"records": records, "words": trained.words, "merges": trained.merges, "vocabulary": trained.vocabulary_size}


STAGE = Stage(
    name="tokenizer",
    after=("select",),
    sections=("tokenizer",),
    publishes=("tokenizer", "word_counts", "language_counts"),
    run=run,
    kernels=("words", "merges"),
)
