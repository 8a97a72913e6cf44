"""Curated text to word counts and a tokenizer: the same bytes however Spark goes about it."""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.folder import Corpus
from jobs.corpus.recipe import Recipe
from jobs.spark.arrow_map import spark_schema
from jobs.stages.stage import Work
from jobs.stages.tokens.count_words import host_counts, language_counts, word_counts, write_word_counts
from jobs.stages.tokens.train_tokenizer import read_word_counts, run, train_tokenizer
from pipeline.tables import CURATED
from tests.reference import bpe
from tests.tokenizer.bpe.strategies import SAMPLE
from tokenizer.bpe.count import WORD_COUNTS, count_by_host, exchange
from tokenizer.bpe.encode import Encoder
from tokenizer.bpe.learn import TokenizerSettings

pytestmark = pytest.mark.spark
PAGES = 60
SETTINGS = TokenizerSettings(vocabulary_size=400)
FLATTENED = TokenizerSettings(vocabulary_size=400, language_temperature=5.0)
Page = tuple[str, str | None, str | None]  # text, host, language


def pages() -> list[Page]:
    """Few hosts and few languages, so that they meet; one page is empty, some lack a URL or a language."""
    rng = random.Random(3)
    words = SAMPLE.split()
    hosts, languages = [None, "a.example", "b.example", "c.example"], [None, "de", "en", "en", "en"]
    made: list[Page] = [
        (" ".join(rng.choices(words, k=rng.randrange(1, 60))), rng.choice(hosts), rng.choice(languages)) for _ in range(PAGES)
    ]
    return [*made, ("", "d.example", "en")]


def curated(spark: SparkSession, some: list[Page], partitions: int = 3, order: int = 0) -> DataFrame:
    rows = [
        (f"{number:032x}", host and f"https://user@{host.upper()}:8443/{number}", language, text, None)
        for number, (text, host, language) in enumerate(some)
    ]
    random.Random(order).shuffle(rows)
    return spark.createDataFrame(rows, spark_schema(CURATED)).repartition(partitions)


def parquet_bytes(folder: Path) -> list[bytes]:
    """A table's files in the order of their names, which hold a random part."""
    return [path.read_bytes() for path in sorted(folder.glob("*.parquet"))]


def expected_rows(some: list[Page]) -> list[dict[str, object]]:
    totals = bpe.host_totals([(text, host) for text, host, _ in some], 1024)
    return [dict(zip(WORD_COUNTS.names, (word, *totals[word]), strict=True)) for word in sorted(totals)]


def test_counts_and_tokenizer_are_those_of_the_whole_text(spark: SparkSession, tmp_path: Path) -> None:
    words = write_word_counts(word_counts(host_counts(curated(spark, pages()), SETTINGS)), str(tmp_path / "counts"))
    table = pq.read_table(tmp_path / "counts")
    assert table.schema.names == WORD_COUNTS.names
    assert table.to_pylist() == expected_rows(pages())
    trained = train_tokenizer(str(tmp_path / "counts"), SETTINGS)
    assert (words, trained.words, trained.vocabulary_size, trained.merges) == (table.num_rows, table.num_rows, 400, 142)
    assert len(Encoder(trained.json).vocabulary) == 400


@pytest.mark.parametrize(("partitions", "order"), [(1, 1), (7, 2)])
def test_partitions_and_order_change_no_byte_of_counts(spark: SparkSession, tmp_path: Path, partitions: int, order: int) -> None:
    for name, documents in (("one", curated(spark, pages())), ("other", curated(spark, pages(), partitions, order))):
        by_host = host_counts(documents, FLATTENED)
        write_word_counts(word_counts(by_host), str(tmp_path / name / "words"))
        write_word_counts(language_counts(by_host), str(tmp_path / name / "languages"))
    for table in ("words", "languages"):
        assert parquet_bytes(tmp_path / "one" / table) == parquet_bytes(tmp_path / "other" / table) != []


def counted(some: list[Page]) -> pa.Table:
    text, hosts = (pa.array([page[number] for page in some], pa.string()) for number in range(2))
    return pa.Table.from_batches([count_by_host(text, hosts, None, SETTINGS.max_word_bytes)])


def test_spark_counts_less_removed_pages_are_those_of_a_corpus_that_never_had_them(spark: SparkSession, tmp_path: Path) -> None:
    """Spark counts, plain Arrow takes back, from the removed pages and what is left of their hosts."""
    removed, kept = pages()[:2], pages()[2:]
    same_hosts = [page for page in kept if page[1] in {host for _, host, _ in removed}]
    write_word_counts(word_counts(host_counts(curated(spark, pages()), SETTINGS)), str(tmp_path / "all"))
    counts = read_word_counts(str(tmp_path / "all"), tuple(WORD_COUNTS.names))
    left = exchange(counts.cast(WORD_COUNTS), counted(removed), counted([]), counted(same_hosts))
    assert left.to_pylist() == expected_rows(kept)


def trained_by(spark: SparkSession, settings: TokenizerSettings, folder: Path) -> Work:
    curated(spark, pages()).write.parquet(str(folder / "curated"))
    work = Work(Corpus(str(folder)), Recipe(tokenizer=settings), stage="tokenizer")
    work.use(spark)
    assert run(work)["records"] == len(pages())
    return work


def test_a_temperature_keeps_counts_by_language_and_another_tokenizer(spark: SparkSession, tmp_path: Path) -> None:
    plain, flattened = (trained_by(spark, one, tmp_path / name) for one, name in ((SETTINGS, "plain"), (FLATTENED, "flat")))
    staged = [Path(work.corpus.staging("tokenizer", "tokenizer")) for work in (plain, flattened)]
    assert [sorted(path.name for path in folder.iterdir()) for folder in staged] == [
        ["tokenizer.json", "word_counts"],
        ["language_counts", "tokenizer.json", "word_counts"],
    ]
    assert parquet_bytes(staged[0] / "word_counts") == parquet_bytes(staged[1] / "word_counts")
    by_language = pq.read_table(staged[1] / "language_counts").to_pylist()
    german, _ = bpe.count([text for text, _, language in pages() if language == "de"], 1024)
    assert {row["word"]: row["count"] for row in by_language if row["language"] == "de"} == german
    assert (staged[0] / "tokenizer.json").read_text() != (staged[1] / "tokenizer.json").read_text()


def test_a_recipe_decides_pattern_digits_and_special_tokens(spark: SparkSession, tmp_path: Path) -> None:
    settings = TokenizerSettings(vocabulary_size=400, pattern="gpt4", digits=2, special_tokens=("<|user|>",))
    work = trained_by(spark, settings, tmp_path)
    vocabulary = Encoder(Path(work.corpus.staging("tokenizer", "tokenizer", "tokenizer.json")).read_text()).vocabulary
    assert (vocabulary.words, list(vocabulary.special_tokens)) == (settings.words, ["<|endoftext|>", "<|removed|>", "<|user|>"])
