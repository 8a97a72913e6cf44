"""Curated text to shards and spans: the same bytes however Spark goes about it."""

import hashlib
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.spark.arrow_map import spark_schema
from jobs.stages.tokens.shard_tasks import WRITTEN, ShardPlan, encode_documents, write_partition
from jobs.stages.tokens.write_shards import (
    ATTEMPTS,
    encoded,
    in_splits,
    placed,
    publish_files,
    routed,
    tokens_by_split,
    write_shards,
)
from tests.tokenizer.bpe.strategies import SAMPLE, small_tokenizer
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.files import ShardManifest, ShardSettings, plan_splits, read_manifest, read_shard

pytestmark = pytest.mark.spark
SHARD_TOKENS = 700
DOCUMENTS = 60
SETTINGS = ShardSettings(shard_tokens=SHARD_TOKENS, seed=5, validation_share=0.2)


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
    rows = [(doc_id, url_of(doc_id), text) for doc_id, text in pages]
    return spark.createDataFrame(rows, "doc_id string, url string, text string").repartition(partitions)


def url_of(doc_id: str) -> str | None:
    """A third of the pages have no URL, the others are spread over five hosts."""
    number = int(doc_id[:4], 16)
    return f"https://host{number % 5}.example/{doc_id}" if number % 3 else None


def manifest_in(folder: Path) -> ShardManifest:
    return read_manifest((folder / "shards" / "shards.json").read_text())


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("[!._]*.*"))}


def parquet_bytes(folder: Path) -> list[str]:
    """Hashes of a table's files in the order of their names, which hold a random part."""
    return [digest for name, digest in hashes(folder).items() if name.endswith(".parquet")]


