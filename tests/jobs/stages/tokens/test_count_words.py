"""Curated text to word counts and a tokenizer: the same bytes however Spark goes about it."""

import random
import tomllib
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.recipe import Recipe, build_recipe, recipe_values
from jobs.corpus.recipe_text import recipe_toml
from jobs.spark.arrow_map import spark_schema
from jobs.stages.fingerprint import _file_sha256, _values
from jobs.stages.stage import Work
from jobs.stages.tokens.count_words import host_counts, language_counts, word_counts
from jobs.stages.tokens.train_tokenizer import brought, made, run, train_tokenizer
from jobs.takedown.without.counts import Words, same_merges
from pipeline.errors import RecipeError
from pipeline.tables import CURATED, WORD_COUNTS
from tests.jobs.stored import put
from tests.pages import FramePages
from tests.reference import bpe
from tests.tokenizer.bpe.strategies import SAMPLE
from tokenizer.bpe.count import count_by_host, exchange
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


def working_on(spark: SparkSession, folder: Path, settings: TokenizerSettings = SETTINGS) -> Work:
    work = Work(put(folder), Recipe(tokenizer=settings), stage="tokenizer")
    work.use(spark)
    return work


def expected_rows(some: list[Page]) -> list[dict[str, object]]:
    totals = bpe.host_totals([(text, host) for text, host, _ in some], 1024)
    return [dict(zip(WORD_COUNTS.names, (word, *totals[word]), strict=True)) for word in sorted(totals)]


def test_counts_and_tokenizer_are_those_of_the_whole_text(spark: SparkSession, tmp_path: Path) -> None:
    work = working_on(spark, tmp_path)
    words = work.write("word_counts", word_counts(host_counts(FramePages(curated(spark, pages())), SETTINGS), SETTINGS))
    table = made(work, "word_counts", *WORD_COUNTS.names)
    assert table.to_pylist() == expected_rows(pages())
    trained = train_tokenizer(table, SETTINGS)
    assert (words.rows, trained.words, trained.vocabulary_size, trained.merges) == (table.num_rows, table.num_rows, 400, 142)
    assert len(Encoder(trained.json).vocabulary) == 400


@pytest.mark.parametrize(("partitions", "order"), [(1, 1), (7, 2)])
def test_partitions_and_order_change_no_byte_of_counts(spark: SparkSession, tmp_path: Path, partitions: int, order: int) -> None:
    files = []
    for name, documents in (("one", curated(spark, pages())), ("other", curated(spark, pages(), partitions, order))):
        by_host = host_counts(FramePages(documents), FLATTENED)
        work = working_on(spark, tmp_path / name)
        work.write("word_counts", word_counts(by_host, FLATTENED))
        work.write("language_counts", language_counts(by_host))
        files.append([one for table in ("word_counts", "language_counts") for one in work.made[table]])
    assert files[0] == files[1] and len(files[0]) == 2


def counted(some: list[Page]) -> pa.Table:
    text, hosts = (pa.array([page[number] for page in some], pa.string()) for number in range(2))
    return pa.Table.from_batches([count_by_host(text, hosts, None, SETTINGS.max_word_bytes)])


def test_spark_counts_less_removed_pages_are_those_of_a_corpus_that_never_had_them(spark: SparkSession, tmp_path: Path) -> None:
    """Spark counts, plain Arrow takes back, from the removed pages and what is left of their hosts."""
    removed, kept = pages()[:2], pages()[2:]
    same_hosts = [page for page in kept if page[1] in {host for _, host, _ in removed}]
    work = working_on(spark, tmp_path)
    work.write("word_counts", word_counts(host_counts(FramePages(curated(spark, pages())), SETTINGS), SETTINGS))
    left = exchange(made(work, "word_counts", *WORD_COUNTS.names), counted(removed), counted([]), counted(same_hosts))
    assert left.to_pylist() == expected_rows(kept)


def trained_by(spark: SparkSession, settings: TokenizerSettings, folder: Path) -> Work:
    put(folder, {"curated": [row.asDict() for row in curated(spark, pages()).collect()]})
    work = working_on(spark, folder, settings)
    assert run(work)["records"] == len(pages())
    return work


def test_a_temperature_keeps_counts_by_language_and_another_tokenizer(spark: SparkSession, tmp_path: Path) -> None:
    plain, flattened = (trained_by(spark, one, tmp_path / name) for one, name in ((SETTINGS, "plain"), (FLATTENED, "flat")))
    assert [sorted(work.made) for work in (plain, flattened)] == [
        ["tokenizer", "word_counts"],
        ["language_counts", "tokenizer", "word_counts"],
    ]
    assert plain.made["word_counts"] == flattened.made["word_counts"] != []
    by_language = made(flattened, "language_counts", "word", "language", "count").to_pylist()
    german, _ = bpe.count([text for text, _, language in pages() if language == "de"], 1024)
    assert {row["word"]: row["count"] for row in by_language if row["language"] == "de"} == german
    assert plain.made["tokenizer"] != flattened.made["tokenizer"]


def test_a_recipe_decides_pattern_digits_and_special_tokens(spark: SparkSession, tmp_path: Path) -> None:
    settings = TokenizerSettings(vocabulary_size=400, pattern="gpt4", digits=2, special_tokens=("<|user|>",))
    work = trained_by(spark, settings, tmp_path)
    vocabulary = Encoder(work.corpus.read(work.made["tokenizer"][0]).decode()).vocabulary
    assert (vocabulary.words, list(vocabulary.special_tokens)) == (settings.words, ["<|endoftext|>", "<|removed|>", "<|user|>"])


def test_a_tokenizer_is_brought_from_a_file_or_a_corpus_and_nothing_is_learned(spark: SparkSession, tmp_path: Path) -> None:
    learned = trained_by(spark, SETTINGS, tmp_path / "first")
    text = learned.corpus.read(learned.made["tokenizer"][0])
    file, corpus = tmp_path / "mine.json", put(tmp_path / "other", texts={"tokenizer": text.decode()})
    file.write_bytes(text)
    parts = set()
    for number, source in enumerate((str(file), corpus.root)):
        settings = read_recipe_of({"tokenizer": {"from": source}}).tokenizer
        work = trained_by(spark, settings, tmp_path / f"brought-{number}")
        assert work.corpus.read(work.made["tokenizer"][0]) == text
        assert work.made["word_counts"] == learned.made["word_counts"]
        assert same_merges(Words(made(work, "word_counts", *WORD_COUNTS.names), None), text.decode(), settings)
        parts.add(str(_values(settings)["from"]))
    file.write_bytes(text + b"\n")
    _file_sha256.cache_clear()
    parts.add(str(_values(read_recipe_of({"tokenizer": {"from": str(file)}}).tokenizer)["from"]))
    assert len(parts) == 3  # another content is another stage


def read_recipe_of(values: dict[str, object]) -> Recipe:
    recipe = build_recipe(values)
    again = build_recipe(recipe_values(recipe)), build_recipe(tomllib.loads(recipe_toml("mine", recipe)))
    assert {one.tokenizer for one in again} == {recipe.tokenizer}
    return recipe


def test_what_is_no_tokenizer_of_ours_is_refused_by_name(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    for content in (b"{}", b"\xff", b'{"model": {"vocab": {}, "merges": []}, "added_tokens": []}'):
        other.write_bytes(content)
        with pytest.raises(RecipeError, match=r"tokenizer\.from: .*other\.json: "):
            brought(str(other), 0)
    with pytest.raises(RecipeError, match=r"tokenizer\.from: .*nowhere"):
        brought(str(tmp_path / "nowhere"), 0)
