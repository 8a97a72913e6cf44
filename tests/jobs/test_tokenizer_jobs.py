"""Curated text to word counts, tokenizer, shards and spans: the same bytes however Spark goes about it."""

import hashlib
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.arrow_map import spark_schema
from jobs.count_words import without, word_counts, write_word_counts
from jobs.shard_tasks import WRITTEN, ShardPlan, encode_documents, write_partition
from jobs.train_tokenizer import read_word_counts, train_tokenizer
from jobs.write_shards import ATTEMPTS, buckets, encoded, publish_files, routed, write_shards
from tests.reference import bpe
from tests.tokenizer.strategies import SAMPLE, small_tokenizer
from tokenizer.encode import Encoder
from tokenizer.learn import TokenizerSettings
from tokenizer.shards import ShardSettings, read_manifest, read_shard

pytestmark = pytest.mark.spark
SHARD_TOKENS = 700
DOCUMENTS = 60


def texts() -> dict[str, str]:
    """doc_id -> text; one is empty, one is longer than several shards, one types the special token."""
    rng = random.Random(3)
    words = SAMPLE.split()
    pages = [" ".join(rng.choices(words, k=rng.randrange(1, 60))) for _ in range(DOCUMENTS - 3)]
    pages += ["", " ".join(rng.choices(words, k=3000)), "<|endoftext|>"]
    return {hashlib.md5(str(number).encode()).hexdigest(): page for number, page in enumerate(pages)}


def curated(spark: SparkSession, partitions: int = 3, order: int = 0) -> DataFrame:
    pages = list(texts().items())
    random.Random(order).shuffle(pages)
    return spark.createDataFrame(pages, "doc_id string, text string").repartition(partitions)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("[!._]*.*"))}


def parquet_bytes(folder: Path) -> list[str]:
    """Hashes of a table's files in the order of their names, which hold a random part."""
    return [digest for name, digest in hashes(folder).items() if name.endswith(".parquet")]


