"""Curated text to shards and spans: the same bytes however Spark goes about it."""

import hashlib
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.corpus.shards import store_shards
from jobs.stages.tokens.place_documents import in_splits, placed, routed, tokens_by_split
from jobs.stages.tokens.shard_tasks import ShardPlan, encode_documents, write_partition
from jobs.stages.tokens.write_shards import encoded, write_shards
from pipeline.tables import SPANS
from tests.pages import FramePages, journal_in
from tests.tokenizer.bpe.strategies import SAMPLE, small_tokenizer
from tokenizer.bpe.encode import Encoder
from tokenizer.shards.files import ShardManifest, ShardSettings, manifest_name, plan_splits, read_shard
from tokenizer.shards.loader import read_spans

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


def sharded(documents: DataFrame, folder: Path, settings: ShardSettings = SETTINGS) -> ShardManifest:
    journal = journal_in(folder)
    manifest, _ = write_shards(FramePages(documents), small_tokenizer(), settings, journal)
    journal.forget()
    store_shards(str(folder), manifest)
    return manifest


def spans_of(folder: Path, manifest: ShardManifest) -> list[dict[str, Any]]:
    return [row for shard in manifest.shards for row in read_spans(str(folder), shard, SPANS.names).to_pylist()]


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of all files in a folder and below, by path."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shards")


@pytest.fixture(scope="module")
def manifest(spark: SparkSession, folder: Path) -> ShardManifest:
    return sharded(curated(spark), folder)


def test_decoding_the_shards_gives_back_curated(folder: Path, manifest: ShardManifest) -> None:
    encoder, found = Encoder(small_tokenizer()), {}
    for span in spans_of(folder, manifest):
        tokens = read_shard(str(folder), manifest.shards[span["shard"]]).whole()
        assert tokens[span["start"] - 1] == manifest.end_of_text
        own = tokens[span["start"] : span["start"] + span["length"]]
        assert manifest.end_of_text not in own
        found[span["doc_id"]] = encoder.decode(own).decode()
    assert found == texts()


def test_every_token_is_one_of_a_document_or_the_mark_before_one(folder: Path, manifest: ShardManifest) -> None:
    spans = spans_of(folder, manifest)
    assert sum(span["length"] + 1 for span in spans) == manifest.tokens == sum(shard.tokens for shard in manifest.shards)
    assert len(spans) == manifest.documents == sum(shard.documents for shard in manifest.shards) == DOCUMENTS
    assert spans == sorted(spans, key=lambda span: (span["shard"], span["start"]))


def test_shards_of_a_split_begin_at_equal_stretches_of_it(folder: Path, manifest: ShardManifest) -> None:
    """And a document that fills several makes one, after which numbers go on without a gap."""
    spans = spans_of(folder, manifest)
    assert [shard.file for shard in manifest.shards] == [
        f"shard-{number:05d}-{shard.sha256[:16]}.bin" for number, shard in enumerate(manifest.shards)
    ]
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


def test_the_manifest_tells_what_lies_in_the_folder(folder: Path, manifest: ShardManifest) -> None:
    shards = {f"shards/{shard.file}": shard.sha256 for shard in manifest.shards}
    spans = {shard.spans.file: shard.spans.sha256 for shard in manifest.shards if shard.spans}
    named = {**shards, **spans, f"shards/{manifest_name(manifest.fingerprint)}": manifest.fingerprint}
    found = hashes(folder)
    assert named.items() <= found.items() and len(spans) == len(shards)
    assert {found[name] for name in found if name.endswith(".bin")} == set(shards.values()), "the rest had another number"
    assert manifest.tokenizer_sha256 == hashlib.sha256(small_tokenizer().encode()).hexdigest()
    sizes = [(folder / "shards" / shard.file).stat().st_size for shard in manifest.shards]
    assert sizes == [shard.bytes for shard in manifest.shards]