@pytest.fixture(scope="module")
def shards(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    write_shards(curated(spark), small_tokenizer(), SETTINGS, str(folder / "shards"), str(folder / "spans"))
    return folder


def test_decoding_the_shards_gives_back_curated(shards: Path) -> None:
    encoder, found = Encoder(small_tokenizer()), {}
    manifest = manifest_in(shards)
    for span in pq.read_table(shards / "spans").to_pylist():
        tokens = read_shard(str(shards / "shards" / manifest.shards[span["shard"]].file))
        assert tokens[span["start"] - 1] == manifest.end_of_text
        own = tokens[span["start"] : span["start"] + span["length"]]
        assert manifest.end_of_text not in own
        found[span["doc_id"]] = encoder.decode(own).decode()
    assert found == texts()


def test_every_token_is_one_of_a_document_or_the_mark_before_one(shards: Path) -> None:
    manifest = manifest_in(shards)
    spans = pq.read_table(shards / "spans").to_pylist()
    assert sum(span["length"] + 1 for span in spans) == manifest.tokens == sum(shard.tokens for shard in manifest.shards)
    assert len(spans) == manifest.documents == sum(shard.documents for shard in manifest.shards) == DOCUMENTS
    assert spans == sorted(spans, key=lambda span: (span["shard"], span["start"]))


def test_shards_of_a_split_begin_at_equal_stretches_of_it(shards: Path) -> None:
    """And a document that fills several makes one, after which numbers go on without a gap."""
    manifest, spans = manifest_in(shards), pq.read_table(shards / "spans").to_pylist()
    assert [shard.file for shard in manifest.shards] == [f"shard-{number:05d}.bin" for number in range(len(manifest.shards))]
    assert [shard.split for shard in manifest.shards] == sorted(shard.split for shard in manifest.shards), "training first"
    for split in ("train", "validation"):
        in_split = manifest.of_split(split)
        tokens = sum(shard.tokens for shard in in_split)
        planned = -(-tokens // SHARD_TOKENS)
        ends = np.cumsum([shard.tokens for shard in in_split]).tolist()
        stretches = [end * planned // tokens for end in [0, *ends[:-1]]]
        assert sorted(set(stretches)) == stretches, "no two shards begin in one stretch"
        numbers = [number for number, shard in enumerate(manifest.shards) if shard.split == split]
        longest = max(span["length"] + 1 for span in spans if span["shard"] in numbers)
        assert all(shard.tokens <= tokens / planned + longest for shard in in_split) and len(in_split) >= 2
    assert max(shard.tokens for shard in manifest.shards) > 3 * SHARD_TOKENS


def test_the_manifest_tells_what_lies_in_the_folder(shards: Path) -> None:
    manifest = manifest_in(shards)
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
    documents = curated(spark, partitions, order)
    write_shards(documents, small_tokenizer(), SETTINGS, str(tmp_path / "shards"), str(tmp_path / "spans"))
    assert hashes(tmp_path / "shards") == hashes(shards / "shards")
    assert parquet_bytes(tmp_path / "spans") == parquet_bytes(shards / "spans")


def test_pages_of_late_hosts_and_those_below_them_have_shards_of_their_own(spark: SparkSession, tmp_path: Path) -> None:
    settings = replace(SETTINGS, read_last_hosts=("host1.example", "example.org"))
    pages = curated(spark).union(spark.createDataFrame([("f" * 32, "https://www.example.org/x", "one more")]))
    write_shards(pages, small_tokenizer(), settings, str(tmp_path / "shards"), str(tmp_path / "spans"))
    manifest = manifest_in(tmp_path)
    assert [shard.split for shard in manifest.shards] == sorted(
        (shard.split for shard in manifest.shards), key=("train", "late", "validation").index
    )
    urls = {row["doc_id"]: row["url"] or "" for row in pages.collect()}
    split_of = {span["doc_id"]: manifest.shards[span["shard"]].split for span in pq.read_table(tmp_path / "spans").to_pylist()}
    late = {doc_id for doc_id, url in urls.items() if "//host1.example/" in url or "example.org" in url}
    assert {doc_id for doc_id, split in split_of.items() if split == "late"} == {
        doc_id for doc_id in late if split_of[doc_id] != "validation"
    }
    assert len(late & {doc_id for doc_id, split in split_of.items() if split == "late"}) > 3
    assert set(manifest.read_as("train")) == {n for n, shard in enumerate(manifest.shards) if shard.split != "validation"}


def test_another_seed_gives_another_order(spark: SparkSession, shards: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, seed=6)
    write_shards(curated(spark), small_tokenizer(), settings, str(tmp_path / "shards"), str(tmp_path / "spans"))
    assert hashes(tmp_path / "shards") != hashes(shards / "shards")


def test_an_attempt_that_was_given_up_or_came_twice_leaves_nothing(spark: SparkSession, shards: Path, tmp_path: Path) -> None:
    """What a killed and a speculative task leave: files that no row names."""
    folder = tmp_path / "shards"
    (folder / ATTEMPTS).mkdir(parents=True)
    documents = encoded(curated(spark), small_tokenizer(), replace(SETTINGS, validation_unit="page"))
    documents = documents.withColumn("bucket", documents["order"].bitwiseAND(0).cast("int"))  # all in one
    split, found = in_splits(documents, SETTINGS.validation_share)
    splits = plan_splits(tokens_by_split(found), SHARD_TOKENS)
    routes = routed(split, placed(found, splits)).toArrow().to_batches()
    plan = ShardPlan(str(folder / ATTEMPTS), "uint16", 0, splits)
    given_up = write_partition(iter(routes), plan)
    next(given_up)
    del given_up
    first, second = (pa.Table.from_batches(write_partition(iter(routes), plan)) for _ in range(2))
    assert first.drop(["file"]) == second.drop(["file"]), "a task that runs again tells the same"
    files = publish_files(spark.createDataFrame(second.to_pylist(), spark_schema(WRITTEN)), str(folder))
    assert hashes(folder) == {name: digest for name, digest in hashes(shards / "shards").items() if name.endswith(".bin")}
    assert len(list((folder / ATTEMPTS).glob("*.bin"))) >= len(files), "the other attempt's, for write_shards to remove"


def test_the_tokens_of_a_batch_are_little_endian() -> None:
    batch = pa.record_batch({"doc_id": ["a" * 32, "b" * 32], "url": pa.nulls(2, pa.string()), "text": ["!", None]})
    encoded = encode_documents(batch, small_tokenizer(), replace(SETTINGS, validation_unit="host"))
    [mark] = Encoder(small_tokenizer()).encode(pa.array(["!"])).ids
    assert encoded.select(["n_tokens", "tokens"]).to_pylist() == [
        {"n_tokens": 1, "tokens": bytes([mark, 0])},
        {"n_tokens": 0, "tokens": b""},
    ]