@pytest.fixture(scope="module")
def shards(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    settings = ShardSettings(shard_tokens=SHARD_TOKENS, seed=5)
    write_shards(curated(spark), small_tokenizer(), settings, str(folder / "shards"), str(folder / "spans"))
    return folder


def test_counts_and_tokenizer_are_those_of_the_whole_text(spark: SparkSession, tmp_path: Path) -> None:
    settings = TokenizerSettings(vocabulary_size=400)
    words = write_word_counts(word_counts(curated(spark), settings), str(tmp_path / "counts"))
    counts, documents = bpe.count(texts().values(), 1024)
    table = pq.read_table(tmp_path / "counts").to_pylist()
    assert table == [{"word": word, "count": counts[word], "documents": documents[word]} for word in sorted(counts)]
    trained = train_tokenizer(str(tmp_path / "counts"), settings)
    assert (words, trained.words, trained.vocabulary_size, trained.merges) == (len(counts), len(counts), 400, 143)
    assert len(Encoder(trained.json).vocabulary) == 400


@pytest.mark.parametrize(("partitions", "order"), [(1, 1), (7, 2)])
def test_partitions_and_order_change_no_byte_of_counts(spark: SparkSession, tmp_path: Path, partitions: int, order: int) -> None:
    for name, documents in (("one", curated(spark)), ("other", curated(spark, partitions, order))):
        write_word_counts(word_counts(documents, TokenizerSettings()), str(tmp_path / name))
    assert parquet_bytes(tmp_path / "one") == parquet_bytes(tmp_path / "other") != []


def test_subtracted_counts_are_those_of_a_corpus_that_never_had_the_documents(spark: SparkSession, tmp_path: Path) -> None:
    settings, removed = TokenizerSettings(), sorted(texts())[:7]
    documents = curated(spark)
    taken = word_counts(documents.where(documents["doc_id"].isin(removed)), settings)
    write_word_counts(without(word_counts(documents, settings), taken), str(tmp_path / "left"))
    write_word_counts(word_counts(documents.where(~documents["doc_id"].isin(removed)), settings), str(tmp_path / "never"))
    assert parquet_bytes(tmp_path / "left") == parquet_bytes(tmp_path / "never")
    assert read_word_counts(str(tmp_path / "left")).num_rows > 50


def test_decoding_the_shards_gives_back_curated(shards: Path) -> None:
    encoder, found = Encoder(small_tokenizer()), {}
    manifest = read_manifest((shards / "shards" / "shards.json").read_text())
    for span in pq.read_table(shards / "spans").to_pylist():
        tokens = read_shard(str(shards / "shards" / manifest.shards[span["shard"]].file))
        assert tokens[span["start"] - 1] == manifest.end_of_text
        own = tokens[span["start"] : span["start"] + span["length"]]
        assert manifest.end_of_text not in own
        found[span["doc_id"]] = encoder.decode(own).decode()
    assert found == texts()


def test_every_token_is_one_of_a_document_or_the_mark_before_one(shards: Path) -> None:
    manifest = read_manifest((shards / "shards" / "shards.json").read_text())
    spans = pq.read_table(shards / "spans").to_pylist()
    assert sum(span["length"] + 1 for span in spans) == manifest.tokens == sum(shard.tokens for shard in manifest.shards)
    assert len(spans) == manifest.documents == sum(shard.documents for shard in manifest.shards) == DOCUMENTS
    assert spans == sorted(spans, key=lambda span: (span["shard"], span["start"]))


def test_a_shard_ends_with_the_document_that_crosses_its_end(shards: Path) -> None:
    """And a document that fills several shards makes one, after which numbers go on without a gap."""
    manifest = read_manifest((shards / "shards" / "shards.json").read_text())
    assert [shard.file for shard in manifest.shards] == [f"shard-{number:05d}.bin" for number in range(len(manifest.shards))]
    ends = [sum(shard.tokens for shard in manifest.shards[: number + 1]) for number in range(len(manifest.shards))]
    begun = {end // SHARD_TOKENS for end in ends[:-1]}
    assert len(begun) == len(ends) - 1 >= 5, "no two shards begin in one stretch of shard_tokens"
    assert max(shard.tokens for shard in manifest.shards) > 3 * SHARD_TOKENS


def test_the_manifest_tells_what_lies_in_the_folder(shards: Path) -> None:
    manifest = read_manifest((shards / "shards" / "shards.json").read_text())
    assert hashes(shards / "shards") == {shard.file: shard.sha256 for shard in manifest.shards} | {
        "shards.json": hashlib.sha256((shards / "shards" / "shards.json").read_bytes()).hexdigest()
    }
    assert {path.name for path in (shards / "shards").iterdir()} == set(hashes(shards / "shards"))
    assert manifest.tokenizer_sha256 == hashlib.sha256(small_tokenizer().encode()).hexdigest()
    sizes = [(shards / "shards" / shard.file).stat().st_size for shard in manifest.shards]
    assert sizes == [shard.bytes for shard in manifest.shards]


@pytest.mark.parametrize(("partitions", "order"), [(1, 1), (2, 2), (7, 3)])
def test_partitions_and_order_change_no_byte_of_the_shards(
    spark: SparkSession, shards: Path, tmp_path: Path, partitions: int, order: int
) -> None:
    settings = ShardSettings(shard_tokens=SHARD_TOKENS, seed=5)
    documents = curated(spark, partitions, order)
    write_shards(documents, small_tokenizer(), settings, str(tmp_path / "shards"), str(tmp_path / "spans"))
    assert hashes(tmp_path / "shards") == hashes(shards / "shards")
    assert parquet_bytes(tmp_path / "spans") == parquet_bytes(shards / "spans")


def test_another_seed_gives_another_order(spark: SparkSession, shards: Path, tmp_path: Path) -> None:
    settings = ShardSettings(shard_tokens=SHARD_TOKENS, seed=6)
    write_shards(curated(spark), small_tokenizer(), settings, str(tmp_path / "shards"), str(tmp_path / "spans"))
    assert hashes(tmp_path / "shards") != hashes(shards / "shards")


def test_an_attempt_that_was_given_up_or_came_twice_leaves_nothing(spark: SparkSession, shards: Path, tmp_path: Path) -> None:
    """What a killed and a speculative task leave: files that no row names."""
    folder = tmp_path / "shards"
    (folder / ATTEMPTS).mkdir(parents=True)
    documents = encoded(curated(spark), small_tokenizer(), 5)
    documents = documents.withColumn("bucket", documents["order"].bitwiseAND(0).cast("int"))  # all in one
    routes = routed(documents, buckets(documents, SHARD_TOKENS)).toArrow().to_batches()
    plan = ShardPlan(str(folder / ATTEMPTS), SHARD_TOKENS, "uint16", 0)
    given_up = write_partition(iter(routes), plan)
    next(given_up)
    given_up.close()
    first, second = (pa.Table.from_batches(write_partition(iter(routes), plan)) for _ in range(2))
    assert first.drop(["file"]) == second.drop(["file"]), "a task that runs again tells the same"
    files = publish_files(spark.createDataFrame(second.to_pylist(), spark_schema(WRITTEN)), str(folder))
    assert hashes(folder) == {name: digest for name, digest in hashes(shards / "shards").items() if name.endswith(".bin")}
    assert len(list((folder / ATTEMPTS).glob("*.bin"))) >= len(files), "the other attempt's, for write_shards to remove"


def test_the_tokens_of_a_batch_are_little_endian() -> None:
    batch = pa.record_batch({"doc_id": ["a" * 32, "b" * 32], "text": ["!", None]})
    assert encode_documents(batch, small_tokenizer(), 0).select(["n_tokens", "tokens"]).to_pylist() == [
        {"n_tokens": 1, "tokens": b"\x01\x00"},
        {"n_tokens": 0, "tokens": b""},
    ]