@pytest.mark.parametrize(("partitions", "order"), [(1, 1), (2, 2), (7, 3)])
def test_partitions_and_order_change_no_byte_of_the_shards(
    spark: SparkSession, manifest: ShardManifest, tmp_path: Path, partitions: int, order: int
) -> None:
    assert sharded(curated(spark, partitions, order), tmp_path) == manifest, "spans and every hash of a file among it"


def test_pages_of_late_hosts_and_those_below_them_have_shards_of_their_own(spark: SparkSession, tmp_path: Path) -> None:
    settings = replace(SETTINGS, read_last_hosts=("host1.example", "example.org"))
    pages = curated(spark).union(spark.createDataFrame([("f" * 32, "https://www.example.org/x", "one more")]))
    manifest = sharded(pages, tmp_path, settings)
    assert [shard.split for shard in manifest.shards] == sorted(
        (shard.split for shard in manifest.shards), key=("train", "late", "validation").index
    )
    urls = {row["doc_id"]: row["url"] or "" for row in pages.collect()}
    split_of = {span["doc_id"]: manifest.shards[span["shard"]].split for span in spans_of(tmp_path, manifest)}
    late = {doc_id for doc_id, url in urls.items() if "//host1.example/" in url or "example.org" in url}
    assert {doc_id for doc_id, split in split_of.items() if split == "late"} == {
        doc_id for doc_id in late if split_of[doc_id] != "validation"
    }
    assert len(late & {doc_id for doc_id, split in split_of.items() if split == "late"}) > 3
    assert set(manifest.read_as("train")) == {n for n, shard in enumerate(manifest.shards) if shard.split != "validation"}


def test_another_seed_gives_another_order(spark: SparkSession, manifest: ShardManifest, tmp_path: Path) -> None:
    other = sharded(curated(spark), tmp_path, replace(SETTINGS, seed=6))
    assert {shard.sha256 for shard in other.shards}.isdisjoint({shard.sha256 for shard in manifest.shards})


def test_an_attempt_that_was_given_up_or_came_twice_leaves_no_second_copy(
    spark: SparkSession, folder: Path, manifest: ShardManifest, tmp_path: Path
) -> None:
    """What a killed and a speculative task leave: nothing, or the very files of the other attempt."""
    here = tmp_path / "here"
    documents = encoded(
        FramePages(curated(spark)), small_tokenizer(), replace(SETTINGS, validation_unit="page"), journal_in(tmp_path / "aside")
    )
    documents = documents.withColumn("bucket", documents["order"].bitwiseAND(0).cast("int"))  # all in one
    split, found = in_splits(documents, SETTINGS.validation_share)
    splits = plan_splits(tokens_by_split(found), SHARD_TOKENS)
    routes = routed(split, placed(found, splits)).orderBy("shard", "order", "doc_id").toArrow().to_batches()
    plan = ShardPlan(str(here), "uint16", 0, splits)
    given_up = write_partition(iter(routes), plan)
    next(given_up)
    given_up.close()  # type: ignore[attr-defined]  # a generator
    assert len(hashes(here)) == 2, "the shard that was told, its spans, and nothing of the one after it"
    first, second = (list(write_partition(iter(routes), plan)) for _ in range(2))
    assert first == second, "a task that runs again tells the same"
    assert hashes(here).items() <= hashes(folder).items(), "files that a run without trouble wrote too"
    assert {hashes(here)[name] for name in hashes(here) if name.endswith(".bin")} == {one.sha256 for one in manifest.shards}


def test_the_tokens_of_a_batch_are_little_endian() -> None:
    batch = pa.record_batch({"doc_id": ["a" * 32, "b" * 32], "url": pa.nulls(2, pa.string()), "text": ["!", None]})
    encoded = encode_documents(batch, small_tokenizer(), replace(SETTINGS, validation_unit="host"))
    [mark] = Encoder(small_tokenizer()).encode(pa.array(["!"])).ids
    assert encoded.select(["n_tokens", "tokens"]).to_pylist() == [
        {"n_tokens": 1, "tokens": bytes([mark, 0])},
        {"n_tokens": 0, "tokens": b""},
    ]
